"""Looks at a history that the laws of paginators share: its pages, what was written, and whole traversals."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from spec.history import NO_ANSWER, History, Operation, Raised, remembered
from spec.pagination.model import CursorModel, refusals, size_of
from spec.pagination.order import Cut, Key, Table, key, listing, matches
from spec.pagination.table import Sides, State
from spec.pagination.types import Delete, Insert, OffsetPage, Page, Query, Row


@dataclass(frozen=True)
class Shown:
    """A page, and the table as it stood."""

    operation: Operation
    state: State
    page: Page | OffsetPage

    @property
    def index(self) -> int:
        return self.operation.index

    @property
    def query(self) -> Query:
        return self.operation.args["query"]  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        return size_of(self.state, self.operation)

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.page.rows

    @property
    def ids(self) -> list[int]:
        return [row["id"] for row in self.page.rows]

    @property
    def right_ids(self) -> list[int]:
        """The ids of the rows that it should show."""
        raise NotImplementedError

    @property
    def flags(self) -> tuple[object, ...]:
        """What it says beside its rows and cursors."""
        raise NotImplementedError

    @property
    def is_right(self) -> bool:
        """Whether it shows the rows that it should."""
        return self.ids == self.right_ids

    def key(self, row: Row) -> Key:
        return key(self.query, row)

    def matches(self, row: Row) -> bool:
        return matches(self.query, row)


@dataclass(frozen=True)
class Slice(Shown):
    """A page by offset."""

    page: OffsetPage

    @property
    def offset(self) -> int:
        return self.operation.args["offset"]  # type: ignore[no-any-return]

    @cached_property
    def listing(self) -> list[Row]:
        """Every row of the query."""
        return listing(self.query, self.state.table)

    @property
    def right_ids(self) -> list[int]:
        return [row["id"] for row in self.listing[self.offset : self.offset + self.size]]

    @property
    def flags(self) -> tuple[object, ...]:
        return self.page.has_next, self.page.total


@dataclass(frozen=True)
class Seen(Shown):
    """A page by cursor. `asked` is the place that names."""

    page: Page
    asked: Cut

    @property
    def flags(self) -> tuple[object, ...]:
        return self.page.has_next, self.page.has_prev

    @property
    def cursor(self) -> str | None:
        return self.operation.args["cursor"]  # type: ignore[no-any-return]

    @property
    def backward(self) -> bool:
        return self.operation.args["backward"]  # type: ignore[no-any-return]

    @cached_property
    def sides(self) -> Sides:
        """The rows before and after where the page was asked from."""
        return Sides.of(self.query, self.state.table, self.asked)

    @property
    def right_ids(self) -> list[int]:
        return [row["id"] for row in self.sides.page(self.size, self.backward)[0]]

    @property
    def is_right(self) -> bool:
        """Whether it shows those rows, though perhaps too few of them."""
        right, count = self.right_ids, len(self.ids)
        return self.ids == right or (count > 0 and self.ids == (right[-count:] if self.backward else right[:count]))

    @property
    def more(self) -> bool:
        """Whether the page says that there is more in its direction."""
        return self.page.has_prev if self.backward else self.page.has_next

    @property
    def onward(self) -> str | None:
        """The cursor that leads on in its direction."""
        return self.page.prev_cursor if self.backward else self.page.next_cursor


@dataclass(frozen=True)
class Written:
    """A write that was made, and the table before and after."""

    operation: Operation
    before: Table
    after: Table

    @property
    def replaced(self) -> set[int]:
        """The ids of rows that it inserted or deleted."""
        changes = self.operation.args["changes"]
        inserted = {change.row["id"] for change in changes if isinstance(change, Insert)}
        return inserted | {change.id for change in changes if isinstance(change, Delete)}

    def moved(self, query: Query) -> set[int]:
        """The ids of rows that it put somewhere else in the order of the query, or into it, or out of it."""
        return self.replaced | {
            id
            for id in self.before.keys() & self.after.keys()
            if self.before[id] is not self.after[id] and _place(query, self.before[id]) != _place(query, self.after[id])
        }


def _place(query: Query, row: Row) -> tuple[bool, Key]:
    return matches(query, row), key(query, row)


@dataclass(frozen=True)
class Replay:
    """A history with the state before every call: as far as it is known what the table was."""

    calls: list[tuple[Operation, State]]
    pages: list[Seen]
    slices: list[Slice]
    writes: list[Written]

    @property
    def shown(self) -> list[Shown]:
        """All pages."""
        return [*self.pages, *self.slices]


@remembered
def replay(history: History) -> Replay:
    """Up to what leaves the table unknown: a write with an answer that is not right, a restart that may lose rows."""
    model, state = CursorModel(), State(history.config)
    found = Replay([], [], [], [])
    for operation in history.operations:
        if not state.is_known:
            break
        found.calls.append((operation, state))
        if operation.name == "page":
            if refusals(state, operation):
                continue
            asked = state.asked(operation) or _as_if_asked(state, operation)
            if asked is None:
                state = state.doubting(operation.result)
            elif is_page(operation.result):
                page = operation.result
                if isinstance(page, Page):
                    found.pages.append(Seen(operation, state, page, asked))
                    state = state.issuing(operation, page, asked)
                else:
                    found.slices.append(Slice(operation, state, page))
            continue
        after, right = model.changed(state, operation)
        if operation.result is NO_ANSWER or isinstance(operation.result, Raised) != isinstance(right, Raised):
            break
        if operation.name == "write" and right is None:
            found.writes.append(Written(operation, state.table, after.table))
        state = after
    return found


def _as_if_asked(state: State, operation: Operation) -> Cut | None:
    """The place of a cursor that was used against its direction, if the page is the one from there."""
    asked, page = state.asked_against(operation), operation.result
    if asked is None or not isinstance(page, Page) or not is_page(page):
        return None
    return asked if Seen(operation, state, page, asked).is_right else None


def is_page(result: object) -> bool:
    """Whether that is a page of rows that can be told apart, and be ordered."""
    return isinstance(result, Page | OffsetPage) and all(type(row.get("id")) is int for row in result.rows)


@dataclass(frozen=True)
class Traversal:
    """Pages that each were asked for with the cursor of the one before, the first without one."""

    pages: list[Seen]
    writes: list[Written]
    """Those between the first page and the last."""

    @property
    def query(self) -> Query:
        return self.pages[0].query

    @property
    def backward(self) -> bool:
        return self.pages[0].backward

    @property
    def is_complete(self) -> bool:
        return not self.pages[-1].more

    @property
    def indexes(self) -> tuple[int, ...]:
        return tuple(page.index for page in self.pages)

    @property
    def shown(self) -> Iterator[tuple[Seen, int]]:
        """Each row's id, with its page, in the order they came; backward, the last of a page came first."""
        for page in self.pages:
            for id in reversed(page.ids) if self.backward else page.ids:
                yield page, id

    def moved(self) -> set[int]:
        """The ids of rows that were put somewhere else, into the query, or out of it, between its pages."""
        return {id for write in self.writes for id in write.moved(self.query)}

    def stable(self) -> list[Row]:
        """The rows of the query that were there all the time, at one place."""
        moved, first = self.moved(), self.pages[0].state.table
        return [row for id, row in first.items() if id not in moved and matches(self.query, row)]


@remembered
def traversals(history: History) -> list[Traversal]:
    """Those that no longer one goes on from."""
    seen = replay(history)
    found = []
    for chain in chains(seen.pages):
        first, last = chain[0].index, chain[-1].index
        found.append(Traversal(chain, [w for w in seen.writes if first < w.operation.index < last]))
    return found


def chains(pages: Iterable[Seen]) -> Iterator[list[Seen]]:
    """Pages that each were asked for with the cursor of the one before, the first without one; the longest ones."""
    before: dict[int, Seen] = {}
    latest: dict[tuple[Query, bool, str], Seen] = {}
    ends: dict[int, Seen] = {}
    for page in pages:
        ends[page.index] = page
        previous = latest.get((page.query, page.backward, page.cursor or ""))
        if page.cursor is not None and previous is not None and previous.more:
            before[page.index] = previous
            ends.pop(previous.index, None)
        if page.onward is not None:
            latest[page.query, page.backward, page.onward] = page
    for page in ends.values():
        chain = [page]
        while chain[-1].index in before:
            chain.append(before[chain[-1].index])
        if chain[-1].cursor is None:
            yield chain[::-1]
