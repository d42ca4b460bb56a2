"""What a rate limiter is configured with, and asked: values at which mistakes show."""

from itertools import product
from typing import Any

from hypothesis import strategies as st

from spec.rate_limiting.types import SECOND, Limit, Queue, Window

# What is meant to be met more often stands there more often.
PERIODS = [SECOND, SECOND, 3 * SECOND, 60 * SECOND, 700_001, 999, 1]
RATES = [1, 1, 2, 3, 7, 10, 1000]
LIMITS = [Limit(*values) for values in product(RATES, PERIODS, [1, 2, 2, 3, 3, 5, 20])]
WINDOWS = [Window(*values) for values in product([1, 2, 2, 3, 3, 5, 10, 20], PERIODS)]
QUEUES = [Queue(*values) for values in product(RATES, PERIODS, [1, 1, 2, 2, 4, 19])]


# Keys that careless code takes for one another: folded, trimmed, normalized, cut at the end or at a NUL, taken for a
# pattern, or named by what stands in braces. Few sets, as an example has but one.
KEY_SETS = [
    ("a", "b", "c"),
    ("user:1", "User:1", "user:1 "),
    ("{é}b", "{e\u0301}b", "{é}c"),
    ("x" * 300, "x" * 299 + "y", "x" * 301),
    ("*", "*\x00", "*\x001"),
]
BAD_KEYS: list[Any] = ["", None, 7, 1.5, ["a"]]
BAD_COSTS: list[Any] = [-1, -(10**9), True, 0.5, float("nan"), float("inf"), "1", None]

# Few keys, the first of them most of the time: an example that spreads out meets nothing.
KEYS = st.sampled_from([0, 0, 0, 0, 1, 2])
COSTS = st.sampled_from(["1", "1", "1", "1", "2", "3", "burst", "burst + 1", "0"])
# Pauses named by what matters to this limit, most of them none.
PAUSES = st.sampled_from(
    ["0"] * 7
    + [
        "back",
        "token",
        "token - 1",
        "half token",
        "full",
        "full - 1",
        "1",
        "long",
        "boundary",
        "boundary - 1",
        "echo",
        "echo - 1",
    ]
)

BACK = st.sampled_from(["token", "full", "half token", "1", "boundary"])
