"""Jump hashes, each with one mistake."""

from typing import Any

from conformance.load_balancing.hashing.modelled import Jump
from conformance.mutants import mutant
from spec.load_balancing.picking.types import Backend

NAME = "load_balancing.consistent_hashing"


def planted(killed_by: str) -> Any:
    """Plant a mistake in a jump hash."""
    return mutant(NAME, killed_by, {"jump"})


@planted("only_the_last_ones_keys_move")
class RemainderOfSixteen(Jump):
    """It jumps as if there were sixteen, and where there are not, takes the remainder."""

    def bucket(self, key: str, number: int) -> int:
        return super().bucket(key, 16) % number


@planted("appended_takes_only_for_itself")
class DrawsDependOnTheNumber(Jump):
    """Its draws depend on how many backends there are."""

    def bucket(self, key: str, number: int) -> int:
        return super().bucket(f"{number} {key}", number)


@planted("only_the_place_counts")
class SortsByName(Jump):
    """Backends are numbered by their names, so a copy that takes over is sorted in elsewhere."""

    def eligible(self) -> list[Backend]:
        return sorted(super().eligible())


@planted("only_the_place_counts")
class DrawsDependOnNames(Jump):
    """Its draws depend on the name of the first backend."""

    def bucket(self, key: str, number: int) -> int:
        return super().bucket(f"{self.members[0].name} {key}", number)


@planted("share_is_bounded")
class OneDrawForAll(Jump):
    """There is one draw for each key, not one for each jump, so all that jump at all jump to the last."""

    def jumps(self, key: str, at: int) -> bool:
        return super().jumps(key, at) if at < 2 else self.hash(0, key) * (at + 1) < 2**64


@planted("share_is_bounded")
class JumpsHalfTheTime(Jump):
    """To each further backend half of all keys jump."""

    def jumps(self, key: str, at: int) -> bool:
        return self.hash(at, key) < 2**63


@planted("last_ones_keys_spread")
class LastTakesTheRest(Jump):
    """It jumps as if there were sixteen; whoever would be behind the last is with the last."""

    def bucket(self, key: str, number: int) -> int:
        return min(super().bucket(key, 16), number - 1)
