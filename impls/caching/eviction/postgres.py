"""Caches on PostgreSQL: one statement for a call, exact at READ COMMITTED for any number of clients."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from impls.backends import autocommit_engine
from impls.caching.eviction.server_base import Left, OnServer
from impls.made_once import make_once
from impls.registry import Factory, implementation
from spec.caching.eviction.types import Capacity
from spec.environment import Clock, Environment

TABLE = "lawful_evicting"
"""The name of the table and of the function."""

PARAMETERS = "namespace", "policy", "call", "key", "value", "weight", "lasts", "now", "capacity", "telling"


class OnPostgres(OnServer):
    """A cache whose state is one row for each entry. A call is one statement, which asks one function, that is made on
    first use together with its table, and holds the lock of this cache only.

    The table is not logged: after a crash of the server the cache is empty. A key may have about 2,000 bytes.

    Without a clock the server's own is used, the same for all clients; with one, the time is sent along.

    engine:    should be in AUTOCOMMIT: a transaction around a call holds the cache's lock.
    namespace: caches of one policy and namespace are one cache.
    """

    largest = 2**62 - 1

    policy: str
    """What the function calls it."""

    function = TABLE

    def __init__(self, config: Capacity, engine: Engine, namespace: str = "", clock: Clock | None = None) -> None:
        super().__init__(config, clock)
        self._engine = engine
        self._constant = {
            "namespace": f"{namespace}:{self.policy}",
            "policy": self.policy,
            "capacity": config.capacity,
            "telling": config.on_removal is not None,
        }
        self._statement = text(f"select * from {self.function}({', '.join(f':{name}' for name in PARAMETERS)})")
        make_once(engine, self.function, self._source())

    def _call(self, call: str, key: bytes, value: str, weight: int, lasts: int, now: int) -> tuple[Any, Left]:
        values = self._constant | {
            "call": call,
            "key": key,
            "value": value,
            "weight": weight,
            "lasts": lasts,
            "now": now,
        }
        with self._engine.connect() as connection:
            rows = connection.execute(self._statement, values).all()
        answers = [row for row in rows if row.what == "answer"]
        left = [(bytes(row.which), row.held, row.what) for row in rows if row.what != "answer"]
        if call == "keys":
            return [bytes(row.which) for row in answers], left
        found = answers[0].held if answers else None
        return found if call in ("get", "peek") else int(found or 0), left

    def _source(self) -> str:
        """The statements that make the table and the function."""
        return Path(__file__).with_name("evicting.sql").read_text()


class Lru(OnPostgres):
    """The least recently used goes."""

    policy = "lru"


class Fifo(OnPostgres):
    """What was put first goes."""

    policy = "fifo"


class Ttl(OnPostgres):
    """What expires first goes; what never does, last. Of equals, what was written first."""

    policy = "ttl"


def _factory(specification: str, on_postgres: type[OnPostgres]) -> Factory:
    """Register a class for a specification; the factory."""

    @implementation(
        f"caching.{specification}", "postgres", backend="postgres", capabilities={"weights", "entry_ttl", "listener"}
    )
    def make(config: Capacity, env: Environment) -> OnPostgres:
        return on_postgres(config, autocommit_engine(env.postgres_url), env.namespace, env.clock)

    return make


lru = _factory("lru", Lru)
fifo = _factory("fifo", Fifo)
ttl = _factory("ttl", Ttl)
