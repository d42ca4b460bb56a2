"""What a health checker is configured with, asked and told: values at which mistakes show."""

from typing import Any

from hypothesis import strategies as st

from spec.duration import SECOND
from spec.load_balancing.health.types import CHECKING, DOWN, UP, Checks, Names

ALIKE: tuple[Names, ...] = (("a", "b", "c"), ("a", "b", "c"), ("n1", "n10", "N1"), ("é", "e\u0301", " n1"))
"""Names that careless code takes for one another in half of the examples."""

_NUMBERS = [
    # members, rise, fall, interval, timeout
    (3, 2, 3, 5 * SECOND, SECOND),
    (1, 2, 2, SECOND, SECOND),
    (2, 3, 2, 1000, 400),
    (1, 1, 1, 1000, 999),
    (2, 2, 3, SECOND, SECOND // 2),
    (1, 3, 3, 30 * SECOND, 10 * SECOND),
    (2, 2, 1, 3 * SECOND, 3 * SECOND),
]
CONFIGS = [
    Checks(ALIKE[0][:members], rise, fall, interval, timeout, initial)
    for members, rise, fall, interval, timeout in _NUMBERS
    for initial in (UP, DOWN, CHECKING)
] + [Checks((), 1, 1, 2, 1), Checks(ALIKE[0], 1, 2, 2, 1), Checks(("a",), 2, 4, 1, 1)]

PAUSES = st.sampled_from([0, 0, 0, 1, "timeout - 1", "timeout", "timeout + 1", "interval - 1", "interval", "three"])
FATES = st.sampled_from(["ok", "failed", "hangs"])
PATTERNS = st.lists(st.sampled_from(["ok", "failed", "failed", "ok", "hangs"]), min_size=1, max_size=7)
NUMBERS = st.integers(0, 5)
UPDATES = st.sampled_from(
    ["drop first", "drop last", "same", "reorder", "add", "restore", "restore", "all new", "none"]
)
BAD_MEMBERS: list[Any] = [("a", "b", "a"), ("a", ""), ("",), ("x", "x")]
