"""What a rate limiter is configured with, asked, and answers. All times are integer microseconds."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from spec.duration import SECOND as SECOND
from spec.duration import duration as duration
from spec.encoding import encodable

INTERFACE = "lawful, spec/rate_limiting/types.py: what RateLimiter and Decision promise"
"""The source of the laws that follow from the interface."""

EXACT = 2**53
"""Up to here every integer is a double: what keeps limiters exact that compute in Lua or JavaScript."""


@encodable
@dataclass(frozen=True, slots=True)
class Limit:
    """`limit` calls per `period` microseconds, at most `burst` of them at once.

    Raises:
        TypeError: one of them is not an integer.
        ValueError: one of them is below 1, or burst * period or limit * period is not below 2**53.
    """

    limit: int
    period: int
    burst: int

    def __post_init__(self) -> None:
        _positive(self)
        _exact(self, max(self.limit, self.burst) * self.period)

    @property
    def capacity(self) -> int:
        """Units that are admitted at one instant after a long pause."""
        return self.burst

    @property
    def fill_time(self) -> int:
        """Microseconds in which an empty bucket becomes full."""
        return -(-self.burst * self.period // self.limit)

    def __str__(self) -> str:
        return f"Limit(limit={self.limit}, period={duration(self.period)}, burst={self.burst})"


@encodable
@dataclass(frozen=True, slots=True)
class Window:
    """`limit` calls in a window of `period` microseconds.

    Raises:
        TypeError: one of them is not an integer.
        ValueError: one of them is below 1, or limit * period is not below 2**53.
    """

    limit: int
    period: int

    def __post_init__(self) -> None:
        _positive(self)
        _exact(self, self.limit * self.period)

    @property
    def capacity(self) -> int:
        """Units that are admitted at one instant after a long pause."""
        return self.limit

    def __str__(self) -> str:
        return f"Window(limit={self.limit}, period={duration(self.period)})"


@encodable
@dataclass(frozen=True, slots=True)
class Queue:
    """One unit leaves every period / limit microseconds; at most `size` wait for it.

    Raises:
        TypeError: one of them is not an integer.
        ValueError: one of them is below 1, or (size + 1) * period or limit * period is not below 2**53.
    """

    limit: int
    period: int
    size: int

    def __post_init__(self) -> None:
        _positive(self)
        _exact(self, max(self.limit, self.size + 1) * self.period)

    @property
    def capacity(self) -> int:
        """Units that are accepted at one instant after a long pause: one leaves at once, the others wait."""
        return self.size + 1

    @property
    def fill_time(self) -> int:
        """Microseconds in which a full queue becomes empty."""
        return -(-self.capacity * self.period // self.limit)

    @property
    def meter(self) -> Limit:
        """The meter that admits what this queue accepts."""
        return Limit(self.limit, self.period, self.capacity)

    def __str__(self) -> str:
        return f"Queue(limit={self.limit}, period={duration(self.period)}, size={self.size})"


def _positive(config: Any) -> None:
    for name in config.__slots__:
        value = getattr(config, name)
        if type(value) is not int:
            raise TypeError(f"{name} must be an integer, not {value!r}")
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")


def _exact(config: Any, largest: int) -> None:
    if largest >= EXACT:
        raise ValueError(f"{config} is too large to be kept exactly: shorten the period or lower the numbers")


@encodable
class Decision(NamedTuple):
    """The answer to one call.

    allowed:     whether the call may go on.
    remaining:   how many calls of cost 1 would be admitted at this instant, after this one.
    retry_after: 0 if allowed; else the exact wait in microseconds after which the same call would be admitted if
                 nothing else happens; None if it never can be, its cost being above the capacity.
    reset_after: microseconds until the key has its full capacity if nothing else happens; 0 if it has.
    delay:       microseconds until an accepted call may go on; 0 for all but queues; others may leave it out.

    A named tuple, as it is made on every call and takes a third of the time that a frozen dataclass takes.
    """

    allowed: bool
    remaining: int
    retry_after: int | None
    reset_after: int
    delay: int = 0

    def __str__(self) -> str:
        parts = ["allowed" if self.allowed else "refused", f"remaining={self.remaining}"]
        if not self.allowed:
            parts.append("never" if self.retry_after is None else f"retry_after={duration(self.retry_after)}")
        if self.delay:
            parts.append(f"delay={duration(self.delay)}")
        return ", ".join([*parts, f"reset_after={duration(self.reset_after)}"])


class RateLimiter(Protocol):
    """What an implementation offers. All but `acquire` is optional."""

    def acquire(self, key: str, cost: int = 1) -> Decision:
        """Ask for `cost` units under `key`. A cost of 0 is always allowed and takes nothing.

        Raises:
            ValueError: the key is empty, or the cost is negative. Nothing changes.
            ValueError, TypeError: the key is no string, or the cost is no integer (a bool is none). Nothing changes.
        """
        ...

    def peek(self, key: str) -> Decision:
        """What `acquire(key, 1)` would be answered; `remaining` and `reset_after` are as they are. Takes nothing."""
        ...

    def reset(self, key: str) -> None:
        """Forget the key: it is as if never used."""
        ...

    def ttl(self, key: str) -> int:
        """Microseconds until the store forgets the key by itself, used or not; -1 if it never does; 0 if it has none.

        Asked of limiters on a store that expires keys, such as Redis.
        """
        ...

    def stored(self, key: str) -> int:
        """How many entries are stored for the key: asked of logs, which may grow."""
        ...


def checked(key: object, cost: object = 1) -> int:
    """The cost, if key and cost are what `acquire` takes.

    Raises:
        TypeError, ValueError: saying which is wrong, and how.
    """
    if not isinstance(key, str):
        raise TypeError(f"key must be a string, not {key!r}")
    if not key:
        raise ValueError("key must not be empty")
    if isinstance(cost, bool) or not isinstance(cost, int):
        raise TypeError(f"cost must be an integer, not {cost!r}")
    if cost < 0:
        raise ValueError(f"cost must not be negative, but is {cost}")
    return cost
