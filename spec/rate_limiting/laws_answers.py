"""The laws of the answers, for every limiter whose capacity comes back with time."""

from itertools import pairwise

from spec.history import History
from spec.law import Verdict, Violation, law
from spec.rate_limiting.observe import Call, lives
from spec.rate_limiting.types import INTERFACE, duration


def _shift(drift: int) -> str:
    return f"{duration(abs(drift))} {'later' if drift > 0 else 'earlier'}"


@law(source=INTERFACE)
def retry_after_is_exact(history: History) -> Verdict:
    """The same call is refused before `retry_after` has passed and admitted from then on, if nothing was taken since.

    An admitted call says 0, a call above the capacity says None. One microsecond less and clients that obey come too
    early, be it only by the width of a rounding; any more and capacity is wasted.
    """
    capacity: int = history.config.capacity
    judged = 0
    for life in lives(history):
        claims: dict[int, tuple[int, Call]] = {}  # cost: the instant it is to be admitted at, who said so
        for call in life:
            judged += 1
            wait, never = call.decision.retry_after, call.cost > capacity
            if call.decision.allowed and wait != 0:
                return Violation(f"an admitted call says retry_after {wait}, not 0", (call.index,))
            if not call.decision.allowed and (wait is None) != never:
                why = f"cost {call.cost} {'never fits' if never else 'fits'} a capacity of {capacity}; not {wait}"
                return Violation(f"retry_after: {why}", (call.index,))
            if wait is not None and (wait < 0 or (wait == 0 and not call.decision.allowed)):
                return Violation(f"a refused call says retry_after {wait}", (call.index,))
            if call.cost in claims:
                instant, claimed = claims[call.cost]
                evidence = (claimed.index, call.index)
                if call.decision.allowed != (call.at >= instant):
                    how = f"{duration(abs(call.at - instant))} {'after' if call.at >= instant else 'before'}"
                    said = f"{how} the instant that retry_after named"
                    return Violation(f"{'admitted' if call.decision.allowed else 'refused'} {said}", evidence)
                if wait and call.at + wait != instant:
                    return Violation(f"retry_after now names an instant {_shift(call.at + wait - instant)}", evidence)
            if call.taken:
                claims.clear()
            elif wait:
                claims.setdefault(call.cost, (call.at + wait, call))
    return judged


@law(source=INTERFACE)
def remaining_is_truthful(history: History) -> Verdict:
    """`remaining` unit calls, and not one more, are admitted at that instant; waiting never lowers it.

    Clients pace themselves by it, and headers show it to customers.
    """
    capacity: int = history.config.capacity
    judged = 0
    for life in lives(history):
        for call in life:
            judged += 1
            if not 0 <= call.decision.remaining <= call.before <= capacity:
                why = f"remaining {call.decision.remaining} with cost {call.cost} taken" if call.taken else "remaining"
                return Violation(f"{why} is not between 0 and the capacity of {capacity}", (call.index,))
            if not call.decision.allowed and call.cost <= call.before:
                return Violation(f"cost {call.cost} refused while {call.before} remain", (call.index,))
            if call.name == "peek" and call.decision.allowed != (call.before >= 1):
                return Violation(f"a unit call would be admitted, yet {call.before} remain", (call.index,))
        for first, second in pairwise(life):
            left, still = first.decision.remaining, first.at == second.at
            judged += 1
            if second.before < left or (still and second.before > left):
                why = f"{left} remained, this call found {second.before}"
                return Violation(why, (first.index, second.index))
    return judged


@law(source=INTERFACE)
def reset_after_is_truthful(history: History) -> Verdict:
    """A key is full once `reset_after` has passed, and not before, if nothing is taken in between.

    `reset_after` is 0 exactly where `remaining` is the capacity.
    """
    capacity: int = history.config.capacity
    judged = 0
    for life in lives(history):
        for call in life:
            judged += 1
            wait, full = call.decision.reset_after, call.decision.remaining == capacity
            if wait < 0 or (wait == 0) != full:
                why = f"reset_after {wait} with {call.decision.remaining} of {capacity} remaining"
                return Violation(why, (call.index,))
        for first, second in pairwise(life):
            judged += 1
            instant = first.at + first.decision.reset_after
            if (second.before == capacity) != (second.at >= instant):
                how = "before" if second.at < instant else "after"
                why = f"{second.before} of {capacity} {duration(abs(second.at - instant))} {how} the named instant"
                return Violation(why, (first.index, second.index))
            if not second.taken and second.at + second.decision.reset_after != max(instant, second.at):
                drift = second.at + second.decision.reset_after - max(instant, second.at)
                return Violation(f"reset_after now names an instant {_shift(drift)}", (first.index, second.index))
    return judged
