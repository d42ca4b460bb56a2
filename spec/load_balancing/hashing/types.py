"""What maps keys to backends is configured with, asked, and answers."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from spec.encoding import encodable
from spec.load_balancing.picking.types import Backends, Pick, Pool

INTERFACE = "lawful, spec/load_balancing/hashing/types.py: what Mapper promises"
"""The source of the laws that follow from the interface."""

Keys = tuple[str, ...]


def _told(config: Pool) -> str:
    """The backends, and what is not as usual."""
    own = [field for field in fields(config) if field.name != "backends"]
    more = [f"{one.name}={getattr(config, one.name)}" for one in own if getattr(config, one.name) != one.default]
    return f"{type(config).__name__}({', '.join([*map(str, config.backends), *more])})"


@encodable
@dataclass(frozen=True, slots=True)
class Hashed(Pool):
    """A pool, and how finely keys are spread where that is to be chosen.

    points: with the capability `ring`, how many points a backend has on it for each unit of its weight, at least 1.
    table:  with the capability `maglev`, how many entries the table has: a prime, and best 100 for each backend.

    Raises:
        TypeError, ValueError: the backends are not what a balancer may be given, there are no points, or `table` is no
            prime.
    """

    points: int = 100
    table: int = 1009

    def __post_init__(self) -> None:
        Pool.__post_init__(self)
        if type(self.points) is not int or self.points < 1:
            raise ValueError(f"points must be an integer of at least 1, not {self.points!r}")
        if type(self.table) is not int or not is_prime(self.table):
            raise ValueError(f"table must be a prime, not {self.table!r}")

    def __str__(self) -> str:
        return _told(self)


def is_prime(number: int) -> bool:
    """Whether it is one."""
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))


@encodable
@dataclass(frozen=True, slots=True)
class Bounded(Pool):
    """A pool in which no backend may have much more than its share.

    extra: how much more, in percent of its share; at least 1.

    Raises:
        TypeError, ValueError: the backends are not what a balancer may be given, or `extra` is too low.
    """

    extra: int = 25

    def __post_init__(self) -> None:
        Pool.__post_init__(self)
        if type(self.extra) is not int or self.extra < 1:
            raise ValueError(f"extra must be an integer of at least 1, not {self.extra!r}")

    def __str__(self) -> str:
        return _told(self)


class Mapper(Protocol):
    """What an implementation offers. All but `assign` is optional; without `set_backends` another one is made.

    What a key is mapped to depends on the backends alone: another instance, on another machine, with the same ones in
    the same order and with the same weights, maps it alike, whatever was called before. Keys are any texts; so are
    names.
    """

    def assign(self, keys: Sequence[str]) -> Sequence[str | None]:
        """For each key, in their order, the name of its backend, which has a weight above 0; None if there is none."""
        ...

    def set_backends(self, backends: Backends) -> None:
        """From now on these are the backends, as if it had been made with them. What raises changes nothing.

        Raises:
            ValueError: a name is empty or stands there twice, or a weight is below 0. TypeError will do.
        """
        ...

    def preference(self, key: str, count: int) -> Sequence[str]:
        """The names of so many different backends, or of all there are with a weight above 0, for the copies of what
        the key stands for, say: the first is that to which it is mapped, the next who takes over if that is gone, and
        so on. `count` is at least 1."""
        ...


class BoundedBalancer(Protocol):
    """What an implementation offers. All but `pick` and `done` is optional.

    Each key prefers backends in an order of its own, by a consistent hash; it is mapped to the first. A backend has
    room for one more while it has fewer requests in flight than `ceil((1 + extra / 100) * (m + 1) * weight / total)`,
    where `m` requests are in flight in all, and `total` is the sum of all weights. There is always one that has.
    """

    def pick(self, key: str) -> Pick | None:
        """Where the request goes: of the backends the key prefers, the first that has room. It is in flight there from
        now on. None only if there is no backend with a weight above 0."""
        ...

    def done(self, ticket: int | str) -> None:
        """The request with that ticket is in flight no more.

        If it was not in flight, as `done` was called before or its backend was removed, nothing changes.
        """
        ...

    def set_backends(self, backends: Backends) -> None:
        """From now on these are the backends. Those that were there before keep what is in flight, and of those that
        were not, nothing is known.

        Raises:
            ValueError: a name is empty or stands there twice, or a weight is below 0. TypeError will do.
        """
        ...

    def in_flight(self, name: str) -> int:
        """How many requests are in flight in the backend.

        Raises:
            KeyError: there is no backend of that name. ValueError will do.
        """
        ...

    def preference(self, key: str, count: int) -> Sequence[str]:
        """The names of the first `count` backends that the key prefers, or of all there are with a weight above 0."""
        ...
