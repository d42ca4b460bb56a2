"""Paginators on SQLite, which has few types: the others are stored as what has the same order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Dialect,
    Engine,
    Float,
    Integer,
    LargeBinary,
    StaticPool,
    Text,
    TypeDecorator,
    create_engine,
)

from impls.pagination.ordered import EPOCH, decimal_of, ordered
from impls.pagination.sql import Keyset, Offset, OnSql, rows_table
from impls.registry import implementation
from spec.environment import Environment
from spec.pagination.types import Pagination

MICROSECOND = timedelta(microseconds=1)


def stored_as(base: type[Any], write: Callable[[Any], Any], read: Callable[[Any], Any]) -> type[TypeDecorator[Any]]:
    """A column type that stores values as others; null stays null."""

    class Stored(TypeDecorator[Any]):
        impl = base
        cache_ok = True

        def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
            return None if value is None else write(value)

        def process_result_value(self, value: Any, dialect: Dialect) -> Any:
            return None if value is None else read(value)

    return Stored


INSTANT = stored_as(Integer, lambda t: (t - EPOCH) // MICROSECOND, lambda n: EPOCH + n * MICROSECOND)
"""Microseconds since the epoch. SQLAlchemy's own type keeps what the clock showed, and drops the zone."""

ORDERED_DECIMAL = stored_as(LargeBinary, ordered, decimal_of)
"""SQLAlchemy's own type goes through a double."""

BYTES_OF_UUID = stored_as(LargeBinary, lambda u: u.bytes, lambda b: UUID(bytes=b))

TABLE = rows_table(
    {
        "id": BigInteger,
        "i": BigInteger,
        "s": Text,
        "f": Float,
        "n": ORDERED_DECIMAL,
        "t": INSTANT,
        "u": BYTES_OF_UUID,
        "b": Boolean,
        "y": LargeBinary,
    },
    indexes_nulls=False,
)


def memory_engine() -> Engine:
    """A database of its own in memory, with the table."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    TABLE.create(engine)
    return engine


def _factory(specification: str, paginator: type[OnSql], *more: str) -> Any:
    # NaN becomes null in SQLite, so it is not declared.
    @implementation(f"pagination.{specification}", "sqlite", capabilities={"nul", *more})
    def make(config: Pagination, env: Environment) -> OnSql:
        return paginator(config, memory_engine(), TABLE, env.namespace)

    return make


offset = _factory("offset", Offset, "counts")
cursor = _factory("cursor", Keyset, "exact_flags", "reversible")
keyset = _factory("keyset", Keyset, "exact_flags", "reversible")
