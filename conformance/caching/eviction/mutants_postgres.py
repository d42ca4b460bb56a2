"""Caches on PostgreSQL with one mistake each, in the function."""

from typing import Any, ClassVar

from conformance.mutants import mutant
from impls.backends import autocommit_engine
from impls.caching.eviction.postgres import Lru, OnPostgres, Ttl
from spec.environment import Environment

LRU, TTL = "caching.lru", "caching.ttl"
ALL = frozenset({"weights", "entry_ttl", "listener"})


class Slip(OnPostgres):
    """Goes before a correct cache. `slip`: passages of the function, and what stands there instead. It is made under
    the name of the class, beside the correct one."""

    slip: ClassVar[dict[str, str]] = {}

    def __init__(self, config: Any, env: Environment) -> None:
        self.function = f"lawful_evicting_{type(self).__name__}".lower()
        super().__init__(config, autocommit_engine(env.postgres_url), env.namespace, env.clock)

    def _source(self) -> str:
        source = super()._source()
        for passage, instead in {"function lawful_evicting(": f"function {self.function}(", **self.slip}.items():
            if passage not in source:
                raise ValueError(f"{passage!r} is not in evicting.sql")
            source = source.replace(passage, instead)
        return source


@mutant(LRU, killed_by="evicts_the_policys_victim", capabilities=ALL)
class UpsertKeepsItsPlace(Slip, Lru):
    """The upsert of what is put again sets value, weight and deadline, and leaves the entry's place in the order."""

    slip: ClassVar = {"case when policy = 'fifo' then entry.seq else excluded.seq end": "entry.seq"}


@mutant(LRU, killed_by="listener_exactly_once", capabilities=ALL)
class ExpiredTakesRoomInPuts(Slip, Lru):
    """A put drops nothing that has expired: of that it tells that it is replaced, and evicts what is live beside it."""

    slip: ClassVar = {"deadline <= present returning": "deadline <= present and call <> 'put' returning"}


@mutant(TTL, killed_by="evicts_the_policys_victim", capabilities=ALL)
class NeverExpiringFirst(Slip, Ttl):
    """Entries that never expire are put before all others, where null is lowest, and are evicted first."""

    slip: ClassVar = {"deadline nulls last": "deadline nulls first"}
