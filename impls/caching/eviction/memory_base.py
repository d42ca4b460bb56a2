"""What caches in memory have in common: entries under one lock, their deadlines, and a listener that is told."""

from collections.abc import Callable, Collection
from threading import RLock
from typing import Any, TypeVar

from impls.caching.eviction.deadlines import Deadlines
from impls.clock import SystemClock
from impls.registry import Factory, implementation
from spec.caching.eviction.types import DEFAULT, Capacity, Default, Hit, Key, checked
from spec.environment import Clock, Environment

T = TypeVar("T")

Entry = tuple[Hit, int, int | None]
"""What a hit is answered, the weight, and the deadline."""

Leaving = tuple[Key, Entry, str]
"""What leaves, and the reason."""

new = tuple.__new__
"""Makes a named tuple in half the time that its own constructor takes."""


class InMemory:
    """Safe for threads; the time that a call takes does not depend on how much is held.

    What has expired is dropped by the next call, whatever that asks. The listener is called once all is done and the
    lock is free, in the thread whose call made the value leave; what it raises is raised by that call.

    Subclasses are the policies: they choose a victim, and are told what is inserted, touched and removed.
    """

    _entries: dict[Key, Entry]

    def __init__(self, config: Any, clock: Clock | None = None) -> None:
        self._capacity, self._ttl, self._listener = config.capacity, config.ttl, config.on_removal
        self._now = (clock or SystemClock()).now
        self._lock = RLock()
        self._deadlines, self._timed = Deadlines(), False
        self._left: list[Leaving] = []
        self._begin()

    def _begin(self) -> None:
        """Be empty."""
        self._entries = {}
        self._total = 0

    def put(self, key: Key, value: Any, weight: int = 1, ttl: int | Default | None = DEFAULT) -> bool:
        """Store the value; see `spec.caching.eviction.types.Evicting`."""
        if type(weight) is not int or weight < 0 or ttl is not DEFAULT:
            checked(key, weight, ttl)
        left: Collection[Leaving] = ()
        entry_ttl = self._ttl if ttl is DEFAULT else ttl
        self._lock.acquire()  # twice as fast as `with`
        try:
            deadline = None
            if entry_ttl is not None or self._timed:
                now = self._now()
                if self._timed:
                    self._drop_expired(now)
                deadline = now + entry_ttl if entry_ttl is not None else None
            fits = self._store(key, (new(Hit, (value,)), weight, deadline))
            if fits and deadline is not None:
                self._deadlines.add(key, deadline, in_order=ttl is DEFAULT)
                self._timed = True
            if self._left:
                left = self._taken()
        finally:
            self._lock.release()
        if left:
            self._tell(left)
        return fits

    def _store(self, key: Key, entry: Entry) -> bool:
        """Whether it fits."""
        weight, entries = entry[1], self._entries
        old = entries.get(key)
        if weight > self._capacity:
            if old is not None:
                self._remove(key, "replaced")
            return False
        if old is not None:
            self._leaves(key, old, "replaced")
            entries[key] = entry
            self._total += weight - old[1]
            self._touched(key, put=True)
            while self._total > self._capacity:
                self._evict(self._victim(key))
            return True
        while self._total + weight > self._capacity:
            self._evict(self._victim(None))
        entries[key] = entry
        self._total += weight
        self._inserted(key)
        return True

    def get(self, key: Key) -> Hit | None:
        """The value, which counts as used; None if the key is not live."""
        left: Collection[Leaving] = ()
        self._lock.acquire()
        try:
            if self._timed:
                self._drop_expired(self._now())
            entry = self._entries.get(key)
            if entry is None:
                self._missed(key)
            else:
                self._touched(key, put=False)
            if self._left:
                left = self._taken()
        finally:
            self._lock.release()
        if left:
            self._tell(left)
        return None if entry is None else entry[0]

    def peek(self, key: Key) -> Hit | None:
        """As `get`, but it does not count as used."""
        entry = self._ask(lambda: self._entries.get(key))
        return None if entry is None else entry[0]

    def delete(self, key: Key) -> bool:
        """Forget the key; whether it was live."""

        def delete() -> bool:
            there = key in self._entries
            if there:
                self._remove(key, "deleted")
            return there

        return self._ask(delete)

    def clear(self) -> None:
        """Forget every key."""

        def clear() -> None:
            for key, entry in self._entries.items():
                self._leaves(key, entry, "cleared")
            self._begin()

        self._ask(clear)

    def keys(self) -> Collection[Key]:
        """The live keys; a list of the caller's own."""
        return self._ask(lambda: list(self._entries))

    def weight(self) -> int:
        """The weights of live entries together."""
        return self._ask(lambda: self._total)

    def __len__(self) -> int:
        return self._ask(lambda: len(self._entries))

    def __contains__(self, key: Key) -> bool:
        return self._ask(lambda: key in self._entries)

    # What a policy is told and asked

    def _inserted(self, key: Key) -> None:
        """After a key that was not there is put."""

    def _touched(self, key: Key, *, put: bool) -> None:
        """After a live key is put again, or hit."""

    def _missed(self, key: Key) -> None:
        """After a get that is not answered."""

    def _removed(self, key: Key) -> None:
        """After a key has left other than by eviction."""

    def _victim(self, spared: Key | None) -> Key:
        """The key to evict, which is not that one. It is forgotten here, as it is not told to have been removed."""
        raise NotImplementedError

    # How entries leave

    def _ask(self, answer: Callable[[], T]) -> T:
        """What that answers once what has expired is gone."""
        with self._lock:
            if self._timed:
                self._drop_expired(self._now())
            answered = answer()
            left = self._taken()
        self._tell(left)
        return answered

    def _drop_expired(self, now: int) -> None:
        for key in self._deadlines.over(now):
            self._remove(key, "expired", timed=False)
        self._timed = bool(self._deadlines)

    def _evict(self, key: Key) -> None:
        entry = self._entries.pop(key)
        self._total -= entry[1]
        self._leaves(key, entry, "evicted")

    def _remove(self, key: Key, reason: str, *, timed: bool = True) -> None:
        entry = self._entries.pop(key)
        self._total -= entry[1]
        self._removed(key)
        self._leaves(key, entry, reason, timed=timed)

    def _leaves(self, key: Key, entry: Entry, reason: str, *, timed: bool = True) -> None:
        if timed and entry[2] is not None:
            self._deadlines.discard(key)
        if self._listener is not None:
            self._left.append((key, entry, reason))

    def _taken(self) -> Collection[Leaving]:
        """What left in this call, to be told once the lock is free."""
        left, self._left = self._left, []
        return left

    def _tell(self, left: Collection[Leaving]) -> None:
        """Tell the listener. It may call the cache, which may make more leave."""
        for key, entry, reason in left:
            self._listener(key, entry[0].value, reason)


def in_memory(
    specification: str, cache: Callable[[Any, Clock], Any], name: str = "memory", capabilities: Collection[str] = ()
) -> Factory:
    """Register a class for a specification; the factory."""

    @implementation(f"caching.{specification}", name, capabilities={"entry_ttl", "listener", *capabilities})
    def make(config: Capacity, env: Environment) -> Any:
        return cache(config, env.clock)

    return make
