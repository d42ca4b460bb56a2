"""Correct mappers in small pieces, each for a mutant to get wrong: slow, plain, and written anew."""

from bisect import bisect_left
from collections.abc import Sequence
from hashlib import sha256
from math import log
from typing import Any

from spec.environment import Environment
from spec.load_balancing.picking.types import Backend, Backends, checked


class Plain:
    """What all of them do. Nothing is kept but the backends: each key is looked up as if it were the first."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.config, self.env = config, env
        self.members: Backends = ()
        self.set_backends(config.backends)

    # The calls

    def assign(self, keys: Sequence[str]) -> Any:
        return tuple(self.assigned(key) for key in keys)

    def set_backends(self, backends: Backends) -> None:
        self.members = self.check(backends)

    # The pieces

    def assigned(self, key: str) -> str | None:
        eligible = self.eligible()
        return self.choose(key, eligible) if eligible else self.nobody(key)

    def nobody(self, key: str) -> str | None:
        """What is answered where there is no backend."""
        return None

    def check(self, backends: Backends) -> Backends:
        return checked(backends)

    def eligible(self) -> list[Backend]:
        return [one for one in self.members if one.weight]

    def hash(self, *parts: Any) -> int:
        """64 bits of them."""
        text = "\0".join(map(self.text, parts))
        return int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")

    def text(self, part: Any) -> str:
        """So that no two lists of parts become one text."""
        return str(part).replace("\\", "\\\\").replace("\0", "\\0")

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        """The backend of a key, of at least one."""
        raise NotImplementedError


class Modulo(Plain):
    """The remainder says how much weight is passed over."""

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        place = self.remainder(key, sum(map(self.weight, eligible)))
        for one in eligible:
            place -= self.weight(one)
            if place < 0:
                return one.name
        raise IndexError(place)

    def remainder(self, key: str, by: int) -> int:
        return self.hash(key) % by

    def weight(self, one: Backend) -> int:
        return one.weight


class Preferring(Plain):
    """What puts all backends in an order for each key."""

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        return self.ordered(key, eligible)[0]

    def preference(self, key: str, count: int) -> Any:
        return self.ordered(key, self.eligible())[:count]

    def ordered(self, key: str, eligible: list[Backend]) -> list[str]:
        """All of them, the one that is preferred first."""
        raise NotImplementedError


class Rendezvous(Preferring):
    """Who draws the highest has the key; a draw is raised to the power of 1 / weight, or here its logarithm divided."""

    def ordered(self, key: str, eligible: list[Backend]) -> list[str]:
        return [one.name for one in sorted(eligible, key=lambda one: (-self.score(key, one), one.name))]

    def score(self, key: str, one: Backend) -> float:
        return log(self.draw(key, one)) / self.weight(one)

    def draw(self, key: str, one: Backend) -> float:
        """Above 0, below 1."""
        return (self.hash(one.name, key) + 0.5) / 2**64

    def weight(self, one: Backend) -> int:
        return one.weight


class Ring(Preferring):
    """All points in a list that is sorted anew for each change."""

    circle = 2**64

    def set_backends(self, backends: Backends) -> None:
        super().set_backends(backends)
        self.ring = self.points()

    def points(self) -> list[tuple[int, str]]:
        """Each point and whose it is; of several at one place the first name's counts, but all are kept."""
        return sorted((place, one.name) for at, one in enumerate(self.eligible()) for place in self.points_of(at, one))

    def points_of(self, at: int, one: Backend) -> list[int]:
        return [self.point(one, number) for number in range(self.number_of_points(one))]

    def number_of_points(self, one: Backend) -> int:
        return int(self.config.points) * one.weight

    def point(self, one: Backend, number: int) -> int:
        return self.hash("point", one.name, number) % self.circle

    def place(self, key: str) -> int:
        return self.hash("key", key) % self.circle

    def ordered(self, key: str, eligible: list[Backend]) -> list[str]:
        at = bisect_left(self.ring, (self.place(key), ""))
        return list(dict.fromkeys(name for _, name in self.ring[at:] + self.ring[:at]))

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        at = bisect_left(self.ring, (self.place(key), ""))
        return self.ring[at % len(self.ring)][1]


class Jump(Plain):
    """For each further backend a draw that depends on the key and its number says whether the key jumps to it."""

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        return eligible[self.bucket(key, len(eligible))].name

    def bucket(self, key: str, number: int) -> int:
        found = 0
        for at in range(1, number):
            if self.jumps(key, at):
                found = at
        return found

    def jumps(self, key: str, at: int) -> bool:
        """With a chance of one in all that there are up to that one."""
        return self.hash(at, key) * (at + 1) < 2**64


class Maglev(Plain):
    """All take an entry in turn: the next on their own list of all entries that is free."""

    def set_backends(self, backends: Backends) -> None:
        super().set_backends(backends)
        self.table = self.filled() if self.eligible() else []

    def filled(self) -> list[str]:
        size = self.config.table
        names = self.in_turn([one.name for one in self.eligible()])
        wanted = {name: self.entries(name) for name in names}
        table: list[str | None] = [None] * size
        free = size
        while True:
            for name in names:
                if not free:
                    return [str(entry) for entry in table]
                entry = next(entry for entry in wanted[name] if table[entry] is None)
                table[entry] = name
                free -= 1

    def in_turn(self, names: list[str]) -> list[str]:
        return sorted(names)

    def entries(self, name: str) -> Any:
        """All entries in the order in which the backend wants them."""
        size = self.config.table
        first, step = self.hash("first", name) % size, 1 + self.hash("step", name) % (size - 1)
        return iter([(first + step * turn) % size for turn in range(size)])

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        return self.table[self.hash("key", key) % len(self.table)]
