"""The machines of balancers that pick; those of chance begin with a long run, for the laws that need one."""

from collections.abc import Sequence
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from conformance.load_balancing.picking.picking import Picking
from conformance.load_balancing.picking.strategies import (
    LARGE,
    NUMBERS,
    RAMPS,
    RAMPS_LIMITED,
    TIMED,
    TIMED_LIMITED,
    WEIGHTED,
    WEIGHTED_LIMITED,
    equal,
    weighing,
)
from conformance.machine import can
from spec.load_balancing.picking.laws_policy import ROUNDS
from spec.load_balancing.picking.laws_statistics import MANY
from spec.load_balancing.picking.types import Pool, Ramp, Timed


class Weighing(Picking):
    """Of a balancer in which weights have a say."""

    configs: ClassVar[Sequence[Any]] = WEIGHTED
    limited: ClassVar[Sequence[Any]] = WEIGHTED_LIMITED
    example_config = Pool(weighing(5, 1, 1))
    weighted = True

    @precondition(can("set_backends"))
    @rule(number=NUMBERS, weight=st.sampled_from([2, 3, 7]), picks=st.integers(0, 5))
    def weigh_anew(self, number: int, weight: int, picks: int) -> None:
        """One weighs more, or as much as it did not, after some picks; then all have their turn."""
        if (name := self.name(number)) is None or self.long:
            return
        for _ in range(picks):
            self.pick()
        new = [b._replace(weight=weight + (b.weight == weight)) if b.name == name else b for b in self.members]
        self.give(tuple(new))
        for _ in range(self.cycle()):
            self.pick()


class Drawing(Picking):
    """Of a balancer that draws at random, all alike."""

    long_config = Pool(equal(4))

    def long_run(self) -> None:
        """Each is over before the next one comes."""
        for _ in range(MANY):
            if self.pick() is None:
                return
            self.end(0)


class WeighedDrawing(Drawing, Weighing):
    """As that, by weight."""

    long_config = Pool(weighing(5, 0, 3, 1, 1))


class Sharing(Picking):
    """Of a balancer that picks the least loaded."""

    long_config = Pool(equal(3))

    def long_run(self) -> None:
        """All are idle whenever one is picked."""
        for _ in range(2 * ROUNDS * len(self.members)):
            if self.pick() is None:
                return
            self.end(0)


class WeighedSharing(Sharing, Weighing):
    """As that, by weight."""

    configs = WEIGHTED + 2 * LARGE
    long_config = Pool(weighing(2, 2, 2))


class Choosing(Picking):
    """Of a balancer that draws two."""

    long_config = Pool(equal(4))

    def long_run(self) -> None:
        """All have different numbers in flight, and keep them."""
        loads: dict[Any, int] = {}
        for _ in range(200):
            picked = self.pick()
            if picked is None:
                return
            loads[picked.backend] = loads.get(picked.backend, 0) + 1
        self.settle(loads)
        for _ in range(MANY):
            if self.pick() is None:
                return
            self.end(-1)

    def settle(self, loads: dict[Any, int]) -> None:
        """Let requests end until the members have 8, 6, 4 and 2 in flight, whichever way round."""
        answers = self.run.answers if self.run else {}
        wanted = {name: 2 + 2 * at for at, name in enumerate(sorted(loads))}
        for step in tuple(self.open_picks):
            name = answers[step].backend
            if loads[name] > wanted[name]:
                loads[name] -= 1
                self.open_picks.remove(step)
                self.done(step)


