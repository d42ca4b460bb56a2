"""Rules that drive bounded loads to their bounds: one key that all ask for, many that few do."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from conformance.load_balancing.hashing.hashing import Hashing
from conformance.load_balancing.hashing.strategies import BAD_BACKENDS, EDGE_KEYS, EQUAL, NUMBERS, WEIGHTED, keys
from conformance.load_balancing.picking.picking import Picking
from conformance.load_balancing.picking.strategies import UPDATES, weighing
from conformance.machine import can
from conformance.references import Reference
from conformance.trace import RESTART, Step, Trace
from spec.load_balancing.hashing.types import Bounded
from spec.load_balancing.picking.types import Backends, Pick

EXTRAS = (25, 1, 50, 100, 10, 300)
ALIKE = [Bounded(backends, extra) for backends in EQUAL for extra in EXTRAS]
DIFFERENT = [
    Bounded(backends, extra) for backends in (*WEIGHTED, weighing(1, 0, 1), weighing(2, 0, 3, 1)) for extra in EXTRAS
]

HOT = (1, 2, 4, 9, 20)
"""How many keys are asked for."""

SAMPLE = keys(2, 60)


class Bounding(Picking):
    """Exercises what picks by a key."""

    configs: ClassVar[Any] = ALIKE
    limited: ClassVar[Any] = ()
    example_config = ALIKE[0]
    long_config = ALIKE[2 * len(EXTRAS)]

    @staticmethod
    def simpler(config: Any) -> Iterator[Any]:
        yield from Picking.simpler(config)
        if config.extra != EXTRAS[0]:
            yield replace(config, extra=EXTRAS[0])

    @staticmethod
    def needs(trace: Trace) -> set[str]:
        return Hashing.needs(trace)

    @initialize(config=st.integers(0, 1023))
    def open(self, config: int) -> None:
        self.weighted = "weights" in self.capabilities
        self.picked, self.keys = 0, EDGE_KEYS[: HOT[self.number % len(HOT)]]
        if self.weighted and self.number % 2:
            self.configs = DIFFERENT  # type: ignore[misc]
        super().open(config)

    def pick(self) -> Any:
        self.picked += 1
        # Each key twice in a row, and the first as often as all others.
        key = self.keys[(self.picked // 2) % len(self.keys) if self.picked // 2 % 2 else 0]
        return self.pick_for(key)

    def pick_for(self, key: str) -> Any:
        result = self.call("pick", key=key)
        if isinstance(result, Pick):
            assert self.run is not None
            self.open_picks.append(len(self.run.steps) - 1)
        return result

    def done(self, step: int, ok: bool = True, latency: int = 0) -> None:
        self.call("done", ticket=Reference(step, "ticket"))

    def give(self, members: Backends, first: int = 0) -> None:
        self.prefer(0, 3)
        if "set_backends" in self.capabilities:
            super().give(members, first)
        else:
            self.anew(members)
        self.prefer(0, 4)

    def anew(self, members: Backends) -> None:
        """Another instance takes over, with those; it knows of no requests."""
        self.take(Step(0, RESTART, {"durable": False, "backends": members}))
        self.open_picks, self.done_picks, self.members = [], [], members
        self.up = {one.name: True for one in members}
        self.draining = dict.fromkeys(self.up, False)

    def prefer(self, number: int, count: int) -> None:
        """What some keys prefer."""
        if "preference" in self.capabilities and self.number % 3:
            for key in dict.fromkeys((self.keys[number % len(self.keys)], self.keys[0])):
                self.call("preference", key=key, count=count)

    def long_run(self) -> None:
        """Where many keys are mapped to, with one backend more and one less; then all at once."""
        for how in ("same", "drop middle", "restore", "drop last", "add", "drop first", "reorder", "weigh"):
            if how != "same":
                self.give(self.updated(how, 0, 3))
            for key in SAMPLE:
                self.pick_for(key)
                self.end(-1)
        for at, key in enumerate(SAMPLE):
            self.pick_for(key)
            self.pick_for(SAMPLE[at // 6])

    @rule(how=UPDATES, number=NUMBERS, picks=st.integers(1, 6))
    def another(self, how: str, number: int, picks: int) -> None:
        """Another instance takes over, with the same backends or others."""
        if self.long:
            return
        for members in (self.updated(how, number, 2), self.config.backends):
            self.anew(members)
            for at in range(picks):
                self.pick_for(self.keys[at % len(self.keys)])
                if not self.busy:
                    self.end(-1)

    @precondition(can("preference"))
    @rule(number=NUMBERS, count=st.sampled_from([1, 2, 3, 4, 20]), picks=st.integers(0, 6))
    def preferred(self, number: int, count: int, picks: int) -> None:
        """What a key prefers, then as many requests for it."""
        key = self.keys[number % len(self.keys)]
        self.call("preference", key=key, count=count)
        for _ in range(0 if self.long else picks):
            self.pick_for(key)

    @rule(number=NUMBERS)
    def idle(self, number: int) -> None:
        """All are done, then one comes."""
        if self.long or self.busy:
            return
        while self.open_picks:
            self.end(0)
        self.pick_for(self.keys[number % len(self.keys)])

    @precondition(can("set_backends"))
    @rule(bad=st.sampled_from(BAD_BACKENDS))
    def bad_backends(self, bad: Any) -> None:
        if self.weighted or all(one.weight == 1 for one in bad):
            self.call("set_backends", backends=bad)
            self.pick()
