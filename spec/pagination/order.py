"""The order of rows, and places in it: what every promise of a paginator is about."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, total_ordering
from operator import itemgetter
from typing import Any
from uuid import UUID

from spec.pagination.types import COLUMNS, Order, Query, Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@total_ordering
@dataclass(frozen=True, slots=True)
class Descending:
    """A value that comes before those it is greater than."""

    value: Any

    def __lt__(self, other: "Descending") -> bool:
        return bool(other.value < self.value)


Key = tuple[Any, ...]
"""Where a row stands in an order. Keys of one query compare; those of two rows never tie, as ids are unique."""


def comparable(value: Any) -> Any:
    """What stands for a value that is not None in comparisons, and is equal for values that tie.

    Text by code point, datetimes by instant, UUIDs as unsigned numbers, floats with NaN after infinity.
    """
    if type(value) is float:
        return value != value, 0.0 if value != value else value
    if type(value) is datetime:
        return (value - _EPOCH) // timedelta(microseconds=1)
    return value.int if type(value) is UUID else value


def ties(one: Any, other: Any) -> bool:
    """Whether two values are of one type and equal in every order: 1.0 and 1.00, 0.0 and -0.0, NaN and NaN."""
    if type(one) is not type(other):
        return False
    if type(one) is datetime and None in (one.tzinfo, other.tzinfo):
        return False
    return one is None or bool(comparable(one) == comparable(other))


@lru_cache(maxsize=128)
def full_order(query: Query) -> tuple[Order, ...]:
    """The order up to id, which is appended where it is missing; what comes after it is of no account."""
    columns = [order.column for order in query.order]
    if "id" in columns:
        return query.order[: columns.index("id") + 1]
    return (*query.order, Order("id"))


def key(query: Query, row: Row) -> Key:
    """Where the row stands in the order of the query."""
    return tuple(_part(order, row[order.column]) for order in full_order(query))


def _part(order: Order, value: Any) -> tuple[int, Any]:
    if value is None:
        return (-1, None) if order.nulls == "first" else (1, None)
    return 0, Descending(comparable(value)) if order.descending else comparable(value)


def matches(query: Query, row: Row) -> bool:
    """Whether the row is one of the query's."""
    return all(ties(row[column], value) for column, value in query.where)


class Table(dict[int, Row]):
    """Rows by id, as they stand for a while. It is never changed, so what was once found out about it stays true."""

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


@lru_cache(maxsize=128)
def ranked(query: Query, table: Table) -> list[tuple[Key, Row]]:
    """Every row of the query with its key, in its order."""
    return sorted(((key(query, row), row) for row in table.values() if matches(query, row)), key=itemgetter(0))


def listing(query: Query, table: Table) -> list[Row]:
    """Every row of the query, in its order."""
    return [row for _, row in ranked(query, table)]


@dataclass(frozen=True, slots=True)
class Cut:
    """A place in the order of a query: just before (side -1) or just after (side 1) a key, whether or not a row has
    it. This is what a cursor names. Without a key: the beginning (side -1) or the end (side 1)."""

    key: Key | None
    side: int

    def is_below(self, other: Key) -> bool:
        """Whether a row with that key comes after this place."""
        if self.key is None:
            return self.side < 0
        return (self.key, self.side) < (other, 0)


def is_sound(query: Any) -> bool:
    """Whether a paginator must accept the query."""
    if not isinstance(query, Query) or not query.order:
        return False
    ordered = [order.column for order in query.order]
    named = [*ordered, *(column for column, _ in query.where)]
    return len(set(ordered)) == len(ordered) and all(column in COLUMNS for column in named)
