"""Checking: run a machine against a target, ask the laws about every history, and say what came out."""

import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from conformance.blocks import machine_of, needs
from conformance.determined import by_seed_alone
from conformance.machine import Machine, first_offered
from conformance.shrink import shrink
from conformance.trace import NotOffered, Run, Target, Trace
from spec.history import NO_ANSWER, History
from spec.law import Anomaly, Law, Violation


class Outcome(StrEnum):
    """What a verdict says of one law and one implementation."""

    HOLDS = "holds"
    VIOLATED = "violated"
    DEVIATES = "deviates"
    UNEXPECTEDLY_HOLDS = "unexpectedly holds"
    NOT_EXERCISED = "not exercised"
    NOT_APPLICABLE = "not applicable"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Counterexample:
    """A trace, the history it gave, and how that violates a law."""

    trace: Trace
    history: History
    violation: Violation


@dataclass(frozen=True)
class Verdict:
    """Law times implementation. `reason` tells why it was not run, or why a deviation is known."""

    law: str
    outcome: Outcome
    cases: int = 0
    examples: int = 0
    operations: int = 0
    seconds: float = 0.0
    counterexample: Counterexample | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Sighting:
    """The name of a permitted anomaly and its minimal witness; None: it was not met within the budget."""

    anomaly: str
    witness: Counterexample | None


@dataclass(frozen=True)
class Result:
    """What a check found: a verdict for every law, and what was seen of every permitted anomaly.

    not_offered: for each reason that the subject gave, how many configurations it did not offer.
    """

    verdicts: list[Verdict]
    sightings: list[Sighting] = field(default_factory=list)
    not_offered: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Budget:
    """How much is tried. The same budget gives the same verdicts."""

    examples: int = 100
    steps: int = 30
    seed: int = 0


PROFILES = {"quick": Budget(20), "default": Budget(), "thorough": Budget(2000, 50)}
"""Budgets by name: for while one writes, for every change, and for a night."""

HANGS = 5
"""After how many calls that hang no more are made: each takes its time, and tells nothing new."""


class EnoughSeen(Exception):
    """Ends a run early: nothing is left to find out."""


@dataclass
class Judge:
    """Asks the laws about each run, and looks for anomalies. A law that is violated is set aside; the others go on."""

    laws: tuple[Law, ...]
    anomalies: tuple[Anomaly, ...] = ()
    stop_when_all_violated: bool = False
    cases: dict[str, int] = field(default_factory=dict)
    violations: dict[str, Counterexample] = field(default_factory=dict)
    witnesses: dict[str, Counterexample] = field(default_factory=dict)
    found_after: dict[str, int] = field(default_factory=dict)
    examples: int = 0
    operations: int = 0
    hangs: int = 0
    not_offered: dict[Any, str] = field(default_factory=dict)

    def __call__(self, run: Run) -> None:
        history = run.history()
        self.examples += 1
        self.operations += len(history.operations)
        for law in self.laws:
            if law.name in self.violations:
                continue
            verdict = law(history)
            if isinstance(verdict, Violation):
                self.violations[law.name] = Counterexample(run.trace(), history, verdict)
                self.found_after[law.name] = self.examples
            else:
                self.cases[law.name] = self.cases.get(law.name, 0) + verdict
        for anomaly in self.anomalies:
            if anomaly.name not in self.witnesses and (seen := anomaly.find(history)):
                self.witnesses[anomaly.name] = Counterexample(run.trace(), history, seen)
        self.hangs += run.hung
        if self.hangs >= HANGS or (self.stop_when_all_violated and len(self.violations) == len(self.laws)):
            raise EnoughSeen


def capabilities(target: Target, declared: Iterable[str]) -> frozenset[str]:
    """Those declared, each operation that the subject has, and "on_server" if its calls can be held.

    What a capability "no_..." takes away, everybody has who does not declare that.
    """
    declared = frozenset(declared)
    machine = machine_of(target.specification)
    run = first_offered(target, (machine.example_config, *machine.configs), {})
    try:
        subject = run.subject("main")
        seen = {name for name in target.specification.operations if callable(getattr(subject, name, None))}
        if target.world.holds():
            seen.add("on_server")
    finally:
        run.close()
    taken_away = (name.removeprefix("no_") for name in target.specification.capabilities if name.startswith("no_"))
    return declared | seen | {name for name in taken_away if f"no_{name}" not in declared}


