"""Rate limiters on Redis or Valkey: one round trip for a decision, right for any number of clients."""

from collections.abc import Sequence
from typing import Any

import redis

from impls.rate_limiting.answers import counter_decision, decision, log_decision, queue_decision, window_decision
from impls.rate_limiting.redis_base import OnRedis
from impls.registry import implementation
from spec.environment import Clock, Environment
from spec.rate_limiting.types import Decision, Limit, Queue, Window, checked


class TokenBucket(OnRedis):
    """A token bucket in one string: what is missing, and since when."""

    script = "token_bucket"

    def _decision(self, reply: Sequence[int], cost: int, *, take: bool) -> Decision:
        missing, fits = reply
        return decision(self._config, missing, cost, fits=fits == 1, take=take)


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
        self._queue = config

    def _decision(self, reply: Sequence[int], cost: int, *, take: bool) -> Decision:
        backlog, fits = reply
        return queue_decision(self._queue, backlog, cost, fits=fits == 1, take=take)


class FixedWindow(OnRedis):
    """One counter for a key, in a string with the beginning of its window."""

    script = "fixed_window"

    def _decision(self, reply: Sequence[int], cost: int, *, take: bool) -> Decision:
        units, ends_in, fits = reply
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

    def _decision(self, reply: Sequence[int], cost: int, *, take: bool) -> Decision:
        units, wait, over_in, fits = reply
        return log_decision(self._config, units, wait, over_in, cost, fits=fits == 1)


class SlidingCounter(OnRedis):
    """Two counters in one string, beside the beginning of the current window."""

    script = "sliding_counter"

    def _decision(self, reply: Sequence[int], cost: int, *, take: bool) -> Decision:
        begin, current, previous, now, _ = reply
        return counter_decision(self._config, begin, current, previous, now, cost, take=take)[1]


@implementation("rate_limiting.token_bucket", "redis", backend="redis", capabilities={"shared"})
def token_bucket(config: Limit, env: Environment) -> TokenBucket:
    return TokenBucket(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)


@implementation("rate_limiting.leaky_bucket", "redis", backend="redis", capabilities={"shared"})
def leaky_bucket(config: Limit, env: Environment) -> LeakyBucket:
    return LeakyBucket(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)


@implementation("rate_limiting.gcra", "redis", backend="redis", capabilities={"shared"})
def gcra(config: Limit, env: Environment) -> Gcra:
    return Gcra(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)


@implementation("rate_limiting.leaky_bucket_queue", "redis", backend="redis", capabilities={"shared"})
def leaky_queue(config: Queue, env: Environment) -> LeakyQueue:
    return LeakyQueue(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)


@implementation("rate_limiting.fixed_window", "redis", backend="redis", capabilities={"shared"})
def fixed_window(config: Window, env: Environment) -> FixedWindow:
    return FixedWindow(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)


@implementation("rate_limiting.fixed_window", "redis-anchored", backend="redis", capabilities={"shared", "anchored"})
def anchored_window(config: Window, env: Environment) -> FixedWindow:
    return AnchoredWindow(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)


@implementation("rate_limiting.sliding_window_log", "redis", backend="redis", capabilities={"shared"})
def sliding_log(config: Window, env: Environment) -> SlidingLog:
    return SlidingLog(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)


@implementation("rate_limiting.sliding_window_counter", "redis", backend="redis", capabilities={"shared"})
def sliding_counter(config: Window, env: Environment) -> SlidingCounter:
    return SlidingCounter(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)
