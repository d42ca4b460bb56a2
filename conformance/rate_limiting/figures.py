"""What no law can say of rate limiters, measured: how much the one in memory keeps for a key."""

import sys
from collections import deque
from collections.abc import Mapping
from typing import Any

from conformance.environment import VirtualClock, World
from impls.registry import implementations
from spec.rate_limiting.types import SECOND, Limit, Queue, Window
from spec.specification import Specification

MANY = 1000
CONFIGS = {
    Limit: Limit(MANY, SECOND, MANY),
    Window: Window(MANY, SECOND),
    Queue: Queue(MANY, SECOND, MANY),
}


def figures(specification: Specification) -> Mapping[str, int]:
    """By name: bytes, after one call and after many, a microsecond apart and all of them admitted."""
    return {
        f"bytes kept for a key after {calls:,} call{'s' * (calls > 1)}": _kept(specification, calls)
        for calls in (1, MANY)
    }


def _kept(specification: Specification, calls: int) -> int:
    clock = VirtualClock()
    factory = next(one.factory for one in implementations(specification.name) if one.backend == "memory")
    limiter = factory(CONFIGS[specification.configuration], World().environment(clock))
    before = size(vars(limiter))
    for _ in range(calls):
        limiter.acquire("key")
        clock.move(1)
    return size(vars(limiter)) - before


def size(thing: Any) -> int:
    """Of containers and plain values, with all that is in them; each counts once."""
    seen: set[int] = set()
    left = [thing]
    total = 0
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Mapping):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | deque):
            left += one
        elif type(one).__module__.startswith("impls.rate_limiting"):
            left += [getattr(one, name) for name in (*getattr(one, "__slots__", ()), *getattr(one, "__dict__", ()))]
        elif not isinstance(one, int | str | bytes | float):
            continue  # locks, clocks, functions: not kept for a key
        total += sys.getsizeof(one)
    return total
