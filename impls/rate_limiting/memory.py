"""Rate limiters in the memory of one process."""

from collections import OrderedDict
from threading import Lock

from impls.clock import SystemClock
from impls.rate_limiting.answers import decision
from impls.registry import implementation
from spec.environment import Clock, Environment
from spec.rate_limiting.types import Decision, Limit, checked


class TokenBucket:
    """A token bucket that keeps one number for a key: the instant at which it will be full (the GCRA form).

    Instants are counted in 1/limit of a microsecond, in which a token takes `period` to flow in: nothing is rounded.
    Safe for threads. Constant time for a call; a key that is full again is forgotten within the next few calls.
    """

    def __init__(self, limit: Limit, clock: Clock | None = None) -> None:
        self._limit = limit
        self._clock = clock or SystemClock()
        self._capacity = limit.burst * limit.period
        self._full_at: OrderedDict[str, int] = OrderedDict()  # the least recently taken from first
        self._lock = Lock()

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._full_at)

    def acquire(self, key: str, cost: int = 1) -> Decision:
        """Take `cost` units if there are that many; see `spec.rate_limiting.RateLimiter`."""
        price = checked(key, cost) * self._limit.period
        with self._lock:
            now = self._clock.now() * self._limit.limit
            missing = max(0, self._full_at.get(key, now) - now)
            fits = not price or missing + price <= self._capacity
            if fits and price:
                self._full_at[key] = now + missing + price
                self._full_at.move_to_end(key)
                self._forget(now)
        return decision(self._limit, missing, cost, fits=fits, take=True)

    def peek(self, key: str) -> Decision:
        """What `acquire(key)` would be answered, taking nothing."""
        checked(key)
        with self._lock:
            now = self._clock.now() * self._limit.limit
            missing = max(0, self._full_at.get(key, now) - now)
        fits = missing + self._limit.period <= self._capacity
        return decision(self._limit, missing, 1, fits=fits, take=False)

    def reset(self, key: str) -> None:
        """Forget the key."""
        checked(key)
        with self._lock:
            self._full_at.pop(key, None)

    def _forget(self, now: int) -> None:
        for _ in range(2):  # one call adds at most one key, so two are enough to catch up
            key, full_at = next(iter(self._full_at.items()))
            if full_at > now:
                return
            del self._full_at[key]


@implementation("rate_limiting.token_bucket", "memory")
def token_bucket(config: Limit, env: Environment) -> TokenBucket:
    return TokenBucket(config, env.clock)
