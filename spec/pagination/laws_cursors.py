"""What a cursor is good for, beside going on."""

from spec.history import NO_ANSWER, History
from spec.law import Verdict, Violation, law
from spec.pagination.model import refusals
from spec.pagination.observe import Seen, Shown, is_page, replay
from spec.pagination.types import INTERFACE, Query


@law(source=INTERFACE)
def turning_round_loses_nothing(history: History) -> Verdict:
    """From an empty page, the cursor against its direction leads to the rows up to and including the last one there.

    When everything ahead was deleted, whoever stands there must still be able to go back.
    """
    judged = 0
    turned: dict[tuple[str, Query, bool], Seen] = {}
    for page in replay(history).pages:
        came = turned.get((page.cursor or "", page.query, page.backward))
        if came is not None:
            judged += 1
            if not page.is_right:
                why = f"back from an empty page should be rows {page.right_ids}, not {page.ids}"
                return Violation(why, (came.index, page.index))
        if page.ids:
            continue
        behind, back = (
            (page.sides.above, page.page.next_cursor) if page.backward else (page.sides.below, page.page.prev_cursor)
        )
        if behind:
            judged += 1
            if back is None:
                return Violation("the page is empty and has no cursor back, though there are rows", (page.index,))
            turned[back, page.query, not page.backward] = page
    return judged


@law(source=INTERFACE, needs={"reversible"})
def any_cursor_both_ways(history: History) -> Verdict:
    """Used against its direction, the next cursor brings the page it came from once more, as long as nothing is
    written; and so does the previous one."""
    judged = 0
    pages = {page.index: page for page in replay(history).pages}
    for operation, state in replay(history).calls:
        if operation.name != "page" or operation.result is NO_ANSWER or refusals(state, operation):
            continue
        asked, source = state.asked_against(operation), state.source_against(operation)
        issuer = pages.get(source.page) if source else None
        if asked is None or issuer is None or not issuer.ids or state.table is not issuer.state.table:
            continue
        judged += 1
        side = "before" if operation.args["backward"] is False else "after"
        why, indexes = f"the cursor {side} rows {issuer.ids}", (issuer.index, operation.index)
        if not is_page(operation.result):
            return Violation(f"{why} leads to {operation.result}", indexes)
        page = Seen(operation, state, operation.result, asked)
        if not page.is_right:
            return Violation(f"{why} leads back to {page.ids}, not {page.right_ids}", indexes)
    return judged


@law(source=INTERFACE)
def size_is_free(history: History) -> Verdict:
    """A cursor goes with any size: the next page may be larger or smaller than the last."""
    judged = 0
    pages = {page.index: page for page in replay(history).pages}
    for page in pages.values():
        source = page.state.source(page.operation)
        if source is None or page.size == pages[source.page].size:
            continue
        issuer = pages[source.page]
        judged += 1
        if not page.is_right:
            why = f"after a page of {issuer.size}, one of {page.size} should be rows {page.right_ids}, not {page.ids}"
            return Violation(why, (issuer.index, page.index))
    return judged


@law(source=INTERFACE)
def reading_changes_nothing(history: History) -> Verdict:
    """The same page, asked for again with no write between, shows the same rows and flags.

    So two readers do not disturb each other, a page may be reloaded, and nothing of it is kept that gets stale.
    """
    judged = 0
    latest: dict[tuple[object, ...], Shown] = {}
    for page in replay(history).shown:
        call = tuple(page.operation.args.values())
        before = latest.get(call)
        if before is not None and before.state.table is page.state.table:
            judged += 1
            then, now = ((one.ids, *one.flags) for one in (before, page))
            if then != now:
                why = f"the same page showed rows {then[0]}, flags {then[1:]}; now {now[0]}, {now[1:]}"
                return Violation(why, (before.index, page.index))
        latest[call] = page
    return judged
