"""Caches in memory that are about queues: SIEVE, S3-FIFO and W-TinyLFU."""

from collections import OrderedDict
from typing import Any

from impls.caching.eviction.memory_base import InMemory, in_memory
from spec.caching.eviction.types import Key
from spec.environment import Clock


class Node:
    """A key in the ring of SIEVE: newer ones come after it. The head of the ring has none."""

    __slots__ = ("key", "newer", "older", "visited")

    def __init__(self, key: Any = None) -> None:
        self.key, self.visited = key, False
        self.newer = self.older = self


class Sieve(InMemory):
    """A hand goes from the oldest to the newest and round again; what was used since it passed is spared once.

    Y. Zhang et al., SIEVE is Simpler than LRU, NSDI 2024.
    """

    def _begin(self) -> None:
        super()._begin()
        self._head = self._hand = Node()
        self._nodes: dict[Key, Node] = {}

    def _inserted(self, key: Key) -> None:
        node = self._nodes[key] = Node(key)
        node.older, node.newer = self._head.older, self._head
        node.older.newer = self._head.older = node

    def _touched(self, key: Key, *, put: bool) -> None:
        self._nodes[key].visited = True

    def _removed(self, key: Key) -> None:
        node = self._nodes.pop(key)
        if node is self._hand:
            self._hand = node.newer
        node.older.newer, node.newer.older = node.newer, node.older

    def _victim(self, spared: Key | None) -> Key:
        node, head = self._hand, self._head
        while node is head or node.visited or (spared is not None and node.key == spared):
            if node.key != spared:
                node.visited = False
            node = node.newer
        self._hand = node
        self._removed(node.key)
        return node.key  # type: ignore[no-any-return]


