"""Paginators with one mistake each, in the order of rows and in where a page begins and ends."""

from typing import Any

from conformance.mutants import mutant
from conformance.pagination.modelled import Paging, Place, Stored
from spec.pagination.types import Order, Page, Query

KEYSET = "pagination.keyset"
CURSOR = "pagination.cursor"


@mutant(KEYSET, killed_by="no_row_twice")
class FromTheLastRowOn(Paging):
    """The next page begins with the last row of the one before: >= where > is meant."""

    def is_above(self, query: Query, place: Place, row: Stored) -> bool:
        return self.compare_keys(query, self.key(query, row), place[1]) >= 0


@mutant(CURSOR, killed_by="stable_rows_exactly_once")
class FromTheRowAfterTheNext(Paging):
    """The cursor is made from the row that was read only to see whether there is more."""

    def ends(self, query: Query, rows: list[Stored], asked: Place | None) -> tuple[Place | None, Place | None]:
        before, after = super().ends(query, rows, asked)
        following = [row for row in self.listing(query) if after and self.is_above(query, after, row)]
        return before, ("after", self.key(query, following[0])) if following else after


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class NoTiebreaker(Paging):
    """Rows that tie have no order, and the cursor does not tell them apart."""

    def order(self, query: Query) -> tuple[Order, ...]:
        return query.order


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class TiebreakerNotInTheCursor(Paging):
    """Rows are sorted by id at last, and the cursor forgets it: what ties with the last row is skipped."""

    def compare_keys(self, query: Query, one: Any, other: Any) -> int:
        return super().compare_keys(query, one, other[:-1] if other is self.asked and len(other) > 1 else other)

    asked: Any = None

    def is_above(self, query: Query, place: Place, row: Stored) -> bool:
        self.asked = place[1]
        return super().is_above(query, place, row)


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class ColumnsAfterId(Paging):
    """Columns that follow id in the order count, though no two rows have the same id: to update one moves the row."""

    def order(self, query: Query) -> tuple[Order, ...]:
        return query.order if any(one.column == "id" for one in query.order) else super().order(query)


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class EveryColumnBeyond(Paging):
    """a > x and b > y, where a > x or (a = x and b > y) is meant."""

    def is_above(self, query: Query, place: Place, row: Stored) -> bool:
        parts = list(zip(self.order(query), self.key(query, row), place[1], strict=True))
        signs = [self.compare(*part) for part in parts]
        return super().is_above(query, place, row) and all(sign >= 0 for sign in signs)


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class OneDirectionForAll(Paging):
    """Columns in mixed directions are compared as one row value, in the direction of the first."""

    def is_above(self, query: Query, place: Place, row: Stored) -> bool:
        first, *rest = self.order(query)
        order = (first, *(Order(one.column, first.descending, one.nulls) for one in rest))
        parts = zip(order, self.key(query, row), place[1], strict=True)
        sign = next((sign for part in parts if (sign := self.compare(*part))), 0)
        return sign > 0 or (sign == 0 and place[0] == "before")


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class NullsAreNeverGreater(Paging):
    """A comparison with null is neither true nor false, so rows with nulls vanish after the first page."""

    def is_above(self, query: Query, place: Place, row: Stored) -> bool:
        for order, value, mark in zip(self.order(query), self.key(query, row), place[1], strict=True):
            if value is None or mark is None:
                return False
            if sign := self.compare(order, value, mark):
                return sign > 0
        return place[0] == "before"


@mutant(KEYSET, killed_by="agrees_with_model")
class NullsTurnWithTheDirection(Paging):
    """nulls last becomes nulls first where the order is descending."""

    def compare(self, order: Order, one: Any, other: Any) -> int:
        flipped = {"first": "last", "last": "first"}[order.nulls] if order.descending else order.nulls
        return super().compare(Order(order.column, order.descending, flipped), one, other)


