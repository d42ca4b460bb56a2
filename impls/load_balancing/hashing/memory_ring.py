"""Rings in memory."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from struct import unpack
from typing import Any, NamedTuple

from impls.load_balancing.hashing.memory_base import Mapped, digest, in_memory
from spec.load_balancing.picking.types import Backend


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
