"""Caches that evict: what is kept where there is room for only so much."""

from spec.caching.eviction.assemble import evicting
from spec.caching.eviction.laws_policy import larger_contains_smaller
from spec.caching.eviction.policies import Lru

LRU = evicting(
    "lru", "When there is too little room, what was not used for longest goes.", Lru(), (larger_contains_smaller,)
)

SPECIFICATIONS = (LRU,)
