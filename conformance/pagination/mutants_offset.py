"""Paginators by offset with one mistake each."""

from typing import Any

from conformance.mutants import mutant
from conformance.pagination.modelled import Paging, Stored
from spec.environment import Environment
from spec.pagination.types import InvalidOffset, OffsetPage, Order, Pagination, Query

OFFSET = "pagination.offset"


class Slicing:
    """A correct paginator by offset in small pieces, each for a mutant to get wrong."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        self.table = Paging(config, env)
        self.write = self.table.write

    def page(self, query: Query, size: int | None = None, offset: int = 0) -> OffsetPage:
        count, first = self.table.size(size), self.offset(offset)
        self.table.check(query)
        rows = self.listing(query)
        found = self.cut(rows, first, count)
        return OffsetPage(tuple(map(dict, found)), self.more(rows, found, first, count), self.total(rows, found))

    def offset(self, offset: Any) -> int:
        if type(offset) is int and offset >= 0:
            return offset
        raise InvalidOffset(f"{offset!r} is no offset")

    def listing(self, query: Query) -> list[Stored]:
        return self.table.listing(query)

    def cut(self, rows: list[Stored], first: int, count: int) -> list[Stored]:
        return rows[first : first + count]

    def more(self, rows: list[Stored], found: list[Stored], first: int, count: int) -> bool:
        return first + count < len(rows)

    def total(self, rows: list[Stored], found: list[Stored]) -> int:
        return len(rows)


@mutant(OFFSET, killed_by="every_row_once_at_rest")
class TiesInAnyOrder(Slicing):
    """Rows that tie come as a different plan for each page happens to find them."""

    asked = 0

    def listing(self, query: Query) -> list[Stored]:
        self.asked += 1
        rows = self.table.listing(query)[:: -1 if self.asked % 2 else 1]
        order = query.order[0]
        present = [row for row in rows if row[order.column] is not None]
        present.sort(key=lambda row: self.table.ranked(row[order.column]), reverse=order.descending)
        absent = [row for row in rows if row[order.column] is None]
        return [*absent, *present] if order.nulls == "first" else [*present, *absent]


@mutant(OFFSET, killed_by="rows_are_in_order")
class SortedAfterTheCut(Slicing):
    """The page is cut from the table as it lies, and then sorted."""

    def listing(self, query: Query) -> list[Stored]:
        return [row for row in self.table.rows.values() if self.table.selects(query, row)]


@mutant(OFFSET, killed_by="offset_is_exact")
class OffsetFromOne(Slicing):
    """The first row is number one, so offset 1 begins with it, too."""

    def offset(self, offset: Any) -> int:
        return max(0, super().offset(offset) - 1)


@mutant(OFFSET, killed_by="offset_is_exact")
class PageNumber(Slicing):
    """The offset is rounded down to whole pages."""

    def cut(self, rows: list[Stored], first: int, count: int) -> list[Stored]:
        return super().cut(rows, first // count * count, count)


@mutant(OFFSET, killed_by="offset_is_exact")
class TheLastPageForEver(Slicing):
    """Beyond the end, the last page is shown again."""

    def cut(self, rows: list[Stored], first: int, count: int) -> list[Stored]:
        return super().cut(rows, first, count) or rows[-count:]


@mutant(OFFSET, killed_by="slices_are_full")
class SelectedAfterTheCut(Slicing):
    """Rows are selected after the page is cut."""

    query = Query((Order("id"),))

    def listing(self, query: Query) -> list[Stored]:
        self.query = query
        return super().listing(Query(query.order))

    def cut(self, rows: list[Stored], first: int, count: int) -> list[Stored]:
        return [row for row in super().cut(rows, first, count) if self.table.selects(self.query, row)]


@mutant(OFFSET, killed_by="has_next_is_exact")
class AFullPageHasANext(Slicing):
    """There is said to be more whenever the page is full."""

    def more(self, rows: list[Stored], found: list[Stored], first: int, count: int) -> bool:
        return len(found) == count


@mutant(OFFSET, killed_by="has_next_is_exact")
class CountedOnce(Slicing):
    """Rows are counted for the first page, and never again."""

    counted: int | None = None

    def more(self, rows: list[Stored], found: list[Stored], first: int, count: int) -> bool:
        self.counted = len(rows) if self.counted is None or first == 0 else self.counted
        return first + count < self.counted


@mutant(OFFSET, killed_by="total_is_exact", capabilities={"counts"})
class TotalOfThePage(Slicing):
    """The total is that of the page."""

    def total(self, rows: list[Stored], found: list[Stored]) -> int:
        return len(found)


@mutant(OFFSET, killed_by="total_is_exact", capabilities={"counts"})
class TotalOfTheTable(Slicing):
    """The total counts the rows that the query does not select, too."""

    def total(self, rows: list[Stored], found: list[Stored]) -> int:
        return len(self.table.rows)


@mutant(OFFSET, killed_by="refuses_bad_offset")
class BelowZeroFromTheEnd(Slicing):
    """A negative offset counts from the end."""

    def offset(self, offset: Any) -> int:
        return super().offset(offset + len(self.table.rows) if type(offset) is int and offset < 0 else offset)

    def cut(self, rows: list[Stored], first: int, count: int) -> list[Stored]:
        return rows[first:][:count]


@mutant(OFFSET, killed_by="refuses_bad_offset")
class NothingIsZero(Slicing):
    """None and False pass for 0."""

    def offset(self, offset: Any) -> int:
        return super().offset(offset or 0)


@mutant(OFFSET, killed_by="reading_changes_nothing")
class EachPageOnce(Slicing):
    """The same page, asked for again, is the next one: whoever reloads has turned over."""

    latest: Any = None

    def page(self, query: Query, size: int | None = None, offset: int = 0) -> OffsetPage:
        again, self.latest = self.latest == (query, size, offset), (query, size, offset)
        shift = self.table.size(size) if again else 0
        return super().page(query, size, offset + shift if shift else offset)


@mutant(OFFSET, killed_by="agrees_with_model")
class DescendingIsReversed(Slicing):
    """An order whose first column is descending is sorted ascending and turned round: nulls and ids as well."""

    def listing(self, query: Query) -> list[Stored]:
        first, *rest = query.order
        if not first.descending:
            return super().listing(query)
        turned = Query((Order(first.column, False, first.nulls), *rest), query.where)
        return super().listing(turned)[::-1]
