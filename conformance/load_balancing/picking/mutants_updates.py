"""Balancers that lose something when their members are updated, or when one drains: of each policy one."""

from typing import Any

from conformance.load_balancing.picking.modelled import (
    Balancer,
    Cyclic,
    LeastConnections,
    Random,
    TwoChoices,
    WeightedLeastConnections,
)
from conformance.mutants import mutant
from spec.load_balancing.picking.types import Backends

LIMITS = frozenset({"limits"})


def planted(short: str, killed_by: str = "agrees_with_model") -> Any:
    """Plant a mistake in a balancer that knows limits."""
    return mutant(f"load_balancing.{short}", killed_by, LIMITS)


class Forgetful(Balancer):
    """An update brings all members up, as it makes them anew."""

    def set_backends(self, backends: Backends) -> None:
        super().set_backends(backends)
        self.up = dict.fromkeys(self.members, True)


@planted("weighted_round_robin")
class UpdateBringsUpInTurns(Forgetful, Cyclic):
    """An update brings all members up; they come in turns."""


@planted("random")
class UpdateBringsUpAtRandom(Forgetful, Random):
    """An update brings all members up; they are drawn."""


@planted("weighted_random")
class UpdateBringsUpByWeight(Forgetful, Random):
    """An update brings all members up; they are drawn by weight."""


@planted("least_connections")
class UpdateBringsUpByLoad(Forgetful, LeastConnections):
    """An update brings all members up; they are picked by load."""


@planted("weighted_least_connections")
class UpdateBringsUpByLoadAndWeight(Forgetful, WeightedLeastConnections):
    """An update brings all members up; they are picked by load and weight."""


@planted("two_choices")
class UpdateBringsUpTwo(Forgetful, TwoChoices):
    """An update brings all members up; two are drawn."""


@planted("draining")
class UpdateEndsDrain(Random):
    """An update ends all draining, as only what it names is kept."""

    def set_backends(self, backends: Backends) -> None:
        super().set_backends(backends)
        self.draining = dict.fromkeys(self.members, False)


@planted("draining", "drain_ends")
class DownIsNeverDrained(Random):
    """A member that is down is never said to be drained."""

    def drained(self, name: str) -> bool:
        return super().drained(name) and self.up[name]


@planted("weighted_round_robin", "exact_per_cycle")
class FirstComesOnceMore(Cyclic):
    """The first stands in the list once too often."""

    def cycle(self, shares: dict[str, int]) -> list[str]:
        return [*super().cycle(shares), next(iter(shares))]
