"""Paging by offset: any page at once, and exact as long as nothing is written."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from spec.history import History, Operation
from spec.law import Verdict, Violation, Witness, anomaly, law
from spec.model import agrees_with
from spec.pagination import laws_cursors, laws_interface, laws_values
from spec.pagination.assemble import CAPABILITIES
from spec.pagination.laws_interface import is_refused
from spec.pagination.laws_traversal import SEEK
from spec.pagination.model import CursorModel, refusals, row_as_given, size_of
from spec.pagination.observe import Slice, replay
from spec.pagination.order import listing
from spec.pagination.table import State
from spec.pagination.types import INTERFACE, OffsetPage, OffsetPaginator, Pagination
from spec.specification import Specification

SQL = "SQL:2016, ORDER BY with OFFSET and FETCH FIRST"


class OffsetModel(CursorModel):
    """Of paginators by offset. Nobody need count: the total may be None."""

    def answers(self, config: Pagination, state: Any, operation: Operation) -> Iterator[tuple[State, Any]]:
        if operation.name != "page" or not state.is_known:
            yield from super().answers(config, state, operation)
            return
        wrong = refusals(state, operation)
        yield from ((state, error) for error in wrong)
        if not wrong:
            yield state, self.slice(state, operation)

    def slice(self, state: State, operation: Operation) -> OffsetPage:
        rows = listing(operation.args["query"], state.table)
        first, size = operation.args["offset"], size_of(state, operation)
        found, given = rows[first : first + size], operation.result
        total: int | None = len(rows)
        if isinstance(given, OffsetPage):
            ties = [row_as_given(*both) for both in zip(found, given.rows, strict=False)]
            found, total = [*ties, *found[len(ties) :]], None if given.total is None else total
        return OffsetPage(tuple(found), first + size < len(rows), total)


def _slices(history: History) -> list[Slice]:
    return replay(history).slices


@law(source=SQL)
def every_row_once_at_rest(history: History) -> Verdict:
    """Pages that follow one another from offset 0 to the end, with no write between, show every row once.

    Where rows that tie have no order among them, some come twice and others never, although nothing changes.
    """
    judged = 0
    open_ones: dict[tuple[Any, ...], list[Slice]] = {}
    for page in _slices(history):
        before = open_ones.pop((page.query, page.size, page.offset, id(page.state.table)), [])
        if not before and page.offset:
            continue
        chain = [*before, page]
        if page.page.has_next:
            open_ones[page.query, page.size, page.offset + page.size, id(page.state.table)] = chain
            continue
        judged += 1
        shown = [id for one in chain for id in one.ids]
        if sorted(shown) != sorted(row["id"] for row in page.listing):
            twice = sorted({id for id in shown if shown.count(id) > 1})
            never = [row["id"] for row in page.listing if row["id"] not in shown]
            why = f"nothing was written, and rows {twice} come twice, {never} never"
            return Violation(why, tuple(one.index for one in chain))
    return judged


@law(source=SQL)
def rows_are_in_order(history: History) -> Verdict:
    """The rows of a page come in strictly rising order of the query."""
    judged = 0
    for page in _slices(history):
        table = page.state.table
        keys = [page.key(table[id]) for id in page.ids if id in table]
        for low, high in pairwise(keys):
            judged += 1
            if not low < high:
                return Violation(f"rows {page.ids} are not in the order of the query", (page.index,))
    return judged


@law(source=SQL)
def offset_is_exact(history: History) -> Verdict:
    """A page begins after as many rows as its offset says, and is empty beyond the end."""
    judged = 0
    for page in _slices(history):
        judged += 1
        if page.ids[:1] != page.right_ids[:1]:
            shown, right = (f"row {ids[0]}" if ids else "no row" for ids in (page.ids, page.right_ids))
            return Violation(f"{right} comes after {page.offset} rows, not {shown}", (page.index,))
    return judged


@law(source=SQL)
def slices_are_full(history: History) -> Verdict:
    """A page has `size` rows, or as many as are left."""
    judged = 0
    for page in _slices(history):
        judged += 1
        if len(page.ids) != len(page.right_ids):
            return Violation(f"{len(page.ids)} rows in a page that should have {len(page.right_ids)}", (page.index,))
    return judged


@law(source=SQL)
def has_next_is_exact(history: History) -> Verdict:
    """`has_next` says just whether there are rows after the page."""
    judged = 0
    for page in _slices(history):
        judged += 1
        more = page.offset + page.size < len(page.listing)
        if page.page.has_next != more:
            return Violation(
                f"has_next is {page.page.has_next}; there {'are' if more else 'are no'} rows", (page.index,)
            )
    return judged


@law(source=INTERFACE, needs={"counts"})
def total_is_exact(history: History) -> Verdict:
    """`total` is the number of rows of the query, on the table that the page shows."""
    judged = 0
    for page in _slices(history):
        judged += 1
        if page.page.total != len(page.listing):
            return Violation(f"total is {page.page.total}; there are {len(page.listing)} rows", (page.index,))
    return judged


@law(source=INTERFACE)
def refuses_bad_offset(history: History) -> Verdict:
    """An offset that is no integer, or below 0, raises ValueError, or TypeError where the type is wrong; 0 and any
    beyond the end are served."""
    judged = 0
    for operation, state in replay(history).calls:
        if operation.name != "page":
            continue
        offset = operation.args["offset"]
        bad = type(offset) is not int or offset < 0
        if not bad and refusals(state, operation):
            continue
        judged += 1
        if is_refused(operation) != bad:
            return Violation(f"the offset {offset!r} {'must be refused' if bad else 'is good'}", (operation.index,))
    return judged


def _followed(history: History) -> Iterator[tuple[Slice, Slice, list[int]]]:
    """Each page with the one that begins where it ended, and the writes between."""
    latest: dict[tuple[Any, ...], Slice] = {}
    for page in _slices(history):
        before = latest.get((page.query, page.offset))
        if before is not None and before.page.has_next:
            between = [
                w.operation.index for w in replay(history).writes if before.index < w.operation.index < page.index
            ]
            yield before, page, between
        latest[page.query, page.offset + page.size] = page


@anomaly(source=SEEK)
def skips_under_delete(history: History) -> Witness:
    """A row is never shown that was there all the time, as one before it was deleted between two pages.

    Whoever works through a list by pages, and deletes what is done, does every second page only.
    """
    for before, page, between in _followed(history):
        if not before.is_right or not page.is_right:
            continue
        then = [row["id"] for row in before.listing][before.offset + before.size :]
        now = [row["id"] for row in page.listing][: page.offset]
        skipped = [id for id in now if id in then and not _is_moved(history, page, between, id)]
        if skipped:
            return Violation(
                f"row {skipped[0]} was there all the time, and is skipped", (before.index, *between, page.index)
            )
    return None


@anomaly(source=SEEK)
def repeats_under_insert(history: History) -> Witness:
    """A row is shown twice, as one was inserted before it between two pages.

    The newest first, page by page: whenever something arrives, the last of one page begins the next.
    """
    for before, page, between in _followed(history):
        twice = [id for id in page.ids if id in before.ids and not _is_moved(history, page, between, id)]
        if twice:
            return Violation(f"row {twice[0]} is shown twice", (before.index, *between, page.index))
    return None


def _is_moved(history: History, page: Slice, between: list[int], id: int) -> bool:
    return any(id in w.moved(page.query) for w in replay(history).writes if w.operation.index in between)


_CAN = ("shared", "durable", "exact_values", "nul", "nan", "no_nulls", "clamps")

OFFSET = Specification(
    name="pagination.offset",
    summary="Pages by a number of rows to skip: any page at once, but rows are missed and repeated while others write.",
    interface=OffsetPaginator,
    configuration=Pagination,
    operations={"write": None, "page": OffsetPage},
    model=OffsetModel(),
    laws=(
        every_row_once_at_rest,
        rows_are_in_order,
        offset_is_exact,
        slices_are_full,
        has_next_is_exact,
        total_is_exact,
        laws_cursors.reading_changes_nothing,
        laws_values.values_come_back,
        laws_values.values_come_back_exactly,
        laws_values.nul_comes_back,
        laws_values.nan_comes_back,
        laws_values.write_is_atomic,
        refuses_bad_offset,
        laws_interface.refuses_bad_size,
        laws_interface.refuses_large_size,
        laws_interface.refuses_bad_query,
        laws_interface.answers_every_call,
        agrees_with(OffsetModel(), SQL),
    ),
    capabilities={name: CAPABILITIES[name] for name in _CAN} | {"counts": "pages tell how many rows there are in all"},
    anomalies=(skips_under_delete, repeats_under_insert),
    timed=False,
)
