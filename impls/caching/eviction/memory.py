"""Caches in memory that need no more than the order of their entries, or none."""

import random
from collections import OrderedDict
from typing import Any

from impls.caching.eviction.memory_base import Entry, InMemory, in_memory
from impls.registry import implementation
from spec.caching.eviction.types import Capacity, Key
from spec.environment import Clock, Environment


class Ordered(InMemory):
    """The first of the entries goes."""

    _entries: "OrderedDict[Key, Entry]"

    def _begin(self) -> None:
        super()._begin()
        self._entries = OrderedDict()

    def _victim(self, spared: Key | None) -> Key:
        return next(key for key in self._entries if key != spared)


class Lru(Ordered):
    """The least recently used goes: entries are kept in the order of their last use."""

    def _touched(self, key: Key, *, put: bool) -> None:
        self._entries.move_to_end(key)


class Fifo(Ordered):
    """What was put first goes."""


class FifoReinserting(Ordered):
    """What was put first goes, where what is put again counts as put then."""

    def _touched(self, key: Key, *, put: bool) -> None:
        if put:
            self._entries.move_to_end(key)


class Random(InMemory):
    """Any goes. Keys are in a list, in which the last takes the place of who leaves."""

    def __init__(self, config: Any, clock: Clock | None = None, chance: random.Random | None = None) -> None:
        self._chance = chance or random.Random()
        super().__init__(config, clock)

    def _begin(self) -> None:
        super()._begin()
        self._keys: list[Key] = []
        self._places: dict[Key, int] = {}

    def _inserted(self, key: Key) -> None:
        self._places[key] = len(self._keys)
        self._keys.append(key)

    def _removed(self, key: Key) -> None:
        place, last = self._places.pop(key), self._keys.pop()
        if last != key:
            self._keys[place], self._places[last] = last, place

    def _victim(self, spared: Key | None) -> Key:
        choices = len(self._keys) - (spared is not None)
        key = self._keys[self._chance.randrange(choices)]
        if spared is not None and key == spared:
            key = self._keys[-1]
        self._removed(key)
        return key


lru = in_memory("lru", Lru, capabilities={"weights"})
fifo = in_memory("fifo", Fifo, capabilities={"weights"})
fifo_reinserting = in_memory("fifo", FifoReinserting, "memory-reinserts", {"weights", "reinserts"})


@implementation("caching.random", "memory", capabilities={"entry_ttl", "listener", "weights"})
def random_victims(config: Capacity, env: Environment) -> Random:
    """With the environment's chance."""
    return Random(config, env.clock, env.random)
