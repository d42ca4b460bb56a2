"""Rate limiters on Redis or Valkey: one round trip for a decision, right for any number of clients."""

from collections.abc import Sequence

import redis

from impls.rate_limiting.answers import decision, window_decision
from impls.rate_limiting.redis_base import OnRedis
from impls.registry import implementation
from spec.environment import Environment
from spec.rate_limiting.types import Decision, Limit, Window


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


@implementation("rate_limiting.token_bucket", "redis", backend="redis", capabilities={"shared"})
def token_bucket(config: Limit, env: Environment) -> TokenBucket:
    return TokenBucket(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)


@implementation("rate_limiting.fixed_window", "redis", backend="redis", capabilities={"shared"})
def fixed_window(config: Window, env: Environment) -> FixedWindow:
    return FixedWindow(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)


@implementation("rate_limiting.fixed_window", "redis-anchored", backend="redis", capabilities={"shared", "anchored"})
def anchored_window(config: Window, env: Environment) -> FixedWindow:
    return AnchoredWindow(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)
