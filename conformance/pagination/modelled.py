"""A correct paginator in small pieces, each for a mutant to get wrong."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cmp_to_key
from typing import Any

from spec.encoding import decode, encode
from spec.environment import Environment
from spec.pagination.types import (
    COLUMNS,
    Change,
    Conflict,
    CursorMismatch,
    InvalidCursor,
    InvalidQuery,
    InvalidSize,
    NotFound,
    Order,
    Page,
    Pagination,
    Query,
)

Stored = dict[str, Any]
Place = tuple[str, list[Any]]
"""The side, "before" or "after", and the values of the key."""


class Paging:
    """Sorts all rows for every page."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        self.config, self.env = config, env
        self.rows: dict[int, Stored] = {}

    # What is written

    def write(self, changes: Sequence[Change]) -> None:
        rows = dict(self.rows)
        for change in changes:
            self.change(rows, change)
        self.rows = rows

    def change(self, rows: dict[int, Stored], change: Change) -> None:
        if change.kind == "insert":
            if change.row["id"] in rows:
                raise Conflict(f"there is a row {change.row['id']} already")
            rows[change.row["id"]] = dict.fromkeys(COLUMNS) | {c: self.stored(v) for c, v in change.row.items()}
            return
        if change.id not in rows:
            raise NotFound(f"there is no row {change.id}")
        if change.kind == "delete":
            del rows[change.id]
        else:
            rows[change.id] = rows[change.id] | {c: self.stored(v) for c, v in change.values.items()}

    def stored(self, value: Any) -> Any:
        return value

    # In which order

    def order(self, query: Query) -> tuple[Order, ...]:
        columns = [one.column for one in query.order]
        return query.order[: columns.index("id") + 1] if "id" in columns else (*query.order, Order("id"))

    def selects(self, query: Query, row: Stored) -> bool:
        return all(self.equals(row[column], value) for column, value in query.where)

    def equals(self, one: Any, other: Any) -> bool:
        return (one is None) == (other is None) and self.ranked(one) == self.ranked(other)

    def ranked(self, value: Any) -> Any:
        """What stands for a value in comparisons."""
        if isinstance(value, datetime):
            return value.astimezone(UTC) if 1 < value.year < 9999 else value
        return (value != value, 0.0 if value != value else value) if isinstance(value, float) else value

    def compare(self, order: Order, one: Any, other: Any) -> int:
        """Negative where `one` comes first."""
        if one is None or other is None:
            return ((one is not None) - (other is not None)) * (1 if order.nulls == "first" else -1)
        a, b = self.ranked(one), self.ranked(other)
        sign = int(a > b) - int(a < b)
        return -sign if order.descending else sign

    def compare_keys(self, query: Query, one: Sequence[Any], other: Sequence[Any]) -> int:
        parts = zip(self.order(query), one, other, strict=False)
        return next((sign for parts in parts if (sign := self.compare(*parts))), 0)

    def key(self, query: Query, row: Stored) -> list[Any]:
        return [row[order.column] for order in self.order(query)]

    def listing(self, query: Query) -> list[Stored]:
        def compare(one: Stored, other: Stored) -> int:
            return self.compare_keys(query, self.key(query, one), self.key(query, other))

        return sorted((row for row in self.rows.values() if self.selects(query, row)), key=cmp_to_key(compare))

    # What is on a page

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        count = self.size(size)
        self.check(query)
        place = None if cursor is None else self.read(query, cursor)
        below, above = self.split(query, self.listing(query), place, backward)
        rows = self.taken(below, count) if backward else above[:count]
        next_, prev = (len(above), len(below) - len(rows)) if backward else (len(above) - len(rows), len(below))
        has_next, has_prev = self.flags(rows, count, backward, next_ > 0, prev > 0)
        before, after = self.ends(query, rows, place)
        return Page(
            tuple(self.shown(row) for row in rows),
            has_next,
            has_prev,
            self.issue(query, after) if has_next and after else None,
            self.issue(query, before) if has_prev and before else None,
        )

    def size(self, size: Any) -> int:
        if size is None:
            return self.config.default_size
        if type(size) is int and 1 <= size <= self.config.max_size:
            return size
        raise InvalidSize(f"{size!r} is no size")

    def check(self, query: Query) -> None:
        named = [order.column for order in query.order]
        if not named or len(set(named)) < len(named) or not {*named, *dict(query.where)} <= COLUMNS.keys():
            raise InvalidQuery("there is no such query")

    def split(
        self, query: Query, rows: list[Stored], place: Place | None, backward: bool
    ) -> tuple[list[Stored], list[Stored]]:
        """The rows before the place and after it."""
        if place is None:
            return (rows, []) if backward else ([], rows)
        above = [row for row in rows if self.is_above(query, place, row)]
        return [row for row in rows if row not in above], above

    def is_above(self, query: Query, place: Place, row: Stored) -> bool:
        sign = self.compare_keys(query, self.key(query, row), place[1])
        return sign > 0 or (sign == 0 and place[0] == "before")

    def taken(self, below: list[Stored], count: int) -> list[Stored]:
        return below[-count:]

    def flags(
        self, rows: list[Stored], count: int, backward: bool, has_next: bool, has_prev: bool
    ) -> tuple[bool, bool]:
        return has_next, has_prev

    def ends(self, query: Query, rows: list[Stored], asked: Place | None) -> tuple[Place | None, Place | None]:
        if not rows:
            return asked, asked
        return ("before", self.key(query, rows[0])), ("after", self.key(query, rows[-1]))

    def shown(self, row: Stored) -> Stored:
        return dict(row)

    # What a cursor is

    def issue(self, query: Query, place: Place) -> str:
        body = json.dumps([self.bound(query), place[0], [self.carried(value) for value in place[1]]]).encode()
        return self.text(self.signature(body, self.config.secret) + body)

    def read(self, query: Query, cursor: str) -> Place:
        data = self.data(cursor)
        body = data[16:]
        if not any(self.is_signed(data[:16], body, one) for one in (self.config.secret, *self.config.old_secrets)):
            raise InvalidCursor("this cursor was not issued here")
        bound, side, values = json.loads(body)
        if bound != self.bound(query):
            raise CursorMismatch("this cursor is for another query")
        return side, [self.restored(value) for value in values]

    def bound(self, query: Query) -> str:
        order = [(one.column, one.descending, one.nulls) for one in query.order]
        where = [(column, repr(self.ranked(value))) for column, value in query.where]
        return hashlib.sha256(repr((order, where)).encode()).hexdigest()[:16]

    def carried(self, value: Any) -> Any:
        return encode(value)

    def restored(self, value: Any) -> Any:
        return decode(value)

    def signature(self, body: bytes, secret: bytes) -> bytes:
        return hmac.digest(secret, body, "sha256")[:16]

    def is_signed(self, signature: bytes, body: bytes, secret: bytes) -> bool:
        return hmac.compare_digest(signature, self.signature(body, secret))

    def text(self, data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    def data(self, cursor: str) -> bytes:
        try:
            data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raise InvalidCursor("this is no cursor") from None
        if self.text(data) != cursor:
            raise InvalidCursor("this is no cursor")
        return data
