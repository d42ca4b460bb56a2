"""Paginators on PostgreSQL with one mistake each, which shows when others commit meanwhile."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from conformance.mutants import mutant
from conformance.pagination.modelled import Paging, Place, Stored
from conformance.pagination.mutants import CURSOR, KEYSET
from impls.pagination.postgres import TABLE, cursor
from spec.environment import Environment
from spec.pagination.types import COLUMNS, Change, Pagination, Query

SHARED = {"shared", "durable"}


class OnPostgres(Paging):
    """Reads the whole table with every look at its rows, and does the rest by itself."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        self.store = cursor(config, env)
        super().__init__(config, env)

    def write(self, changes: Sequence[Change]) -> None:
        self.store.write(changes)

    @property
    def rows(self) -> dict[int, Stored]:
        with self.store.engine.connect() as connection:
            found = connection.execute(select(TABLE).where(TABLE.c.namespace == self.env.namespace)).mappings()
            return {row["id"]: {column: row[column] for column in COLUMNS} for row in found}

    @rows.setter
    def rows(self, rows: Any) -> None:
        """There is nothing to keep."""


@mutant(KEYSET, killed_by="page_is_one_instant", capabilities=SHARED)
class FetchedOneByOne(OnPostgres):
    """A page is a list of ids, whose rows are fetched by further statements."""

    def shown(self, row: Stored) -> Stored:
        return self.rows.get(row["id"], row)


@mutant(CURSOR, killed_by="rows_that_nobody_touches_are_seen", capabilities=SHARED)
class CountedThenSkipped(OnPostgres):
    """How many rows come before the cursor is counted by one statement, and skipped by the next."""

    def split(
        self, query: Query, rows: list[Stored], place: Place | None, backward: bool
    ) -> tuple[list[Stored], list[Stored]]:
        below, _ = super().split(query, rows, place, backward)
        now = self.listing(query)
        return now[: len(below)], now[len(below) :]
