"""Rings in memory."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import count
from struct import unpack
from threading import Lock
from typing import Any, NamedTuple

from impls.load_balancing.hashing.memory_base import Mapped, digest, in_memory
from spec.load_balancing.picking.types import Backend, Backends, Pick, checked

new = tuple.__new__
"""Makes a named tuple in half the time that its own constructor takes."""

POINTS = 100
"""For each unit of weight, where that is not configured."""


class Circle(NamedTuple):
    """Points in their order, and whose each is; the first one is there again at the end, as the next after the last."""

    points: list[int]
    owners: list[str]
    number: int

    def first(self, key: str) -> str:
        """Whose the next point is."""
        return self.owners[bisect_left(self.points, digest(key))]

    def walk(self, key: str) -> Iterator[str]:
        """All owners in the order of their next points."""
        owners = self.owners
        at, number = bisect_left(self.points, digest(key)), len(owners) - 1
        seen: set[str] = set()
        for place in range(at, at + number):
            name = owners[place if place < number else place - number]
            if name not in seen:
                seen.add(name)
                yield name
                if len(seen) == self.number:
                    return


class Points:
    """The points of backends; those of who stays are not computed again."""

    def __init__(self, points: int) -> None:
        self._per_weight = points
        self._known: dict[str, list[int]] = {}

    def circle(self, backends: list[Backend]) -> Circle | None:
        """A ring of those; None: there are none.

        Of several points at one place the first name's counts; when it leaves, the next one's does.
        """
        if not backends:
            return None
        known, self._known = self._known, {}
        owners: dict[int, str] = {}
        for backend in sorted(backends, reverse=True):
            number = self._per_weight * backend.weight
            own = known.get(backend.name, [])
            if len(own) != number:
                own = points(backend.name, number)
            self._known[backend.name] = own
            owners.update(dict.fromkeys(own, backend.name))
        places = sorted(owners)
        names = [owners[place] for place in places]
        return Circle(places, [*names, names[0]], len(backends))


def points(name: str, number: int) -> list[int]:
    """The first so many points of a name: eight to a hash."""
    found: list[int] = []
    for block in range(-(-number // 8)):
        # The number comes first, so that no two names and numbers make one text.
        text = f"{block}:{name}".encode("utf-8", "surrogatepass")
        found += unpack(">8Q", blake2b(text, person=b"point").digest())
    return found[:number]


@in_memory("consistent_hashing", "ring", "weights", name="memory-ring")
class Ring(Mapped):
    """The next point on a ring says whose a key is. O(log(n points)); a change sorts all points anew.

    D. Karger et al., 1997.
    """

    def __init__(self, config: Any) -> None:
        self._points = Points(config.points)
        super().__init__(config)

    def _built(self, backends: list[Backend]) -> Any:
        return self._points.circle(backends)

    def assign(self, keys: Sequence[str]) -> list[str | None]:
        """The backend of each key."""
        circle = self._state
        if circle is None:
            return [None] * len(keys)
        points, owners = circle.points, circle.owners
        return [owners[bisect_left(points, digest(key))] for key in keys]

    def preference(self, key: str, count: int) -> list[str]:
        """The backends whose points come next."""
        if self._state is None:
            return []
        return [name for name, _ in zip(self._state.walk(key), range(count), strict=False)]


@in_memory("bounded_loads", "weights")
class BoundedRing:
    """The next point on a ring whose backend has room. Safe for threads. O(log(n points)) while there is room; or else
    as many points are passed as it takes. What is picked must be done one day, or its ticket is kept for ever.

    V. Mirrokni, M. Thorup and M. Zadimoghaddam, 2018.
    """

    def __init__(self, config: Any) -> None:
        self._points, self._parts = Points(POINTS), 100 + config.extra
        self._lock = Lock()
        self._open: dict[int | str, str] = {}
        self._in_flight: dict[str, int] = {}
        self._tickets = count()
        self.set_backends(config.backends)

    def pick(self, key: str) -> Pick | None:
        """Where the request goes; see `spec.load_balancing.hashing.types.BoundedBalancer`."""
        self._lock.acquire()  # twice as fast as `with`
        try:
            if self._circle is None:
                return None
            in_flight, weights = self._in_flight, self._weights
            parts, total = self._parts * (len(self._open) + 1), 100 * self._total
            name = self._circle.first(key)
            if in_flight[name] * total >= parts * weights[name]:
                name = next(one for one in self._circle.walk(key) if in_flight[one] * total < parts * weights[one])
            ticket = next(self._tickets)
            in_flight[name] += 1
            self._open[ticket] = name
            return new(Pick, (name, ticket))
        finally:
            self._lock.release()

    def done(self, ticket: int | str) -> None:
        """The request with that ticket is in flight no more."""
        self._lock.acquire()
        try:
            if (name := self._open.pop(ticket, None)) is not None:
                self._in_flight[name] -= 1
        finally:
            self._lock.release()

    def set_backends(self, backends: Backends) -> None:
        """From now on these are the backends."""
        given = checked(backends)
        with self._lock:
            self._in_flight = {one.name: self._in_flight.get(one.name, 0) for one in given}
            self._open = {ticket: name for ticket, name in self._open.items() if name in self._in_flight}
            self._weights = {one.name: one.weight for one in given if one.weight}
            self._total = sum(self._weights.values())
            self._circle = self._points.circle([one for one in given if one.weight])

    def in_flight(self, name: str) -> int:
        """How many requests are in flight in the backend."""
        return self._in_flight[name]

    def preference(self, key: str, count: int) -> list[str]:
        """The backends whose points come next."""
        circle = self._circle
        return [] if circle is None else [name for name, _ in zip(circle.walk(key), range(count), strict=False)]