class Timing(Picking):
    """Of a balancer that goes by how long answers took."""

    configs = TIMED
    limited = TIMED_LIMITED
    example_config = Timed(equal(3))

    @rule(
        fast=NUMBERS,
        latency=st.sampled_from([1000, 40_000, 300_000]),
        failing=st.sampled_from([False, False, True]),
        pause=st.sampled_from([0, 0, 1000, 900_000]),
        picks=st.integers(1, 6),
    )
    def answer_all(self, fast: int, latency: int, failing: bool, pause: int, picks: int) -> None:
        """All are tried and answer; one is fast, or fails fast; then more are picked."""
        self.end_quietly()
        steps = [len(self.run.steps) - 1 for _ in self.members if self.run and self.pick()]
        self.advance(pause)
        for at, step in enumerate(steps):
            if step in self.open_picks:
                self.open_picks.remove(step)
                slow = at != fast % len(steps)
                self.done(step, ok=slow or not failing, latency=latency * (2 + at % 2) if slow else latency // 2)
        for _ in range(picks):
            self.pick()

    @rule(spared=NUMBERS, slow=st.sampled_from([60_000, 3_000_000, 9_000_000]), picks=st.integers(1, 4))
    def fail_fast(self, spared: int, slow: int, picks: int) -> None:
        """All answer slowly, one more than the others; then that one fails fast; then more are picked."""
        self.end_quietly()
        for latency in (slow, 10):
            steps = [len(self.run.steps) - 1 for _ in self.members if self.run and self.pick()]
            for step in steps:
                picked = self.run.answers[step].backend if self.run else ""
                self.open_picks.remove(step)
                if picked == self.name(spared):
                    self.done(step, ok=latency == slow, latency=2 * latency)
                else:
                    self.done(step, latency=slow)
        for _ in range(picks):
            self.pick()

    def end_quietly(self) -> None:
        for _ in range(min(40, len(self.open_picks))):
            self.end(0, latency=20_000)

    @rule(slow=NUMBERS, early=st.sampled_from([0, 0, 1, -1]), rounds=st.integers(1, 2))
    def warm_up(self, slow: int, early: int, rounds: int) -> None:
        """One answers slowly, once; the others go on, until that is to be forgotten, or just before."""
        self.end_quietly()
        assert self.run is not None
        for _ in range(2 * len(self.members)):
            picked = self.pick()
            if picked is None:
                return
            slowly = picked.backend == self.name(slow)
            self.end(-1, latency=2_000_000 if slowly else 10_000)
        half = self.config.forget // 2
        for pause in (half, self.config.forget - half - early):
            self.advance(pause)
            for _ in range(rounds):
                if self.pick():
                    self.end(-1, latency=10_000)
        for _ in range(rounds):
            self.pick()


class Starting(Weighing):
    """Of a balancer that starts backends slowly."""

    configs = RAMPS
    limited = RAMPS_LIMITED
    example_config = Ramp(equal(3))

    @rule(
        number=NUMBERS,
        each=st.sampled_from([3, 4, 12]),
        how=st.sampled_from(["set_health", "set_backends"]),
        tenths=st.sampled_from([0, 0, 1, 3, 5, 9, 10, 11]),
        early=st.sampled_from([0, 0, 1]),
        picks=st.integers(3, 16),
    )
    def start(self, number: int, each: int, how: str, tenths: int, early: int, picks: int) -> None:
        """One comes back while the others are busy; after a while, requests come."""
        if (name := self.name(number)) is None or how not in self.capabilities:
            return
        before = self.members
        if how == "set_health":
            self.set(how, name, False)
        else:
            self.give(tuple(one for one in before if one.name != name))
        for _ in range(min(60, each * (len(before) - 1) - len(self.open_picks))):
            self.pick()
        if how == "set_health":
            self.set(how, name, True)
        else:
            self.give(before)
        self.advance(max(0, self.config.ramp * tenths // 10 - early))
        for _ in range(picks):
            self.pick()


MACHINES = {
    "round_robin": Picking,
    "weighted_round_robin": Weighing,
    "random": Drawing,
    "weighted_random": WeighedDrawing,
    "least_connections": Sharing,
    "weighted_least_connections": WeighedSharing,
    "two_choices": Choosing,
    "least_response_time": Timing,
    "slow_start": Starting,
    "draining": Picking,
}
