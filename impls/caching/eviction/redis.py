"""Caches on Redis or Valkey: one round trip for a call, exact for any number of clients."""

from functools import cache
from pathlib import Path
from struct import pack
from typing import Any

import redis
from redis.exceptions import NoScriptError

from impls.caching.eviction.server_base import Left, OnServer
from impls.registry import Factory, implementation
from spec.caching.eviction.types import Capacity
from spec.environment import Clock, Environment

HOUR = 3_600_000
"""How long a cache is kept at least under an injected clock, in milliseconds: its time to live runs on real time."""

EXACT = 2**53 - 1
"""The largest weight, and the latest deadline: scripts and sorted sets count in doubles."""


class OnRedis(OnServer):
    """A cache in three Redis keys of one cluster slot, changed by one script.

    Without a clock the server's own is used, the same for all clients. With one, the time is sent along.

    Redis keys are `<prefix>:{<prefix>:<policy>}:` and entries, order or deadlines: caches of different policy do not
    disturb each other; those of one policy and prefix are one cache. They expire with the last entry, if all have a
    ttl; else they stay. No listener is told of values that the server has forgotten in this way.
    """

    largest = EXACT

    policy: str
    """What the script calls it."""

    def __init__(self, config: Capacity, client: "redis.Redis", prefix: str, clock: Clock | None = None) -> None:
        super().__init__(config, clock)
        self._client: Any = client
        self._script = client.register_script(_source("evicting"))
        common = f"{prefix}:{{{prefix}:{self.policy}}}:"
        self._names = [(common + name).encode("utf-8", "surrogatepass") for name in ("entries", "order", "deadlines")]
        shortest = 0 if clock is None else HOUR
        self._constant = pack("<3q", shortest, config.capacity, config.on_removal is not None)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _call(self, call: str, key: bytes, value: str, weight: int, lasts: int, now: int) -> tuple[Any, Left]:
        numbers = pack("<q", now) + self._constant + pack("<2q", weight, lasts)
        asked = "EVALSHA", self._script.sha, 3, *self._names, self.policy, call, numbers, key, value
        try:
            answer, left = self._client.execute_command(*asked, NEVER_DECODE=True)
        except NoScriptError:  # a new server, or one that was told to forget its scripts
            self._client.script_load(self._script.script)
            answer, left = self._client.execute_command(*asked, NEVER_DECODE=True)
        names, texts, reasons = left[::3], left[1::3], left[2::3]
        return answer, [(name, text, reason.decode()) for name, text, reason in zip(names, texts, reasons, strict=True)]


class Lru(OnRedis):
    """The least recently used goes."""

    policy = "lru"


class Fifo(OnRedis):
    """What was put first goes."""

    policy = "fifo"


class Lfu(OnRedis):
    """The least frequently used goes; of equals, the least recently used."""

    policy = "lfu"


class Ttl(OnRedis):
    """What expires first goes; what never does, last. Of equals, what was written first."""

    policy = "ttl"


@cache
def _source(name: str) -> str:
    return Path(__file__).with_name(f"{name}.lua").read_text()


def _factory(specification: str, on_redis: type[OnRedis]) -> Factory:
    """Register a class for a specification; the factory."""

    @implementation(
        f"caching.{specification}", "redis", backend="redis", capabilities={"weights", "entry_ttl", "listener"}
    )
    def make(config: Capacity, env: Environment) -> OnRedis:
        return on_redis(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)

    return make


lru = _factory("lru", Lru)
fifo = _factory("fifo", Fifo)
lfu = _factory("lfu", Lfu)
ttl = _factory("ttl", Ttl)
