"""What a cursor is as a text that goes out to strangers and comes back."""

import re

from spec.history import NO_ANSWER, History, Operation, Raised
from spec.law import Verdict, Violation, law
from spec.pagination.laws_pages import is_there
from spec.pagination.model import refusals
from spec.pagination.observe import Seen, is_page, replay
from spec.pagination.order import Cut, full_order
from spec.pagination.table import Sides, State
from spec.pagination.types import INTERFACE, Page, Query

UNRESERVED = "RFC 3986, section 2.3 (unreserved characters)"
OPAQUE = "Google AIP-158, page tokens"


def _pages(history: History) -> list[tuple[Operation, State]]:
    """The calls for a page whose query and size are good, and which were answered."""
    return [
        (operation, state)
        for operation, state in replay(history).calls
        if operation.name == "page" and operation.result is not NO_ANSWER and not refusals(state, operation)
    ]


def _issued(page: object) -> list[str]:
    return [one for one in (page.prev_cursor, page.next_cursor) if one is not None] if isinstance(page, Page) else []


def _is_refused(operation: Operation) -> bool:
    """A cursor is of the right type, so only one error will do."""
    return isinstance(operation.result, Raised) and operation.result.is_a(ValueError)


def _is_there(operation: Operation, state: State, place: Cut) -> bool:
    """Whether the row that the cursor came from is where it was. What becomes of others is another law's business."""
    query = operation.args["query"]
    return is_there(Sides.of(query, state.table, place), query, place)


@law(source=UNRESERVED)
def token_is_url_safe(history: History) -> Verdict:
    """A cursor consists of letters, digits and -_.~ only, so it goes through any URL, header or form unchanged.

    A + becomes a space, a = is cut off, a / makes another path: the next page is gone on some clients only.
    """
    judged = 0
    for page in replay(history).pages:
        for cursor in _issued(page.page):
            judged += 1
            if not re.fullmatch(r"[A-Za-z0-9_.~-]+", cursor):
                return Violation(f"the cursor {_short(cursor)} is not safe in a URL", (page.index,))
    return judged


@law(source=OPAQUE, unless={"unsigned"})
def only_issued_tokens(history: History) -> Verdict:
    """A cursor that was not issued is refused: one bit flipped, one character more or less, two joined, none at all.

    Whoever can make cursors reads from where he likes, and finds out what the parser does with anything else.
    """
    judged = 0
    issued: set[str] = set()
    for operation, _ in _pages(history):
        cursor = operation.args["cursor"]
        if cursor is not None and cursor not in issued:
            judged += 1
            if not _is_refused(operation):
                return Violation(f"the cursor {_short(cursor)} was never issued, and is accepted", (operation.index,))
        issued.update(_issued(operation.result))
    return judged


@law(source=OPAQUE, unless={"unbound"})
def token_is_bound(history: History) -> Verdict:
    """A cursor is refused with any other query than its own: another column, direction, place of nulls, or value.

    What it names is a place in one order; in another it skips and repeats rows without a word.
    """
    judged = 0
    issued: dict[str, dict[Query, int]] = {}
    for operation, state in _pages(history):
        query, cursor = operation.args["query"], operation.args["cursor"]
        others = issued.get(cursor, {})
        if others and query not in others:
            judged += 1
            if not _is_refused(operation):
                other, index = next(iter(others.items()))
                return Violation(
                    f"the cursor is from ({other}), and is accepted for ({query})", (index, operation.index)
                )
        if cursor is None or state.asked(operation):
            for one in _issued(operation.result):
                issued.setdefault(one, {}).setdefault(query, operation.index)
    return judged


@law(source=INTERFACE)
def token_survives_restart(history: History) -> Verdict:
    """A cursor is good after a restart, and on another server with the same secrets.

    Where a secret is drawn when the process starts, every deployment ends every traversal, and a second server
    refuses what the first one gave.
    """
    judged = 0
    clients = {operation.index: operation.client for operation in history.operations}
    started = -1
    for operation, state in replay(history).calls:
        if operation.name == "restart":
            started = operation.index
        if operation.name != "page" or refusals(state, operation):
            continue
        asked = state.asked(operation)
        if asked is None or not _is_there(operation, state, asked):
            continue
        source = state.source(operation)
        index = source.page if source else operation.index
        client = clients.get(index, operation.client)
        if index < started or client != operation.client:
            judged += 1
            if not is_page(operation.result) or not Seen(operation, state, operation.result, asked).is_right:
                why = (
                    "the cursor was issued before the restart"
                    if index < started
                    else "another server issued the cursor"
                )
                return Violation(f"{why}, and brings {operation.result}", (index, operation.index))
    return judged


@law(source=OPAQUE)
def old_secret_is_accepted(history: History) -> Verdict:
    """A cursor that was signed with a secret that is now an old one is still good.

    Else no secret can be changed without breaking every link that is out there.
    """
    judged = 0
    for operation, state in _pages(history):
        issued = state.source(operation)
        if issued and not _is_there(operation, state, issued.cut):
            continue
        if issued and issued.secret in state.config.old_secrets and issued.secret != state.config.secret:
            judged += 1
            if isinstance(operation.result, Raised):
                why = f"the secret of the cursor is among the old ones, and it is refused: {operation.result}"
                return Violation(why, (issued.page, operation.index))
    return judged


@law(source=OPAQUE, unless={"unsigned"})
def dropped_secret_is_refused(history: History) -> Verdict:
    """A cursor is refused that was signed with a secret that is no longer known.

    A secret that leaked must lose its power.
    """
    judged = 0
    for operation, state in _pages(history):
        issued = state.source(operation)
        if issued and issued.secret not in (state.config.secret, *state.config.old_secrets):
            judged += 1
            if not _is_refused(operation):
                return Violation("the secret of the cursor is known no more", (issued.page, operation.index))
    return judged


@law(source=INTERFACE)
def token_is_bounded(history: History) -> Verdict:
    """A cursor has at most 1024 characters and 8 for each byte of the values that it names a place by.

    One that takes along the row, or what was shown before, outgrows a URL in the middle of a traversal.
    """
    judged = 0
    for page in replay(history).pages:
        rows = [page.page.rows[0], page.page.rows[-1]] if page.page.rows else []
        for cursor, row in zip((page.page.prev_cursor, page.page.next_cursor), rows, strict=False):
            if cursor is None:
                continue
            judged += 1
            values = [row.get(order.column) for order in full_order(page.query)] + [v for _, v in page.query.where]
            most = 1024 + 8 * sum(map(_bytes, values))
            if len(cursor) > most:
                return Violation(f"a cursor has {len(cursor)} characters; at most {most} are allowed", (page.index,))
    return judged


def _bytes(value: object) -> int:
    if isinstance(value, str | bytes):
        return len(value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value)
    return 32


def _short(text: str) -> str:
    return repr(text) if len(text) < 60 else f"{text[:40]!r}... ({len(text)} characters)"
