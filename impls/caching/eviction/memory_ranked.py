"""Caches in memory that evict what ranks lowest, by a heap: the logarithm of what is held, in C."""

from heapq import heapify, heappop, heappush

from impls.caching.eviction.memory_base import InMemory, in_memory
from spec.caching.eviction.types import Key

Rank = tuple[int, ...]


class Ranked(InMemory):
    """The lowest rank goes; of equals, what was ranked first. Each key has one record in the heap that counts; those
    that do not are left until they come up, or are most of what there is."""

    def _begin(self) -> None:
        super()._begin()
        self._ranks: dict[Key, tuple[Rank, int]] = {}
        self._heap: list[tuple[Rank, int, Key]] = []
        self._number = 0

    def _rank(self, key: Key, rank: Rank) -> None:
        self._number += 1  # so keys are never compared
        self._ranks[key] = rank, self._number
        heappush(self._heap, (rank, self._number, key))
        if len(self._heap) > 2 * len(self._ranks) + 8:
            self._heap = [(*counts, key) for key, counts in self._ranks.items()]
            heapify(self._heap)

    def _removed(self, key: Key) -> None:
        del self._ranks[key]

    def _victim(self, spared: Key | None) -> Key:
        kept = None
        while True:
            rank, number, key = record = heappop(self._heap)
            if self._ranks.get(key) != (rank, number):
                continue
            if key == spared:
                kept = record
                continue
            if kept:
                heappush(self._heap, kept)
            self._evicted(key, rank)
            return key

    def _evicted(self, key: Key, rank: Rank) -> None:
        """Forget the victim."""
        self._removed(key)


class Ttl(Ranked):
    """What expires first goes; what never does, last."""

    def _inserted(self, key: Key) -> None:
        deadline = self._entries[key][2]
        self._rank(key, (1,) if deadline is None else (0, deadline))

    def _touched(self, key: Key, *, put: bool) -> None:
        if put:
            self._inserted(key)


class LfuResetting(Ranked):
    """The least frequently used goes, of equals what was put first; a put starts anew."""

    def _inserted(self, key: Key) -> None:
        self._rank(key, (1, self._number))

    def _touched(self, key: Key, *, put: bool) -> None:
        uses, since = self._ranks[key][0]
        if put:
            self._inserted(key)
        else:
            self._rank(key, (uses + 1, since))


class LfuDynamicAging(Ranked):
    """The least frequently used goes, where newcomers begin at the rank of the last victim.

    M. Arlitt et al., Evaluating content management techniques for web proxy caches, 2000.
    """

    def _begin(self) -> None:
        super()._begin()
        self._age = 0
        self._uses: dict[Key, int] = {}

    def _inserted(self, key: Key) -> None:
        self._uses[key] = 1
        self._rank(key, (self._age + 1,))

    def _touched(self, key: Key, *, put: bool) -> None:
        self._uses[key] += 1
        self._rank(key, (self._age + self._uses[key],))

    def _removed(self, key: Key) -> None:
        super()._removed(key)
        del self._uses[key]

    def _evicted(self, key: Key, rank: Rank) -> None:
        super()._evicted(key, rank)
        self._age = rank[0]


ttl = in_memory("ttl", Ttl, capabilities={"weights"})
lfu_resetting = in_memory("lfu", LfuResetting, "memory-resets", {"weights", "resets"})
lfu_dynamic_aging = in_memory("lfu_aging", LfuDynamicAging, "memory-dynamic-aging", {"weights", "dynamic_aging"})
