"""Paginators in memory: one sorted list of keys for each query, and a binary search for each page."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from threading import Lock
from typing import Any

from impls.pagination.checks import checked_offset, checked_query, checked_size
from impls.pagination.ordered import component, key, prefix
from impls.pagination.tokens import Place, Tokens
from impls.registry import implementation
from spec.environment import Environment
from spec.pagination.types import COLUMNS, Change, Conflict, NotFound, OffsetPage, Order, Page, Pagination, Query

CAN = {"exact_flags", "exact_values", "reversible", "nul", "nan"}


class Index:
    """The rows of one query in their order, as (key, id)."""

    def __init__(self, query: Query) -> None:
        self.query, self.common, self.entries = query, prefix(query), list[tuple[bytes, int]]()

    def entry(self, row: dict[str, Any]) -> tuple[bytes, int] | None:
        """Of a row; None if it is not one of the query's."""
        where = b"".join(component(Order(column), row[column]) for column, _ in self.query.where)
        return (key(self.query, row), row["id"]) if where == self.common else None

    def add(self, row: dict[str, Any]) -> None:
        if (entry := self.entry(row)) is not None:
            insort(self.entries, entry)

    def remove(self, row: dict[str, Any]) -> None:
        if (entry := self.entry(row)) is not None:
            del self.entries[bisect_left(self.entries, entry)]

    def at(self, place: Place) -> int:
        """How many rows come before the place."""
        # No key begins another, so with one more byte it comes just after itself.
        return bisect_left(self.entries, (place.key + b"\x00" if place.side > 0 else place.key,))


class Rows:
    """The table, and an index for each query of the configuration. For another query one is made, and thrown away:
    what strangers ask for must not fill the memory.

    Threads may share it.
    """

    def __init__(self, config: Pagination, env: Environment) -> None:
        self.config = config
        self.rows: dict[int, dict[str, Any]] = {}
        self.indexes = {query: Index(query) for query in config.queries}
        self.lock = Lock()

    def index(self, query: Query) -> Index:
        if query in self.indexes:
            return self.indexes[query]
        index = Index(query)
        index.entries = sorted(entry for row in self.rows.values() if (entry := index.entry(row)))
        return index

    def write(self, changes: Sequence[Change]) -> None:
        with self.lock:
            self._write(changes)

    def _write(self, changes: Sequence[Change]) -> None:
        after: dict[int, dict[str, Any] | None] = {}
        for change in changes:
            id = change.row["id"] if change.kind == "insert" else change.id
            row = after[id] if id in after else self.rows.get(id)
            if change.kind == "insert":
                if row is not None:
                    raise Conflict(f"there is a row {id} already")
                after[id] = dict.fromkeys(COLUMNS) | dict(change.row)
            elif row is None:
                raise NotFound(f"there is no row {id}")
            else:
                after[id] = None if change.kind == "delete" else row | dict(change.values)
        for id, new in after.items():
            old = self.rows.pop(id, None)
            if new is not None:
                self.rows[id] = new
            for index in self.indexes.values():
                if old is not None:
                    index.remove(old)
                if new is not None:
                    index.add(new)


class Keyset(Rows):
    """Pages any query by cursors."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        super().__init__(config, env)
        self.tokens = Tokens.of(config)

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        size, query = checked_size(self.config, size), checked_query(query)
        asked = None if cursor is None else self.tokens.read(query, cursor)
        with self.lock:
            index = self.index(query)
            count = len(index.entries)
            at = index.at(asked) if asked else count if backward else 0
            first, last = (max(0, at - size), at) if backward else (at, min(at + size, count))
            found = index.entries[first:last]
            rows = tuple(dict(self.rows[id]) for _, id in found)
        has_next, has_prev = last < count, first > 0
        before = Place(-1, found[0][0]) if found else asked
        after = Place(1, found[-1][0]) if found else asked
        return self.tokens.page(query, rows, (has_prev, before), (has_next, after))


class Offset(Rows):
    """Pages by offset: the same lists, cut by number."""

    def page(self, query: Query, size: int | None = None, offset: int = 0) -> OffsetPage:
        size, query, first = checked_size(self.config, size), checked_query(query), checked_offset(offset)
        with self.lock:
            entries = self.index(query).entries
            rows = tuple(dict(self.rows[id]) for _, id in entries[first : first + size])
            total = len(entries)
        return OffsetPage(rows, first + size < total, total)


implementation("pagination.offset", "memory", capabilities={"exact_values", "nul", "nan", "counts"})(Offset)
implementation("pagination.keyset", "memory", capabilities=CAN)(Keyset)
implementation("pagination.cursor", "memory", capabilities=CAN)(Keyset)
