"""Theine by Yiling-J: https://github.com/Yiling-J/theine"""

from typing import Any

from theine import Cache

from impls.caching.eviction.third_party import without_ttl
from impls.registry import implementation
from spec.caching.eviction.types import Capacity, Hit, Key
from spec.environment import Environment

CLEARED = "where it was full when it was cleared, it evicts what is put next"
ALIKE = "keys of equal hashes are one key to it: -1 and -2, or 0 and the empty text"


@implementation(
    "caching.w_tinylfu",
    "theine",
    library="theine",
    capabilities={"no_ttl"},
    deviations={
        "keys_are_told_apart": ALIKE,
        "no_needless_eviction": CLEARED,
        "own_put_never_evicts_its_key": CLEARED,
        "delete_and_clear_forget": f"{CLEARED}, so that there is nothing to delete; {ALIKE}",
    },
)
class Theine:
    """A `Cache` without locks, as it is for one thread. With them a put may wait in a buffer while a lock is held by
    what removes expired entries, by the machine's clock; as that cannot be set, entries are given no ttl."""

    def __init__(self, config: Capacity, env: Environment) -> None:
        without_ttl(config)
        self._cache: Cache[Key, Any] = Cache(config.capacity, nolock=True)

    def put(self, key: Key, value: Any) -> bool:
        self._cache.set(key, value)
        return True

    def get(self, key: Key) -> Hit | None:
        value, there = self._cache.get(key)
        return Hit(value) if there else None

    def delete(self, key: Key) -> bool:
        return self._cache.delete(key)

    def clear(self) -> None:
        self._cache.clear()

    def __len__(self) -> int:
        return len(self._cache)

    def close(self) -> None:
        self._cache.close()
