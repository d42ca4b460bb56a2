"""What an implementation is given beside its configuration: everything it may know of the world."""

import random
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """What tells an implementation the time, and lets it wait."""

    def now(self) -> int:
        """Microseconds since the epoch. It may step backwards, as wall clocks do."""
        ...

    def sleep(self, microseconds: int) -> None:
        """Return when that many microseconds have passed on this clock; at once for zero or less."""
        ...


@dataclass(frozen=True, slots=True)
class Environment:
    """The world of one subject.

    clock:        the only source of time.
    random:       the only source of chance.
    namespace:    unique for every example. On a shared server all state is kept under it and nothing else is touched.
    redis_url:    None where no Redis is at hand.
    postgres_url: None where no PostgreSQL is at hand; a SQLAlchemy URL.
    """

    clock: Clock
    random: random.Random
    namespace: str
    redis_url: str | None = None
    postgres_url: str | None = None
