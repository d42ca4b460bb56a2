"""Rings, each with one mistake."""

from bisect import bisect_left
from typing import Any

from conformance.load_balancing.hashing.modelled import Ring
from conformance.mutants import mutant
from spec.environment import Environment
from spec.load_balancing.picking.types import Backend, Backends

NAME = "load_balancing.consistent_hashing"


def planted(killed_by: str) -> Any:
    """Plant a mistake in a ring with weights."""
    return mutant(NAME, killed_by, {"ring", "weights"})


@planted("share_fits_the_points")
class OnePoint(Ring):
    """Each backend has one point for each unit of its weight."""

    def number_of_points(self, one: Backend) -> int:
        return one.weight


@planted("share_fits_the_points")
class PointsOfSixteenBits(Ring):
    """Points are in the first quarter of a ring on which keys are everywhere."""

    def point(self, one: Backend, number: int) -> int:
        return super().point(one, number) // 4


@planted("not_inherited_by_one")
class PointsSideBySide(Ring):
    """All points of a backend follow one another."""

    def point(self, one: Backend, number: int) -> int:
        return (self.hash("point", one.name) + number) % self.circle


@planted("only_removed_keys_move")
class PointsByPlace(Ring):
    """Points are named by the place in the list, not by the name."""

    def points_of(self, at: int, one: Backend) -> list[int]:
        return [self.hash("point", at, number) for number in range(self.number_of_points(one))]


@planted("only_removed_keys_move")
class AsManyPointsInAll(Ring):
    """The ring has the same number of points however many backends there are, so those of all change."""

    def number_of_points(self, one: Backend) -> int:
        return max(1, 4 * int(self.config.points) * one.weight // sum(other.weight for other in self.eligible()))


@planted("weight_up_only_attracts")
class PointsByShare(Ring):
    """A backend has points by its share of all weight: with another one's weight its number of points changes."""

    def number_of_points(self, one: Backend) -> int:
        eligible = self.eligible()
        return max(1, int(self.config.points) * len(eligible) * one.weight // sum(other.weight for other in eligible))


@planted("answers_every_call")
class NoWrap(Ring):
    """Behind the last point there is none."""

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        return self.ring[bisect_left(self.ring, (self.place(key), ""))][1]


@planted("every_key_has_a_backend")
class NobodyBehindTheLast(Ring):
    """Who comes behind the last point has no backend."""

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        at = bisect_left(self.ring, (self.place(key), ""))
        return self.ring[at][1] if at < len(self.ring) else None


@planted("same_membership_same_mapping")
class RemovesOthersPoints(Ring):
    """Of several points in one place the last that came counts; when any of them leaves, there is none."""

    circle = 2**12

    def __init__(self, config: Any, env: Environment) -> None:
        self.owners: dict[int, str] = {}
        super().__init__(config, env)

    def set_backends(self, backends: Backends) -> None:
        before, after = set(self.members), set(self.check(backends))
        for one in before - after:
            for place in self.points_of(0, one):
                self.owners.pop(place, None)
        for one in self.check(backends):
            if one not in before:
                self.owners.update(dict.fromkeys(self.points_of(0, one), one.name))
        super().set_backends(backends)

    def points(self) -> list[tuple[int, str]]:
        return sorted(self.owners.items())


@planted("same_membership_same_mapping")
class LastWinsAPlace(Ring):
    """Of several points in one place that of the last in the list counts."""

    circle = 2**12

    def points(self) -> list[tuple[int, str]]:
        return sorted({place: one.name for one in self.eligible() for place in self.points_of(0, one)}.items())


@planted("preference_names_each_once")
class NextPoints(Ring):
    """A key prefers the backends of the next points, also where they are the same."""

    def preference(self, key: str, count: int) -> Any:
        at = bisect_left(self.ring, (self.place(key), ""))
        return [name for _, name in (self.ring[at:] + self.ring[:at])[:count]]


@planted("added_takes_only_for_itself")
class SpreadsAnew(Ring):
    """Points of the first backend are moved away from those of the others."""

    def point(self, one: Backend, number: int) -> int:
        place = super().point(one, number)
        first = self.eligible()[0]
        crowded = one == first and number % 4 == 0
        return (place + len(self.eligible()) * self.circle // 16) % self.circle if crowded else place
