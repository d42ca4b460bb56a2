"""What a balancer is configured with, and asked: values at which mistakes show."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from spec.load_balancing.picking.types import Backend, Backends, Pool, Ramp, Timed

NAMES = ("a", "b", "c", "d", "e", "f", "g", "h")

ALIKE = (NAMES, NAMES, NAMES, ("n1", "n10", "n1-1", "N1", " n1", "é", "e\u0301", "*"))
"""Names that careless code takes for one another in one example of four."""


def renamed(backends: Backends, names: Mapping[str, str]) -> Backends:
    """Those, with the names that these are to have instead."""
    return tuple(one._replace(name=names.get(one.name, one.name)) for one in backends)


def equal(number: int, limit: int | None = None) -> Backends:
    """So many backends, each of weight 1."""
    return tuple(Backend(name, 1, limit) for name in NAMES[:number])


def weighing(*weights: int) -> Backends:
    """Backends with those weights."""
    return tuple(Backend(name, weight) for name, weight in zip(NAMES, weights, strict=False))


def limited(*pairs: tuple[int, int | None]) -> Backends:
    """Backends with those weights and limits."""
    return tuple(Backend(name, *pair) for name, pair in zip(NAMES, pairs, strict=False))


EQUAL = [Pool(equal(number)) for number in (3, 2, 3, 1, 4, 2, 3, 2, 7)]
EQUAL_LIMITED = [Pool(equal(number, limit)) for number, limit in ((3, 1), (2, 2), (1, 1), (4, 3))]

# They rise and fall in the order of the list, have common factors or none; one is far above the rest.
WEIGHTS = [
    (1, 2),
    (1, 1),
    (5, 1, 1),
    (1, 1, 10),
    (3, 2),
    (2, 0, 4, 6),
    (1, 1, 1),
    (0, 2, 1),
    (7,),
    (1, 1, 1, 8),
    (0, 2, 3, 5),
    (1, 2, 3, 4, 5, 6),
    (3, 0),
    (0, 0),
    (40, 1, 1),
    (1, 1, 1, 1, 1, 1, 1),
]
WEIGHTED = [Pool(weighing(*weights)) for weights in WEIGHTS]
WEIGHTED_LIMITED = [
    Pool(limited((2, 1), (1, None))),
    Pool(limited((1, 1), (3, 2), (0, 1))),
    Pool(limited((5, 2), (1, 4), (2, 1))),
]
LARGE = [Pool(weighing(10**16 + 1, 10**16)), Pool(weighing(3 * 10**15, 10**15))]
"""Where an account in binary floating point is wrong."""

TIMED = [
    Timed(pool.backends, smoothing, failure, forget)
    for pool in EQUAL
    for smoothing, failure, forget in ((4, 1_000_000, 10_000_000), (1, 50_000, 1_000_000), (3, 2_000_000, 5_000_000))
]
TIMED_LIMITED = [Timed(pool.backends, 2) for pool in EQUAL_LIMITED]
RAMPS = [Ramp(pool.backends, ramp) for pool in (*EQUAL[:7], *WEIGHTED) for ramp in (10_000_000, 1_000_000)]
RAMPS_LIMITED = [Ramp(pool.backends, 10_000_000) for pool in WEIGHTED_LIMITED]

NUMBERS = st.integers(0, 7)
_DROPS = ["drop first", "drop first", "drop middle", "drop last", "one left", "none"]
_OTHERS = ["restore", "restore", "reorder", "same", "weigh", "weigh", "limit", "add", "all new"]
UPDATES = st.sampled_from(_DROPS + _OTHERS)
NEW_WEIGHTS = st.sampled_from([0, 1, 2, 3, 7, 100])
PAUSES = st.sampled_from([0, 0, 0, 0, 1, 1000, 1_000_000])

BAD_BACKENDS: list[Any] = [
    (Backend("a"), Backend("b"), Backend("a")),
    (Backend(""), Backend("b")),
    (Backend("a", -1),),
    (Backend("a", 1, 0),),
    (Backend("a"), Backend("b", 2, -3)),
]
