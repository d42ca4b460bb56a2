"""How surely planted mistakes are found: every mutant under many seeds, and correct implementations as the control."""

import math
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, replace

from conformance import workers
from conformance.environment import World
from conformance.judge import Budget, Judge, capabilities, exercise
from conformance.mutants import Mutant, mutants
from conformance.trace import CannotStart, Target
from conformance.watch import WATCH
from impls.backends import Backends
from impls.registry import Implementation, implementations
from spec.specification import Specification, specifications

SURE = 0.9
"""The part of the seeds under which a mutant must be killed."""


@dataclass(frozen=True)
class Measured:
    """What came of one mutant, or of one correct implementation.

    killed_by: the law that the mutant names; "" for a correct implementation, which all its laws are asked about.
    after:     for each seed after how many examples it was refused; None: it survived them all.
    refused:   the laws that refused it under some seed.
    reason:    why it was not run; "" if it was.
    """

    specification: str
    name: str
    killed_by: str
    after: tuple[int | None, ...] = ()
    refused: tuple[str, ...] = ()
    reason: str = ""

    @property
    def kills(self) -> int:
        """Under how many seeds it was refused."""
        return sum(one is not None for one in self.after)

    def within(self, part: float) -> float:
        """Within how many examples it was refused under that part of the seeds. Infinite if it survived too often:
        of a survivor one only knows that it takes longer than what was tried."""
        ranked = sorted(math.inf if one is None else one for one in self.after)
        return ranked[math.ceil(part * len(ranked)) - 1] if ranked else math.inf

    @property
    def fine(self) -> bool:
        """Whether it came out as it should."""
        if self.reason:
            return False
        return self.kills >= SURE * len(self.after) if self.killed_by else not self.kills


@dataclass(frozen=True)
class Task:
    """One mutant, or one correct implementation, under `seeds` seeds from that of the budget on."""

    specification: str
    name: str
    planted: bool
    seeds: int
    budget: Budget

    def subject(self) -> Mutant | Implementation:
        """The one of that name."""
        specification = specifications()[self.specification]
        known = mutants(specification) if self.planted else implementations(self.specification)
        return next(one for one in known if one.name == self.name)

    def measured(self, after: Iterable[int | None] = (), refused: Iterable[str] = (), reason: str = "") -> Measured:
        """What came of it."""
        subject = self.subject()
        killed_by = subject.killed_by if isinstance(subject, Mutant) else ""
        return Measured(self.specification, self.name, killed_by, tuple(after), tuple(refused), reason)


def tasks_of(chosen: Iterable[Specification], seeds: int, budget: Budget) -> list[Task]:
    """Every mutant, and as the control every correct implementation on what the mutants stand on."""
    tasks = []
    for specification in chosen:
        planted = mutants(specification)
        backends = {one.backend for one in planted}
        right = [one for one in implementations(specification.name) if one.backend in backends and not one.deviations]
        tasks += [Task(specification.name, one.name, True, seeds, budget) for one in planted]
        tasks += [Task(specification.name, one.name, False, seeds, budget) for one in right]
    return tasks


def measure(tasks: list[Task], backends: Backends, jobs: int) -> Generator[Measured, None, None]:
    """What comes of the tasks, in their order."""
    used = {task.subject().backend for task in tasks} - {"memory"}
    with closing(workers.in_order(_do, tasks, backends, used, jobs)) as outcomes:
        for task, outcome in zip(tasks, outcomes, strict=True):
            if isinstance(outcome, workers.Died):
                outcome = task.measured(reason=f"its process died ({outcome.how})")
            yield outcome


def _do(task: Task, backends: Backends) -> Measured:
    subject = task.subject()
    specification = specifications()[task.specification].declared(subject.capabilities)
    after: list[int | None] = []
    refused: dict[str, None] = {}
    with World(backends) as world, WATCH:
        target = Target(specification, subject.factory, world)
        try:
            can = capabilities(target, subject.capabilities)
            laws = tuple(law for law in specification.laws if law.not_applicable(can) is None)
            if isinstance(subject, Mutant):
                laws = (specification.law(subject.killed_by),)
            for seed in range(task.budget.seed, task.budget.seed + task.seeds):
                judge = Judge(laws, stop_when_all_violated=True)
                exercise(target, can, judge, replace(task.budget, seed=seed))
                after.append(min(judge.found_after.values(), default=None))
                refused |= dict.fromkeys(judge.found_after)
        except CannotStart as error:
            return task.measured(reason=str(error))
    return task.measured(after, refused)
