"""Keys and backends: those at which mistakes show."""

from typing import Any

from hypothesis import strategies as st

from conformance.load_balancing.picking.strategies import ALIKE, equal, weighing
from spec.load_balancing.hashing.types import Keys
from spec.load_balancing.picking.types import Backend, Pool

EDGES: Keys = (
    "",
    " ",
    "0",
    "1",
    "00",
    "a",
    "b",
    "A",
    "a ",
    "a\x00",
    "\x00",
    "é",
    "e\u0301",
    "ключ",
    "日本",
    "🙂",
    "-0",
)
NAMES: Keys = tuple(dict.fromkeys(name for names in ALIKE for name in names))
"""Keys that are the names of backends."""

JOINED: Keys = ("1-x", "0-x", "0", "10", "1-1", "n1-1-0", "n10-0", "n1-10", "a-0", "a-1", "a0", "a00", "b-0")
"""Keys that are the end of a name and more: where name and key are joined without care, two pairs are one."""


def users(number: int) -> Keys:
    """Numbers as text."""
    return tuple(str(1000 + at) for at in range(number))


def paths(number: int) -> Keys:
    """They differ in their last characters only."""
    return tuple(f"/a/long/path/that/they/all/have/in/common/{at:04}" for at in range(number))


def addresses(number: int) -> Keys:
    """Of clients in two networks."""
    return tuple(f"10.{at % 2}.{at // 256}.{at % 256}" for at in range(number))


def heads(number: int) -> Keys:
    """They differ in their first characters only."""
    return tuple(f"{at:03}.example.com" for at in range(number))


KINDS = (users, paths, addresses, heads)
EDGE_KEYS: Keys = tuple(dict.fromkeys((*EDGES, *NAMES, *JOINED)))


def keys(kind: int, number: int) -> Keys:
    """So many, edges first."""
    return tuple(dict.fromkeys((*EDGE_KEYS, *KINDS[kind % len(KINDS)](number))))[:number]


ORDINARY = tuple(keys(kind, 140) for kind in range(len(KINDS)))
MANY = keys(0, 2000)

EQUAL = [equal(number) for number in (3, 2, 5, 1, 4, 3, 8, 2, 6, 5)]
WEIGHTED = [
    weighing(*one)
    for one in (
        (1, 2),
        (5, 1, 1),
        (3, 2, 2),
        (0, 2, 1),
        (2, 2, 2),
        (7,),
        (1, 2, 3, 4),
        (3, 0),
        (2, 3, 1, 1, 1),
        (10, 1),
    )
]
NUMBERS = st.integers(0, 7)
_FEWER = ("drop first", "drop first", "drop middle", "drop middle", "drop last", "drop last", "drop two", "one left")
_MORE = ("restore", "restore", "add", "append", "append")
_OTHERS = ("none", "reorder", "same", "weigh", "weigh", "weigh", "swap", "all new")
_FEWER = ("drop first", "drop first", "drop middle", "drop middle", "drop last", "drop last", "drop two", "one left")
_MORE = ("restore", "restore", "add", "append", "append")
_OTHERS = ("none", "reorder", "same", "weigh", "weigh", "weigh", "swap", "all new")
UPDATES = st.sampled_from((*_FEWER, *_MORE, *_OTHERS))
NEW_WEIGHTS = st.sampled_from([0, 1, 2, 3, 5])

BAD_BACKENDS: list[Any] = [
    (Backend("a"), Backend("b"), Backend("a")),
    (Backend(""), Backend("b")),
    (Backend("b"), Backend("b")),
    (Backend("a", -1),),
    (Backend("a", 2), Backend("b"), Backend("a", 3)),
]

POINTS = (100, 40, 100, 3, 100, 1)
TABLES = (1009, 1009, 503, 101, 1009, 31)

POOL = Pool(equal(3))
