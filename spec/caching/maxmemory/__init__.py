"""Servers with a limit on memory: what Redis and Valkey promise of `maxmemory` and its policies."""

from spec.caching.eviction.model import AnyCache
from spec.caching.eviction.types import Hit
from spec.caching.maxmemory import laws, laws_statistics
from spec.caching.maxmemory.types import KeptInMemory, Maxmemory
from spec.specification import Specification

MAXMEMORY = Specification(
    name="caching.maxmemory",
    summary="A server evicts by its policy, or refuses, what is above a limit in bytes.",
    interface=KeptInMemory,
    configuration=Maxmemory,
    operations={"put": bool, "get": Hit | None, "delete": bool, "__contains__": bool, "used": int},
    model=AnyCache(),
    laws=(
        laws.never_above_maxmemory,
        laws.finds_no_more_than_fits,
        laws.hit_returns_last_put_value,
        laws.expired_is_gone,
        laws.volatile_spares_what_never_expires,
        laws.noeviction_loses_nothing,
        laws.evicts_only_when_full,
        laws.refuses_only_when_nothing_may_go,
        laws_statistics.popular_half_survives,
        laws_statistics.soonest_to_expire_goes_first,
        laws.answers_every_call,
        laws.rejects_bad_input,
    ),
)
SPECIFICATIONS = (MAXMEMORY,)
