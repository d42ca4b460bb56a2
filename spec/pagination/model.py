"""The reference: the table sorted anew for every page."""

from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Any

from spec.history import NoAnswer, Operation, Raised
from spec.pagination.order import Cut, is_sound, ties
from spec.pagination.table import Sides, State
from spec.pagination.types import (
    InvalidOffset,
    InvalidQuery,
    InvalidSize,
    Page,
    Pagination,
    Row,
)

Right = tuple[State, Any]


class CursorModel:
    """Of paginators that page by cursors.

    The text of cursors is free, and so is a flag against the direction of travel that says True in vain, a page that
    stops short, and a cursor where there is nothing more: laws of their own say who may do so. What a cursor brings
    that was not issued for the query, or for the other direction, is theirs, too.
    """

    def partition(self, operation: Operation) -> Hashable:
        return None

    def initial(self, config: Pagination) -> State:
        return State(config)

    def answers(self, config: Pagination, state: Any, operation: Operation) -> Iterator[Right]:
        if not state.is_known:
            yield state, operation.result
            return
        if operation.name != "page":
            yield self.changed(state, operation)
            return
        wrong = refusals(state, operation)
        yield from ((state, error) for error in wrong)
        asked = None if wrong else state.asked(operation)
        if asked is not None:
            yield from self.pages(state, operation, asked)
        elif not wrong:
            against = state.asked_against(operation)
            pages = self.pages(state, operation, against) if against else ()
            right = [(after, page) for after, page in pages if page == operation.result]
            yield from right or [(state.doubting(operation.result), operation.result)]

    def changed(self, state: State, operation: Operation) -> Right:
        """After a call that is no page."""
        try:
            return state.after(replace(operation, result=None)), None
        except ValueError as error:
            return state, Raised.of(error)

    def pages(self, state: State, operation: Operation, asked: Cut) -> Iterator[Right]:
        query, backward = operation.args["query"], operation.args["backward"]
        sides = Sides.of(query, state.table, asked)
        size = size_of(state, operation)
        given = operation.result if isinstance(operation.result, Page) else None
        full = sides.page(size, backward)
        short = [sides.page(len(given.rows), backward)] if given is not None and len(given.rows) < len(full[0]) else []
        for rows, has_next, has_prev in (full, *short):
            for behind in dict.fromkeys((has_next if backward else has_prev, True)):
                flags = (behind, has_prev) if backward else (has_next, behind)
                page = as_given(Page(tuple(rows), *flags), given)
                yield state.issuing(operation, page, asked), page


def size_of(state: State, operation: Operation) -> int:
    """How many rows a page that is not refused was asked for."""
    return min(operation.args["size"] or state.config.default_size, state.config.max_size)


def is_size(config: Pagination, size: object) -> bool:
    """Whether it is a good one. None stands for the default."""
    return size is None or (type(size) is int and 1 <= size <= config.max_size)


def refusals(state: State, operation: Operation) -> list[Raised]:
    """The errors that a page must be refused with; none if its query and size are good.

    A size that is too large may be served as the largest: a law of its own says who may do so.
    """
    if not is_sound(operation.args["query"]):
        return [Raised.of(InvalidQuery("no such query"))]
    offset = operation.args.get("offset", 0)
    if type(offset) is not int or offset < 0:
        wrong = [Raised.of(InvalidOffset(f"the offset must be an integer from 0, not {offset!r}"))]
        return wrong if type(offset) is int else [*wrong, Raised.of(TypeError(f"{offset!r} is no offset"))]
    size = operation.args["size"]
    if is_size(state.config, size):
        return []
    if type(size) is int and size > state.config.max_size and not isinstance(operation.result, Raised | NoAnswer):
        return []
    wrong = [Raised.of(InvalidSize(f"the size must be from 1 to {state.config.max_size}, not {size!r}"))]
    return wrong if type(size) is int else [*wrong, Raised.of(TypeError(f"{size!r} is no size"))]


def as_given(right: Page, given: Page | None) -> Page:
    """The right page with what is free as it was given: the text of cursors, and which of the values that tie."""
    if given is None:
        return right._replace(
            next_cursor="..." if right.has_next else None, prev_cursor="..." if right.has_prev else None
        )
    rows = (
        tuple(row_as_given(*rows) for rows in zip(right.rows, given.rows, strict=False)) + right.rows[len(given.rows) :]
    )
    return right._replace(
        rows=rows,
        next_cursor=given.next_cursor or ("..." if right.has_next else None),
        prev_cursor=given.prev_cursor or ("..." if right.has_prev else None),
    )


def row_as_given(right: Row, given: Row) -> Row:
    """The row as it was given where all of its values tie."""
    same = right.keys() == given.keys() and all(ties(value, given[column]) for column, value in right.items())
    return given if same else right
