"""Checks of one implementation over and over, each round under the next seed, for as long as one has time."""

from collections.abc import Generator
from dataclasses import replace

from conformance import session
from conformance.judge import Budget, Outcome, Verdict
from impls.backends import Backends
from impls.registry import Implementation
from spec.specification import Specification

BADNESS = [
    Outcome.VIOLATED,
    Outcome.NOT_RUN,
    Outcome.DEVIATES,
    Outcome.UNEXPECTEDLY_HOLDS,
    Outcome.HOLDS,
    Outcome.NOT_EXERCISED,
    Outcome.NOT_APPLICABLE,
]
"""What a sum of rounds says, the worst first."""


def rounds(
    specification: Specification, implementation: Implementation, budget: Budget, backends: Backends, kept: session.Kept
) -> Generator[session.Checked, None, None]:
    """After each round what came of all so far, to the first round that finds a violation.

    budget: of one round; its seed is that of the first.
    """
    first = kept(specification, implementation)
    total = session.run(specification, implementation, budget, backends, first)
    yield total
    while not _over(total):
        budget = replace(budget, seed=budget.seed + 1)
        total = _merged(total, session.run(specification, implementation, budget, backends, first))
        yield total


def _over(total: session.Checked) -> bool:
    return any(verdict.outcome in (Outcome.VIOLATED, Outcome.NOT_RUN) for verdict in total.verdicts)


def _merged(total: session.Checked, last: session.Checked) -> session.Checked:
    return replace(total, verdicts=[_sum(*pair) for pair in zip(total.verdicts, last.verdicts, strict=True)])


def _sum(before: Verdict, last: Verdict) -> Verdict:
    """The worse of the two, with the effort of both. What deviates in one round only still deviates."""
    worse = min(before, last, key=lambda verdict: BADNESS.index(verdict.outcome))
    return replace(
        worse,
        cases=before.cases + last.cases,
        examples=before.examples + last.examples,
        operations=before.operations + last.operations,
        seconds=before.seconds + last.seconds,
    )
