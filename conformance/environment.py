"""The world that subjects live in under test: virtual time, seeded chance, a namespace of their own."""

import random
import uuid
from dataclasses import dataclass, field

from spec.environment import Environment

START = 1_700_000_000_000_000
"""Where virtual time begins: an ordinary date, in microseconds since the epoch."""


class VirtualClock:
    """A clock that moves only when it is told to."""

    def __init__(self, start: int = START) -> None:
        self._now = start

    def now(self) -> int:
        return self._now

    def sleep(self, microseconds: int) -> None:
        self._now += max(0, microseconds)

    def move(self, microseconds: int) -> None:
        """Step forward, or back where that is negative."""
        self._now += microseconds


@dataclass
class World:
    """Makes an environment for each example. `prefix` begins the namespace of every one of them."""

    seed: int = 0
    redis_url: str | None = None
    postgres_url: str | None = None
    prefix: str = field(default_factory=lambda: f"lawful-{uuid.uuid4().hex[:12]}")
    _made: int = 0

    def environment(self, clock: VirtualClock) -> Environment:
        """A new environment that shares nothing with those before but the servers."""
        self._made += 1
        return Environment(
            clock, random.Random(self.seed), f"{self.prefix}-{self._made}", self.redis_url, self.postgres_url
        )
