"""Requests that caches are measured by: sequences of keys, the same every time."""

import random
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import accumulate


def zipf(requests: int, keys: int = 20_000, exponent: float = 0.9, seed: int = 1) -> list[int]:
    """Each key is asked for as often as its rank to the power of -exponent says."""
    shares = list(accumulate((rank + 1) ** -exponent for rank in range(keys)))
    return random.Random(seed).choices(range(keys), cum_weights=shares, k=requests)


def scans(requests: int, scan: int = 3_000, every: int = 10_000, **more: int) -> list[int]:
    """As that, and in each `every` requests `scan` keys one after another, each of them once in all."""
    found: list[int] = []
    new = 1_000_000
    for number, key in enumerate(zipf(requests, **more)):
        if number % every == every // 2:
            found += range(new, new + scan)
            new += scan
        found.append(key)
    return found[:requests]


def loop(requests: int, keys: int = 1_100) -> list[int]:
    """All keys in turn."""
    return [number % keys for number in range(requests)]


def shifting(requests: int, every: int = 20_000, **more: int) -> list[int]:
    """As Zipf, but what is popular changes: a twentieth of the keys steps back, time and again."""
    return [(key + number // every * 1_000) % 20_000 for number, key in enumerate(zipf(requests, **more))]


TRACES: dict[str, Callable[[int], list[int]]] = {"zipf": zipf, "scans": scans, "loop": loop, "shifting": shifting}


def best_hits(trace: list[int], capacity: int) -> int:
    """Hits of the best choice of victims, where what is asked for next may also not be kept at all.

    L. A. Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal, 1966.
    """
    never = len(trace)
    following: dict[int, int] = {}
    uses = [never] * len(trace)
    for at in range(len(trace) - 1, -1, -1):
        uses[at] = following.get(trace[at], never)
        following[trace[at]] = at
    next_use: dict[int, int] = {}  # of what is held
    furthest: list[tuple[int, int]] = []
    hits = 0
    for at, key in enumerate(trace):
        hits += key in next_use
        next_use[key] = uses[at]
        heappush(furthest, (-uses[at], key))
        while len(next_use) > capacity:
            use, victim = heappop(furthest)
            if next_use.get(victim) == -use:
                del next_use[victim]
    return hits
