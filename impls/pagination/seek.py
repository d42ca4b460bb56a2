"""How SQL finds the rows after a place in an order: by ranges that an index is entered with, never by counting."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from spec.pagination.types import Order

Key = Sequence[ColumnElement[Any] | None]
FLIPPED = {"first": "last", "last": "first"}


@dataclass(frozen=True)
class Range:
    """Rows in a condition, and of how many leading columns of the order either all of them are null or none."""

    condition: ColumnElement[bool]
    settled: int = 0


@dataclass(frozen=True)
class Seek:
    """The rows of a table that some conditions select, in a total order.

    not_null: columns that are never null. Where all of the order are, and go one way, two keys are compared as row
              values. Row values are wrong for nulls (a comparison with one is neither true nor false), and `a > x or
              (a = x and b > y)` is right but enters no index; with `a >= x` before it, it enters one and reads all
              that ties in a, and nulls defeat it. So everything else is a union of ranges, one for each prefix of
              the key.

    indexes_nulls: whether an index can say where nulls come. If not, `nulls last` means sorting, and is only said where
                   it must be.

    Keys are bound parameters, with None for nulls.
    """

    table: Table
    selected: tuple[ColumnElement[bool], ...]
    order: tuple[Order, ...]
    not_null: frozenset[str] = frozenset({"id"})
    indexes_nulls: bool = True

    def flipped(self) -> "Seek":
        """The same rows from the other end."""
        order = tuple(Order(one.column, not one.descending, FLIPPED[one.nulls]) for one in self.order)
        return replace(self, order=order)

    def rows(self, count: ColumnElement[int], key: Key | None = None, *, inclusive: bool = False) -> Select[Any]:
        """The first rows, or the first after that key; with the row of the key, if inclusive."""
        ranges = self._everything() if key is None else self._ranges(key, inclusive)
        if len(ranges) == 1:
            return self._first(count, ranges[0])
        parts = [select(self._first(count, one).subquery()) for one in ranges]
        every = union_all(*parts).subquery()
        return select(every).order_by(*self.sorting(every)).limit(count)

    def any(self, key: Key, *, inclusive: bool = False) -> ColumnElement[bool]:
        """Whether there is a row after that key. Each range is looked into by itself, as far as its first row.

        The first, in order: for `exists`, which wants any, a planner may read the table from its beginning, and find
        the one row that there is at its end.
        """
        count: ColumnElement[int] = literal_column("1")
        firsts = [self._first(count, one).with_only_columns(self.table.c.id) for one in self._ranges(key, inclusive)]
        return or_(*(first.scalar_subquery().is_not(None) for first in firsts))

    def sorting(self, rows: FromClause, settled: int = 0) -> list[ColumnElement[Any]]:
        """What to order those rows by.

        settled: of how many columns it is known that all rows are null in them, or none.
        """
        found: list[ColumnElement[Any]] = []
        for at, one in enumerate(self.order):
            column: ColumnElement[Any] = rows.c[one.column]
            column = column.desc() if one.descending else column.asc()
            if one.column not in self.not_null and (at >= settled or self.indexes_nulls):
                column = column.nulls_first() if one.nulls == "first" else column.nulls_last()
            found.append(column)
        return found

    def _first(self, count: ColumnElement[int], part: "Range") -> Select[Any]:
        found = select(self.table).where(*self.selected, part.condition)
        return found.order_by(*self.sorting(self.table, part.settled)).limit(count)

    def _everything(self) -> "list[Range]":
        first = self.table.c[self.order[0].column]
        if self.indexes_nulls or first.name in self.not_null:
            return [Range(true(), 0)]
        return [Range(first.is_(None), 1), Range(first.is_not(None), 1)]

    def _ranges(self, key: Key, inclusive: bool) -> "list[Range]":
        """Every row after the key is in just one; each is one range of an index."""
        columns = [self.table.c[one.column] for one in self.order]
        one_way = len({one.descending for one in self.order}) == 1
        if one_way and all(one.column in self.not_null for one in self.order):
            values, row, descending = tuple_(*key), tuple_(*columns), self.order[0].descending
            if inclusive:
                return [Range(row <= values if descending else row >= values)]
            return [Range(row < values if descending else row > values)]
        pairs = zip(columns, key, strict=True)
        same = [column.is_(None) if value is None else column == value for column, value in pairs]
        ranges = [Range(and_(*same), len(same))] if inclusive else []
        for at in range(len(columns) - 1, -1, -1):
            beyond = self._beyond(self.order[at], columns[at], key[at])
            ranges += [Range(and_(*same[:at], one), at + 1) for one in beyond]
        return ranges

    def _beyond(self, order: Order, column: ColumnElement[Any], value: Any) -> list[ColumnElement[bool]]:
        """What comes after the value in one column."""
        if value is None:
            return [column.is_not(None)] if order.nulls == "first" else []
        greater = column < value if order.descending else column > value
        nulls_follow = order.nulls == "last" and order.column not in self.not_null
        return [greater, column.is_(None)] if nulls_follow else [greater]
