"""What the machine of caches that evict chooses from: few choices, most of them at an edge."""

from typing import Any

from hypothesis import strategies as st

from spec.caching.eviction.types import Aging, Capacity
from spec.duration import SECOND

CONFIGS = tuple(Capacity(capacity, ttl) for ttl in (None, SECOND, None, 3) for capacity in (1, 2, 3, 4, 2, 3, 4, 10))

SMALL = tuple(one for one in CONFIGS if one.capacity <= 3)

AGING = tuple(Aging(one.capacity, one.ttl, window=window) for one in CONFIGS for window in (1, 2, 3, 5, 8))

KEYS = st.integers(0, 11)

ALIKE: tuple[tuple[Any, ...], ...] = ((), (-1, -2), (), (0, ""), (), (1, 2**61), (1, "1"), ("a", "a "), ("k", "K"))
"""Keys that are alike: by hash, or as text."""

FALSY = (None, 0, "", False)
"""Values that are values like any other."""

PAUSES = st.sampled_from(["0"] * 8 + ["1", "next -1", "next", "next 1", "last", "last -1", "500000", "back"])
"""Microseconds, or to a deadline: the next or the last one, and some microseconds more."""

EARLY = st.sampled_from([-1, 0, 0, 1])
"""Microseconds after a deadline."""

REFERENCE = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
"""Keys asked for in this order miss more often with room for four than for three, first in, first out: Belady, Nelson
and Shedler, 1969."""

TTLS = st.sampled_from(["default"] * 4 + ["none", "1", "2", str(SECOND), str(2 * SECOND)])

WEIGHTS = st.sampled_from(["1"] * 3 + ["0", "2", "3", "capacity", "capacity + 1"])

BAD_PUTS: tuple[dict[str, Any], ...] = (
    {"weight": -1},
    {"weight": 1.5},
    {"weight": None},
    {"ttl": 0},
    {"ttl": -1},
    {"ttl": 0.5},
    {"ttl": "1"},
    {"key": []},
    {"key": {}},
)
