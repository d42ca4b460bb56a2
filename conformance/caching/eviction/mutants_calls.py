"""Caches with one mistake each in what they answer, or tell their listener: here too the least recently used."""

from threading import Lock
from typing import Any

from conformance.caching.eviction.mutants import Full, planted
from spec.caching.eviction.policies import Entry
from spec.caching.eviction.types import DEFAULT, Default, Hit, Key, checked


@planted("hit_returns_last_put")
class OverwriteKeepsTheValue(Full):
    """A put over a live entry renews everything but the value."""

    def overwrite(self, place: Key, value: Any, weight: int, ttl: int | Default | None) -> None:
        super().overwrite(place, self.entries[place].value, weight, ttl)


@planted("no_needless_eviction")
class FalsyValuesAreMisses(Full):
    """A value like 0 or None is taken for none: `if value:` instead of `is not None`."""

    def get(self, key: Key) -> Hit | None:
        hit = super().get(key)
        return hit if hit and hit.value else None


@planted("answers_every_call")
class DeleteRaisesForWhatIsNotThere(Full):
    """`delete` of a key that is not there raises KeyError."""

    def delete(self, key: Key) -> bool:
        if key not in self:
            raise KeyError(key)
        return super().delete(key)

    def clear(self) -> None:
        """It deletes one key and forgets the others."""
        for key in self.keys()[:1]:
            super().delete(key)


@planted("rejects_bad_input")
class TakesAnyWeight(Full):
    """A negative weight is taken, and makes room that is not there."""

    def check(self, key: Key, weight: int, ttl: int | Default | None) -> None:
        if weight is None or isinstance(weight, float):
            raise TypeError
        checked(key, abs(weight), ttl)


@planted("rejects_bad_input")
class TtlOfZeroIsForever(Full):
    """A ttl of 0 is taken for none."""

    def check(self, key: Key, weight: int, ttl: int | Default | None) -> None:
        super().check(key, weight, ttl or None)

    def lasts(self, ttl: int | Default | None) -> int | None:
        return super().lasts(ttl) or None


@planted("delete_and_clear_forget")
class DeleteHidesUntilRead(Full):
    """`delete` only answers whether the key was there; the entry stays."""

    def delete(self, key: Key) -> bool:
        return key in self


@planted("delete_and_clear_forget")
class DeleteAnswersTrue(Full):
    """`delete` answers True whether the key was there or not."""

    def delete(self, key: Key) -> bool:
        super().delete(key)
        return True


@planted("delete_and_clear_forget")
class ClearKeepsOne(Full):
    """`clear` stops one entry short."""

    def clear(self) -> None:
        for key in self.keys()[1:]:
            self.remove(key, "cleared")


@planted("views_agree")
class KeysListsTheEvicted(Full):
    """`keys` still lists what was evicted last."""

    last: Any = None

    def evict(self, spared: Key | None) -> None:
        before = list(self.entries)
        super().evict(spared)
        self.last = next(key for key in before if key not in self.entries)

    def keys(self) -> Any:
        return [*super().keys(), *([self.last] if self.last is not None and self.last not in self.entries else [])]


@planted("never_beats_belady")
class HoldsOneMore(Full):
    """There is room for one more than the capacity, and the views do not tell."""

    def is_full(self, more: int) -> bool:
        return super().is_full(more - 1)

    def weight(self) -> int:
        return min(super().weight(), int(self.config.capacity))

    def keys(self) -> Any:
        return super().keys()[-self.config.capacity :]

    def __len__(self) -> int:
        return len(self.keys())


@planted("larger_contains_smaller")
class OverwriteKeepsThePlace(Full):
    """A put over a live entry does not count as a use."""

    def used(self, place: Key, *, put: bool) -> None:
        if not put:
            super().used(place, put=put)


@planted("listener_exactly_once")
class SilentWhenFoundExpired(Full):
    """The listener is not told of what is found to be expired."""

    def remove(self, place: Key, reason: str) -> None:
        if reason == "expired":
            entry = self.entries.pop(place)
            self.state = self.policy.removed(self.state, place)
            del entry
        else:
            super().remove(place, reason)


@planted("listener_exactly_once")
class ExpiredAreCalledEvicted(Full):
    """What expired is told to have been evicted."""

    def tell(self, place: Key, entry: Entry, reason: str) -> None:
        super().tell(place, entry, "evicted" if reason == "expired" else reason)


@planted("listener_exactly_once")
class OverwriteIsToldTwice(Full):
    """A put over a live entry is told to have replaced it, and once more if it makes something else go."""

    def overwrite(self, place: Key, value: Any, weight: int, ttl: int | Default | None) -> None:
        old = self.entries[place]
        number = len(self.entries)
        super().overwrite(place, value, weight, ttl)
        if len(self.entries) < number:
            self.tell(place, old, "replaced")


@planted("listener_exactly_once")
class ToldTheNewValue(Full):
    """The listener is told the value that is put, not the one that leaves."""

    def put(self, key: Key, value: Any, weight: int = 1, ttl: int | Default | None = DEFAULT) -> bool:
        self.putting = value
        return super().put(key, value, weight, ttl)

    def tell(self, place: Key, entry: Entry, reason: str) -> None:
        super().tell(place, entry._replace(value=self.putting) if reason == "replaced" else entry, reason)


@planted("listener_exactly_once")
class ClearIsSilent(Full):
    """`clear` tells the listener nothing."""

    def clear(self) -> None:
        self.drop_expired()
        self.entries.clear()
        self.state = self.policy.initial(self.config)


@planted("listener_may_reenter")
class HoldsItsLock(Full):
    """The listener is called under a lock that its own calls wait for."""

    def __init__(self, config: Any, env: Any) -> None:
        super().__init__(config, env)
        self.lock = Lock()

    def locked(self) -> Any:
        if not self.lock.acquire(blocking=False):
            raise RuntimeError("a thread that waits for itself")
        return self.lock

    def put(self, key: Key, value: Any, weight: int = 1, ttl: int | Default | None = DEFAULT) -> bool:
        try:
            self.locked()
            return super().put(key, value, weight, ttl)
        finally:
            if self.lock.locked():
                self.lock.release()

    def get(self, key: Key) -> Hit | None:
        if self.lock.locked():
            raise RuntimeError("a thread that waits for itself")
        return super().get(key)


@planted("listener_may_reenter")
class TellsBeforeItEvicts(Full):
    """The listener is told while the new entry is in already and the old one is not out yet."""

    def evict(self, spared: Key | None) -> None:
        place, self.state = next(iter(self.policy.victims(self.config, self.state, self.entries, spared)))
        entry = self.entries[place]
        self.held_more = True
        self.config.on_removal(place, entry.value, "evicted")
        self.held_more = False
        self.entries.pop(place, None)

    held_more = False

    def weight(self) -> int:
        return super().weight() + self.held_more
