"""What balancers in memory have in common: members, tickets and who is eligible, under one lock."""

from collections.abc import Callable
from itertools import count
from random import Random
from threading import Lock
from typing import Any, TypeVar

from impls.clock import SystemClock
from impls.registry import implementation
from spec.environment import Clock, Environment
from spec.load_balancing.picking.types import Backend, Backends, Pick, checked

new = tuple.__new__
"""Makes a named tuple in half the time that its own constructor takes."""


class Slot:
    """A member, and how it is. What the policy keeps of it is in `data`."""

    __slots__ = ("data", "draining", "in_flight", "limit", "name", "since", "up", "weight")

    def __init__(self, backend: Backend) -> None:
        self.name, self.in_flight, self.up, self.draining, self.since = backend.name, 0, True, False, 0
        self.data: Any = None
        self.given(backend)

    def given(self, backend: Backend) -> None:
        """Take over what may change of a backend."""
        self.weight, self.limit = backend.weight, backend.max_inflight

    def eligible(self) -> bool:
        """Whether it may be picked."""
        return self.up and not self.draining and self.weight > 0 and (self.limit is None or self.in_flight < self.limit)


class InMemory:
    """Safe for threads. Whatever is picked must be done one day, or its ticket is kept for ever.

    Subclasses are the policies: they choose of `_eligible`, which is in the order of the members, and are told when it
    changed, and when a load did.
    """

    def __init__(self, config: Any, clock: Clock | None = None, random: Random | None = None) -> None:
        self._config = config
        self._now = (clock or SystemClock()).now
        self._random = random or Random()
        self._lock = Lock()
        self._slots: dict[str, Slot] = {}
        self._open: dict[int | str, Slot] = {}
        self._tickets = count()
        self.set_backends(config.backends)

    def pick(self) -> Pick | None:
        """Where the next request goes; see `spec.load_balancing.picking.types.Balancer`."""
        lock = self._lock
        lock.acquire()  # twice as fast as `with`
        try:
            if not self._eligible:
                return None
            slot = self._choose()
            number = slot.in_flight = slot.in_flight + 1
            ticket = next(self._tickets)
            self._open[ticket] = slot
            limit = slot.limit
            if limit is not None and number >= limit:
                self._refresh()
            return new(Pick, (slot.name, ticket))
        finally:
            lock.release()

    def done(self, ticket: int | str, ok: bool = True, latency: int = 0) -> None:
        """The request with that ticket is in flight no more."""
        lock = self._lock
        lock.acquire()
        try:
            slot = self._open.pop(ticket, None)
            if slot is None:
                return
            number = slot.in_flight = slot.in_flight - 1
            self._answered(slot, ok, latency)
            limit = slot.limit
            if limit is not None and number == limit - 1:
                self._refresh()
        finally:
            lock.release()

    def set_backends(self, backends: Backends) -> None:
        """From now on these are the members."""
        given = checked(backends)
        with self._lock:
            before, self._slots = self._slots, {}
            for backend in given:
                slot = before.pop(backend.name) if backend.name in before else Slot(backend)
                self._slots[backend.name] = slot
                slot.given(backend)
                slot.since = slot.since or self._now()
            gone = {id(slot) for slot in before.values()}
            if gone:
                self._open = {ticket: slot for ticket, slot in self._open.items() if id(slot) not in gone}
            self._refresh()

    def set_health(self, name: str, up: bool) -> None:
        """Whether the member answers at all."""
        with self._lock:
            slot = self._slots[name]
            if up and not slot.up:
                slot.since = self._now()
            slot.up = up
            self._refresh()

    def set_draining(self, name: str, on: bool) -> None:
        """Whether the member is to get no new requests."""
        with self._lock:
            self._slots[name].draining = on
            self._refresh()

    def in_flight(self, name: str) -> int:
        """How many requests are in flight in the member."""
        return self._slots[name].in_flight

    def drained(self, name: str) -> bool:
        """Whether the member is draining and has nothing in flight."""
        slot = self._slots[name]
        return slot.draining and not slot.in_flight

    def _refresh(self) -> None:
        """Find out who is eligible."""
        self._eligible = [slot for slot in self._slots.values() if slot.eligible()]
        self._changed()

    def _choose(self) -> Slot:
        """One of the eligible. Its `in_flight` is raised next."""
        raise NotImplementedError

    def _changed(self) -> None:
        """Members, the eligible or a weight may have changed."""

    def _answered(self, slot: Slot, ok: bool, latency: int) -> None:
        """A request there is done; its `in_flight` is lower already."""


B = TypeVar("B", bound=InMemory)


def in_memory(specification: str, *capabilities: str, name: str = "memory") -> Callable[[type[B]], type[B]]:
    """Class decorator: register a balancer in memory."""

    def register(cls: type[B]) -> type[B]:
        @implementation(f"load_balancing.{specification}", name, capabilities={"limits", *capabilities})
        def make(config: Any, environment: Environment) -> InMemory:
            return cls(config, environment.clock, environment.random)

        return cls

    return register
