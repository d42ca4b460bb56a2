"""Rate limiters in the memory of one process: the token bucket and its kin."""

from math import gcd

from impls.rate_limiting.answers import decision, queue_decision
from impls.rate_limiting.memory_base import InMemory, in_memory
from spec.environment import Clock
from spec.rate_limiting.types import Decision, Limit, Queue


class TokenBucket(InMemory[Limit, tuple[int, int]]):
    """Tokens and the instant up to which they are counted, in 1/period of a token. A clock that steps back counts as
    standing still."""

    def _decide(
        self, state: tuple[int, int] | None, now: int, cost: int, take: bool
    ) -> tuple[Decision, tuple[int, int]]:
        limit = self._config
        capacity, price = limit.burst * limit.period, cost * limit.period
        tokens, since = state or (capacity, now)
        if now > since:
            tokens, since = min(capacity, tokens + (now - since) * limit.limit), now
        fits = price <= tokens
        answer = decision(limit, capacity - tokens, cost, fits=fits, take=take)
        return answer, (tokens - price if fits else tokens, since)

    def _lifetime(self) -> int:
        return self._config.fill_time


class LeakyBucket(InMemory[Limit, tuple[int, int]]):
    """As a meter: the level and the instant of its measure, in 1/period of a unit. A clock that steps back counts as
    standing still."""

    def _decide(
        self, state: tuple[int, int] | None, now: int, cost: int, take: bool
    ) -> tuple[Decision, tuple[int, int]]:
        level, since = state or (0, now)
        if now > since:
            level, since = max(0, level - (now - since) * self._config.limit), now
        room = self._config.burst * self._config.period - level
        fits = cost * self._config.period <= room
        answer = decision(self._config, level, cost, fits=fits, take=take)
        return answer, (level + cost * self._config.period, since)

    def _lifetime(self) -> int:
        return self._config.fill_time


class LeakyQueue(InMemory[Queue, int]):
    """As a queue: the instant from which on the exit is free, in 1/limit of a microsecond."""

    def __init__(self, queue: Queue, clock: Clock | None = None) -> None:
        super().__init__(queue, clock)
        self._meter = queue.meter
        self._room = queue.capacity * queue.period

    def _decide(self, free: int | None, now: int, cost: int, take: bool) -> tuple[Decision, int]:
        instant, price = now * self._meter.limit, cost * self._meter.period
        backlog = 0 if free is None else max(0, free - instant)
        fits = not cost or backlog + price <= self._room
        answer = queue_decision(self._meter, backlog, cost, fits=fits, take=take)
        return answer, instant + backlog + price

    def _lifetime(self) -> int:
        return self._config.fill_time


class Gcra(InMemory[Limit, int]):
    """The generic cell rate algorithm: one number for a key, the instant at which it will be as good as new.

    Instants are counted in 1/rate of a microsecond, limit/period being rate/interval in lowest terms: a call of cost 1
    moves that instant by `interval`, and nothing is rounded. The one to take where speed is all: what is asked most is
    answered without a further call.
    """

    def __init__(self, limit: Limit, clock: Clock | None = None) -> None:
        super().__init__(limit, clock)
        common = gcd(limit.limit, limit.period)
        self._rate, self._interval = limit.limit // common, limit.period // common
        self._capacity = limit.burst * self._interval

    def acquire(self, key: str, cost: int = 1) -> Decision:
        """Take `cost` units if there are that many; see `spec.rate_limiting.RateLimiter`."""
        if type(key) is not str or not key or type(cost) is not int or cost < 1:
            return super().acquire(key, cost)
        with self._lock:
            micros = self._now()
            if micros >= self._turn:
                self._age(micros)
            now = micros * self._rate
            full_at = self._young.get(key)
            if full_at is None:
                full_at = self._old.get(key, now)
            missing = cost * self._interval
            if full_at > now:
                missing += full_at - now
            if missing > self._capacity:
                return self._decide(full_at, micros, cost, True)[0]
            self._young[key] = now + missing
            # as Decision(...), which takes a sixth of the whole call longer
            return tuple.__new__(
                Decision, (True, (self._capacity - missing) // self._interval, 0, -(-missing // self._rate), 0)
            )

    def _decide(self, full_at: int | None, now: int, cost: int, take: bool) -> tuple[Decision, int]:
        limit, instant = self._config, now * self._rate
        missing = 0 if full_at is None else max(0, full_at - instant)
        price = cost * self._interval
        fits = not cost or missing + price <= self._capacity
        answer = decision(limit, missing * (limit.limit // self._rate), cost, fits=fits, take=take)
        return answer, instant + missing + price

    def _lifetime(self) -> int:
        return self._config.fill_time


token_bucket = in_memory("token_bucket", TokenBucket)
leaky_bucket = in_memory("leaky_bucket", LeakyBucket)
gcra = in_memory("gcra", Gcra)
leaky_queue = in_memory("leaky_bucket_queue", LeakyQueue)
