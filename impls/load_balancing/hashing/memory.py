"""Mappers in memory: by remainder, by rendezvous, by jumps, by a table."""

from collections.abc import Sequence
from math import log
from typing import Any

from impls.load_balancing.hashing.memory_base import MASK, Mapped, digest, in_memory
from spec.load_balancing.picking.types import Backend


@in_memory("ip_hash", "weights")
class IpHash(Mapped):
    """The remainder, in a list that has each backend as often as its weight says. O(1)."""

    def _built(self, backends: list[Backend]) -> Any:
        return [backend.name for backend in backends for _ in range(backend.weight)]

    def assign(self, keys: Sequence[str]) -> list[str | None]:
        """The backend of each key."""
        names = self._state
        number = len(names)
        if not number:
            return [None] * len(keys)
        return [names[digest(key) % number] for key in keys]


@in_memory("consistent_hashing", "weights")
class Rendezvous(Mapped):
    """Each backend draws a number for the key, and the highest has it: -weight / ln(draw), with the draw from 0 to 1.
    The hashes of key and backend are mixed, so a draw costs no hash of its own. O(n).

    D. Thaler and C. V. Ravishankar, 1998; with weights C. Schindelhauer and G. Schomaker, 2005.
    """

    def _built(self, backends: list[Backend]) -> Any:
        # In the order of their names, so that of equal draws always the same one wins.
        nodes = [(backend.name, digest(backend.name), backend.weight) for backend in sorted(backends)]
        return nodes, len({backend.weight for backend in backends}) < 2

    def assign(self, keys: Sequence[str]) -> list[str | None]:
        """The backend of each key."""
        nodes, alike = self._state
        if not nodes:
            return [None] * len(keys)
        found: list[str | None] = []
        for key in keys:
            hashed = digest(key)
            most: float = -1
            chosen = None
            for name, own, weight in nodes:
                mixed = ((hashed ^ own) * 0x9E3779B97F4A7C15) & MASK
                mixed = ((mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93) & MASK
                mixed ^= mixed >> 32
                score = mixed >> 11 if alike else _score(mixed, weight)
                if score > most:
                    most, chosen = score, name
            found.append(chosen)
        return found

    def preference(self, key: str, count: int) -> list[str]:
        """By falling draws."""
        hashed, found = digest(key), []
        for name, own, weight in self._state[0]:
            mixed = ((hashed ^ own) * 0x9E3779B97F4A7C15) & MASK
            mixed = ((mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93) & MASK
            found.append((-_score(mixed ^ (mixed >> 32), weight), name))
        return [name for _, name in sorted(found)[:count]]


def _score(mixed: int, weight: int) -> float:
    return -weight / log(((mixed >> 11) + 0.5) / 2**53)


@in_memory("consistent_hashing", "jump", name="memory-jump")
class Jump(Mapped):
    """The number of the backend is computed from the hash of the key. O(log n), and there is nothing to build."""

    def _built(self, backends: list[Backend]) -> Any:
        return [backend.name for backend in backends]

    def assign(self, keys: Sequence[str]) -> list[str | None]:
        """The backend of each key."""
        names = self._state
        number = len(names)
        if not number:
            return [None] * len(keys)
        return [names[jump(digest(key), number)] for key in keys]


def jump(key: int, buckets: int) -> int:
    """The bucket of a key of 64 bits, of at least one.

    J. Lamping and E. Veach, A fast, minimal memory, consistent hash algorithm, 2014.
    """
    bucket, following = 0, 0
    while following < buckets:
        bucket = following
        key = (key * 2862933555777941757 + 1) & MASK
        following = int((bucket + 1) * (2147483648.0 / ((key >> 33) + 1)))
    return bucket


@in_memory("consistent_hashing", "maglev", name="memory-maglev")
class Maglev(Mapped):
    """A table that backends fill in turn, each by steps of its own over those that are taken. O(1) for each key.

    D. E. Eisenbud et al., Maglev, NSDI 2016, section 3.4.
    """

    def _built(self, backends: list[Backend]) -> Any:
        size = self._config.table
        names = sorted(backend.name for backend in backends)
        if not names:
            return []
        table: list[str | None] = [None] * size
        hashes = [divmod(digest(name), 2**32) for name in names]
        steps = [(name, 1 + low % (size - 1)) for name, (_, low) in zip(names, hashes, strict=True)]
        places = [high % size for high, _ in hashes]
        taken = 0
        while True:
            for turn, (name, step) in enumerate(steps):
                place = places[turn]
                while table[place] is not None:
                    place += step
                    if place >= size:
                        place -= size
                table[place], places[turn] = name, place
                taken += 1
                if taken == size:
                    return table

    def assign(self, keys: Sequence[str]) -> list[str | None]:
        """The backend of each key."""
        table = self._state
        if not table:
            return [None] * len(keys)
        size = len(table)
        return [table[digest(key) % size] for key in keys]
