"""Caching: what is kept near, so that it need not be fetched again."""

from spec.caching.eviction import SPECIFICATIONS as EVICTION
from spec.caching.eviction.types import DEFAULT, Aging, Capacity, Evicting, Hit
from spec.caching.maxmemory import SPECIFICATIONS as MAXMEMORY

__all__ = ["DEFAULT", "SPECIFICATIONS", "Aging", "Capacity", "Evicting", "Hit"]

SPECIFICATIONS = (*EVICTION, *MAXMEMORY)
