"""When entries expire, soonest first."""

from collections import OrderedDict
from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from spec.caching.eviction.types import Key


class Deadlines:
    """The deadlines of keys.

    Where all have one ttl, what is written first expires first, so a queue does, in constant time. Others go into a
    heap, in which what no longer counts is left until it comes up, or is most of what there is.
    """

    def __init__(self) -> None:
        self._queue: OrderedDict[Key, int] = OrderedDict()
        self._others: dict[Key, int] = {}
        self._heap: list[tuple[int, int, Key]] = []
        self._number = 0  # keys need not be comparable

    def __len__(self) -> int:
        """How many there are."""
        return len(self._queue) + len(self._others)

    def add(self, key: Key, deadline: int, *, in_order: bool) -> None:
        """Of a key that has none.

        in_order: whether it is likely not to be before any of those added so.
        """
        if in_order and (not self._queue or deadline >= self._queue[next(reversed(self._queue))]):
            self._queue[key] = deadline
        else:
            self._others[key] = deadline
            self._number += 1
            heappush(self._heap, (deadline, self._number, key))

    def discard(self, key: Key) -> None:
        """Forget that of the key, which has one."""
        if self._queue.pop(key, None) is None:
            del self._others[key]
            if len(self._heap) > 2 * len(self._others) + 8:
                self._heap = [one for one in self._heap if self._others.get(one[2]) == one[0]]
                heapify(self._heap)

    def over(self, now: int) -> Iterator[Key]:
        """The keys whose deadline has come, which are forgotten."""
        while self._queue:
            key = next(iter(self._queue))
            if self._queue[key] > now:
                break
            del self._queue[key]
            yield key
        while self._heap and self._heap[0][0] <= now:
            deadline, _, key = heappop(self._heap)
            if self._others.get(key) == deadline:
                del self._others[key]
                yield key
