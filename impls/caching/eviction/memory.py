"""Caches in memory that need no more than the order of their entries, or none."""

import random
from collections import OrderedDict
from typing import Any

from impls.caching.eviction.memory_base import Entry, InMemory, in_memory, new
from impls.registry import implementation
from spec.caching.eviction.types import DEFAULT, Capacity, Default, Hit, Key
from spec.environment import Clock, Environment

ONE = 1
"""The weight that a put names if it names none."""


class Ordered(InMemory):
    """The first of the entries goes."""

    _entries: "OrderedDict[Key, Entry]"

    def _begin(self) -> None:
        super()._begin()
        self._entries = OrderedDict()

    def _victim(self, spared: Key | None) -> Key:
        return next(key for key in self._entries if key != spared)


class Lru(Ordered):
    """The least recently used goes: entries are kept in the order of their last use.

    While no entry has a deadline, a hit takes no lock, as each of its two steps is one call of C. While nobody listens
    and all weigh 1, too, a put takes a short way.
    """

    def _begin(self) -> None:
        super()._begin()
        self._plain = self._ttl is None and self._listener is None

    def get(self, key: Key) -> Hit | None:
        if self._timed:
            return super().get(key)
        entry = self._entries.get(key)
        if entry is None:
            return None
        try:  # noqa: SIM105 (that would take longer than the rest)
            self._entries.move_to_end(key)
        except KeyError:
            pass  # another thread took it away, and so just after it was hit
        return entry[0]

    def put(self, key: Key, value: Any, weight: int = ONE, ttl: int | Default | None = DEFAULT) -> bool:
        if weight is not ONE or ttl is not DEFAULT:
            return super().put(key, value, weight, ttl)
        entry = new(Hit, (value,)), 1, None
        self._lock.acquire()  # twice as fast as `with`, which would be half of what this takes
        try:
            plain, entries = self._plain, self._entries
            if plain:
                if key in entries:
                    entries.move_to_end(key)
                elif self._total < self._capacity:
                    self._total += 1
                else:
                    entries.popitem(False)
                entries[key] = entry
        finally:
            self._lock.release()
        return plain or super().put(key, value)

    def _store(self, key: Key, entry: Entry) -> bool:
        self._plain = self._plain and entry[1] == 1 and entry[2] is None
        return super()._store(key, entry)

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