class S3Fifo(InMemory):
    """Newcomers wait in a small queue; who was used there more than once moves to the main one, others leave.

    J. Yang et al., FIFO queues are all you need for cache eviction, SOSP 2023.
    """

    def __init__(self, config: Any, clock: Clock | None = None) -> None:
        self._room = max(1, config.capacity // 10)
        super().__init__(config, clock)

    def _begin(self) -> None:
        super()._begin()
        self._small: OrderedDict[Key, int] = OrderedDict()
        self._main: OrderedDict[Key, int] = OrderedDict()
        self._ghosts: OrderedDict[Key, None] = OrderedDict()
        self._weights: dict[Key, int] = {}  # of those in the small queue
        self._in_small = 0  # their sum

    def _inserted(self, key: Key) -> None:
        if key in self._ghosts:
            del self._ghosts[key]
            self._main[key] = 0
        else:
            self._small[key] = 0
            self._weigh(key, self._entries[key][1])

    def _touched(self, key: Key, *, put: bool) -> None:
        queue = self._small if key in self._small else self._main
        if queue[key] < 3:
            queue[key] += 1
        if put and queue is self._small:
            self._weigh(key, self._entries[key][1])

    def _weigh(self, key: Key, weight: int) -> None:
        self._in_small += weight - self._weights.pop(key, 0)
        self._weights[key] = weight

    def _leave_small(self, key: Key) -> int:
        """How often it was used there."""
        self._in_small -= self._weights.pop(key)
        return self._small.pop(key)

    def _removed(self, key: Key) -> None:
        if key in self._small:
            self._leave_small(key)
        else:
            del self._main[key]

    def _victim(self, spared: Key | None) -> Key:
        while True:
            newcomer = next((key for key in self._small if key != spared), None)
            oldest = next((key for key in self._main if key != spared), None)
            if newcomer is not None and (self._in_small >= self._room or oldest is None):
                uses = self._leave_small(newcomer)
                if uses <= 1:
                    self._remember(newcomer)
                    return newcomer
                self._main[newcomer] = 0
            elif oldest is not None:
                uses = self._main.pop(oldest)
                if not uses:
                    return oldest
                self._main[oldest] = uses - 1

    def _remember(self, key: Key) -> None:
        self._ghosts[key] = None
        if len(self._ghosts) > self._capacity - self._room:
            self._ghosts.popitem(last=False)


class Counts:
    """How often each key was asked for, to 15, halved after as many questions as `period`: exact, so it remembers every
    key that was asked for since its count was last halved away."""

    def __init__(self, period: int) -> None:
        self._period, self._since = period, 0
        self._counts: dict[Key, int] = {}

    def ask(self, key: Key) -> None:
        """Count a question."""
        count = self._counts.get(key, 0)
        if count < 15:
            self._counts[key] = count + 1
        self._since += 1
        if self._since == self._period:
            self._since = 0
            self._counts = {key: count // 2 for key, count in self._counts.items() if count > 1}

    def __getitem__(self, key: Key) -> int:
        """The estimate."""
        return self._counts.get(key, 0)


HALVED = bytes(count >> 1 for count in range(256))
"""For `bytes.translate`."""


class Sketch:
    """How often each key was asked for, to 15, as far as four small tables can tell: never too low, but for the
    halving, and too high where others share all four of a key's places. Its size does not depend on what is asked."""

    def __init__(self, capacity: int) -> None:
        self._mask = (1 << max(4, (2 * capacity - 1).bit_length())) - 1
        self._period, self._since = 10 * capacity, 0
        self._rows = tuple(bytearray(self._mask + 1) for _ in range(4))

    def ask(self, key: Key) -> None:
        """Count a question."""
        a, b, c, d = self._rows
        i, j, k, l = self._places(key)  # noqa: E741
        least = min(a[i], b[j], c[k], d[l])
        if least < 15:
            for row, place in ((a, i), (b, j), (c, k), (d, l)):
                if row[place] == least:
                    row[place] += 1
        self._since += 1
        if self._since == self._period:
            self._since = 0
            self._rows = tuple(row.translate(HALVED) for row in self._rows)

    def __getitem__(self, key: Key) -> int:
        """The estimate."""
        a, b, c, d = self._rows
        i, j, k, l = self._places(key)  # noqa: E741
        return min(a[i], b[j], c[k], d[l])

    def _places(self, key: Key) -> tuple[int, int, int, int]:
        mixed = hash(key) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        mixed ^= mixed >> 29
        step, mask = (mixed >> 32) | 1, self._mask
        return mixed & mask, mixed + step & mask, mixed + 2 * step & mask, mixed + 3 * step & mask


class WTinyLfu(InMemory):
    """Newcomers wait in a window; who leaves it is let in only if it was asked for more often than who has to go for
    it. Entries weigh 1.

    G. Einziger et al., TinyLFU: A highly efficient cache admission policy, ACM Transactions on Storage, 2017.
    """

    def __init__(self, config: Any, clock: Clock | None = None) -> None:
        self._window_room = max(1, config.capacity // 100)
        self._protected_room = (config.capacity - self._window_room) * 4 // 5
        super().__init__(config, clock)

    def _begin(self) -> None:
        super()._begin()
        self._window: OrderedDict[Key, None] = OrderedDict()
        self._probation: OrderedDict[Key, None] = OrderedDict()
        self._protected: OrderedDict[Key, None] = OrderedDict()
        self._asked = self._sketch()

    def _sketch(self) -> Any:
        """What counts how often keys are asked for."""
        return Sketch(self._capacity)

    def _inserted(self, key: Key) -> None:
        self._window[key] = None
        if len(self._window) > self._window_room:
            self._probation[self._window.popitem(last=False)[0]] = None

    def _touched(self, key: Key, *, put: bool) -> None:
        self._asked.ask(key)
        if key in self._window:
            self._window.move_to_end(key)
        elif key in self._protected:
            self._protected.move_to_end(key)
        else:
            del self._probation[key]
            self._protected[key] = None
            if len(self._protected) > self._protected_room:
                self._probation[self._protected.popitem(last=False)[0]] = None

    def _missed(self, key: Key) -> None:
        self._asked.ask(key)

    def _removed(self, key: Key) -> None:
        for part in (self._window, self._probation, self._protected):
            if key in part:
                del part[key]

    def _victim(self, spared: Key | None) -> Key:
        candidate, _ = self._window.popitem(last=False)
        residents = self._probation or self._protected
        if not residents or self._asked[candidate] <= self._asked[next(iter(residents))]:
            return candidate
        resident, _ = residents.popitem(last=False)
        self._probation[candidate] = None
        return resident


class ExactWTinyLfu(WTinyLfu):
    """As that, with exact counts: it remembers keys that it does not hold, too."""

    def _sketch(self) -> Any:
        return Counts(10 * self._capacity)


w_tinylfu = in_memory("w_tinylfu", WTinyLfu)
w_tinylfu_exact = in_memory("w_tinylfu", ExactWTinyLfu, "memory-exact", {"exact_sketch"})
sieve = in_memory("sieve", Sieve, capabilities={"weights"})
s3_fifo = in_memory("s3_fifo", S3Fifo, capabilities={"weights"})
