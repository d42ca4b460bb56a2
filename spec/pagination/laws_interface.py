"""What is refused, and that everything else is answered."""

from collections.abc import Callable

from spec.history import NO_ANSWER, History, Malformed, Operation, Raised
from spec.law import Verdict, Violation, law
from spec.pagination.model import CursorModel, is_size, refusals
from spec.pagination.observe import is_page, replay
from spec.pagination.order import is_sound
from spec.pagination.table import State
from spec.pagination.types import INTERFACE, Page


def _must_be_answered(operation: Operation, state: State) -> bool:
    """Whether the call is a good one, and no cursor in it is open to doubt."""
    if operation.name == "page":
        return not refusals(state, operation) and state.asked(operation) is not None
    return not isinstance(CursorModel().changed(state, operation)[1], Raised)


@law(source=INTERFACE, concurrent=True)
def answers_every_call(history: History) -> Verdict:
    """Every good call is answered with a value of the promised type, and every other with a ValueError, or a TypeError
    where the type is wrong.

    A cursor is what a stranger sends: it must never bring a database error, a traceback or a hang.
    """
    judged = 0
    known = {operation.index: state for operation, state in replay(history.sequential()).calls}
    for operation in history.operations:
        judged += 1
        result, index = operation.result, (operation.index,)
        if result is NO_ANSWER:
            return Violation("no answer came", index)
        if isinstance(result, Malformed):
            return Violation(f"{result.why}: {result.text}", index)
        if isinstance(result, Page) and not is_page(result):
            return Violation("a row has no integer as its id", index)
        if isinstance(result, Raised):
            if not result.is_a(ValueError, TypeError):
                return Violation(f"raised {result}", index)
            if operation.index in known and _must_be_answered(operation, known[operation.index]):
                return Violation(f"nothing is wrong with the call, and it raised {result}", index)
    return judged


@law(source=INTERFACE)
def refuses_bad_size(history: History) -> Verdict:
    """A size that is no integer, or below 1, raises ValueError, or TypeError where the type is wrong; 1 and the
    largest size are served.

    Where 0, "" or True mean everything or one, somebody's typing mistake reads the whole table.
    """
    return _sizes(history, lambda size, largest: not (type(size) is int and size > largest))


@law(source=INTERFACE, unless={"clamps"})
def refuses_large_size(history: History) -> Verdict:
    """A size above the largest that is allowed raises ValueError."""
    return _sizes(history, lambda size, largest: type(size) is int and size > largest)


def _sizes(history: History, is_meant: Callable[[object, int], bool]) -> Verdict:
    """Of the sizes that are meant, the bad ones are refused, and the smallest and largest good one are not."""
    judged = 0
    for operation, state in replay(history).calls:
        if operation.name != "page" or not is_sound(operation.args["query"]):
            continue
        size, largest = operation.args["size"], state.config.max_size
        bad = not is_size(state.config, size)
        good = size in (1, largest) and operation.args.get("cursor") is None and not refusals(state, operation)
        if not is_meant(size, largest) or not (good or bad):
            continue
        judged += 1
        if is_refused(operation) != bad:
            return Violation(f"the size {size!r} {'must be refused' if bad else 'is good'}", (operation.index,))
    return judged


@law(source=INTERFACE)
def refuses_bad_query(history: History) -> Verdict:
    """A query that names a column that does not exist, one twice, or none to order by raises ValueError.

    A column that comes from the request and goes into SQL unseen is an injection.
    """
    judged = 0
    for operation, _ in replay(history).calls:
        if operation.name == "page" and not is_sound(operation.args["query"]):
            judged += 1
            if not is_refused(operation):
                return Violation("the query must be refused", (operation.index,))
    return judged


def is_refused(operation: Operation) -> bool:
    """Whether the call was refused as it should be."""
    return isinstance(operation.result, Raised) and operation.result.is_a(ValueError, TypeError)
