"""A second correct token bucket, written as textbooks do: the control against laws that are too strong."""

from fractions import Fraction
from math import ceil, floor
from threading import Lock

from spec.environment import Environment
from spec.rate_limiting.types import Decision, Limit


class TextbookBucket:
    """Tokens as fractions, refilled at each call; a clock that steps back counts as standing still."""

    def __init__(self, limit: Limit, env: Environment) -> None:
        self.burst = Fraction(limit.burst)
        self.rate = Fraction(limit.limit, limit.period)
        self.clock = env.clock
        self.buckets: dict[str, tuple[Fraction, int]] = {}
        self.lock = Lock()

    def refill(self, key: str) -> Fraction:
        if not isinstance(key, str):
            raise TypeError("a key is a string")
        if key == "":
            raise ValueError("a key has at least one character")
        tokens, then = self.buckets.get(key, (self.burst, 0))
        now = max(then, self.clock.now())
        tokens = min(self.burst, tokens + (now - then) * self.rate)
        self.buckets[key] = tokens, now
        return tokens

    def decision(self, tokens: Fraction, cost: int, allowed: bool) -> Decision:
        wait: int | None = 0
        if not allowed:
            wait = ceil((cost - tokens) / self.rate) if cost <= self.burst else None
        return Decision(allowed, floor(tokens), wait, ceil((self.burst - tokens) / self.rate))

    def acquire(self, key: str, cost: int = 1) -> Decision:
        with self.lock:
            if type(cost) is not int:
                raise TypeError("a cost is an integer")
            if cost < 0:
                raise ValueError("a cost is at least 0")
            tokens = self.refill(key)
            allowed = tokens >= cost
            if allowed:
                tokens -= cost
                self.buckets[key] = tokens, self.buckets[key][1]
            return self.decision(tokens, cost, allowed)

    def peek(self, key: str) -> Decision:
        with self.lock:
            tokens = self.refill(key)
            return self.decision(tokens, 1, tokens >= 1)

    def reset(self, key: str) -> None:
        with self.lock:
            self.refill(key)
            del self.buckets[key]
