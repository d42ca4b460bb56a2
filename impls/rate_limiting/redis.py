"""Rate limiters on Redis or Valkey: one round trip for a decision, right for any number of clients."""

from pathlib import Path
from typing import Any

import redis

from impls.rate_limiting.answers import decision
from impls.registry import implementation
from spec.environment import Clock, Environment
from spec.rate_limiting.types import Decision, Limit, checked

HOUR = 3_600_000


class TokenBucket:
    """A token bucket in one string for each key, changed by one script.

    Without a clock the server's own is used, the same for all clients. With one, the time is sent along; a key's time
    to live still runs on the server's clock, so it is then kept for an hour at least.

    Keys are `<prefix>:<limit>-<period>-<burst>:<key>`: limiters of different configuration do not disturb each other.
    A script touches one key only, so any cluster slot will do. Keys expire once they are full.
    """

    def __init__(self, limit: Limit, client: "redis.Redis", prefix: str, clock: Clock | None = None) -> None:
        self._limit, self._client, self._clock = limit, client, clock
        self._prefix = f"{prefix}:{limit.limit}-{limit.period}-{limit.burst}:"
        self._script = client.register_script(Path(__file__).with_name("token_bucket.lua").read_text())
        self._shortest = 0 if clock is None else HOUR

    def acquire(self, key: str, cost: int = 1) -> Decision:
        """Take `cost` units if there are that many; see `spec.rate_limiting.RateLimiter`."""
        return self._decide(key, checked(key, cost), take=True)

    def peek(self, key: str) -> Decision:
        """What `acquire(key)` would be answered, taking nothing."""
        return self._decide(key, checked(key), take=False)

    def reset(self, key: str) -> None:
        """Forget the key."""
        checked(key)
        self._client.delete(self._name(key))

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _name(self, key: str) -> bytes:
        return (self._prefix + key).encode("utf-8", "surrogatepass")

    def _decide(self, key: str, cost: int, *, take: bool) -> Decision:
        limit, now = self._limit, "" if self._clock is None else self._clock.now()
        asked = min(cost, limit.burst + 1)  # what can never fit need not be sent exactly
        args = [limit.limit, limit.period, limit.burst, asked, int(take), now, self._shortest]
        missing, fits = self._answer(self._script(keys=[self._name(key)], args=args))
        return decision(limit, missing, cost, fits=fits, take=take)

    @staticmethod
    def _answer(reply: Any) -> tuple[int, bool]:
        return int(reply[0]), reply[1] == 1


@implementation("rate_limiting.token_bucket", "redis", backend="redis", capabilities={"shared"})
def token_bucket(config: Limit, env: Environment) -> TokenBucket:
    return TokenBucket(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)
