"""The suite's own test: every planted mistake is killed by the law it names, here under one seed: `lawful mutants` has
more, and correct implementations, too."""

import pytest

from conformance.environment import World
from conformance.judge import Budget, EnoughSeen, Judge, capabilities, exercise
from conformance.mutants import Mutant, mutants
from conformance.trace import Run, Target
from spec.law import Law
from spec.specification import Specification, specifications

MUTANTS = [mutant for specification in specifications().values() for mutant in mutants(specification)]


def specification_of(mutant: Mutant) -> Specification:
    return specifications()[mutant.specification].declared(mutant.capabilities)


class First(Judge):
    """It has seen enough when one of the laws is violated."""

    def __call__(self, run: Run) -> None:
        super().__call__(run)
        if self.violations:
            raise EnoughSeen


def is_killed(mutant: Mutant, laws: tuple[Law, ...], seed: int, world: World) -> bool:
    """Whether it violates one of the laws."""
    target = Target(specification_of(mutant), mutant.factory, world)
    judge = First(laws)
    exercise(target, capabilities(target, mutant.capabilities), judge, Budget(examples=100, seed=seed))
    return bool(judge.violations)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_killed_by_the_law_it_names(mutant: Mutant, world: World) -> None:
    law = specification_of(mutant).law(mutant.killed_by)
    assert is_killed(mutant, (law,), 0, world)


@pytest.mark.parametrize(
    "mutant", [one for one in MUTANTS if one.killed_by == "answers_every_call"], ids=lambda mutant: mutant.name
)
def test_a_mutant_that_raises_is_killed_by_another_law_too(mutant: Mutant, world: World) -> None:
    others = tuple(law for law in specification_of(mutant).laws if law.name != "answers_every_call" and not law.needs)
    assert is_killed(mutant, others, 0, world)


def test_every_law_kills_a_mutant() -> None:
    """A law that several specifications share, of one of them."""
    every = {id(law): law for one in specifications().values() for law in (*one.laws, *_laws_of_variants(one))}
    for mutant in MUTANTS:
        every.pop(id(specification_of(mutant).law(mutant.killed_by)), None)
    assert [law.name for law in every.values()] == []


def _laws_of_variants(specification: Specification) -> list[Law]:
    """Those that the variant has and the specification has not."""
    own = {law.name for law in specification.laws}
    return [law for variant in specification.variants.values() for law in variant.laws if law.name not in own]
