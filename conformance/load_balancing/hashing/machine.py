"""The machines of what maps keys to backends."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from conformance.load_balancing.hashing.bounded import Bounding
from conformance.load_balancing.hashing.hashing import Hashing
from conformance.load_balancing.hashing.strategies import EDGE_KEYS, NUMBERS, POINTS, TABLES, UPDATES
from conformance.machine import Machine, can
from spec.load_balancing.hashing.types import Hashed
from spec.load_balancing.picking.types import Backends


class Consistent(Hashing):
    """Of one that moves few keys."""

    example_config = Hashed(Hashing.example_config.backends)

    @staticmethod
    def simpler(config: Any) -> Iterator[Any]:
        yield from Hashing.simpler(config)
        usual = Hashed(config.backends)
        for name in ("points", "table"):
            if getattr(config, name) != getattr(usual, name):
                yield replace(config, **{name: getattr(usual, name)})

    @classmethod
    def configurations(cls, backends: Sequence[Backends], number: int) -> list[Any]:
        points = POINTS[number % len(POINTS)] if "ring" in cls.capabilities else POINTS[0]
        table = TABLES[number % len(TABLES)] if "maglev" in cls.capabilities else TABLES[0]
        return [Hashed(one, points, table) for one in backends]

    def prefer(self, number: int, count: int) -> None:
        """What some keys prefer."""
        if "preference" in self.capabilities:
            for key in (self.keys[number], EDGE_KEYS[3 * number], self.keys[20 + 5 * number]):
                self.call("preference", key=key, count=count)

    def see(self, number: int) -> None:
        if self.number % 3:
            self.prefer(0, 3)
        super().see(number)

    @precondition(can("preference"))
    @rule(number=NUMBERS, count=st.sampled_from([1, 2, 3, 3, 4, 20]), how=UPDATES, change=st.booleans())
    def preferred(self, number: int, count: int, how: str, change: bool) -> None:
        """What some keys prefer, before and after a change."""
        if self.long:
            return
        self.prefer(number, count)
        if change:
            before = self.members
            self.give(self.updated(how, number, 2))
            self.prefer(number, count + number % 2)
            self.give(before)
            self.prefer(number, 8)


MACHINES: dict[str, type[Machine]] = {
    "ip_hash": Hashing,
    "consistent_hashing": Consistent,
    "bounded_loads": Bounding,
}
