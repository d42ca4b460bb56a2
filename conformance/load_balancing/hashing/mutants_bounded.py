"""Bounded loads, each with one mistake."""

from collections import Counter
from fractions import Fraction
from math import floor
from typing import Any

from conformance.load_balancing.hashing.modelled_bounded import BoundedLoads
from conformance.mutants import mutant
from spec.environment import Environment
from spec.load_balancing.picking.types import Backend, Backends, Pick, checked

NAME = "load_balancing.bounded_loads"


def planted(killed_by: str) -> Any:
    """Plant a mistake in one with weights."""
    return mutant(NAME, killed_by, {"weights"})


@planted("load_never_exceeds_cap")
class OneTooMany(BoundedLoads):
    """A backend that has as many as it may gets one more."""

    def has_room(self, name: str, cap: int) -> bool:
        return self.load(name) <= cap


@planted("load_never_exceeds_cap")
class NoBound(BoundedLoads):
    """Every request goes where its key is mapped to."""

    def has_room(self, name: str, cap: int) -> bool:
        return True


@planted("load_never_exceeds_cap")
class CapIgnoresWeights(BoundedLoads):
    """All backends may have the same."""

    def cap(self, weight: int, eligible: list[Backend]) -> int:
        return super().cap(1, [one._replace(weight=1) for one in eligible])


@planted("load_never_exceeds_cap")
class CountsAllThatCame(BoundedLoads):
    """The bound is for all requests that ever came, not for those in flight."""

    came = 0

    def pick(self, key: str) -> Pick | None:
        self.came += 1
        return super().pick(key)

    def number(self) -> int:
        return self.came


@planted("load_never_exceeds_cap")
class ForgetsAtChanges(BoundedLoads):
    """When backends change, a backend's load is counted from zero, though what was in flight still is."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.before: Counter[str] = Counter()
        super().__init__(config, env)

    def set_backends(self, backends: Backends) -> None:
        super().set_backends(backends)
        self.before = Counter(self.open.values())

    def has_room(self, name: str, cap: int) -> bool:
        return self.load(name) - self.before[name] < cap


@planted("never_refuses_while_eligible")
class RoundsDown(BoundedLoads):
    """The bound is rounded down, so all may be full."""

    def cap(self, weight: int, eligible: list[Backend]) -> int:
        share = Fraction(weight, sum(one.weight for one in eligible))
        return floor(self.factor() * self.number() * share)


@planted("never_refuses_while_eligible")
class NewOneNotCounted(BoundedLoads):
    """The bound is for the requests that are in flight already, so the first finds no room."""

    def number(self) -> int:
        return len(self.open)


@planted("goes_home_while_there_is_room")
class LeastLoadedOnceBusy(BoundedLoads):
    """While anything is in flight the least loaded backend is picked."""

    def fitting(self, key: str, eligible: list[Backend]) -> str | None:
        fits = super().fitting(key, eligible)
        return min((one.name for one in eligible), key=self.load) if self.open else fits


@planted("goes_home_while_there_is_room")
class BoundIsTheShare(BoundedLoads):
    """What a backend may have beyond its share is forgotten."""

    def factor(self) -> Fraction:
        return Fraction(1)


@planted("first_fit")
class SpillsToTheLeastLoaded(BoundedLoads):
    """What there is no room for goes to the least loaded."""

    def fitting(self, key: str, eligible: list[Backend]) -> str | None:
        home, fits = self.ordered(key, eligible)[0], super().fitting(key, eligible)
        return fits if fits == home else min((one.name for one in eligible), key=self.load)


@planted("first_fit")
class SpillsAtRandom(BoundedLoads):
    """What there is no room for goes to any other that has some."""

    def ordered(self, key: str, eligible: list[Backend]) -> list[str]:
        ordered = super().ordered(key, eligible)
        if not self.spills:
            return ordered
        return ordered[:1] + self.env.random.sample(ordered[1:], len(ordered) - 1)

    spills = False

    def fitting(self, key: str, eligible: list[Backend]) -> str | None:
        self.spills = True
        try:
            return super().fitting(key, eligible)
        finally:
            self.spills = False


@planted("deterministic")
class FirstCountsInAll(BoundedLoads):
    """The order of a key begins one further with each request."""

    turns = 0

    def pick(self, key: str) -> Pick | None:
        self.turns += 1
        return super().pick(key)

    def ordered(self, key: str, eligible: list[Backend]) -> list[str]:
        ordered = super().ordered(key, eligible)
        at = self.turns % len(ordered)
        return ordered[at:] + ordered[:at]


@planted("zero_weight_gets_nothing")
class ZeroIsSpare(BoundedLoads):
    """What there is no room for at home goes to a backend of weight 0, if there is one."""

    def fitting(self, key: str, eligible: list[Backend]) -> str | None:
        home, fits = self.ordered(key, eligible)[0], super().fitting(key, eligible)
        spare = [one.name for one in self.members if not one.weight]
        return fits if fits == home or not spare else spare[0]


@planted("tickets_tell_picks_apart")
class TicketOfTheKey(BoundedLoads):
    """The ticket is the key, so two requests with one key have the same."""

    def pick(self, key: str) -> Pick | None:
        self.key = key
        return super().pick(key)

    def take(self, name: str) -> Pick:
        self.open[next(self.tickets)] = name
        return Pick(name, self.key)


@planted("done_is_idempotent")
class DoneTwice(BoundedLoads):
    """What is done a second time ends another request at the same backend."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.ended: dict[Any, str] = {}
        super().__init__(config, env)

    def done(self, ticket: int | str) -> None:
        if ticket in self.open:
            self.ended[ticket] = self.open[ticket]
        else:
            name = self.ended.get(ticket)
            ticket = next((one for one, other in self.open.items() if other == name), ticket)
        super().done(ticket)


@planted("survivors_keep_in_flight")
class StartsAnewAtChanges(BoundedLoads):
    """When backends change, nothing is in flight any more."""

    def set_backends(self, backends: Backends) -> None:
        super().set_backends(backends)
        self.open = {}


@planted("only_eligible")
class KeepsTheRemoved(BoundedLoads):
    """A change that only removes backends is not taken over while something is in flight."""

    def set_backends(self, backends: Backends) -> None:
        if not (self.open and set(checked(backends)) < set(self.members)):
            super().set_backends(backends)
