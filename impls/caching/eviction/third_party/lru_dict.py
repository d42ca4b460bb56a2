"""lru-dict by Amit Dev: https://github.com/amitdev/lru-dict"""

from typing import Any

from lru import LRU

from impls.caching.eviction.third_party import without_ttl
from impls.registry import implementation
from spec.caching.eviction.types import Capacity, Hit, Key
from spec.environment import Environment

MISSING = object()


@implementation("caching.lru", "lru-dict", library="lru-dict", capabilities={"no_ttl"})
class LruDict:
    """An `LRU`. It knows no ttl, and calls back for what it evicts only, so it is not asked to tell a listener."""

    def __init__(self, config: Capacity, env: Environment) -> None:
        without_ttl(config)
        self._cache: LRU[Key, Any] = LRU(config.capacity)

    def put(self, key: Key, value: Any) -> bool:
        self._cache[key] = value
        return True

    def get(self, key: Key) -> Hit | None:
        value = self._cache.get(key, MISSING)
        return None if value is MISSING else Hit(value)

    def delete(self, key: Key) -> bool:
        return self._cache.pop(key, MISSING) is not MISSING

    def clear(self) -> None:
        self._cache.clear()

    def keys(self) -> list[Key]:
        return self._cache.keys()

    def __len__(self) -> int:
        return len(self._cache)

    def __contains__(self, key: Key) -> bool:
        return key in self._cache
