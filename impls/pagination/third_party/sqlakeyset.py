"""sqlakeyset by Paul Harrington and others: https://github.com/djrobstep/sqlakeyset"""

import warnings
from typing import Any

from sqlakeyset import InvalidPage, select_page
from sqlalchemy import MetaData, select
from sqlalchemy.orm import Session

from impls.pagination import sqlite
from impls.pagination.checks import checked_query, checked_size
from impls.pagination.ordered import unique
from impls.pagination.sql import OnSql
from impls.registry import implementation
from spec.environment import Environment
from spec.pagination.types import InvalidCursor, Page, Pagination, Query

BACKWARD = "<"
"""The bookmark of the end."""

TABLE = sqlite.TABLE.to_metadata(MetaData())
for column in TABLE.columns:
    column.nullable = False  # or sqlakeyset warns at each page: no column that is ordered by ever is

warnings.filterwarnings("ignore", "tzname", module="dateutil")  # of times in bookmarks that were tampered with


class Bookmarks(OnSql):
    """`select_page` on SQLite. Sizes and queries are the caller's own affair, so the adapter checks them."""

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        size, order = checked_size(self.config, size), unique(checked_query(query))
        columns = [(self.table.c[one.column], one.descending) for one in order]
        where = [self.table.c[column] == value for column, value in query.where]
        found = select(self.table).where(self.own, *where)
        found = found.order_by(*(column.desc() if down else column.asc() for column, down in columns))
        if cursor is None and backward:
            cursor = BACKWARD
        with Session(self.engine) as session:
            try:
                rows: Any = select_page(session, found, per_page=size, page=cursor)
            except InvalidPage as error:
                raise InvalidCursor(str(error)) from None
        paging = rows.paging
        return Page(
            tuple(self._shown(row._mapping) for row in rows),
            paging.has_next,
            paging.has_previous,
            paging.bookmark_next if paging.has_next else None,
            paging.bookmark_previous if paging.has_previous else None,
        )


DEVIATIONS = {
    "token_is_url_safe": "bookmarks are for reading: >i:1~s:Bad Blood",
    "answers_every_call": "whoever makes up a bookmark meets the errors of the database",
}
FOUND = dict.fromkeys(
    (
        "stable_rows_exactly_once",
        "no_row_twice",
        "order_is_kept",
        "inserts_ahead_are_seen",
        "terminates",
        "deleting_the_cursor_row_is_harmless",
        "back_is_the_inverse",
        "turning_round_loses_nothing",
        "token_survives_restart",
        "old_secret_is_accepted",
        "agrees_with_model",
    ),
    "texts with line ends: reports/findings/001-sqlakeyset-carriage-return.md, 002-sqlakeyset-backslash-newline.md",
)


def make(config: Pagination, env: Environment) -> Bookmarks:
    return Bookmarks(config, sqlite.memory_engine(), TABLE, env.namespace)


CAPABILITIES = {"unsigned", "unbound", "nul", "no_nulls"}
implementation(
    "pagination.cursor", "sqlakeyset", library="sqlakeyset", capabilities=CAPABILITIES, deviations=DEVIATIONS
)(make)
implementation(
    "pagination.keyset",
    "sqlakeyset",
    library="sqlakeyset",
    capabilities=CAPABILITIES,
    deviations=DEVIATIONS | FOUND,
)(make)
