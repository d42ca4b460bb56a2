"""Laws of what is in flight, as `in_flight` and `drained` tell it."""

from collections.abc import Callable, Iterator

from spec.history import History, Operation
from spec.law import Verdict, Violation, law
from spec.load_balancing.picking.laws_interface import VIEWS
from spec.load_balancing.picking.situation import Call, calls, is_bad
from spec.load_balancing.picking.types import INTERFACE


@law(source=INTERFACE, needs={"in_flight", "done"})
def in_flight_counts_open_requests(history: History) -> Verdict:
    """A member has as many in flight as were picked for it since it came and are not done.

    A count that drifts upward takes its server out of rotation for ever; one that drifts down floods it.
    """
    judged = 0
    for operation, before in calls(history):
        member = before.get(operation.args["name"]) if operation.name == "in_flight" else None
        if member and isinstance(operation.result, int):
            judged += 1
            if operation.result != member.in_flight:
                return Violation(f"{member.in_flight} were picked and are not done", (operation.index,))
    return judged


@law(source=INTERFACE, needs={"in_flight", "done"})
def in_flight_is_never_negative(history: History) -> Verdict:
    """No member has fewer than none in flight, whatever is done twice, late, or without ever having been picked.

    It would get all requests until it is back at none.
    """
    judged = 0
    for operation, _ in calls(history):
        if operation.name == "in_flight" and isinstance(operation.result, int):
            judged += 1
            if operation.result < 0:
                return Violation("fewer than none are in flight", (operation.index,))
    return judged


@law(source=INTERFACE, needs={"in_flight", "done"})
def done_is_idempotent(history: History) -> Verdict:
    """A `done` of what is not in flight, as it is done already or its backend is gone, changes nothing.

    A time-out and the answer that comes after it both end the request; it was only one.
    """
    return _changes_nothing(
        history, lambda call, _: call.operation.name == "done" and not _open(call), "was not in flight any more"
    )


def _open(call: Call) -> bool:
    return any(ticket == call.operation.args["ticket"] for ticket, _ in call.before.open)


@law(source=INTERFACE, needs={"in_flight", "done"})
def survivors_keep_in_flight(history: History) -> Verdict:
    """Who was a member and still is, up or down, draining or not, keeps what is in flight in it.

    Servers come and go all day. A balancer that then believes the others idle floods the busiest.
    """
    return _changes_nothing(
        history,
        lambda call, name: call.operation.name.startswith("set_") and call.before.get(name) is not None,
        "changed nothing of that",
    )


@law(source=INTERFACE, needs={"in_flight", "done"})
def refused_pick_changes_nothing(history: History) -> Verdict:
    """A pick that is refused is in flight nowhere.

    It has no ticket, so nobody could end it.
    """
    return _changes_nothing(
        history, lambda call, _: call.operation.name == "pick" and call.operation.result is None, "was refused"
    )


def _changes_nothing(history: History, judges: Callable[[Call, str], bool], why: str) -> Verdict:
    judged = 0
    for first, call, second in _around(history):
        name = second.args["name"]
        if is_bad(call.before, call.operation) or not judges(call, name):
            continue
        judged += 1
        if first.result != second.result:
            text = f"{name!r} had {first.result} in flight, then {second.result}; what was called between {why}"
            return Violation(text, (first.index, call.operation.index, second.index))
    return judged


def _around(history: History) -> Iterator[tuple[Operation, Call, Operation]]:
    """Each two answers about what is in flight in one member, with one other call between them."""
    before: dict[str, Operation] = {}
    after: dict[str, Operation] = {}
    between: Call | None = None
    for call in calls(history):
        operation = call.operation
        if operation.name == "in_flight" and isinstance(operation.result, int):
            name = operation.args["name"]
            if between and name in before:
                yield before[name], between, operation
            after[name] = operation
        elif operation.name not in VIEWS:
            before, after, between = after, {}, call


@law(source=INTERFACE, needs={"drained", "done"})
def drain_waits_for_in_flight(history: History) -> Verdict:
    """A member is not drained while it is not draining, or has anything in flight.

    Who stops it then cuts off requests that are under way, or are just coming.
    """
    judged = 0
    for operation, before in calls(history):
        member = before.get(operation.args["name"]) if operation.name == "drained" else None
        if member and isinstance(operation.result, bool) and (member.in_flight or not member.draining):
            judged += 1
            if operation.result:
                how = f"has {member.in_flight} in flight" if member.draining else "is not draining"
                return Violation(f"{member.name!r} {how}", (operation.index,))
    return judged


@law(source=INTERFACE, needs={"drained", "done", "set_draining"})
def drain_ends(history: History) -> Verdict:
    """A member that is draining is drained as soon as nothing is in flight in it.

    Who waits to be told so would wait for ever, and its deployment with it.
    """
    judged = 0
    for operation, before in calls(history):
        member = before.get(operation.args["name"]) if operation.name == "drained" else None
        if member and isinstance(operation.result, bool) and member.draining and not member.in_flight:
            judged += 1
            if not operation.result:
                return Violation(f"{member.name!r} is draining and has nothing in flight", (operation.index,))
    return judged
