"""What rounds add up to."""

from itertools import islice

from conformance import soak
from conformance.judge import Budget, Outcome
from conformance.session import select
from impls.backends import Backends


def test_rounds_add_up_and_each_has_a_seed_of_its_own() -> None:
    ((specification, implementation),) = select("gcra", "memory")
    found = list(islice(soak.rounds(specification, implementation, Budget(10), Backends(), lambda *_: ()), 3))
    first, second, third = (one.verdicts[0] for one in found)
    assert (second.examples, third.examples) == (2 * first.examples, 3 * first.examples)
    assert second.operations not in (first.operations, 2 * first.operations)
    assert first.cases < second.cases < third.cases
    assert {one.outcome for one in found[-1].verdicts} == {Outcome.HOLDS, Outcome.NOT_APPLICABLE}
