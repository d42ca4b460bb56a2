"""Correct bounded loads in small pieces, each for a mutant to get wrong: it counts anew for each call."""

from fractions import Fraction
from itertools import count
from math import ceil
from typing import Any

from conformance.load_balancing.hashing.modelled import Rendezvous
from spec.environment import Environment
from spec.load_balancing.picking.types import Backend, Backends, Pick


class BoundedLoads(Rendezvous):
    """In the order of a rendezvous, the first that has room."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.open: dict[Any, str] = {}
        self.tickets = count()
        super().__init__(config, env)

    # The calls

    def pick(self, key: str) -> Pick | None:
        eligible = self.eligible()
        if not eligible:
            return None
        name = self.fitting(key, eligible)
        return None if name is None else self.take(name)

    def done(self, ticket: int | str) -> None:
        self.open.pop(ticket, None)

    def set_backends(self, backends: Backends) -> None:
        super().set_backends(backends)
        names = {one.name for one in self.members}
        self.open = {ticket: name for ticket, name in self.open.items() if name in names}

    def in_flight(self, name: str) -> int:
        if name not in {one.name for one in self.members}:
            raise KeyError(name)
        return self.load(name)

    # The pieces

    def load(self, name: str) -> int:
        return sum(other == name for other in self.open.values())

    def fitting(self, key: str, eligible: list[Backend]) -> str | None:
        weights = {one.name: one.weight for one in eligible}
        ordered = self.ordered(key, eligible)
        return next((name for name in ordered if self.has_room(name, self.cap(weights[name], eligible))), None)

    def has_room(self, name: str, cap: int) -> bool:
        return self.load(name) < cap

    def cap(self, weight: int, eligible: list[Backend]) -> int:
        share = Fraction(weight, sum(one.weight for one in eligible))
        return ceil(self.factor() * self.number() * share)

    def factor(self) -> Fraction:
        return Fraction(100 + self.config.extra, 100)

    def number(self) -> int:
        """How many requests count, the new one too."""
        return len(self.open) + 1

    def take(self, name: str) -> Pick:
        ticket = next(self.tickets)
        self.open[ticket] = name
        return Pick(name, ticket)