def exercise(
    target: Target, can: frozenset[str], judge: Judge, budget: Budget, base: type[Machine] | None = None
) -> None:
    """Run the block's machine within the budget, showing every example to the judge.

    base: another machine.

    Raises:
        CannotStart: no subject could be made.
    """
    base = base or machine_of(target.specification)
    machine: type[Machine] = type(
        base.__name__,
        (base,),
        {"target": target, "capabilities": can, "examine": staticmethod(judge), "not_offered": judge.not_offered},
    )
    quiet = settings(
        max_examples=budget.examples,
        stateful_step_count=budget.steps,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    state = random.getstate()
    try:
        with suppress(EnoughSeen), by_seed_alone():
            run_state_machine_as_test(seed(budget.seed)(machine), settings=quiet)
    except Exception:
        # Hypothesis plays again what raised; where a server has gone, that differs, and it complains of that instead.
        target.servers_must_answer(again=False)
        raise
    finally:
        random.setstate(state)


def smallest(target: Target, law: Law, found: Counterexample) -> Counterexample:
    """The simplest counterexample like that one; that one itself if playing it again violates nothing."""
    hangs = any(operation.result is NO_ANSWER for operation in found.history.operations)
    machine = machine_of(target.specification)
    shrunk = shrink(target, law, found.trace, machine.simpler, machine.simpler_traces, plays=30 if hangs else 1000)
    return Counterexample(*shrunk) if shrunk else found


def judged(target: Target, budget: Budget, can: frozenset[str], first: Iterable[Trace] = ()) -> Judge:
    """Who has seen everything: what is played first, and what was tried. Nothing is cut down yet."""
    applicable = tuple(law for law in target.specification.laws if law.not_applicable(can) is None)
    judge = Judge(applicable, target.specification.anomalies)
    with suppress(EnoughSeen):
        for trace in first:
            if needs(target.specification, trace) <= can:
                with suppress(NotOffered):
                    target.play(trace, judge)
        exercise(target, can, judge, budget)
    return judge


def check(
    target: Target,
    budget: Budget,
    declared: Iterable[str] = (),
    deviations: Mapping[str, str] | None = None,
    first: Iterable[Trace] = (),
) -> Result:
    """A verdict for every law of the target's specification, in their order, and a sighting for every anomaly.

    first: traces to play before anything is tried.

    Raises:
        CannotStart: no subject could be made.
    """
    began = time.perf_counter()
    known = deviations or {}
    can = capabilities(target, declared)
    judge = judged(target, budget, can, first)
    spent = Verdict("", Outcome.HOLDS, 0, judge.examples, judge.operations, time.perf_counter() - began)
    verdicts = []
    for law in target.specification.laws:
        found, cases = judge.violations.get(law.name), judge.cases.get(law.name, 0)
        if law not in judge.laws:
            verdicts.append(Verdict(law.name, Outcome.NOT_APPLICABLE, reason=law.not_applicable(can)))
            continue
        if found:
            found = smallest(target, law, found)
            outcome = Outcome.DEVIATES if law.name in known else Outcome.VIOLATED
        elif not cases:
            outcome = Outcome.NOT_EXERCISED
        else:
            outcome = Outcome.UNEXPECTEDLY_HOLDS if law.name in known else Outcome.HOLDS
        hangs = judge.hangs and outcome is Outcome.NOT_EXERCISED
        examples = judge.found_after.get(law.name, judge.examples)
        verdicts.append(
            replace(
                spent,
                law=law.name,
                outcome=outcome,
                cases=cases,
                examples=examples,
                counterexample=found,
                reason=known.get(law.name) or ("its calls hang" if hangs else None),
            )
        )
    sightings = []
    for anomaly in target.specification.anomalies:
        witness = judge.witnesses.get(anomaly.name)
        sightings.append(Sighting(anomaly.name, witness and smallest(target, anomaly.forbidden(), witness)))
    return Result(verdicts, sightings, Counter(judge.not_offered.values()))
