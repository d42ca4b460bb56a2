"""Every balancer that picks: the laws hold, anomalies show, threads lose nothing, and little need be offered."""

from fractions import Fraction
from typing import Any

import pytest

from benchmarks.counters import traced
from conformance.blocks import machine_of
from conformance.environment import VirtualClock, World
from conformance.judge import Budget, Outcome, check
from conformance.load_balancing.picking import modelled
from conformance.trace import Target
from impls.registry import Implementation, implementations
from spec.load_balancing import Backend, Pick, Pool, Ramp, Timed
from spec.load_balancing.picking import SPECIFICATIONS
from spec.specification import specifications
from tests.threads import at_once

IN_MEMORY = [
    one for specification in SPECIFICATIONS for one in implementations(specification.name) if one.backend == "memory"
]


class CountingTheNew(modelled.WeightedLeastConnections):
    """With the request that is to be placed."""

    def compared(self, name: str) -> Any:
        return super().compared(name) + Fraction(1, self.weight(name))


class Replacing(modelled.TwoChoices):
    """Both draws may be the same."""

    def two(self, eligible: list[str]) -> list[str]:
        return [self.random.choice(eligible), self.random.choice(eligible)]


class Resetting(modelled.Smooth):
    """Begins anew when a weight changes."""

    shares: dict[str, int] | None = None

    def came(self, name: str) -> None:
        super().came(name)
        self.shares = None

    def choose(self, eligible: list[str]) -> str:
        shares = {name: self.weight(name) for name in eligible}
        if shares != self.shares:
            self.shares, self.earned = shares, dict.fromkeys(self.members, 0)
        return super().choose(eligible)


class InBlocks(modelled.Cyclic):
    """Each as often in a row as its weight says, also where a number divides all weights."""

    def cycle(self, shares: dict[str, int]) -> list[str]:
        return [name for name, weight in shares.items() for _ in range(weight)]


CONTROLS = [
    Implementation(f"load_balancing.{short}", f"plain {' '.join(more)}", cls, capabilities=frozenset({"limits", *more}))
    for short, cls, *more in (
        ("round_robin", modelled.RoundRobin),
        ("weighted_round_robin", modelled.Smooth, "smooth"),
        ("weighted_round_robin", modelled.Smooth),
        ("weighted_round_robin", Resetting, "smooth", "resets_on_change"),
        ("weighted_round_robin", modelled.EarliestDeadline, "earliest_deadline_first"),
        ("weighted_round_robin", modelled.Cyclic, "cyclic"),
        ("weighted_round_robin", InBlocks, "cyclic"),
        ("weighted_round_robin", InBlocks),
        ("random", modelled.Random),
        ("weighted_random", modelled.Random),
        ("least_connections", modelled.LeastConnections),
        ("weighted_least_connections", modelled.WeightedLeastConnections),
        ("weighted_least_connections", CountingTheNew, "counts_new"),
        ("two_choices", modelled.TwoChoices),
        ("two_choices", Replacing, "with_replacement"),
        ("least_response_time", modelled.LeastResponseTime),
        ("slow_start", modelled.SlowStart),
        ("draining", modelled.Random),
        ("draining", modelled.TwoChoices),
    )
]
"""Correct ones, written differently: they show laws that are too strong. `make check` checks those that are offered."""


def identity(implementation: Implementation) -> str:
    return f"{implementation.specification}-{implementation.name}"


def checked(implementation: Implementation, world: World, budget: Budget) -> Any:
    specification = specifications()[implementation.specification].declared(implementation.capabilities)
    return check(Target(specification, implementation.factory, world), budget, implementation.capabilities)


@pytest.mark.parametrize("implementation", CONTROLS, ids=identity)
def test_every_law_holds(implementation: Implementation, world: World) -> None:
    verdicts = checked(implementation, world, Budget(examples=25, steps=15, seed=7)).verdicts
    assert [one.law for one in verdicts if one.outcome is Outcome.VIOLATED] == []


@pytest.mark.parametrize("implementation", IN_MEMORY, ids=identity)
def test_permitted_anomalies_are_shown_by_short_histories(implementation: Implementation, world: World) -> None:
    specification = specifications()[implementation.specification].declared(implementation.capabilities)
    if specification.anomalies:
        for sighting in checked(implementation, world, Budget()).sightings:
            assert sighting.witness, sighting.anomaly
            assert len(sighting.witness.trace.steps) <= 20


class Minimal:
    """The least that a balancer may offer, and right: whatever answers to `backend`."""

    def __init__(self, config: Any, env: Any) -> None:
        self.names = [backend.name for backend in config.backends]
        self.turn = -1

    def pick(self) -> Any:
        self.turn += 1
        return Pick(self.names[self.turn % len(self.names)])


@pytest.mark.parametrize("short", ["round_robin"])
def test_one_method_is_enough(short: str, world: World) -> None:
    verdicts = check(Target(specifications()[f"load_balancing.{short}"], Minimal, world), Budget(), set()).verdicts
    assert {one.outcome for one in verdicts} == {Outcome.HOLDS, Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize("implementation", IN_MEMORY, ids=identity)
def test_threads_lose_no_request(implementation: Implementation) -> None:
    specification = specifications()[implementation.specification].declared(implementation.capabilities)
    config = machine_of(specification).example_config
    balancer = implementation.factory(config, World().environment(VirtualClock()))
    names = [backend.name for backend in config.backends]
    tickets: list[Any] = []

    def work(number: int) -> None:
        for turn in range(200):
            picked = balancer.pick()
            tickets.append(picked.ticket)
            if turn % 4 == number:
                balancer.set_health(names[number % len(names)], up=True)
            if turn % 2:
                balancer.done(picked.ticket)

    at_once(work)
    assert len(set(tickets)) == 800
    assert sum(balancer.in_flight(name) for name in names) == 400


CONSTANT = [
    one
    for one in IN_MEMORY
    if one.specification.partition(".")[2] in ("round_robin", "random", "least_connections", "two_choices")
]


@pytest.mark.parametrize("implementation", CONSTANT, ids=identity)
def test_a_pick_takes_as_many_steps_whatever_the_number_of_backends(implementation: Implementation) -> None:
    def steps(number: int) -> float:
        pool = Pool(tuple(Backend(f"b{at}") for at in range(number)))
        balancer = implementation.factory(pool, World().environment(VirtualClock()))

        def run() -> None:
            for turn in range(500):
                ticket = balancer.pick().ticket
                if turn % 2:
                    balancer.done(ticket)

        return float(traced(run))

    assert steps(256) < 1.2 * steps(16)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Pool((Backend("a"), Backend("a"))),
        lambda: Pool((Backend(""),)),
        lambda: Pool((Backend("a", -1),)),
        lambda: Pool((Backend("a", True),)),
        lambda: Pool((Backend("a", 1, 0),)),
        lambda: Pool((Backend(7),)),  # type: ignore[arg-type]
        lambda: Timed((Backend("a"),), smoothing=0),
        lambda: Timed((Backend("a"),), forget=1.5),  # type: ignore[arg-type]
        lambda: Ramp((Backend("a"),), ramp=-1),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(make: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"must|named"):
        make()
