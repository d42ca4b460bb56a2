"""Tables, each with one mistake."""

from itertools import cycle
from typing import Any

from conformance.load_balancing.hashing.modelled import Maglev
from conformance.mutants import mutant
from spec.load_balancing.picking.types import Backend

NAME = "load_balancing.consistent_hashing"


def planted(killed_by: str) -> Any:
    """Plant a mistake in a table."""
    return mutant(NAME, killed_by, {"maglev"})


@planted("same_membership_same_mapping")
class FillsInOrderOfArrival(Maglev):
    """Backends fill the table in the order in which they were told."""

    def in_turn(self, names: list[str]) -> list[str]:
        return names


@planted("few_others_move")
class FillsByRemainder(Maglev):
    """Entries are given to the backends in turn, without an order of their own."""

    def filled(self) -> list[str]:
        names = cycle(self.in_turn([one.name for one in self.eligible()]))
        return [name for name, _ in zip(names, range(self.config.table), strict=False)]


@planted("few_others_move")
class StepsDependOnTheNumber(Maglev):
    """In which order a backend wants entries depends on how many backends there are."""

    def entries(self, name: str) -> Any:
        return super().entries(f"{name} {len(self.members)}")


@planted("share_is_even")
class TakesTwoFirst(Maglev):
    """The first backend takes an entry twice in each turn."""

    def in_turn(self, names: list[str]) -> list[str]:
        return sorted([*names, names[0]])


@planted("share_is_even")
class FirstWantedTakesIt(Maglev):
    """No turns: each entry goes to the backend that wants it first, whose step is smallest."""

    def filled(self) -> list[str]:
        wanted = {one.name: list(self.entries(one.name)) for one in self.eligible()}
        places = {name: self.hash("step", name) % 7 + 1 for name in wanted}
        return [
            min(wanted, key=lambda name: (wanted[name].index(entry) // places[name], name))
            for entry in range(self.config.table)
        ]


@planted("not_inherited_by_one")
class NeighbourTakesOver(Maglev):
    """The entries of one that is gone go to the next by name of those there were at first."""

    def filled(self) -> list[str]:
        alive = {one.name for one in self.eligible()}
        first = sorted({one[0] for one in self.config.backends} | alive)
        rounds = first + first
        return [
            next(name for name in rounds[entry % len(first) :] if name in alive) for entry in range(self.config.table)
        ]


@planted("single_backend_takes_all")
class OneIsNoTable(Maglev):
    """With one backend the table has one entry that is free."""

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        found = super().choose(key, eligible)
        return None if len(eligible) == 1 and self.hash(key) % self.config.table == 0 else found
