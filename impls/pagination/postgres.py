"""Paginators on PostgreSQL: its own types have the right order, once text is compared by code point."""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Double,
    Engine,
    LargeBinary,
    Numeric,
    Text,
    Uuid,
    create_engine,
    text,
)

from impls.backends import postgres_dialect
from impls.pagination.sql import Keyset, Offset, OnSql, rows_table
from impls.registry import implementation
from spec.environment import Environment
from spec.pagination.types import Pagination

TABLE = rows_table(
    {
        "id": BigInteger,
        "i": BigInteger,
        # In the column, so in every index and comparison: an index in another collation than the query's is no use.
        "s": lambda: Text(collation="C"),
        "f": Double,
        "n": lambda: Numeric(30, 10),
        "t": lambda: DateTime(timezone=True),
        "u": Uuid,
        "b": Boolean,
        "y": LargeBinary,
    }
)


@lru_cache(maxsize=16)
def engine(url: str) -> Engine:
    """An engine for a URL, whose database has the table. Two clients that come first at once do not trip."""
    made = create_engine(postgres_dialect(url), connect_args={"options": _options(url)})
    with made.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(hashtext('lawful'))"))
        TABLE.create(connection, checkfirst=True)
    return made


def _options(url: str) -> str:
    """In UTC, as years near the first and the last have no local time everywhere."""
    given = postgres_dialect(url).query.get("options", "")
    return f"{given if isinstance(given, str) else ' '.join(given)} -ctimezone=UTC".strip()


def _factory(specification: str, paginator: type[OnSql], *more: str) -> Any:
    # Text cannot contain NUL, so that is not declared.
    @implementation(
        f"pagination.{specification}", "postgres", backend="postgres", capabilities={"shared", "durable", "nan", *more}
    )
    def make(config: Pagination, env: Environment) -> OnSql:
        return paginator(config, engine(env.postgres_url), TABLE, env.namespace)

    return make


offset = _factory("offset", Offset, "counts")
cursor = _factory("cursor", Keyset, "exact_flags", "reversible")
keyset = _factory("keyset", Keyset, "exact_flags", "reversible")
