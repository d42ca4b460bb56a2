"""Laws of every balancer: who may be picked, what is in flight, and what bad input does."""

from collections.abc import Iterator

from spec.history import NO_ANSWER, History, Raised, unanswered
from spec.law import Verdict, Violation, law
from spec.load_balancing.picking.situation import Call, Situation, calls, is_bad
from spec.load_balancing.picking.types import INTERFACE, Pick

VIEWS = {"in_flight", "drained"}
"""The calls that change nothing."""


@law(source=INTERFACE, concurrent=True)
def answers_every_call(history: History) -> Verdict:
    """Every call with good arguments is answered, with a value of the promised type.

    All down, one left, the last of the list gone: a balancer is asked when things go wrong, so then it must answer.
    """
    judged = 0
    situation = Situation.first(history.config)
    for operation in history.operations:
        if is_bad(situation, operation):
            if not isinstance(operation.result, Raised):
                break
            continue
        judged += 1
        if wrong := unanswered(operation):
            return Violation(wrong, (operation.index,))
        situation = situation.after(operation)
    return judged


@law(source=INTERFACE, needs={"set_backends"})
def rejects_bad_backends(history: History) -> Verdict:
    """Backends with an empty name, a name twice, a weight below 0 or a limit below 1 raise ValueError or TypeError.

    Two backends of one name are one that gets twice its share, and the same typing error is a server that gets nothing.
    """
    return _refused(history, {"set_backends"}, (ValueError, TypeError), "bad backends must raise ValueError")


@law(source=INTERFACE, needs={"set_health"})
def unknown_names_are_refused(history: History) -> Verdict:
    """What is said or asked of a name that no member has raises KeyError or ValueError.

    Who takes a server out of rotation and mistypes its name must be told; the server would be stopped under load.
    """
    named = {"set_health", "set_draining", *VIEWS}
    return _refused(
        history, named, (KeyError, ValueError), "there is no member of that name, so it must raise KeyError"
    )


def _refused(history: History, names: set[str], kinds: tuple[type[Exception], ...], must: str) -> Verdict:
    judged = 0
    for operation, before in calls(history):
        if operation.name in names and is_bad(before, operation) and operation.result is not NO_ANSWER:
            judged += 1
            if not (isinstance(operation.result, Raised) and operation.result.is_a(*kinds)):
                return Violation(must, (operation.index,))
    return judged


def picks(history: History) -> Iterator[Call]:
    """The picks that were answered, with one or with none."""
    for call in calls(history):
        if call.operation.name == "pick" and isinstance(call.operation.result, Pick | None):
            yield call


@law(source=INTERFACE)
def only_eligible(history: History) -> Verdict:
    """Whoever is picked is a member, up, and has fewer in flight than its limit. Where nobody is, the answer is None.

    A request that is sent to a server that is gone is an error that a user sees; and who is told that there is none can
    say "try again later" at once.
    """
    judged = 0
    for operation, before in picks(history):
        if operation.result is None:
            continue
        judged += 1
        member = before.get(operation.result.backend)
        why = member.why_not() if member else "is no member"
        if why and (member is None or (member.weight and not member.draining)):
            return Violation(f"{operation.result.backend!r} {why}", (operation.index,))
    return judged


@law(source=INTERFACE, needs={"set_draining"})
def drain_gets_no_new(history: History) -> Verdict:
    """A member that is draining is not picked, from the moment it was told to, until it is told to stop draining.

    Each new request puts off its end; with enough of them it never comes.
    """
    judged = 0
    for operation, before in picks(history):
        judged += any(member.draining for member in before.members)
        member = before.get(operation.result.backend) if operation.result else None
        if member and member.draining:
            return Violation(f"{member.name!r} is draining", (operation.index,))
    return judged


@law(source=INTERFACE)
def zero_weight_gets_nothing(history: History) -> Verdict:
    """A backend of weight 0 is never picked.

    It is how a server is taken out of rotation in most configurations; 0 is no default, and no small share.
    """
    judged = 0
    for operation, before in picks(history):
        judged += any(not member.weight for member in before.members)
        member = before.get(operation.result.backend) if operation.result else None
        if member and not member.weight:
            return Violation(f"{member.name!r} has weight 0", (operation.index,))
    return judged


@law(source=INTERFACE)
def never_refuses_while_eligible(history: History) -> Verdict:
    """While any backend is eligible, one is picked.

    A refusal is an outage, however many servers are idle.
    """
    judged = 0
    for operation, before in picks(history):
        if eligible := before.eligible():
            judged += 1
            if operation.result is None:
                return Violation(f"{eligible[0].name!r} is eligible", (operation.index,))
    return judged


@law(source=INTERFACE, needs={"done"})
def tickets_tell_picks_apart(history: History) -> Verdict:
    """No two requests that are in flight have the same ticket.

    With one ticket for two requests, whichever is done first ends the other as well.
    """
    judged = 0
    for operation, before in picks(history):
        if isinstance(operation.result, Pick):
            judged += bool(before.open)
            if any(ticket == operation.result.ticket for ticket, _ in before.open):
                return Violation(f"another request has the ticket {operation.result.ticket!r}", (operation.index,))
    return judged
