"""What limiters on PostgreSQL have in common: one row for a key, one statement for a decision."""

from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Row, TextClause, text

from spec.environment import Clock
from spec.rate_limiting.types import Decision, checked

NOW = "coalesce(cast(:now as bigint), cast(extract(epoch from statement_timestamp()) * 1000000 as bigint))"


class OnPostgres:
    """A limiter whose state is one row for each of its keys. A decision is one statement, which locks that row only,
    and is right at READ COMMITTED for any number of clients.

    Without a clock the server's own is used, the same for all clients; with one, the time is sent along. The table is
    made on first use. `purge` removes the rows of keys that are as good as new; it may run at any time.

    engine:    should be in AUTOCOMMIT: a transaction around a decision holds the row's lock.
    namespace: limiters of one namespace and configuration are one limiter.

    A file of statements `<table>.sql` has four: make the table `lawful_<table>`, acquire, peek, purge. They get the
    numbers of the configuration by their names, `namespace`, `key`, `cost` and `variant`; {now} is the time.
    """

    table: str
    """The name of the file of statements, without .sql."""

    variant = 0
    """Which variant of its algorithm the statements are to follow."""

    def __init__(self, config: Any, engine: Engine, namespace: str = "", clock: Clock | None = None) -> None:
        self._config, self._engine, self._clock = config, engine, clock
        self._numbers = {name: getattr(config, name) for name in config.__slots__}
        numbers = "-".join(map(str, self._numbers.values()))
        self._namespace = f"{namespace}:{self.variant}:{numbers}"
        table, self._acquire, self._peek, self._purge, self._reset = _statements(self.table)
        _make_table(engine, self.table, table)

    def acquire(self, key: str, cost: int = 1) -> Decision:
        """Take `cost` units if there are that many; see `spec.rate_limiting.RateLimiter`."""
        # What is refused for its size, or takes nothing, changes no row.
        return self._ask(key, checked(key, cost), take=0 < cost <= self._config.capacity)

    def peek(self, key: str) -> Decision:
        """What `acquire(key)` would be answered, taking nothing."""
        return self._ask(key, checked(key), take=False)

    def reset(self, key: str) -> None:
        """Forget the key."""
        checked(key)
        with self._engine.connect() as connection:
            connection.execute(self._reset, self._values(key))

    def purge(self) -> int:
        """Remove the rows of keys that are as good as new; how many there were."""
        with self._engine.connect() as connection:
            return connection.execute(self._purge, self._values()).rowcount

    def _decision(self, row: Row[Any] | None, cost: int, *, take: bool) -> Decision:
        """The answer, from the row that `acquire` (take) or `peek` returns; None: there is no row."""
        raise NotImplementedError

    def _ask(self, key: str, cost: int, *, take: bool) -> Decision:
        with self._engine.connect() as connection:
            if take:
                row = connection.execute(self._acquire, self._values(key, cost)).first()
            else:
                row = connection.execute(self._peek, self._values(key)).first()
        return self._decision(row, cost, take=take)

    def _values(self, key: str = "", cost: int = 1) -> dict[str, Any]:
        return self._numbers | {
            "namespace": self._namespace,
            "key": key.encode("utf-8", "surrogatepass"),  # PostgreSQL's text has no place for NUL
            "cost": cost,
            "now": None if self._clock is None else self._clock.now(),
            "variant": self.variant,
        }


@cache
def _statements(name: str) -> list[TextClause]:
    """To make the table, acquire, peek, purge and reset."""
    sections = Path(__file__).with_name(f"{name}.sql").read_text().replace("{now}", NOW).split(";\n")[:4]
    return [*map(text, sections), text(f"delete from lawful_{name} where namespace = :namespace and key = :key")]


_TABLES: WeakKeyDictionary[Engine, set[str]] = WeakKeyDictionary()
"""The tables that are known to be there."""


def _make_table(engine: Engine, name: str, statement: TextClause) -> None:
    """Once for each engine; two clients that come first at once do not trip over each other."""
    known = _TABLES.setdefault(engine, set())
    if name in known:
        return
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection, connection.begin():
        connection.execute(text("select pg_advisory_xact_lock(hashtext('lawful'))"))
        if connection.execute(text(f"select to_regclass('lawful_{name}')")).scalar() is None:
            connection.execute(statement)
    known.add(name)
