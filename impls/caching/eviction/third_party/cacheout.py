"""cacheout by Derrick Gilland: https://cacheout.readthedocs.io"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cacheout import Cache, FIFOCache, LFUCache, LRUCache, RRCache, rr
from cacheout.cache import UNSET, RemovalCause

from impls.registry import implementation
from spec.caching.eviction.types import DEFAULT, Capacity, Default, Hit, Key
from spec.environment import Environment

FOREVER = 0
"""The ttl of what never expires."""

REASONS = {RemovalCause.DELETE: "deleted", RemovalCause.EXPIRED: "expired", RemovalCause.FULL: "evicted"}

MISSING = object()

DEVIATIONS = {
    "rejects_bad_input": "times to live are numbers of any type and sign; those of 0 or less are for ever",
    "listener_exactly_once": "clear tells nobody, and what has expired and is put again is told to be replaced",
}
CALLED_TOO_EARLY = {"never_above_capacity": "what the listener puts again under the key that leaves is not counted"}


@contextmanager
def chance(of: random.Random) -> Iterator[None]:
    """Within it, victims are chosen by that."""
    real = vars(rr)["random"]
    vars(rr)["random"] = of
    try:
        yield
    finally:
        vars(rr)["random"] = real


class Adapter:
    """A cache of the library. It holds what has expired until somebody looks for it, or asks that it be deleted: that
    is done before keys are listed or counted, and a key is looked for before it is deleted.

    A ttl that is no number raises when the value is stored already, for ever. It is not handed on, as no law would
    tell of anything else.
    """

    def __init__(self, kind: type[Cache], config: Capacity, env: Environment) -> None:
        self._tell, self._random = config.on_removal or (lambda key, value, reason: None), env.random
        self._cache = kind(
            maxsize=config.capacity,
            ttl=FOREVER if config.ttl is None else config.ttl,
            timer=env.clock.now,
            on_set=self._set,
            on_delete=lambda key, value, cause: self._tell(key, value, REASONS[cause]),
        )

    def _set(self, key: Any, new: Any, old: Any) -> None:
        if old is not UNSET:
            self._tell(key, old, "replaced")

    def put(self, key: Key, value: Any, ttl: int | Default | None = DEFAULT) -> bool:
        if isinstance(ttl, str):
            raise TypeError(f"a ttl is a number, not {ttl!r}")
        with chance(self._random):
            self._cache.set(key, value, None if isinstance(ttl, Default) else FOREVER if ttl is None else ttl)
        return True

    def get(self, key: Key) -> Hit | None:
        value = self._cache.get(key, MISSING)
        return None if value is MISSING else Hit(value)

    def delete(self, key: Key) -> bool:
        return key in self._cache and self._cache.delete(key) == 1

    def clear(self) -> None:
        self._cache.clear()

    def keys(self) -> list[Any]:
        self._cache.delete_expired()
        return list(self._cache.keys())

    def __len__(self) -> int:
        self._cache.delete_expired()
        return len(self._cache)

    def __contains__(self, key: Key) -> bool:
        return key in self._cache


def _adapted(policy: str, kind: type[Cache], capabilities: set[str], deviations: dict[str, str] = DEVIATIONS) -> None:
    @implementation(
        f"caching.{policy}",
        "cacheout",
        library="cacheout",
        capabilities={"entry_ttl", "listener", *capabilities},
        deviations=deviations,
    )
    def make(config: Capacity, env: Environment) -> Adapter:
        return Adapter(kind, config, env)


_adapted("lru", LRUCache, set())
_adapted("fifo", FIFOCache, {"reinserts"})
_adapted("lfu", LFUCache, {"resets"}, DEVIATIONS | CALLED_TOO_EARLY)
_adapted("random", RRCache, set())
