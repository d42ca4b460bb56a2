"""What no law can say of caches, measured: how often the one in memory hits."""

import random
from collections.abc import Mapping

from conformance.environment import VirtualClock, World
from impls.registry import implementations
from spec.caching import Aging, Capacity
from spec.specification import Specification

ROOM = 200
REQUESTS = 20_000
POPULAR = [1 / (rank + 1) for rank in range(20 * ROOM)]


def figures(specification: Specification) -> Mapping[str, int]:
    """By name: hits of a thousand requests, where what is not there is put. Some keys are asked for often (Zipf); or
    that, between requests for keys that are asked for once; or all in turn, a tenth more than there is room for."""
    if not issubclass(specification.configuration, Capacity):
        return {}  # it is about bytes
    popular = random.Random(0).choices(range(len(POPULAR)), POPULAR, k=REQUESTS)
    scanned = [key if number % 2 else -number for number, key in enumerate(popular)]
    in_turn = [number % (ROOM + ROOM // 10) for number in range(REQUESTS)]
    traces = {"with some popular": popular, "with every second one new": scanned, "in a loop": in_turn}
    return {f"hits of 1,000 requests {name}": _hits(specification, trace) for name, trace in traces.items()}


def _hits(specification: Specification, trace: list[int]) -> int:
    factory = next(one.factory for one in implementations(specification.name) if one.backend == "memory")
    aging = specification.configuration is Aging
    config = Aging(ROOM, window=10 * ROOM) if aging else Capacity(ROOM)
    cache = factory(config, World().environment(VirtualClock()))
    hits = 0
    for key in trace:
        if cache.get(key) is None:
            cache.put(key, key)
        else:
            hits += 1
    return round(1000 * hits / len(trace))
