"""Rate limiters on Redis or Valkey: one round trip for a decision, right for any number of clients."""

from collections.abc import Sequence
from typing import Any

import redis

from impls.rate_limiting.answers import counter_decision, decision, log_decision, window_decision
from impls.rate_limiting.redis_base import OnRedis
from impls.registry import implementation
from spec.environment import Environment
from spec.rate_limiting.types import Decision, Limit, Window, checked


class TokenBucket(OnRedis):
    """A token bucket in one string: what is missing, and since when."""

    script = "token_bucket"

    def _decision(self, reply: Sequence[int], cost: int, *, take: bool) -> Decision:
        missing, fits = reply
        return decision(self._config, missing, cost, fits=fits == 1, take=take)


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
