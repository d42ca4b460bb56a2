"""cachetools by Thomas Kemmer: https://cachetools.readthedocs.io"""

from collections.abc import Callable
from math import inf
from typing import Any, NamedTuple

from cachetools import Cache, FIFOCache, LFUCache, LRUCache, RRCache, TLRUCache, TTLCache

from impls.caching.eviction.third_party import without_ttl
from impls.registry import Factory, implementation
from spec.caching.eviction.types import DEFAULT, Capacity, Default, Hit, Key, OnRemoval, checked
from spec.environment import Clock, Environment


class Stored(NamedTuple):
    """What is kept under a key: what the library asks of a value is beside it."""

    value: Any
    weight: int = 1
    ttl: int | None = None


def weight(stored: Stored) -> int:
    """What it weighs."""
    return stored.weight


def listener(config: Capacity) -> OnRemoval:
    """The one that is given."""
    return config.on_removal or (lambda key, value, reason: None)


def until(key: Key, stored: Stored, now: float) -> float:
    """When its time is over."""
    return inf if stored.ttl is None else now + stored.ttl


def monotonic(clock: Clock) -> Callable[[], int]:
    """The clock, held where it steps back: the library asks for `time.monotonic`, which never does."""
    latest = [clock.now()]

    def now() -> int:
        latest[0] = max(latest[0], clock.now())
        return latest[0]

    return now


class Adapter:
    """A cache of the library. It cannot be looked into without that counting as a use.

    A value that is too large raises and leaves the older one, which who wanted it overwritten has to remove. Sizes are
    floats to the library: that they are integers is for its user to see to.
    """

    def __init__(self, cache: Any, config: Capacity) -> None:
        self._cache, self._ttl = cache, config.ttl

    def put(self, key: Key, value: Any, weight: int = 1, ttl: int | Default | None = DEFAULT) -> bool:
        checked(key, weight)
        try:
            self._cache[key] = Stored(value, weight, self._ttl if isinstance(ttl, Default) else ttl)
        except ValueError:
            self._cache.pop(key, None)
            return False
        return True

    def get(self, key: Key) -> Hit | None:
        try:
            return Hit(self._cache[key].value)
        except KeyError:
            return None

    def delete(self, key: Key) -> bool:
        try:
            del self._cache[key]
        except KeyError:
            return False
        return True

    def clear(self) -> None:
        self._cache.clear()

    def keys(self) -> list[Key]:
        return list(self._cache)

    def weight(self) -> int:
        size: int = self._cache.currsize
        return size

    def __len__(self) -> int:
        return len(self._cache)

    def __contains__(self, key: Key) -> bool:
        return key in self._cache


def telling(kind: type[Any], listener: OnRemoval) -> type[Any]:
    """The class, extended as its documentation shows: `popitem` and `expire` tell what they take."""

    class Telling(kind):  # type: ignore[misc]
        def popitem(self) -> tuple[Key, Stored]:
            key, stored = super().popitem()
            listener(key, stored.value, "evicted")
            return key, stored

        def expire(self, time: float | None = None) -> list[tuple[Key, Stored]]:
            expired = super().expire(time) if hasattr(kind, "expire") else []
            for key, stored in expired:
                listener(key, stored.value, "expired")
            return list(expired)

    return Telling


class Told(Adapter):
    """One of those. Who overwrites or removes a value knows of it, and so tells by itself; what has expired is asked
    for before, as the library drops it silently where it is deleted or cleared."""

    def __init__(self, cache: Any, config: Capacity) -> None:
        super().__init__(cache, config)
        self._tell = listener(config)

    def put(self, key: Key, value: Any, weight: int = 1, ttl: int | Default | None = DEFAULT) -> bool:
        old = self._look(key)
        stored = super().put(key, value, weight, ttl)
        if old:
            self._tell(key, old.value, "replaced")
        return stored

    def delete(self, key: Key) -> bool:
        self._cache.expire()
        old = self._look(key)
        deleted = super().delete(key)
        if old:
            self._tell(key, old.value, "deleted")
        return deleted

    def clear(self) -> None:
        self._cache.expire()
        held = [(key, self._look(key)) for key in self._cache]
        super().clear()
        for key, old in held:
            if old:
                self._tell(key, old.value, "cleared")

    def _look(self, key: Key) -> Stored | None:
        """What is held, as the base of all caches tells, which knows of no use."""
        return Cache.__getitem__(self._cache, key) if key in self._cache else None


def _adapted(policy: str, kind: type[Any], variant: set[str]) -> None:
    def more(env: Environment) -> dict[str, Any]:
        return {"choice": env.random.choice} if kind is RRCache else {}

    def make(config: Capacity, env: Environment) -> Told:
        without_ttl(config)
        return Told(telling(kind, listener(config))(config.capacity, **more(env)), config)

    def make_sized(config: Capacity, env: Environment) -> Adapter:
        without_ttl(config)
        return Adapter(kind(config.capacity, getsizeof=weight, **more(env)), config)

    def adapted(name: str, capability: str) -> Callable[[Factory], Factory]:
        can = {capability, "no_ttl", *variant}
        return implementation(f"caching.{policy}", name, library="cachetools", capabilities=can)

    if kind is not LRUCache:
        adapted("cachetools", "listener")(make)
    if kind is not LFUCache:  # in which a value that grows may be its own victim, and its count is forgotten
        adapted("cachetools-getsizeof", "weights")(make_sized)


_adapted("lru", LRUCache, set())
_adapted("fifo", FIFOCache, {"reinserts"})
_adapted("lfu", LFUCache, set())
_adapted("random", RRCache, set())


@implementation("caching.lru", "cachetools", library="cachetools", capabilities={"listener"})
def lru(config: Capacity, env: Environment) -> Told:
    """An `LRUCache`, or a `TTLCache` where entries are to expire: it is the same with a ttl for all."""
    if config.ttl is None:
        return Told(telling(LRUCache, listener(config))(config.capacity), config)
    return Told(telling(TTLCache, listener(config))(config.capacity, config.ttl, monotonic(env.clock)), config)


@implementation(
    "caching.lru",
    "cachetools-ttu",
    library="cachetools",
    capabilities={"entry_ttl", "weights"},
    deviations={"rejects_bad_input": "times are numbers of any type and sign; with a ttl of 0 nothing is stored"},
)
def with_ttu(config: Capacity, env: Environment) -> Adapter:
    """A `TLRUCache`, each of whose entries says how long it lasts, and how much it weighs."""
    return Adapter(TLRUCache(config.capacity, until, timer=monotonic(env.clock), getsizeof=weight), config)
