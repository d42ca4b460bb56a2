"""Rate limiters in the memory of one process: the token bucket and its kin."""

from collections import OrderedDict
from threading import Lock

from impls.clock import SystemClock
from impls.rate_limiting.answers import decision, queue_decision
from impls.rate_limiting.memory_base import InMemory, in_memory
from spec.environment import Clock
from spec.rate_limiting.types import Decision, Limit, Queue, checked


class TokenBucket(InMemory[Limit, tuple[int, int]]):
    """Tokens and the instant up to which they are counted, in 1/period of a token. A clock that steps back counts as
    standing still."""

    def _decide(
        self, state: tuple[int, int] | None, now: int, cost: int, *, take: bool
    ) -> tuple[Decision, tuple[int, int]]:
        limit = self._config
        capacity, price = limit.burst * limit.period, cost * limit.period
        tokens, since = state or (capacity, now)
        if now > since:
            tokens, since = min(capacity, tokens + (now - since) * limit.limit), now
        fits = price <= tokens
        answer = decision(limit, capacity - tokens, cost, fits=fits, take=take)
        return answer, (tokens - price if fits else tokens, since)

    def _is_over(self, state: tuple[int, int], now: int) -> bool:
        return state[0] + (now - state[1]) * self._config.limit >= self._config.burst * self._config.period


class LeakyBucket(InMemory[Limit, tuple[int, int]]):
    """As a meter: the level and the instant of its measure, in 1/period of a unit. A clock that steps back counts as
    standing still."""

    def _decide(
        self, state: tuple[int, int] | None, now: int, cost: int, *, take: bool
    ) -> tuple[Decision, tuple[int, int]]:
        level, since = state or (0, now)
        if now > since:
            level, since = max(0, level - (now - since) * self._config.limit), now
        room = self._config.burst * self._config.period - level
        fits = cost * self._config.period <= room
        answer = decision(self._config, level, cost, fits=fits, take=take)
        return answer, (level + cost * self._config.period, since)

    def _is_over(self, state: tuple[int, int], now: int) -> bool:
        return state[0] <= (now - state[1]) * self._config.limit


class LeakyQueue(InMemory[Queue, int]):
    """As a queue: the instant from which on the exit is free, in 1/limit of a microsecond."""

    def _decide(self, free: int | None, now: int, cost: int, *, take: bool) -> tuple[Decision, int]:
        instant = now * self._config.limit
        backlog = 0 if free is None else max(0, free - instant)
        fits = not cost or backlog + cost * self._config.period <= self._config.capacity * self._config.period
        answer = queue_decision(self._config, backlog, cost, fits=fits, take=take)
        return answer, instant + backlog + cost * self._config.period

    def _is_over(self, free: int, now: int) -> bool:
        return free <= now * self._config.limit


class Gcra:
    """The generic cell rate algorithm: one number for a key, the instant at which it will be as good as new.

    Instants are counted in 1/limit of a microsecond, in which a call of cost 1 moves that instant by `period`: nothing
    is rounded. Safe for threads. Constant time for a call; a key that is as good as new is forgotten within the next
    few calls. Not made from `InMemory`, as this is the one to take where speed is all.
    """

    def __init__(self, limit: Limit, clock: Clock | None = None) -> None:
        self._limit = limit
        self._rate, self._period, self._capacity = limit.limit, limit.period, limit.burst * limit.period
        self._now = (clock or SystemClock()).now
        self._full_at: OrderedDict[str, int] = OrderedDict()  # the least recently taken from first
        self._lock = Lock()

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._full_at)

    def acquire(self, key: str, cost: int = 1) -> Decision:
        """Take `cost` units if there are that many; see `spec.rate_limiting.RateLimiter`."""
        if type(key) is not str or not key or type(cost) is not int or cost < 1:
            checked(key, cost)
        price, full_at = cost * self._period, self._full_at
        with self._lock:
            now = self._now() * self._rate
            missing = full_at.get(key, now) - now
            if missing < 0:
                missing = 0
            if cost and missing + price <= self._capacity:
                missing += price
                full_at[key] = now + missing
                full_at.move_to_end(key)
                if full_at[next(iter(full_at))] <= now:
                    self._forget(now)
                return Decision(True, (self._capacity - missing) // self._period, 0, -(-missing // self._rate))
        return decision(self._limit, missing, cost, fits=not cost, take=True)

    def peek(self, key: str) -> Decision:
        """What `acquire(key)` would be answered, taking nothing."""
        checked(key)
        with self._lock:
            now = self._now() * self._rate
            missing = max(0, self._full_at.get(key, now) - now)
        return decision(self._limit, missing, 1, fits=missing + self._period <= self._capacity, take=False)

    def reset(self, key: str) -> None:
        """Forget the key."""
        checked(key)
        with self._lock:
            self._full_at.pop(key, None)

    def _forget(self, now: int) -> None:
        for _ in range(2):  # one call adds at most one key, so two are enough to catch up
            key = next(iter(self._full_at))
            if self._full_at[key] > now:
                return
            del self._full_at[key]


token_bucket = in_memory("token_bucket", TokenBucket)
leaky_bucket = in_memory("leaky_bucket", LeakyBucket)
gcra = in_memory("gcra", Gcra)
leaky_queue = in_memory("leaky_bucket_queue", LeakyQueue)
