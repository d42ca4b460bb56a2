"""What balancers on servers have in common: a call is one question, and whoever asks is answered alike."""

from collections.abc import Iterable
from typing import Any

from spec.load_balancing.picking.types import Backend, Backends, Pick, checked

Answer = tuple[str, int] | None
"""A name and a number; None: there is no such member, or none to pick."""


class OnServer:
    """A balancer whose every call is one question to a server, where all is kept: instances with one configuration and
    in one place are one balancer. Whichever asks first sets the members; those that come later join.

    A process that ends in the middle of its requests leaves them in flight, until their backend is removed.
    """

    policy: str
    """What the server calls it."""

    heaviest: int
    """The largest weight with which it counts exactly."""

    def __init__(self, config: Any) -> None:
        self._first = self._checked(config.backends)

    def pick(self) -> Pick | None:
        """Where the next request goes; see `spec.load_balancing.picking.types.Balancer`."""
        found = self._ask("pick")
        return None if found is None else Pick(*found)

    def done(self, ticket: int | str, ok: bool = True, latency: int = 0) -> None:
        """The request with that ticket is in flight no more."""
        if isinstance(ticket, int) and 0 < ticket < 2**63:  # or else it was never given out
            self._ask("done", number=ticket)

    def set_backends(self, backends: Backends) -> None:
        """From now on these are the members.

        Raises:
            ValueError: also if a weight is too large to count with.
        """
        self._ask("set_backends", backends=self._checked(backends))

    def set_health(self, name: str, up: bool) -> None:
        """Whether the member answers at all."""
        self._ask_of(name, "set_health", up)

    def set_draining(self, name: str, on: bool) -> None:
        """Whether the member is to get no new requests."""
        self._ask_of(name, "set_draining", on)

    def in_flight(self, name: str) -> int:
        """How many requests are in flight in the member."""
        return self._ask_of(name, "in_flight")

    def drained(self, name: str) -> bool:
        """Whether the member is draining and has nothing in flight."""
        return bool(self._ask_of(name, "drained"))

    def _ask_of(self, name: str, call: str, value: bool = False) -> int:
        found = self._ask(call, name, number=int(value))
        if found is None:
            raise KeyError(name)
        return found[1]

    def _ask(self, call: str, name: str = "", number: int = 0, backends: Backends = ()) -> Answer:
        """What the server answers to that call."""
        raise NotImplementedError

    def _checked(self, backends: Iterable[Any]) -> Backends:
        found = checked(backends)
        for one in found:
            if one.weight > self.heaviest:
                raise ValueError(f"the weight of {one.name!r} must be at most {self.heaviest}, not {one.weight}")
        # Nobody has so many in flight that a larger limit would say more.
        return tuple(Backend(name, weight, limit and min(limit, 2**53)) for name, weight, limit in found)


def written(name: str) -> bytes:
    """The name as a server keeps it: any text."""
    return name.encode("utf-8", "surrogatepass")


def read(name: bytes) -> str:
    """The name that was written so."""
    return name.decode("utf-8", "surrogatepass")
