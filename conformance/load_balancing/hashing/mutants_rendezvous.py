"""Consistent hashes of no declared kind, each with one mistake."""

from typing import Any
from zlib import crc32

from conformance.load_balancing.hashing.modelled import Modulo, Preferring, Rendezvous
from conformance.mutants import mutant
from spec.environment import Environment
from spec.load_balancing.picking.types import Backend, Backends

NAME = "load_balancing.consistent_hashing"


def planted(killed_by: str) -> Any:
    """Plant a mistake in one with weights."""
    return mutant(NAME, killed_by, {"weights"})


@planted("only_removed_keys_move")
class Remainder(Modulo):
    """It is no consistent hash, but a remainder."""


@planted("only_removed_keys_move")
class ScoresByPlace(Rendezvous):
    """The place in the list is hashed, not the name: all after one that is removed become others."""

    def draw(self, key: str, one: Backend) -> float:
        return (self.hash(self.members.index(one), key) + 0.5) / 2**64


@planted("same_membership_same_mapping")
class LastInTheListOnTie(Rendezvous):
    """Of eight bits there are many equal draws, and of equal ones the first in the list has the key."""

    def ordered(self, key: str, eligible: list[Backend]) -> list[str]:
        return [one.name for one in sorted(eligible, key=lambda one: -self.score(key, one))]

    def draw(self, key: str, one: Backend) -> float:
        return (self.hash(one.name, key) % 256 + 0.5) / 256


@planted("same_membership_same_mapping")
class KeepsWhatItHas(Rendezvous):
    """Where a key went first it stays while that is there, though others came since; another proxy does not know."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.homes: dict[str, str | None] = {}
        super().__init__(config, env)

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        if self.homes.get(key) not in {one.name for one in eligible}:
            self.homes[key] = super().choose(key, eligible)
        return self.homes[key]


@planted("added_takes_only_for_itself")
class SaltedByTheNewest(Rendezvous):
    """All draws depend on how many there were when one was last added."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.most = 0
        super().__init__(config, env)

    def set_backends(self, backends: Backends) -> None:
        grows = set(self.check(backends)) > set(self.members)
        super().set_backends(backends)
        self.most = len(backends) if grows else self.most

    def hash(self, *parts: Any) -> int:
        return super().hash(self.most, *parts)


@planted("weight_up_only_attracts")
class WeightIsHashed(Rendezvous):
    """A draw depends on the weight too, so with another weight a backend has quite other keys."""

    def draw(self, key: str, one: Backend) -> float:
        return (self.hash(one.name, one.weight, key) + 0.5) / 2**64


@planted("share_is_bounded")
class WeightIsAFactor(Rendezvous):
    """The draw is multiplied by the weight: one with twice the weight has three times as many keys."""

    def score(self, key: str, one: Backend) -> float:
        return self.draw(key, one) * one.weight


@planted("share_is_bounded")
class DrawsByChecksum(Rendezvous):
    """A draw is the checksum of the key, begun with that of the name: those of two names always differ by the same
    bits."""

    def draw(self, key: str, one: Backend) -> float:
        return (crc32(self.text(key).encode(), crc32(one.name.encode())) + 0.5) / 2**32


@planted("removed_keys_spread")
class NextInTheList(Preferring):
    """The keys of one that is gone go to the next of those there were at first."""

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        first, alive = [one[0] for one in self.config.backends], {one.name for one in eligible}
        at = self.hash(key) % len(first)
        return next((name for name in first[at:] + first[:at] if name in alive), eligible[0].name)

    def ordered(self, key: str, eligible: list[Backend]) -> list[str]:
        return [one.name for one in eligible]


@planted("preference_names_each_once")
class OneMoreThanThereAre(Rendezvous):
    """Where more are asked for than there are, it begins anew."""

    def preference(self, key: str, count: int) -> Any:
        ordered = self.ordered(key, self.eligible())
        return (ordered * count)[:count]


@planted("preference_begins_at_home")
class PrefersTheOthers(Rendezvous):
    """The list is of those that take over, so it begins with the second."""

    def preference(self, key: str, count: int) -> Any:
        ordered = self.ordered(key, self.eligible())
        return (ordered[1:] + ordered[:1])[:count]


@planted("preference_list_is_stable")
class RestInOrderOfTheList(Rendezvous):
    """After the first come those that follow it in the list."""

    def preference(self, key: str, count: int) -> Any:
        names = [one.name for one in self.eligible()]
        at = names.index(self.ordered(key, self.eligible())[0]) if names else 0
        return (names[at:] + names[:at])[:count]


@planted("preference_list_is_stable")
class ShortListIsSorted(Rendezvous):
    """A list of fewer than all is sorted by name after the first."""

    def preference(self, key: str, count: int) -> Any:
        ordered = self.ordered(key, self.eligible())[:count]
        return ordered[:1] + sorted(ordered[1:])