@mutant(KEYSET, killed_by="order_is_kept")
class TheOtherEndFirst(Paging):
    """A page read backward is not turned round again."""

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        page = super().page(query, size, cursor, backward)
        return page._replace(rows=page.rows[::-1]) if backward else page


@mutant(CURSOR, killed_by="back_is_the_inverse")
class TheFirstRowsBefore(Paging):
    """A page read backward holds the first rows there are before the cursor, not those just before it."""

    def taken(self, below: list[Stored], count: int) -> list[Stored]:
        return below[:count]


@mutant(KEYSET, killed_by="pages_are_full")
class SelectedTooLate(Paging):
    """Rows are selected after the page is cut."""

    def listing(self, query: Query) -> list[Stored]:
        return super().listing(Query(query.order))

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        page = super().page(query, size, cursor, backward)
        return page._replace(rows=tuple(row for row in page.rows if self.selects(query, dict(row))))


@mutant(CURSOR, killed_by="pages_are_full")
class OneTooMany(Paging):
    """The row that is read to see whether there is more is shown as well."""

    def size(self, size: Any) -> int:
        return super().size(size) + 1


@mutant(CURSOR, killed_by="flag_in_direction_is_exact")
class FullMeansMore(Paging):
    """There is said to be more whenever the page is full."""

    def flags(
        self, rows: list[Stored], count: int, backward: bool, has_next: bool, has_prev: bool
    ) -> tuple[bool, bool]:
        full = len(rows) == count
        return (has_next, full) if backward else (full, has_prev)


@mutant(CURSOR, killed_by="flag_behind_is_sound")
class NothingBehindTheFirst(Paging):
    """A page read backward is said to have no next one."""

    def flags(
        self, rows: list[Stored], count: int, backward: bool, has_next: bool, has_prev: bool
    ) -> tuple[bool, bool]:
        return (has_next and not backward, has_prev)


@mutant(CURSOR, killed_by="flag_behind_is_exact", capabilities={"exact_flags"})
class CursorMeansBehind(Paging):
    """There is said to be something behind whenever there was a cursor."""

    asked = False

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        self.asked = cursor is not None
        return super().page(query, size, cursor, backward)

    def flags(
        self, rows: list[Stored], count: int, backward: bool, has_next: bool, has_prev: bool
    ) -> tuple[bool, bool]:
        return (self.asked, has_prev) if backward else (has_next, self.asked)


@mutant(CURSOR, killed_by="cursors_match_flags")
class CursorAtTheEnd(Paging):
    """There is a next cursor on the last page, too."""

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        page = super().page(query, size, cursor, backward)
        if page.next_cursor or not page.rows:
            return page
        return page._replace(next_cursor=self.issue(query, ("after", self.key(query, dict(page.rows[-1])))))


@mutant(CURSOR, killed_by="turning_round_loses_nothing")
class NoWayBackFromNothing(Paging):
    """An empty page has no cursor at all."""

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        page = super().page(query, size, cursor, backward)
        return page if page.rows else page._replace(prev_cursor=None, next_cursor=None)


@mutant(CURSOR, killed_by="any_cursor_both_ways", capabilities={"reversible"})
class OneWayCursors(Paging):
    """A cursor names a row, and turned round it leaves that row out."""

    def split(
        self, query: Query, rows: list[Stored], place: Place | None, backward: bool
    ) -> tuple[list[Stored], list[Stored]]:
        below, above = super().split(query, rows, place, backward)
        if place and backward:
            below = [row for row in below if self.compare_keys(query, self.key(query, row), place[1])]
        return below, above


@mutant(CURSOR, killed_by="terminates")
class CursorStandsStill(Paging):
    """A page read on from a cursor gets the cursor it was asked with."""

    def ends(self, query: Query, rows: list[Stored], asked: Place | None) -> tuple[Place | None, Place | None]:
        before, after = super().ends(query, rows, asked)
        return before, asked or after
