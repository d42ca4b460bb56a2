"""What each page shows, and where it leads."""

from spec.history import History, Operation, Raised
from spec.law import Verdict, Violation, law
from spec.pagination.laws_traversal import SEEK
from spec.pagination.model import refusals
from spec.pagination.observe import Seen, is_page, replay, traversals
from spec.pagination.order import Cut, key
from spec.pagination.table import Sides, State, ends
from spec.pagination.types import INTERFACE, Query

GRAPHQL = "GraphQL Cursor Connections Specification, edge order and PageInfo"


@law(source=SEEK)
def deleting_the_cursor_row_is_harmless(history: History) -> Verdict:
    """The page after a cursor is the same whether or not the row it came from still exists, or is where it was.

    A cursor that is looked up in the table ends a traversal with an error, or begins it anew, as soon as somebody
    deletes the row.
    """
    judged = 0
    for operation, state in replay(history).calls:
        asked = _place_of_a_row(operation, state)
        if asked is None:
            continue
        query = operation.args["query"]
        sides = Sides.of(query, state.table, asked)
        if is_there(sides, query, asked):
            continue
        judged += 1
        source = state.source(operation)
        issued = source.page if source else operation.index
        if isinstance(operation.result, Raised):
            why = f"the row that the cursor came from is gone, and it is refused: {operation.result}"
            return Violation(why, (issued, operation.index))
        if is_page(operation.result):
            page = Seen(operation, state, operation.result, asked)
            if not page.is_right:
                why = f"the row that the cursor came from is gone; rows {page.right_ids} should come, not {page.ids}"
                return Violation(why, (issued, operation.index))
    return judged


def is_there(sides: Sides, query: Query, place: Cut) -> bool:
    """Whether the row that a cursor came from is where it was."""
    return any(key(query, row) == place.key for row in (*sides.below[-1:], *sides.above[:1]))


def _place_of_a_row(operation: Operation, state: State) -> Cut | None:
    """Where a page is asked from, if that is by a cursor that came from a row."""
    if operation.name != "page" or operation.args["cursor"] is None:
        return None
    if refusals(state, operation):
        return None
    asked = state.asked(operation)
    return asked if asked is not None and asked.key is not None else None


@law(source=INTERFACE, unless={"may_be_short"})
def pages_are_full(history: History) -> Verdict:
    """A page has at most `size` rows, and just as many where it says that there is more in its direction.

    Where rows are selected after the page is cut, it comes short, or empty in the middle of the data.
    """
    judged = 0
    for page in replay(history).pages:
        judged += 1
        shown = len(page.ids)
        if shown > page.size or (page.more and shown < page.size):
            return Violation(f"{shown} rows in a page of {page.size}{', and more to come' * page.more}", (page.index,))
    return judged


def _beyond(page: Seen, *, forward: bool) -> bool | None:
    """Whether there are rows after the page, or before it; None where that is unknown, as its rows are."""
    table = page.state.table
    if not all(id in table for id in page.ids):
        return None
    before, after = ends(page.query, [table[id] for id in page.ids], page.asked)
    sides = Sides.of(page.query, table, after if forward else before)
    return bool(sides.above if forward else sides.below)


@law(source=GRAPHQL)
def flag_in_direction_is_exact(history: History) -> Verdict:
    """`has_next` of a page read forward, and `has_prev` of one read backward, says just whether rows follow it there.

    A flag that is True too often ends every list with an empty page; one that is False too early hides the rest.
    """
    judged = 0
    for page in replay(history).pages:
        beyond = _beyond(page, forward=not page.backward)
        if beyond is None:
            continue
        judged += 1
        if page.more != beyond:
            flag = "has_prev" if page.backward else "has_next"
            return Violation(f"{flag} is {page.more}; there {'are' if beyond else 'are no'} rows beyond", (page.index,))
    return judged


def _flag_behind(history: History, *, exact: bool) -> Verdict:
    judged = 0
    for page in replay(history).pages:
        beyond = _beyond(page, forward=page.backward)
        if beyond is None:
            continue
        judged += 1
        says = page.page.has_next if page.backward else page.page.has_prev
        if says != beyond and (exact or beyond):
            flag = "has_next" if page.backward else "has_prev"
            return Violation(f"{flag} is {says}; there {'are' if beyond else 'are no'} rows there", (page.index,))
    return judged


@law(source=GRAPHQL)
def flag_behind_is_sound(history: History) -> Verdict:
    """`has_prev` of a page read forward, and `has_next` of one read backward, is never False while rows are there.

    It may be True in vain: to know better costs a second look at the data.
    """
    return _flag_behind(history, exact=False)


@law(source=GRAPHQL, needs={"exact_flags"})
def flag_behind_is_exact(history: History) -> Verdict:
    """`has_prev` of a page read forward, and `has_next` of one read backward, says just whether rows are there."""
    return _flag_behind(history, exact=True)


@law(source=INTERFACE, unless={"keeps_end_cursor"})
def cursors_match_flags(history: History) -> Verdict:
    """There is a cursor to the next page just where there is one, and to the previous page as well."""
    judged = 0
    for page in replay(history).pages:
        for way, flag, cursor in (
            ("next", page.page.has_next, page.page.next_cursor),
            ("prev", page.page.has_prev, page.page.prev_cursor),
        ):
            judged += 1
            if flag != (cursor is not None):
                why = f"has_{way} is {flag}, and there is {'a' if cursor is not None else 'no'} {way}_cursor"
                return Violation(why, (page.index,))
    return judged


@law(source=INTERFACE)
def back_is_the_inverse(history: History) -> Verdict:
    """With no write between them, the page back from where a page begins is the one before it, and a traversal
    backward shows the same rows in the same order as one forward.

    Rows are taken from the wrong end, or come in the wrong order, as soon as somebody clicks "previous".
    """
    judged = 0
    pages = replay(history).pages
    came: dict[tuple[str, object], tuple[Seen, Seen]] = {}
    onward: dict[tuple[str, object], Seen] = {}
    for page in pages:
        if page.backward and page.cursor is not None and (page.cursor, page.query) in came:
            before, after = came[page.cursor, page.query]
            if page.size == before.size and page.state.table is after.state.table is before.state.table:
                judged += 1
                if page.ids != before.ids:
                    why = f"back from {after.ids} are {page.ids}; it was {before.ids}"
                    return Violation(why, (before.index, after.index, page.index))
        elif not page.backward:
            back, there = page.page.prev_cursor, onward.get((page.cursor or "", page.query))
            if back is not None and there is not None and page.ids:
                came[back, page.query] = there, page
            if page.page.next_cursor is not None:
                onward[page.page.next_cursor, page.query] = page
    return _there_and_back(history, judged)


def _there_and_back(history: History, judged: int) -> Verdict:
    forward: dict[tuple[int, object], tuple[list[int], tuple[int, ...]]] = {}
    whole = [one for one in traversals(history) if one.is_complete and not one.writes]
    for one in whole:
        if not one.backward:
            shown = [id for _, id in one.shown]
            forward[id(one.pages[0].state.table), one.query] = shown, one.indexes
    for one in whole:
        there = forward.get((id(one.pages[0].state.table), one.query))
        if one.backward and there:
            judged += 1
            back = [id for _, id in one.shown][::-1]
            if back != there[0]:
                why = f"forward there are rows {there[0]}, backward {back}"
                return Violation(why, tuple(sorted((*there[1], *one.indexes))))
    return judged
