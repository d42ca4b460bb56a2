"""Mappers in memory: by remainder, by rendezvous, by jumps, by a table."""

from collections.abc import Sequence
from typing import Any

from impls.load_balancing.hashing.memory_base import Mapped, digest, in_memory
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
