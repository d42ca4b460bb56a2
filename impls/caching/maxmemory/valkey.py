"""Valkey itself: a server of its own for each cache, as `maxmemory` is a setting of the whole server."""

from typing import Any

import redis

from impls.backends import BackendMissing
from impls.registry import implementation
from spec.caching.eviction.types import Hit
from spec.caching.maxmemory.types import Maxmemory, checked
from spec.duration import SECOND
from spec.environment import Clock, Environment

WARM = 10
"""Seconds that a server has run when it is first asked: by then it has given back what only its start took."""

LARGEST = 5000
"""Bytes of the largest value: what is longer than 6000 bytes the client sends in parts, for which the server keeps
buffers that count as well."""


class Behind:
    """A clock that is some seconds late, until it has caught up."""

    def __init__(self, clock: Clock, seconds: int) -> None:
        self._clock, self.seconds = clock, seconds

    def now(self) -> int:
        return self._clock.now() - self.seconds * SECOND

    def sleep(self, microseconds: int) -> None:
        self._clock.sleep(microseconds)


class Valkey:
    """Values are strings of the size that they shall have. What the empty server uses is not counted.

    Its time is the environment's: it is told before each call.
    """

    def __init__(self, config: Maxmemory, env: Environment) -> None:
        try:
            from impls.frozen import FrozenValkey
        except ModuleNotFoundError as missing:
            raise BackendMissing(f"a server with a clock of its own needs the package {missing.name}") from missing
        self._clock = Behind(env.clock, WARM)
        self._server = FrozenValkey(self._clock)
        self._client: Any = redis.Redis.from_url(self._server.url)
        try:
            self._begin(config)
        except BaseException:
            self.close()
            raise

    def _begin(self, config: Maxmemory) -> None:
        """Let everything happen once for which a server takes memory that it keeps; then set the limit."""
        # It would take memory for each command that is used for the first time.
        self._client.config_set("latency-tracking", "no")
        self.put("", 0, LARGEST, SECOND)
        while self._clock.seconds:
            self._clock.seconds -= 1
            self.get("")
            self.used()
        self.delete("")
        self._client.config_set("maxmemory-policy", config.policy, "maxmemory-samples", config.samples)
        self._empty = 0
        self._empty = self.used()
        self._client.config_set("maxmemory", self._empty + config.bytes)

    _empty = 0

    def put(self, key: str, value: int, size: int, ttl: int | None = None) -> bool:
        """SET; False if the server refuses it for want of memory."""
        checked(size, ttl)
        self._server.tell()
        text = b"%d" % value
        milliseconds = None if ttl is None else -(-ttl // 1000)
        try:
            self._client.set(key, text.ljust(size), px=milliseconds)
        except redis.exceptions.OutOfMemoryError:
            return False
        return True

    def get(self, key: str) -> Hit | None:
        """GET."""
        self._server.tell()
        text = self._client.get(key)
        return None if text is None else Hit(int(text))

    def delete(self, key: str) -> bool:
        """DEL; whether it was there."""
        self._server.tell()
        return bool(self._client.delete(key))

    def __contains__(self, key: str) -> bool:
        """EXISTS, which does not count as a use."""
        self._server.tell()
        return bool(self._client.exists(key))

    def used(self) -> int:
        """The bytes that count against the limit, beyond those that the empty server uses."""
        self._server.tell()
        memory = self._client.info("memory")
        return int(memory["used_memory"] - memory["mem_not_counted_for_evict"] - self._empty)

    def close(self) -> None:
        """End the server."""
        self._client.close()
        self._server.close()


@implementation("caching.maxmemory", "valkey", backend="redis")
def valkey(config: Maxmemory, env: Environment) -> Valkey:
    return Valkey(config, env)
