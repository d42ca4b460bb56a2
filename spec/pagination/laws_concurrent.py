"""What pages show while writers commit: a row's lifetime decides what may be asked for."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from spec.history import NO_ANSWER, History, Operation, Raised, remembered
from spec.law import Verdict, Violation, law
from spec.pagination.model import CursorModel, refusals
from spec.pagination.observe import Seen, Traversal, Written, chains, is_page
from spec.pagination.order import Cut
from spec.pagination.table import State, changed

READ_COMMITTED = "PostgreSQL manual, section 13.2.1 (Read Committed: a statement sees what was committed when it began)"


@dataclass(frozen=True)
class Overlapped:
    """A page, the writes that were under way meanwhile, and whether it is right before or after any of them."""

    page: Seen
    meanwhile: list[Operation]
    is_right: bool


def _overlap(one: Operation, other: Operation) -> bool:
    return one is not other and one.began < other.ended and other.began < one.ended


@remembered
def overlapped(history: History) -> list[Overlapped]:
    """The pages of a history in which calls may overlap, up to the first call that leaves the table unknown."""
    found: list[Overlapped] = []
    done: list[Operation] = []
    state = State(history.config)
    for operation in history.operations:
        if operation.result is NO_ANSWER or not state.is_known:
            break
        if operation.name == "restart":
            state = state.after(operation)
        elif operation.name == "write":
            done.append(operation)
        elif not refusals(state, operation) and is_page(operation.result):
            before = [write for write in done if write.ended < operation.began]
            meanwhile = [one for one in history.operations if one.name == "write" and _overlap(one, operation)]
            state = _with(state, before)
            done = [write for write in done if write not in before]
            asked = state.asked(operation)
            if asked is None:
                state = state.doubting(operation.result)
                continue
            right = _one_instant(state, meanwhile, operation, asked)
            page = Seen(operation, right or state, operation.result, asked)
            found.append(Overlapped(page, meanwhile, right is not None))
            state = replace(page.state.issuing(operation, page.page, asked), table=state.table)
    return found


def _with(state: State, writes: list[Operation]) -> State:
    """The state after those of the writes that were answered, in the order they ended."""
    for write in sorted(writes, key=lambda one: one.ended):
        if not isinstance(write.result, Raised):
            try:
                state = replace(state, table=changed(state.table, write.args["changes"]))
            except ValueError:
                return replace(state, is_known=False)
    return state


def _one_instant(state: State, meanwhile: list[Operation], operation: Operation, asked: Cut) -> State | None:
    """A state in which the page is right, with or without each of the writes under way; None: there is none."""
    for count in range(len(meanwhile) + 1):
        for some in combinations(meanwhile[:4], min(count, 4)):
            one = _with(state, list(some))
            for _, right in CursorModel().pages(one, operation, asked) if one.is_known else ():
                if right == operation.result:
                    return one
    return None


@law(source=READ_COMMITTED, needs={"shared", "on_server"}, concurrent=True)
def page_is_one_instant(history: History) -> Verdict:
    """A page that is read while a write is under way shows the table with all of that write, or with none of it.

    Rows read by one statement and counted, joined or fetched by the next come from two tables: one row of a pair that
    was swapped is shown twice, or a page says that there is more and ends.
    """
    judged = 0
    for one in overlapped(history):
        if one.meanwhile:
            judged += 1
            if not one.is_right:
                writes = [write.index for write in one.meanwhile]
                why = "the page is of neither table: before the write, or after it"
                return Violation(why, tuple(sorted((*writes, one.page.index))))
    return judged


@law(source=READ_COMMITTED, needs={"shared", "on_server"}, concurrent=True)
def rows_that_nobody_touches_are_seen(history: History) -> Verdict:
    """A traversal shows every row once that was committed before it began and that no write under way till it ended
    touched, whatever else writers commit in between.
    """
    judged = 0
    for traversal, writes in _traversals(history):
        touched = {id for write in writes for id in _touched(write)}
        times = Counter(id for _, id in traversal.shown)
        for row in traversal.stable():
            if row["id"] in touched:
                continue
            judged += 1
            if times[row["id"]] != 1:
                how = "never shown" if not times[row["id"]] else f"shown {times[row['id']]} times"
                return Violation(f"nobody touched row {row['id']}, and it is {how}", traversal.indexes)
    return judged


def _touched(write: Operation) -> set[int]:
    return {change.row["id"] if change.kind == "insert" else change.id for change in write.args["changes"]}


def _traversals(history: History) -> Iterator[tuple[Traversal, list[Operation]]]:
    """Those to the end with a write under way during one of their pages, and all the writes meanwhile."""
    pages = overlapped(history)
    busy = {one.page.index for one in pages if one.meanwhile}
    for chain in chains([one.page for one in pages]):
        first, last = chain[0].operation, chain[-1].operation
        writes = [
            one
            for one in history.operations
            if one.name == "write" and one.began < last.ended and one.ended > first.began
        ]
        traversal = Traversal(chain, list[Written]())
        if traversal.is_complete and busy & set(traversal.indexes):
            yield traversal, writes
