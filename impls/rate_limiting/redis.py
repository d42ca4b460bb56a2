"""Rate limiters on Redis or Valkey: one round trip for a decision, right for any number of clients."""

from struct import unpack
from typing import Any

import redis

from impls.rate_limiting.answers import counter_decision, decision, log_decision, queue_decision, window_decision
from impls.rate_limiting.redis_base import OnRedis
from impls.registry import Factory, implementation
from spec.environment import Clock, Environment
from spec.rate_limiting.types import Decision, Queue, checked


class TokenBucket(OnRedis):
    """A token bucket in one string: what is missing, and since when."""

    script = "token_bucket"

    def _decision(self, reply: int, cost: int, *, take: bool) -> Decision:
        fits = reply >= 0
        return decision(self._config, reply if fits else -1 - reply, cost, fits=fits, take=take)


class LeakyBucket(TokenBucket):
    """As a meter: what is missing in the token bucket is what is in this one."""

    variant = 1


class Gcra(TokenBucket):
    """The generic cell rate algorithm, told from the same two numbers: what is missing, and since when."""

    variant = 2


class LeakyQueue(TokenBucket):
    """As a queue: what is missing in the token bucket is what waits."""

    variant = 3

    def __init__(self, config: Queue, client: "redis.Redis", prefix: str, clock: Clock | None = None) -> None:
        super().__init__(config.meter, client, prefix, clock)

    def _decision(self, reply: int, cost: int, *, take: bool) -> Decision:
        fits = reply >= 0
        return queue_decision(self._config, reply if fits else -1 - reply, cost, fits=fits, take=take)


class FixedWindow(OnRedis):
    """One counter for a key, in a string with the beginning of its window."""

    script = "fixed_window"

    def _decision(self, reply: bytes, cost: int, *, take: bool) -> Decision:
        units, ends_in, fits = unpack("<3q", reply)
        return window_decision(self._config, units, ends_in, cost, fits=fits == 1)


class AnchoredWindow(FixedWindow):
    """A fixed window that begins with the first call in it."""

    variant = 1


class SlidingLog(OnRedis):
    """A list of what still counts: at most `limit` entries for a key. A refusal is answered after a binary search."""

    script = "sliding_log"

    def stored(self, key: str) -> int:
        """How many entries are stored for the key."""
        checked(key)
        count: Any = self._client.llen(self._name(key))
        return int(count)

    def _decision(self, reply: bytes, cost: int, *, take: bool) -> Decision:
        units, wait, over_in, fits = unpack("<4q", reply)
        return log_decision(self._config, units, wait, over_in, cost, fits=fits == 1)


class SlidingCounter(OnRedis):
    """Two counters in one string, beside the beginning of the current window."""

    script = "sliding_counter"

    def _decision(self, reply: bytes, cost: int, *, take: bool) -> Decision:
        begin, current, previous, now = unpack("<4q", reply)
        return counter_decision(self._config, begin, current, previous, now, cost, take=take)[1]


def _factory(specification: str, limiter: type[OnRedis], name: str = "redis", *declared: str) -> Factory:
    """Register a class for a specification; the factory."""

    @implementation(f"rate_limiting.{specification}", name, backend="redis", capabilities={"shared", *declared})
    def make(config: Any, env: Environment) -> OnRedis:
        return limiter(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)

    return make


token_bucket = _factory("token_bucket", TokenBucket)
leaky_bucket = _factory("leaky_bucket", LeakyBucket)
gcra = _factory("gcra", Gcra)
leaky_queue = _factory("leaky_bucket_queue", LeakyQueue)
fixed_window = _factory("fixed_window", FixedWindow)
anchored_window = _factory("fixed_window", AnchoredWindow, "redis-anchored", "anchored")
sliding_log = _factory("sliding_window_log", SlidingLog)
sliding_counter = _factory("sliding_window_counter", SlidingCounter)
