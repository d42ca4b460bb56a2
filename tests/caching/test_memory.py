"""What caches in memory promise beyond the laws: how long a call takes, threads, chance, and no leak."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.counters import traced
from conformance.environment import VirtualClock, World
from impls.caching.eviction.memory import Fifo, Lru
from impls.registry import implementations
from spec.caching import Aging, Capacity
from spec.caching.eviction import SPECIFICATIONS
from spec.specification import specifications
from tests.threads import at_once

IN_MEMORY = [
    one for specification in SPECIFICATIONS for one in implementations(specification.name) if one.backend == "memory"
]
REQUESTS = 1000


def made(implementation: Any, capacity: int) -> Any:
    aging = specifications()[implementation.specification].configuration is Aging
    config = Aging(capacity, window=10 * capacity) if aging else Capacity(capacity)
    return implementation.factory(config, World().environment(VirtualClock()))


def request(cache: Any, key: int) -> None:
    """As an application does: what is not there is put."""
    if cache.get(key) is None:
        cache.put(key, key)


def keys(capacity: int, number: int) -> list[int]:
    """Some often, most seldom."""
    chance = random.Random(1)
    return [int(2 * capacity * chance.random() ** 2) for _ in range(number)]


def steps_for_a_request(make: Callable[[int], Any], capacity: int) -> float:
    """On the average, of a cache that is full."""
    cache = make(capacity)
    for key in keys(capacity, 5 * capacity):
        request(cache, key)

    def run() -> None:
        for key in keys(capacity, REQUESTS):
            request(cache, key)

    return traced(run) / REQUESTS


def is_constant(make: Callable[[int], Any]) -> bool:
    return steps_for_a_request(make, 1024) < 1.5 * steps_for_a_request(make, 64)


@pytest.mark.parametrize("implementation", IN_MEMORY, ids=lambda one: f"{one.specification}-{one.name}")
def test_steps_per_operation_are_constant(implementation: Any) -> None:
    assert is_constant(lambda capacity: made(implementation, capacity))


class Searching(Fifo):
    """It looks for its victim."""

    def _victim(self, spared: Any) -> Any:
        return min(self._entries, key=lambda key: self._entries[key][1])


def test_a_cache_that_looks_for_its_victim_does_not_take_constant_steps() -> None:
    assert not is_constant(lambda capacity: Searching(Capacity(capacity)))


@pytest.mark.parametrize("implementation", IN_MEMORY, ids=lambda one: f"{one.specification}-{one.name}")
def test_threads_leave_it_whole(implementation: Any) -> None:
    left: list[Any] = []
    cache: Any = None

    def on_removal(key: Any, value: Any, reason: str) -> None:
        left.append(value)
        cache.get(key)

    aging = specifications()[implementation.specification].configuration is Aging
    config: Any = Aging(8, on_removal=on_removal) if aging else Capacity(8, on_removal=on_removal)
    cache = implementation.factory(config, World().environment(VirtualClock()))
    put: list[list[Any]] = [[] for _ in range(4)]

    def work(number: int) -> None:
        chance = random.Random(number)
        for turn in range(300):
            key = chance.randrange(24)
            if turn % 7 == 3:
                cache.delete(key)
            elif cache.get(key) is None or turn % 5 == 0:
                cache.put(key, (number, turn))
                put[number].append((number, turn))

    at_once(work)
    assert len(cache) == cache.weight() == len(cache.keys()) <= 8
    held = [cache.peek(key).value for key in range(24) if key in cache]
    assert sorted([*left, *held]) == sorted(value for values in put for value in values)


def test_the_same_chance_gives_the_same_victims() -> None:
    [implementation] = implementations("caching.random")

    def victims(seed: int) -> list[Any]:
        left: list[Any] = []
        config = Capacity(8, on_removal=lambda key, value, reason: left.append(key))
        cache = implementation.factory(config, World(seed=seed).environment(VirtualClock()))
        for key in range(100):
            cache.put(key, key)
        return left

    assert victims(1) == victims(1) != victims(2)


def test_deadlines_of_what_is_written_again_and_again_do_not_pile_up() -> None:
    cache = Lru(Capacity(2, 1_000_000), VirtualClock())
    for turn in range(1000):
        cache.put("a", turn, ttl=500_000 + turn % 3)
        cache.put("b", turn)
    assert len(cache._deadlines._heap) < 20
    assert len(cache._deadlines._queue) == 1


@pytest.mark.parametrize("window", [0, -1, 1.5, "10", True])
def test_a_window_that_makes_no_sense_is_refused(window: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="window must be"):
        Aging(10, window=window)
