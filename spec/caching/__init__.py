"""Caching: what is kept near, so that it need not be fetched again."""

from spec.caching.eviction import SPECIFICATIONS
from spec.caching.eviction.types import DEFAULT, Aging, Capacity, Evicting, Hit

__all__ = ["DEFAULT", "SPECIFICATIONS", "Aging", "Capacity", "Evicting", "Hit"]
