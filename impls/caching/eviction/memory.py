"""Caches in memory that need no more than the order of their entries."""

from collections import OrderedDict
from typing import Any

from impls.caching.eviction.memory_base import Entry, InMemory, in_memory
from spec.caching.eviction.types import Key


class Lru(InMemory):
    """The least recently used goes: entries are kept in the order of their last use."""

    _entries: "OrderedDict[Key, Entry]"

    def _begin(self) -> None:
        self._entries, self._total = OrderedDict(), 0

    def _touched(self, key: Key, *, put: bool) -> None:
        self._entries.move_to_end(key)

    def _victim(self, spared: Key | None) -> Key:
        return next(iter(self._entries))  # what was just put again is the last


def _factory(specification: str, cache: Any) -> Any:
    return in_memory(specification, cache, capabilities={"weights"})


lru = _factory("lru", Lru)
