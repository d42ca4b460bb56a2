"""What paging by cursors permits, and its users should know."""

from spec.history import History
from spec.law import Violation, Witness, anomaly
from spec.pagination.laws_traversal import SEEK
from spec.pagination.observe import traversals
from spec.pagination.order import matches
from spec.pagination.types import Update


@anomaly(source=SEEK)
def key_update_repeats(history: History) -> Witness:
    """A row is shown twice in one traversal, as its key was changed to one that is still ahead.

    Ordering by what changes while it is read, such as a time of last update, shows busy rows again and again.
    """
    for traversal in traversals(history):
        latest: dict[int, int] = {}
        for page, id in traversal.shown:
            if id in latest:
                between = [w for w in traversal.writes if latest[id] < w.operation.index < page.index]
                moved = [w.operation.index for w in between if id in w.moved(traversal.query) - w.replaced]
                if moved:
                    why = f"row {id} was shown, moved ahead and is shown again"
                    return Violation(why, (latest[id], *moved, page.index))
            latest[id] = page.index
    return None


@anomaly(source=SEEK)
def key_update_skips(history: History) -> Witness:
    """A row is never shown that was there all the time, as its key was changed to one that is behind.

    An export ordered by what changes meanwhile is incomplete, and nobody notices.
    """
    for traversal in traversals(history):
        if not traversal.is_complete:
            continue
        shown = {id for _, id in traversal.shown}
        replaced = {id for write in traversal.writes for id in write.replaced}
        tables = [traversal.pages[0].state.table, *(write.after for write in traversal.writes)]
        for id in tables[0].keys() - shown - replaced:
            moved = [
                write.operation.index
                for write in traversal.writes
                if any(isinstance(c, Update) and c.id == id for c in write.operation.args["changes"])
                and id in write.moved(traversal.query)
            ]
            if moved and all(matches(traversal.query, table[id]) for table in tables):
                why = f"row {id} moved behind, and is never shown"
                return Violation(why, (*traversal.indexes, *moved))
    return None


@anomaly(source=SEEK)
def late_row_is_missed(history: History) -> Witness:
    """A row that appears behind where a reader stands is never shown to him.

    Whoever tails a table by a serial id loses the rows of transactions that drew their id early and committed late.
    """
    for traversal in traversals(history):
        shown = {id for _, id in traversal.shown}
        for write in traversal.writes:
            new = [id for id in write.after.keys() - write.before.keys() if id not in shown]
            for id in new:
                row = traversal.pages[-1].state.table.get(id)
                if traversal.is_complete and row is not None and matches(traversal.query, row):
                    why = f"row {id} came behind, and is never shown"
                    return Violation(why, (*traversal.indexes, write.operation.index))
    return None


@anomaly(source=SEEK)
def empty_last_page(history: History) -> Witness:
    """The page that a cursor leads to is empty, as what was there has been deleted since.

    A client must take an empty page for the end, not for an error.
    """
    for traversal in traversals(history):
        if traversal.writes and len(traversal.pages) > 1 and not traversal.pages[-1].ids:
            before = traversal.pages[-2]
            writes = [w.operation.index for w in traversal.writes if w.operation.index > before.index]
            return Violation("nothing is left there", (before.index, *writes, traversal.pages[-1].index))
    return None
