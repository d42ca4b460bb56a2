"""Caches in memory that evict what is used least often, in constant time."""

from collections import OrderedDict
from typing import Any

from impls.caching.eviction.memory_base import InMemory, in_memory
from spec.caching.eviction.types import Key
from spec.environment import Clock


class Bucket:
    """The keys that were used equally often, the least recently used first, between those used less and more."""

    __slots__ = ("keys", "less", "more", "uses")

    def __init__(self, uses: int) -> None:
        self.uses = uses
        self.keys: OrderedDict[Key, None] = OrderedDict()
        self.less = self.more = self

    def after(self, other: "Bucket") -> "Bucket":
        """This one, put after the other."""
        self.less, self.more = other, other.more
        other.more.less = other.more = self
        return self

    def leave(self) -> None:
        """Close the gap."""
        self.less.more, self.more.less = self.more, self.less


class Lfu(InMemory):
    """The least frequently used goes; of equals, the least recently used. Buckets are in a ring, whose head is empty.

    K. Shah et al., An O(1) algorithm for implementing the LFU cache eviction scheme, 2010.
    """

    def _begin(self) -> None:
        super()._begin()
        self._head = Bucket(0)
        self._where: dict[Key, Bucket] = {}

    def _inserted(self, key: Key) -> None:
        self._move(key, self._head)

    def _touched(self, key: Key, *, put: bool) -> None:
        bucket = self._where[key]
        del bucket.keys[key]
        self._move(key, bucket)
        if not bucket.keys:
            bucket.leave()

    def _move(self, key: Key, below: Bucket) -> None:
        """Into the bucket that is next after that one."""
        bucket = below.more
        if bucket.uses != below.uses + 1:
            bucket = Bucket(below.uses + 1).after(below)
        bucket.keys[key] = None
        self._where[key] = bucket

    def _removed(self, key: Key) -> None:
        bucket = self._where.pop(key)
        del bucket.keys[key]
        if not bucket.keys:
            bucket.leave()

    def _victim(self, spared: Key | None) -> Key:
        bucket = self._head.more
        key = next((key for key in bucket.keys if key != spared), None)
        if key is None:  # the spared key is alone in its bucket
            key = next(iter(bucket.more.keys))
        self._removed(key)
        return key


class LfuHalving(Lfu):
    """The least frequently used goes, where counts are halved after every `window` uses: so halving is paid for by
    these."""

    def __init__(self, config: Any, clock: Clock | None = None) -> None:
        self._window = config.window
        super().__init__(config, clock)

    def _begin(self) -> None:
        super()._begin()
        self._until_halved = self._window
        self._used_at: dict[Key, int] = {}
        self._uses = 0

    def _move(self, key: Key, below: Bucket) -> None:
        super()._move(key, below)
        self._uses += 1
        self._used_at[key] = self._uses

    def _inserted(self, key: Key) -> None:
        super()._inserted(key)
        self._count()

    def _touched(self, key: Key, *, put: bool) -> None:
        super()._touched(key, put=put)
        self._count()

    def _removed(self, key: Key) -> None:
        super()._removed(key)
        del self._used_at[key]

    def _count(self) -> None:
        self._until_halved -= 1
        if not self._until_halved:
            self._until_halved = self._window
            self._halve()

    def _halve(self) -> None:
        """Where two buckets become one, keys are in the order of their last use."""
        keys = sorted(self._used_at, key=self._used_at.__getitem__)
        bucket = self._head = Bucket(0)
        halved = {key: max(1, self._where[key].uses // 2) for key in keys}
        for key in sorted(keys, key=halved.__getitem__):
            if halved[key] != bucket.uses:
                bucket = Bucket(halved[key]).after(bucket)
            bucket.keys[key] = None
            self._where[key] = bucket


lfu = in_memory("lfu", Lfu, capabilities={"weights"})
lfu_halving = in_memory("lfu_aging", LfuHalving, capabilities={"weights"})
