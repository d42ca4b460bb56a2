"""functools.lru_cache of Python: https://docs.python.org/3/library/functools.html#functools.lru_cache"""

from functools import lru_cache
from typing import Any

from impls.caching.eviction.third_party import without_ttl
from impls.registry import implementation
from spec.caching.eviction.types import Capacity, Hit, Key
from spec.environment import Environment


class Place:
    """Where the value of a key is put."""

    value: Any = None


@implementation("caching.lru", "functools-lru_cache", library="python", capabilities={"no_ttl"})
class LruCache:
    """A memoised function of the key. It returns a new place for a value if it is called by a put. If it is called by a
    get there is nothing to return, and it raises, which is not memoised. So what is kept is for the library to say."""

    def __init__(self, config: Capacity, env: Environment) -> None:
        without_ttl(config)
        self._putting = False

        @lru_cache(config.capacity)
        def place(key: Key) -> Place:
            if self._putting:
                return Place()
            raise LookupError(key)

        self._place = place

    def put(self, key: Key, value: Any) -> bool:
        self._putting = True
        try:
            self._place(key).value = value
        finally:
            self._putting = False
        return True

    def get(self, key: Key) -> Hit | None:
        try:
            return Hit(self._place(key).value)
        except LookupError:
            return None

    def clear(self) -> None:
        self._place.cache_clear()

    def __len__(self) -> int:
        return self._place.cache_info().currsize
