"""A cache in the memory of one process that counts bytes and evicts as Redis documents it, key by key."""

from typing import NamedTuple

from impls.registry import implementation
from spec.caching.eviction.types import Hit
from spec.caching.maxmemory.types import Maxmemory, checked
from spec.environment import Environment

EXTRA = 64
"""Bytes that a key takes beside its value."""


class Stored(NamedTuple):
    """A value, and what policies go by."""

    value: int
    size: int
    deadline: int | None
    used: int
    uses: int


@implementation("caching.maxmemory", "memory")
class Memory:
    """Looks at some keys by chance, and evicts the best of them, until there is room."""

    def __init__(self, config: Maxmemory, env: Environment) -> None:
        self.config, self.now, self.random = config, env.clock.now, env.random
        self.stored: dict[str, Stored] = {}

    def put(self, key: str, value: int, size: int, ttl: int | None = None) -> bool:
        """Store the value; False if there is no room, and nothing may go for it."""
        checked(size, ttl)
        self.drop_expired()
        if not self.make_room(size + EXTRA, key):
            return False
        deadline = None if ttl is None else self.now() + ttl
        self.stored[key] = Stored(value, size, deadline, self.now(), 1)
        return True

    def get(self, key: str) -> Hit | None:
        """The value, which counts as used; None if there is none."""
        self.drop_expired()
        if key not in self.stored:
            return None
        one = self.stored[key]
        self.stored[key] = one._replace(used=self.now(), uses=one.uses + 1)
        return Hit(one.value)

    def delete(self, key: str) -> bool:
        """Forget the key; whether it was there."""
        self.drop_expired()
        return self.stored.pop(key, None) is not None

    def __contains__(self, key: str) -> bool:
        self.drop_expired()
        return key in self.stored

    def used(self) -> int:
        """The bytes of all entries."""
        return sum(one.size + EXTRA for one in self.stored.values())

    def drop_expired(self) -> None:
        """Forget what is over."""
        over = [key for key, one in self.stored.items() if one.deadline is not None and self.now() >= one.deadline]
        for key in over:
            del self.stored[key]

    def make_room(self, size: int, key: str) -> bool:
        """Evict until there is room for so many bytes; whether there is."""
        while self.used() - self.freed(key) + size > self.config.bytes:
            victim = self.victim()
            if victim is None:
                return False
            del self.stored[victim]
        return True

    def freed(self, key: str) -> int:
        """The bytes that a put of the key frees."""
        return self.stored[key].size + EXTRA if key in self.stored else 0

    def may_go(self) -> list[str]:
        """The keys that may be evicted."""
        scope = self.config.scope
        return [key for key, one in self.stored.items() if scope == "allkeys" or (scope == "volatile" and one.deadline)]

    def victim(self) -> str | None:
        """The key that goes next; None: no key may."""
        keys = self.may_go()
        if not keys:
            return None
        return min((self.random.choice(keys) for _ in range(self.config.samples)), key=self.rank)

    def rank(self, key: str) -> int:
        """The lowest of those that are looked at goes."""
        one = self.stored[key]
        return {"lru": one.used, "lfu": one.uses, "ttl": one.deadline or 0}.get(self.config.order, 0)
