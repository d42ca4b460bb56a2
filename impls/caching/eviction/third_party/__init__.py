"""Adapters of libraries, a page each. A library that is not installed is left out; `lawful[third-party]` has all."""

from spec.caching.eviction.types import Capacity


def without_ttl(config: Capacity) -> None:
    """NotImplementedError if entries are to expire."""
    if config.ttl is not None:
        raise NotImplementedError("entries do not expire")
