"""Paginators on SQL databases. A page is one statement, so it shows one instant whatever others commit meanwhile."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Engine,
    Index,
    Integer,
    MetaData,
    RowMapping,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import TypeEngine

from impls.pagination.checks import checked_offset, checked_query, checked_size
from impls.pagination.ordered import unique
from impls.pagination.seek import Seek
from impls.pagination.tokens import Place, Tokens
from spec.encoding import decode, encode
from spec.pagination.types import COLUMNS, Change, Conflict, NotFound, OffsetPage, Order, Page, Pagination, Query

Types = Mapping[str, Callable[[], TypeEngine[Any]]]
"""What each column is stored as: in a type that keeps the order of its values."""


def rows_table(types: Types, *, indexes_nulls: bool = True) -> Table:
    """The table of rows, each of one namespace; see `Seek` for indexes_nulls."""
    columns = [Column(name, types[name](), nullable=name != "id", primary_key=name == "id") for name in COLUMNS]
    namespace = Column("namespace", types.get("namespace", Text)(), primary_key=True)
    return Table("lawful_pages", MetaData(), namespace, *columns, info={"indexes_nulls": indexes_nulls})


class OnSql:
    """The rows of one namespace, in a table that exists.

    engine: may be shared; each call takes one connection and one transaction.
    """

    def __init__(self, config: Pagination, engine: Engine, table: Table, namespace: str = "") -> None:
        self.config, self.engine, self.table, self.namespace = config, engine, table, namespace
        self.own = table.c.namespace == namespace
        self.reading = engine
        if engine.dialect.name == "postgresql":  # where BEGIN and ROLLBACK travel to the server, too
            self.reading = engine.execution_options(isolation_level="AUTOCOMMIT")

    def write(self, changes: Sequence[Change]) -> None:
        with self.engine.begin() as connection:
            for change in changes:
                if change.kind == "insert":
                    try:
                        connection.execute(insert(self.table), {"namespace": self.namespace, **self._row(change.row)})
                    except IntegrityError:
                        raise Conflict(f"there is a row {change.row['id']} already") from None
                    continue
                which = and_(self.own, self.table.c.id == change.id)
                if change.kind == "delete":
                    found = connection.execute(delete(self.table).where(which)).rowcount
                else:
                    # With the id as it is, so that an update of no column is one.
                    values = {"id": change.id, **change.values}
                    found = connection.execute(update(self.table).where(which).values(values)).rowcount
                if not found:
                    raise NotFound(f"there is no row {change.id}")

    def create_index(self, query: Query) -> None:
        """An index that pages of the query are read from, row by row."""
        table = self.table.to_metadata(MetaData())  # a copy: the table itself is not to be made with that index
        seek = Seek(table, (), unique(query), indexes_nulls=table.info["indexes_nulls"])
        order = seek.sorting(table, settled=len(seek.order))
        where = [table.c[column] for column, _ in query.where]
        name = "lawful_pages_" + "_".join(f"{one.column}{'_desc' * one.descending}_{one.nulls}" for one in query.order)
        Index(name, table.c.namespace, *where, *order).create(self.engine, checkfirst=True)

    def _row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return dict.fromkeys(COLUMNS) | dict(row)

    def _bound(self, query: Query, size: int) -> dict[str, Any]:
        where = {f"where_{column}": value for column, value in query.where if value is not None}
        return {"namespace": self.namespace, "count": size + 1, **where}

    def _shown(self, row: RowMapping) -> dict[str, Any]:
        return {column: row[column] for column in COLUMNS}


class Keyset(OnSql):
    """Pages any query by cursors, which carry the values of a key."""

    def __init__(self, config: Pagination, engine: Engine, table: Table, namespace: str = "") -> None:
        super().__init__(config, engine, table, namespace)
        self.tokens = Tokens.of(config)

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        size = checked_size(self.config, size)
        asked = None if cursor is None else self.tokens.read(checked_query(query), cursor)
        statement, values = self.statement(checked_query(query), size, asked, backward)
        with self.reading.connect() as connection:
            found = connection.execute(statement, values).mappings().all()
        behind = bool(found[0]["behind"])
        rows = [self._shown(row) for row in found if row["id"] is not None]
        more, rows = len(rows) > size, rows[:size]
        if backward:
            rows.reverse()
        has_next, has_prev = (behind, more) if backward else (more, behind)
        before, after = self._ends(query, rows, asked)
        return self.tokens.page(query, rows, (has_prev, before), (has_next, after))

    def statement(
        self, query: Query, size: int, asked: Place | None, backward: bool = False
    ) -> tuple[Select[Any], dict[str, Any]]:
        """What reads the page, and what to bind to it."""
        key = decode(json.loads(asked.key)) if asked else ()
        inclusive = asked is not None and asked.side == (1 if backward else -1)
        nulls = tuple(value is None for value in key)
        values = {f"key_{at}": value for at, value in enumerate(key) if value is not None}
        return _page(self.table, _shape(query), nulls, inclusive, backward), values | self._bound(query, size)

    def _ends(self, query: Query, rows: list[dict[str, Any]], asked: Place | None) -> tuple[Place | None, Place | None]:
        if not rows:
            return asked, asked
        return Place(-1, key_of(query, rows[0])), Place(1, key_of(query, rows[-1]))


def key_of(query: Query, row: Mapping[str, Any]) -> bytes:
    """The key of a row, as cursors carry it."""
    return json.dumps(encode([row[order.column] for order in unique(query)]), separators=(",", ":")).encode()


class Offset(OnSql):
    """Pages by offset: the database counts what it skips."""

    def page(self, query: Query, size: int | None = None, offset: int = 0) -> OffsetPage:
        size, first = checked_size(self.config, size), checked_offset(offset)
        with self.reading.connect() as connection:
            found = connection.execute(*self.statement(checked_query(query), size, first)).mappings().all()
        rows = tuple(self._shown(row) for row in found if row["id"] is not None)
        return OffsetPage(rows[:size], len(rows) > size, int(found[0]["total"]))

    def statement(
        self, query: Query, size: int, offset: int, *, count: bool = True
    ) -> tuple[Select[Any], dict[str, Any]]:
        """What reads the page, and what to bind to it; without the total, which reads every row, if not to count."""
        return _slice(self.table, _shape(query), count), {"offset": offset, **self._bound(query, size)}


Shape = tuple[tuple[Order, ...], tuple[tuple[str, bool], ...]]
"""A query without its values: its order, and by which columns it selects, each with whether it is to be null."""


def _shape(query: Query) -> Shape:
    return unique(query), tuple((column, value is None) for column, value in query.where)


def _seek(table: Table, shape: Shape) -> Seek:
    order, where = shape
    own = table.c.namespace == bindparam("namespace")
    conditions = [
        table.c[column].is_(None)
        if is_null
        else table.c[column] == bindparam(f"where_{column}", type_=table.c[column].type)
        for column, is_null in where
    ]
    return Seek(table, (own, *conditions), order, indexes_nulls=table.info["indexes_nulls"])


# Statements are made once for each shape: to make one takes longer than to run it.


@lru_cache(maxsize=1000)
def _page(table: Table, shape: Shape, nulls: tuple[bool, ...], inclusive: bool, backward: bool) -> Select[Any]:
    """The rows of the page and one more, each with whether there is a row behind; if there are none, one row of nulls
    that says so.

    nulls: which parts of the key are null; (): the page begins at the beginning.
    """
    seek = _seek(table, shape).flipped() if backward else _seek(table, shape)
    count = bindparam("count", type_=Integer)
    behind: ColumnElement[bool] = literal(False)
    if nulls:
        columns = [table.c[order.column] for order in seek.order]
        key = [
            None if is_null else bindparam(f"key_{at}", type_=column.type)
            for at, (column, is_null) in enumerate(zip(columns, nulls, strict=True))
        ]
        rows = seek.rows(count, key, inclusive=inclusive).subquery()
        behind = seek.flipped().any(key, inclusive=not inclusive)
    else:
        rows = seek.rows(count).subquery()
    flag = select(behind.label("behind")).subquery()
    return select(flag.c.behind, *rows.c).select_from(flag.outerjoin(rows, true())).order_by(*seek.sorting(rows))


@lru_cache(maxsize=1000)
def _slice(table: Table, shape: Shape, count: bool) -> Select[Any]:
    """The rows of the page and one more, each with how many there are in all; or one row of nulls that says so."""
    seek = replace(_seek(table, shape), indexes_nulls=True)  # one range, as what is skipped is counted in all of them
    rows = seek.rows(bindparam("count", type_=Integer)).offset(bindparam("offset", type_=BigInteger)).subquery()
    if not count:
        return select(*rows.c).order_by(*seek.sorting(rows))
    total = select(func.count(literal(1)).label("total")).select_from(table).where(*seek.selected).subquery()
    return select(total.c.total, *rows.c).select_from(total.outerjoin(rows, true())).order_by(*seek.sorting(rows))
