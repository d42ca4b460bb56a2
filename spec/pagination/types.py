"""What a paginator is configured with, asked, and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal, NamedTuple, Protocol
from uuid import UUID

from spec.encoding import encodable

INTERFACE = "lawful, spec/pagination/types.py: what Paginator and Page promise"
"""The source of the laws that follow from the interface."""

COLUMNS: Mapping[str, type] = {
    "id": int,
    "i": int,
    "s": str,
    "f": float,
    "n": Decimal,
    "t": datetime,
    "u": UUID,
    "b": bool,
    "y": bytes,
}
"""The columns of the one table, and the type of their values. `id` is unique and never None; the others are None
unless given. Integers have 64 bits; `n` is a numeric(30, 10); `t` is aware, to the microsecond."""

Row = Mapping[str, Any]
"""A value for each of `COLUMNS`."""


class Conflict(ValueError):
    """The id that was to be inserted exists."""


class NotFound(ValueError):
    """The id that was to be updated or deleted does not exist."""


class InvalidSize(ValueError):
    """The size is no integer from 1 to the largest that is allowed."""


class InvalidOffset(ValueError):
    """The offset is no integer from 0."""


class InvalidQuery(ValueError):
    """The query names a column that does not exist, one column twice, or none to order by."""


class InvalidCursor(ValueError):
    """The cursor was not issued here: malformed, tampered with, or signed with a secret that is not known."""


class CursorMismatch(InvalidCursor):
    """The cursor was issued for another query."""


@encodable
@dataclass(frozen=True, slots=True)
class Order:
    """One column to order by. `nulls` is "first" or "last", whatever the direction."""

    column: str
    descending: bool = False
    nulls: str = "last"

    def __str__(self) -> str:
        nulls = "" if self.column == "id" else f" nulls {self.nulls}"
        return f"{self.column} {'desc' if self.descending else 'asc'}{nulls}"


@encodable
@dataclass(frozen=True, slots=True)
class Query:
    """What is read: the rows in which every column of `where` has the value there (None: is null), in that order.

    Rows that tie are ordered by ascending id, unless id is in the order.
    """

    order: tuple[Order, ...]
    where: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        where = " and ".join(f"{column} = {plain(value)}" for column, value in self.where)
        return f"{f'where {where} ' if where else ''}order by {', '.join(map(str, self.order))}"


@encodable
@dataclass(frozen=True, slots=True)
class Pagination:
    """How a paginator is configured.

    max_size:     the largest page, in rows.
    default_size: of a page for which no size is given.
    secret:       signs cursors.
    old_secrets:  signed cursors once, which are still accepted.
    queries:      those that pages are asked for, so that indexes can exist.

    Raises:
        ValueError: the sizes are not 1 <= default_size <= max_size, or there is no secret.
    """

    max_size: int
    default_size: int
    secret: bytes
    old_secrets: tuple[bytes, ...] = ()
    queries: tuple[Query, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.default_size <= self.max_size:
            raise ValueError(f"default_size must be from 1 to max_size, not {self.default_size} of {self.max_size}")
        if not self.secret or not all(self.old_secrets):
            raise ValueError("a secret must not be empty")

    def __str__(self) -> str:
        return f"Pagination(max_size={self.max_size}, default_size={self.default_size})"


@encodable
@dataclass(frozen=True, slots=True)
class Insert:
    """Insert a row. Columns that it does not give are None."""

    row: Row
    kind: ClassVar[Literal["insert"]] = "insert"

    def __str__(self) -> str:
        return f"insert {shown(self.row)}"


@encodable
@dataclass(frozen=True, slots=True)
class Update:
    """Give columns of a row, but never its id, other values."""

    id: int
    values: Row
    kind: ClassVar[Literal["update"]] = "update"

    def __str__(self) -> str:
        return f"update {self.id}: {' '.join(f'{column}={plain(value)}' for column, value in self.values.items())}"


@encodable
@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a row."""

    id: int
    kind: ClassVar[Literal["delete"]] = "delete"

    def __str__(self) -> str:
        return f"delete {self.id}"


Change = Insert | Update | Delete


@encodable
class Page(NamedTuple):
    """A page in query order, also where it was read backward.

    has_next, has_prev:       whether there are rows after its last, before its first; of an empty page, after and
                              before the cursor.
    next_cursor, prev_cursor: lead on from its last row, back from its first; None where there is nothing. Those of an
                              empty page lead from where it was asked.
    """

    rows: tuple[Row, ...]
    has_next: bool
    has_prev: bool
    next_cursor: str | None = None
    prev_cursor: str | None = None

    def __str__(self) -> str:
        ends = ("< " if self.has_prev else "", " >" if self.has_next else "")
        return f"{ends[0]}[{', '.join(map(shown, self.rows))}]{ends[1]}"


@encodable
class OffsetPage(NamedTuple):
    """A page in query order; `total` counts the rows of the query, and is None where nobody counts."""

    rows: tuple[Row, ...]
    has_next: bool
    total: int | None = None

    def __str__(self) -> str:
        of = "" if self.total is None else f" of {self.total}"
        return f"[{', '.join(map(shown, self.rows))}]{of}{' >' if self.has_next else ''}"


class Writer(Protocol):
    """What writes to the table that is paged."""

    def write(self, changes: Sequence[Change]) -> None:
        """Make those changes in one transaction, committed on return.

        Raises:
            Conflict, NotFound: one cannot be made, and none was.
        """
        ...


class Paginator(Writer, Protocol):
    """Pages by cursors. A cursor is a place between rows, and stays one when the row it came from is gone."""

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        """At most `size` rows after the cursor, or before it; without one the first, or the last.

        size: None for the default.

        Raises:
            InvalidSize, InvalidQuery, InvalidCursor, CursorMismatch: see there. All are ValueError.
        """
        ...


class OffsetPaginator(Writer, Protocol):
    """Pages by offsets."""

    def page(self, query: Query, size: int | None = None, offset: int = 0) -> OffsetPage:
        """At most `size` rows after the first `offset` ones.

        Raises:
            InvalidSize, InvalidQuery, InvalidOffset: see there. All are ValueError.
        """
        ...


def shown(row: Row) -> str:
    """The row as people read it, without what is None."""
    return " ".join(f"{column}={plain(value)}" for column, value in row.items() if value is not None)


def plain(value: Any) -> str:
    """The value without the name of its type, which its column tells."""
    return str(value) if isinstance(value, Decimal | datetime | UUID) else repr(value)
