"""Caches with one mistake each in what has nothing to do with their policy: here it is the least recently used."""

from typing import Any

from conformance.caching.eviction.modelled import Cache
from conformance.mutants import mutant
from spec.caching.eviction.policies import Entry, Lru
from spec.caching.eviction.types import DEFAULT, Default, Hit, Key

LRU = "caching.lru"
ALL = frozenset({"weights", "entry_ttl", "listener"})


class Full(Cache):
    """The correct cache."""

    policy = Lru()


def planted(killed_by: str, specification: str = LRU) -> Any:
    """Plant a mistake in a cache that can do everything."""
    return mutant(specification, killed_by, ALL)


@planted("never_serves_expired")
class ServesAtTheDeadline(Full):
    """An entry is still served at the very instant of its deadline."""

    def is_over(self, deadline: int) -> bool:
        return self.now() > deadline


@planted("never_serves_expired")
class ComparesMilliseconds(Full):
    """Deadlines are compared in whole milliseconds."""

    def is_over(self, deadline: int) -> bool:
        return self.now() // 1000 > deadline // 1000


@planted("no_needless_eviction")
class ExpiresAMicrosecondEarly(Full):
    """An entry is gone a microsecond before its deadline."""

    def is_over(self, deadline: int) -> bool:
        return self.now() >= deadline - 1


@planted("never_serves_expired")
class HitRenewsTtl(Full):
    """A hit gives the entry its ttl anew."""

    def used(self, place: Key, *, put: bool) -> None:
        super().used(place, put=put)
        entry = self.entries[place]
        if not put and entry.deadline is not None and self.config.ttl is not None:
            self.entries[place] = entry._replace(deadline=self.now() + self.config.ttl)


@planted("overwrite_renews_ttl")
class OverwriteKeepsTheDeadline(Full):
    """A put over a live entry leaves the deadline as it was."""

    def new_deadline(self, place: Key, ttl: int | Default | None) -> int | None:
        return self.entries[place].deadline


@planted("overwrite_renews_ttl")
class NoTtlKeepsTheDeadline(Full):
    """A put without a ttl over an entry that has one leaves the deadline as it was."""

    def new_deadline(self, place: Key, ttl: int | Default | None) -> int | None:
        new = self.deadline(ttl)
        return self.entries[place].deadline if new is None else new


@planted("no_needless_eviction")
class OldDeadlineStillCounts(Full):
    """The deadline of an entry that was put again still takes away the new one: its timer was not stopped."""

    def __init__(self, config: Any, env: Any) -> None:
        super().__init__(config, env)
        self.timers: list[tuple[int, Key]] = []

    def overwrite(self, place: Key, value: Any, weight: int, ttl: int | Default | None) -> None:
        if (deadline := self.entries[place].deadline) is not None:
            self.timers.append((deadline, place))
        super().overwrite(place, value, weight, ttl)

    def drop_expired(self) -> None:
        super().drop_expired()
        for deadline, place in self.timers:
            if self.is_over(deadline) and place in self.entries:
                self.remove(place, "expired")
        self.timers = [one for one in self.timers if not self.is_over(one[0])]


@planted("no_needless_eviction")
class EvictsWhileExpiredIsHeld(Full):
    """What has expired takes up room until it is asked for, so what is live is evicted before it."""

    def drop_expired(self) -> None:
        """Nothing is dropped."""

    def get(self, key: Key) -> Hit | None:
        super().drop_expired()
        return super().get(key)

    def peek(self, key: Key) -> Hit | None:
        return super().peek(key) if key in self.keys() else None

    def __contains__(self, key: Key) -> bool:
        return key in self.keys()

    def keys(self) -> Any:
        return [key for key, one in self.entries.items() if one.deadline is None or not self.is_over(one.deadline)]

    def __len__(self) -> int:
        return len(self.keys())

    def weight(self) -> int:
        return sum(self.entries[key].weight for key in self.keys())


@planted("views_agree")
class LengthCountsExpired(Full):
    """`len` counts entries whose time is over."""

    def __len__(self) -> int:
        return len(self.entries)


@planted("views_agree")
class WeightForgetsOverwrites(Full):
    """The sum of weights is not corrected when an entry is put again with another weight."""

    def __init__(self, config: Any, env: Any) -> None:
        super().__init__(config, env)
        self.first: dict[Key, int] = {}

    def inserted(self, place: Key) -> None:
        super().inserted(place)
        self.first[place] = self.entries[place].weight

    def weight(self) -> int:
        return sum(self.first[place] for place in self.keys())


@planted("oversize_put_is_refused_not_a_purge")
class OversizePurges(Full):
    """A put that is too heavy evicts everything before it is refused."""

    def refuse(self, place: Key) -> None:
        for key in list(self.entries):
            self.remove(key, "evicted" if key != place else "replaced")


@planted("oversize_put_is_refused_not_a_purge")
class OversizeIsStored(Full):
    """A put that is too heavy empties the cache and is stored all the same."""

    def put(self, key: Key, value: Any, weight: int = 1, ttl: int | Default | None = DEFAULT) -> bool:
        if type(weight) is int and weight > self.config.capacity:
            weight = self.config.capacity
        return super().put(key, value, weight, ttl)


@planted("hit_returns_last_put")
class OversizeKeepsTheOldValue(Full):
    """A put that is too heavy leaves the value that it was to overwrite."""

    def refuse(self, place: Key) -> None:
        """Nothing is done."""


@planted("never_above_capacity")
class OverwriteForgetsTheWeight(Full):
    """A put over a live entry leaves its weight as it was, so the cache grows above its capacity."""

    def make_room(self, more: int, spared: Key | None) -> None:
        if spared is None:
            super().make_room(more, None)


@planted("never_above_capacity")
class EvictsOneOnly(Full):
    """One entry is evicted for each put, however heavy what is put."""

    def make_room(self, more: int, spared: Key | None) -> None:
        if self.is_full(more):
            self.evict(spared)


@planted("own_put_never_evicts_its_key")
class EvictsWhatItPut(Full):
    """To make room for a heavier value, the key itself may be evicted."""

    def overwrite(self, place: Key, value: Any, weight: int, ttl: int | Default | None) -> None:
        self.tell(place, self.entries[place], "replaced")
        self.entries[place] = Entry(value, weight, self.deadline(ttl))
        self.make_room(0, None)
        if place in self.entries:
            self.used(place, put=True)


@planted("keys_are_told_apart")
class KeyedByHash(Full):
    """Entries are kept under the hash of their key."""

    def place(self, key: Key) -> Any:
        return hash(key)

    def keys(self) -> Any:
        return []


@planted("keys_are_told_apart")
class KeyedByText(Full):
    """Entries are kept under the text of their key, so 1 and "1" are one."""

    def place(self, key: Key) -> Any:
        return str(key)
