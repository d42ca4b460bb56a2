"""What a balancer that picks a backend for each request is configured with, asked, and answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from spec.duration import SECOND, duration
from spec.encoding import encodable

INTERFACE = "lawful, spec/load_balancing/picking/types.py: what Balancer promises"
"""The source of the laws that follow from the interface."""


@encodable
class Backend(NamedTuple):
    """One that requests go to.

    name:         not empty, and no other has it.
    weight:       its share of the requests, beside those of the others; 0: it gets none. At least 0.
    max_inflight: how many requests it may have at once, at least 1; None: any number.
    """

    name: str
    weight: int = 1
    max_inflight: int | None = None

    def __repr__(self) -> str:
        more = [] if self.max_inflight is None else [f"max_inflight={self.max_inflight}"]
        weight = [] if self.weight == 1 else [f"weight={self.weight}"]
        return f"Backend({', '.join([repr(self.name), *weight, *more])})"


Backends = tuple[Backend, ...]


def checked(backends: Iterable[Any]) -> Backends:
    """Those, if they are what a balancer may be given.

    Raises:
        TypeError, ValueError: saying what is wrong with which.
    """
    found = tuple(Backend(one.name, one.weight, one.max_inflight) for one in backends)
    for one in found:
        if not isinstance(one.name, str):
            raise TypeError(f"the name of a backend must be a string, not {one.name!r}")
        if not one.name:
            raise ValueError("a backend must have a name")
        for what, value, least in (("weight", one.weight, 0), ("max_inflight", one.max_inflight, 1)):
            if what == "max_inflight" and value is None:
                continue
            if type(value) is not int:
                raise TypeError(f"{what} of {one.name!r} must be an integer, not {value!r}")
            if value < least:
                raise ValueError(f"{what} of {one.name!r} must be at least {least}, not {value}")
    names = [one.name for one in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"two backends are named {twice!r}")
    return found


@encodable
@dataclass(frozen=True, slots=True)
class Pool:
    """The backends at first: all up, none draining, nothing in flight.

    Raises:
        TypeError, ValueError: they are not what a balancer may be given.
    """

    backends: Backends

    def __post_init__(self) -> None:
        checked(self.backends)

    def __str__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.backends))})"


@encodable
@dataclass(frozen=True, slots=True)
class Timed(Pool):
    """A pool whose latencies are averaged.

    The first answer is the average; each further one moves it towards itself by one part in `smoothing`. A failed
    request counts as one that took `failure` microseconds, if it took no longer, nor does the average. All is forgotten
    `forget` microseconds after the latest answer: then the backend is unknown, as in the beginning.
    """

    smoothing: int = 4
    failure: int = SECOND
    forget: int = 10 * SECOND

    def __post_init__(self) -> None:
        checked(self.backends)
        _positive(self, "smoothing", "failure", "forget")

    def __str__(self) -> str:
        more = f"smoothing={self.smoothing}, failure={duration(self.failure)}, forget={duration(self.forget)}"
        return f"Timed({', '.join(map(repr, self.backends))}, {more})"


@encodable
@dataclass(frozen=True, slots=True)
class Ramp(Pool):
    """A pool in which who comes up, or is new, takes its weight little by little.

    It begins with a tenth of it, and from then on has as much as `ramp` microseconds have passed, all in the end.
    Those that are there at the start have all at once.
    """

    ramp: int = 10 * SECOND

    def __post_init__(self) -> None:
        checked(self.backends)
        _positive(self, "ramp")

    def __str__(self) -> str:
        return f"Ramp({', '.join(map(repr, self.backends))}, ramp={duration(self.ramp)})"


def _positive(config: Any, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if type(value) is not int:
            raise TypeError(f"{name} must be an integer, not {value!r}")
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")


@encodable
class Pick(NamedTuple):
    """Where a request goes.

    ticket: tells this pick from all others that are in flight; it is handed back to `done`.
    """

    backend: str
    ticket: int | str = 0

    def __str__(self) -> str:
        return self.backend


class Balancer(Protocol):
    """What an implementation offers. All but `pick` is optional, `done` only where load has no say.

    A backend is eligible while it is a member, its weight is above 0, it is up, not draining, and has fewer requests in
    flight than its `max_inflight`. A call that says what is so already changes nothing; nor does one that raises.
    """

    def pick(self) -> Pick | None:
        """Where the next request goes, an eligible backend, in which it is in flight from now on.

        None only if no backend is eligible; then nothing changes.
        """
        ...

    def done(self, ticket: int | str, ok: bool = True, latency: int = 0) -> None:
        """The request with that ticket is in flight no more, well or not, after so many microseconds.

        If it was not in flight, as `done` was called before or its backend was removed, nothing changes.

        latency: microseconds, at least 0.
        """
        ...

    def set_backends(self, backends: Backends) -> None:
        """From now on these are the members.

        Those that were members before keep what is in flight, and whether they are up and draining. What is new is up,
        not draining, and has nothing in flight: if it had been a member before, that is forgotten.

        Raises:
            ValueError: a name is empty or stands there twice, or a weight or limit is too low. TypeError will do.
        """
        ...

    def set_health(self, name: str, up: bool) -> None:
        """Whether the member answers at all. What is in flight there stays so until it is done.

        Raises:
            KeyError: there is no member of that name. ValueError will do.
        """
        ...

    def set_draining(self, name: str, on: bool) -> None:
        """Whether the member is to get no new requests, while it ends those it has.

        Raises:
            KeyError: there is no member of that name. ValueError will do.
        """
        ...

    def in_flight(self, name: str) -> int:
        """How many requests are in flight in the member.

        Raises:
            KeyError: there is no member of that name. ValueError will do.
        """
        ...

    def drained(self, name: str) -> bool:
        """Whether the member is draining and has nothing in flight: now it may be stopped.

        Raises:
            KeyError: there is no member of that name. ValueError will do.
        """
        ...
