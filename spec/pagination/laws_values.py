"""What rows hold, and what writes do."""

from typing import Any

from spec.history import NO_ANSWER, History, Raised
from spec.law import Verdict, Violation, law
from spec.pagination.model import CursorModel
from spec.pagination.observe import Shown, replay
from spec.pagination.order import ties
from spec.pagination.types import COLUMNS, INTERFACE, Change, Delete, Insert, Row, Update

POSTGRES_FLOATS = "PostgreSQL manual, section 8.1.3 (NaN equals NaN, and is greater than every other value)"


def _wrong(shown: Row, stored: Row) -> str | None:
    return next((column for column in COLUMNS if not ties(shown.get(column), stored[column])), None)


@law(source=INTERFACE)
def values_come_back(history: History) -> Verdict:
    """Every value of a row comes back with its type, and equal in order to the one that was written last.

    1.0 may come back as 1.00, -0.0 as 0.0, an instant in another zone; nothing may be trimmed, folded or rounded.
    """
    judged = 0
    for page in replay(history).shown:
        for row in page.rows:
            stored = page.state.table.get(row["id"])
            if stored is None:
                continue
            judged += 1
            if column := _wrong(row, stored):
                why = f"{column} of row {row['id']} is {_short(row.get(column))}; {_short(stored[column])} was written"
                return Violation(why, (page.index,))
    return judged


@law(source=INTERFACE, needs={"exact_values"})
def values_come_back_exactly(history: History) -> Verdict:
    """Every value comes back as it was written: with its zeros, its sign and its time zone."""
    judged = 0
    for page in replay(history).shown:
        for row in page.rows:
            stored = page.state.table.get(row["id"])
            if stored is None:
                continue
            judged += 1
            for column, value in stored.items():
                if repr(row.get(column)) != repr(value):
                    why = f"{column} of row {row['id']} is {_short(row.get(column))}; {_short(value)} was written"
                    return Violation(why, (page.index,))
    return judged


def _comes_back(history: History, is_meant: Any) -> Verdict:
    """Of the values that are meant, as they are shown."""
    judged = 0
    for page in replay(history).shown:
        for row in page.rows:
            for column, value in page.state.table.get(row["id"], {}).items():
                if is_meant(value):
                    judged += 1
                    if not ties(row.get(column), value):
                        why = f"{column} of row {row['id']} is {_short(row.get(column))}; {_short(value)} was written"
                        return Violation(why, (page.index,))
    return judged


@law(source=INTERFACE, needs={"nul"})
def nul_comes_back(history: History) -> Verdict:
    """Text that contains NUL comes back whole."""
    return _comes_back(history, lambda value: type(value) is str and "\x00" in value)


@law(source=POSTGRES_FLOATS, needs={"nan"})
def nan_comes_back(history: History) -> Verdict:
    """NaN is a float like others: it comes back, equals itself and comes after infinity."""
    return _comes_back(history, lambda value: type(value) is float and value != value)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:40]}... ({len(text)} characters)"


@law(source=INTERFACE)
def write_is_atomic(history: History) -> Verdict:
    """Of changes of which one cannot be made, none is: the write is refused, and the table is as it was."""
    judged, model = 0, CursorModel()
    pages = replay(history).shown
    for operation, state in replay(history).calls:
        if operation.name != "write" or not isinstance(model.changed(state, operation)[1], Raised):
            continue
        judged += 1
        if operation.result is NO_ANSWER:
            continue
        if not (isinstance(operation.result, Raised) and operation.result.is_a(ValueError)):
            return Violation("this must be refused with a ValueError", (operation.index,))
        for page in pages:
            if page.index > operation.index and page.state.table is state.table:
                for change in operation.args["changes"]:
                    if (id := _shows(page, change)) is not None:
                        return Violation(
                            f"row {id} is as the refused write would have it", (operation.index, page.index)
                        )
    return judged


def _shows(page: Shown, change: Change) -> int | None:
    """The id of a row that the page shows as that change would have it, and the table has otherwise."""
    id, table = change.row["id"] if isinstance(change, Insert) else change.id, page.state.table
    if isinstance(change, Delete):
        return id if id in page.right_ids and not page.is_right and id not in page.ids else None
    for row in page.rows:
        if row["id"] == id and (id not in table or _is_as(row, change, table[id])):
            return id
    return None


def _is_as(row: Row, change: Insert | Update, stored: Row) -> bool:
    values = change.row if isinstance(change, Insert) else change.values
    return any(ties(row.get(c), value) and not ties(stored[c], value) for c, value in values.items())
