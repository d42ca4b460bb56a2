"""DiskCache by Grant Jenks: https://grantjenks.com/docs/diskcache

Its limit is one of bytes. But how many bytes an entry takes is told by its `Disk`, and if that is as much for every
entry, and the database itself is small beside it, then there is room for so many entries. What is culled is so many
entries at once, whatever they take: one, so that no more goes than must. So it is asked for the least recently used and
the least recently stored, of weight 1. By its least frequently used, a newcomer is culled by the put that brings it.
"""

from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from diskcache import Cache, Disk, core

from impls.library_clock import reading
from impls.registry import implementation
from spec.caching.eviction.types import DEFAULT, Capacity, Default, Hit, Key
from spec.environment import Clock, Environment

UNIT = 2**20
"""What an entry takes, in bytes."""

MISSING = object()

PICKLED = {
    "rejects_bad_input": "what is no text nor number is pickled, so lists are keys too; a ttl of 0 or less is over",
    "answers_every_call": "as lists are keys, they are among those that are listed",
}


class Units(Disk):  # type: ignore[misc]
    """Tells that every entry takes as much."""

    def store(self, *args: Any, **more: Any) -> tuple[Any, ...]:
        _, *rest = super().store(*args, **more)
        return UNIT, *rest


class Ticking:
    """A clock in nanoseconds, one of which passes whenever it is looked at: the library tells by it what came first."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._start, self._looks = clock, clock.now(), 0

    def now(self) -> int:
        self._looks += 1
        return (self._clock.now() - self._start) * 1000 + self._looks

    def sleep(self, nanoseconds: int) -> None:
        self._clock.sleep(nanoseconds // 1000)


class Adapter:
    """A cache in a directory of its own. It holds what has expired until that is culled: so that is done before its
    keys are listed or counted."""

    def __init__(self, policy: str, config: Capacity, env: Environment) -> None:
        self._ttl, self._clock, self._directory = config.ttl, Ticking(env.clock), mkdtemp()
        settings = {"size_limit": (config.capacity + 1) * UNIT, "eviction_policy": policy, "cull_limit": 1}
        with reading(core, self._clock):
            self._cache = Cache(self._directory, disk=Units, sqlite_synchronous=0, **settings)

    def put(self, key: Key, value: Any, ttl: int | Default | None = DEFAULT) -> bool:
        lasts = self._ttl if isinstance(ttl, Default) else ttl
        with reading(core, self._clock):  # a second of which is a thousandth, as it is in nanoseconds
            stored: bool = self._cache.set(key, value, expire=None if lasts is None else lasts / 1000)
        return stored

    def get(self, key: Key) -> Hit | None:
        with reading(core, self._clock):
            value = self._cache.get(key, MISSING)
        return None if value is MISSING else Hit(value)

    def delete(self, key: Key) -> bool:
        with reading(core, self._clock):
            deleted: bool = self._cache.delete(key)
        return deleted

    def clear(self) -> None:
        with reading(core, self._clock):
            self._cache.clear()

    def keys(self) -> list[Key]:
        with reading(core, self._clock):
            self._cache.expire()
            return list(self._cache)

    def __len__(self) -> int:
        with reading(core, self._clock):
            self._cache.expire()
            return len(self._cache)

    def __contains__(self, key: Key) -> bool:
        with reading(core, self._clock):
            return key in self._cache

    def close(self) -> None:
        self._cache.close()
        rmtree(self._directory)


def _adapted(policy: str, eviction_policy: str, capabilities: set[str]) -> None:
    @implementation(
        f"caching.{policy}",
        "diskcache",
        library="diskcache",
        capabilities={"entry_ttl", *capabilities},
        deviations=PICKLED,
    )
    def make(config: Capacity, env: Environment) -> Adapter:
        return Adapter(eviction_policy, config, env)


_adapted("lru", "least-recently-used", set())
_adapted("fifo", "least-recently-stored", {"reinserts"})
