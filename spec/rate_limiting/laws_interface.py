"""The laws of the interface: they hold for every rate limiter, whatever its algorithm."""

from spec.history import History, refused_as_bad, unanswered
from spec.law import Verdict, Violation, law
from spec.rate_limiting.observe import Call, good, lives, pairs
from spec.rate_limiting.types import INTERFACE


@law(source=INTERFACE, concurrent=True)
def answers_every_call(history: History) -> Verdict:
    """Every call with good arguments is answered, with a value of the promised type.

    An exception in a limiter takes down the request it was to protect.
    """
    judged = 0
    for operation in history.operations:
        if not good(operation):
            continue
        judged += 1
        if wrong := unanswered(operation):
            return Violation(wrong, (operation.index,))
    return judged


@law(source=INTERFACE)
def rejects_bad_input(history: History) -> Verdict:
    """A key that is empty or no string, and a cost that is negative or no integer, raise and change nothing.

    ValueError, or TypeError where the type is wrong. A cost of -5 that is accepted refills the bucket.
    """
    judged = 0
    for operation in history.operations:
        if not good(operation):
            judged += 1
            if not refused_as_bad(operation):
                return Violation("bad input must raise ValueError or TypeError", (operation.index,))
    bad = [operation.index for operation in history.operations if not good(operation)]
    for first, second in pairs(history):
        between = tuple(index for index in bad if first.index < index < second.index)
        if between and first.decision.remaining != second.before:
            why = f"{first.decision.remaining} remained before the bad input, {second.before} after it"
            return Violation(why, (first.index, *between, second.index))
    return judged


@law(source=INTERFACE)
def refusal_consumes_nothing(history: History) -> Verdict:
    """A refused call takes nothing: at the same instant, the next call finds what the refused one left.

    Where refusals cost tokens, a client that retries too early keeps itself locked out for ever.
    """
    judged = 0
    for first, second in pairs(history):
        if first.name != "acquire" or first.decision.allowed:
            continue
        judged += 1
        if (first.name, first.cost) == (second.name, second.cost):
            if first.decision != second.decision:
                return Violation(f"the same call was just answered: {first.decision}", (first.index, second.index))
        elif second.before < first.decision.remaining:
            why = f"the refused call left {first.decision.remaining}, this one found {second.before}"
            return Violation(why, (first.index, second.index))
    return judged


@law(source=INTERFACE, needs={"peek"})
def peeking_changes_nothing(history: History) -> Verdict:
    """`peek` takes nothing, and tells what `acquire(key, 1)` would be answered at that instant.

    Dashboards and health checks peek; they must not spend what customers paid for.
    """
    judged = 0
    for peek, call in pairs(history):
        if peek.name != "peek":
            continue
        judged += 1
        if call.name == "peek" and call.decision != peek.decision:
            return Violation(f"the same peek was just answered: {peek.decision}", (peek.index, call.index))
        if call.before < peek.decision.remaining:
            why = f"peek saw {peek.decision.remaining}, this call found {call.before}"
            return Violation(why, (peek.index, call.index))
        if call.cost == 1 and call.decision.allowed != peek.decision.allowed:
            return Violation("peek foretold the opposite", (peek.index, call.index))
    return judged


def _firsts(history: History, *, reset: bool) -> list[tuple[Call, Call]]:
    """First calls of lives, each with an earlier first call on a key never used that asked the same.

    Those after a reset, or those on keys never used.
    """
    fresh: dict[tuple[str, int], Call] = {}
    used: set[str] = set()
    found = []
    for call in sorted((life[0] for life in lives(history)), key=lambda call: call.index):
        asked = (call.name, call.cost)
        if asked in fresh and (call.key in used) == reset:
            found.append((fresh[asked], call))
        if call.key not in used:
            fresh.setdefault(asked, call)
        used.add(call.key)
    return found


def _alike(one: Call, other: Call) -> bool:
    """Whether they were answered alike. Where windows follow the clock, `reset_after` depends on the instant."""
    if one.at == other.at:
        return one.decision == other.decision
    first, second = one.decision, other.decision
    return (first.allowed, first.remaining, first.retry_after) == (second.allowed, second.remaining, second.retry_after)


def _answered_as_new(judged: list[tuple[Call, Call]], otherwise: str) -> Verdict:
    for like, call in judged:
        if not _alike(like, call):
            return Violation(f"{otherwise}: {like.decision}", (like.index, call.index))
    return len(judged)


@law(source=INTERFACE)
def keys_are_independent(history: History) -> Verdict:
    """A key used for the first time is answered as any other key was, whatever happened to other keys.

    Keys are compared exactly: case, blanks, odd characters and the end of a long key all matter. Where two keys share
    an account, one customer spends what another paid for.
    """
    return _answered_as_new(_firsts(history, reset=False), "never used, yet not answered as another new key was")


@law(source=INTERFACE, needs={"reset"})
def reset_forgets(history: History) -> Verdict:
    """After `reset` a key is answered as one that was never used.

    Support staff press this button for a customer who is locked out.
    """
    return _answered_as_new(_firsts(history, reset=True), "reset, yet not answered as a new key was")
