"""What a whole traversal shows, whatever writers do between its pages."""

from collections import Counter

from spec.history import History
from spec.law import Verdict, Violation, law
from spec.pagination.observe import Traversal, Written, traversals
from spec.pagination.order import ties
from spec.pagination.types import INTERFACE, Insert, Row, Update

SEEK = "Markus Winand, use-the-index-luke.com/no-offset (the seek method)"


@law(source=SEEK)
def stable_rows_exactly_once(history: History) -> Verdict:
    """A traversal to the end shows every row once that was in the query all the time with an unchanged key.

    An export that misses a row, a feed that shows one twice: it happens where pages are counted, or where the cursor
    knows less than the order.
    """
    judged = 0
    for traversal in traversals(history):
        if not traversal.is_complete:
            continue
        times = Counter(id for _, id in traversal.shown)
        for row in traversal.stable():
            judged += 1
            if times[row["id"]] != 1:
                how = "never shown" if not times[row["id"]] else f"shown {times[row['id']]} times"
                return Violation(f"row {row['id']} was there all the time, and is {how}", traversal.indexes)
    return judged


@law(source=SEEK)
def no_row_twice(history: History) -> Verdict:
    """A traversal shows no row twice, unless its key was changed or it was inserted anew between the two."""
    judged = 0
    for traversal in traversals(history):
        latest: dict[int, int] = {}
        for page, id in traversal.shown:
            judged += 1
            if id in latest:
                moved = any(
                    latest[id] < write.operation.index < page.index and id in write.moved(traversal.query)
                    for write in traversal.writes
                )
                if not moved:
                    return Violation(f"row {id} is shown twice", (latest[id], page.index))
            latest[id] = page.index
    return judged


@law(source=INTERFACE)
def order_is_kept(history: History) -> Verdict:
    """The rows of a traversal come in strictly rising order of the query, by the keys they had when they were shown.

    Backward the pages come from the end, each in query order.
    """
    judged = 0
    for traversal in traversals(history):
        last = None
        for page, id in traversal.shown:
            if id not in page.state.table:
                continue
            key = page.key(page.state.table[id])
            if last is not None:
                judged += 1
                low, high = (key, last[0]) if traversal.backward else (last[0], key)
                if not low < high and id != last[2]:
                    why = f"row {id} comes {'before' if traversal.backward else 'after'} row {last[2]}: wrong order"
                    return Violation(why, tuple(dict.fromkeys((last[1].index, page.index))))
            last = key, page, id
    return judged


def _inserted(traversal: Traversal) -> list[tuple[Written, Row, bool]]:
    """The rows inserted between its pages that were not moved again, each with whether that was ahead."""
    found = []
    for number, write in enumerate(traversal.writes):
        following = next(page for page in traversal.pages if page.index > write.operation.index)
        later = {id for one in traversal.writes[number + 1 :] for id in one.moved(traversal.query)}
        for change in write.operation.args["changes"]:
            row = write.after.get(change.row["id"]) if isinstance(change, Insert) else None
            if row is None or row["id"] in later or not following.matches(row):
                continue
            above = following.asked.is_below(following.key(row))
            found.append((write, row, above != traversal.backward))
    return found


@law(source=SEEK)
def inserts_ahead_are_seen(history: History) -> Verdict:
    """A row that is inserted ahead of where a traversal stands, and stays, is shown once before it ends.

    Rows that tie with the last one shown are ahead if their id is.
    """
    judged = 0
    for traversal in traversals(history):
        if not traversal.is_complete:
            continue
        times = Counter(id for _, id in traversal.shown)
        for write, row, ahead in _inserted(traversal):
            judged += ahead
            before = any(id == row["id"] for page, id in traversal.shown if page.index < write.operation.index)
            if ahead and times[row["id"]] - before < 1:
                why = f"row {row['id']} was inserted ahead, and is never shown"
                return Violation(why, (write.operation.index, *traversal.indexes))
    return judged


@law(source=SEEK)
def inserts_behind_are_not(history: History) -> Verdict:
    """A row that is inserted behind where a traversal stands is not shown any more.

    New rows at the head of a feed push nothing into the pages that are still to come.
    """
    judged = 0
    for traversal in traversals(history):
        for write, row, ahead in _inserted(traversal):
            judged += not ahead
            later = [page for page, id in traversal.shown if id == row["id"] and page.index > write.operation.index]
            if not ahead and later:
                why = f"row {row['id']} was inserted behind, and is shown"
                return Violation(why, (write.operation.index, later[0].index))
    return judged


@law(source=SEEK)
def non_key_update_is_harmless(history: History) -> Verdict:
    """Another value in a column that the query neither orders by nor selects by changes nothing but that value, and
    the pages to come show the new one.

    Paginators that keep rows or whole results between pages show what no longer is.
    """
    judged = 0
    for traversal in traversals(history):
        for write in traversal.writes:
            updated = {change.id: change for change in write.operation.args["changes"] if isinstance(change, Update)}
            for page in traversal.pages:
                if page.index < write.operation.index:
                    continue
                for row in page.page.rows:
                    id = row["id"]
                    if id not in updated or id in write.moved(traversal.query) or id not in page.state.table:
                        continue
                    judged += 1
                    wrong = _stale(updated[id], row, page.state.table[id])
                    if wrong:
                        why = f"row {id} is shown with {wrong} = {row.get(wrong)!r}, from before the update"
                        return Violation(why, (write.operation.index, page.index))
    return judged


def _stale(update: Update, shown: Row, stored: Row) -> str | None:
    """A column that was updated, and is not shown as it is stored."""
    return next((column for column in update.values if not ties(shown.get(column), stored[column])), None)


@law(source=INTERFACE, unless={"may_be_short"})
def terminates(history: History) -> Verdict:
    """A traversal of n rows takes n / size pages, rounded up, or one if there are none; with writers at work not more
    than that for every row there was, was inserted or moved, and one more.

    A cursor that does not move keeps a client going round for ever.
    """
    judged = 0
    for traversal in traversals(history):
        size = min(page.size for page in traversal.pages)
        first = traversal.pages[0].sides
        rows = len(first.above) + len(first.below) + sum(len(w.moved(traversal.query)) for w in traversal.writes)
        most = max(1, -(-rows // size)) + bool(traversal.writes)
        judged += 1
        if len(traversal.pages) > most:
            return Violation(f"{len(traversal.pages)} pages of {size}; at most {most} are needed", traversal.indexes)
    return judged
