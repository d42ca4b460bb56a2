"""The laws of the token bucket. Each judges what the answers of one history say about each other and about time.

A law blames one mistake only: it judges a limiter by its own other answers wherever that is enough, so that a bucket
that refills too slowly is not also accused of a wrong `retry_after`.
"""

from itertools import pairwise

from spec.history import History
from spec.law import Verdict, Violation, law
from spec.rate_limiting.observe import Call, lives
from spec.rate_limiting.types import INTERFACE, Limit, duration

BUCKET = "RFC 2697 section 3 (token buckets, as metered there); Turner 1986, The leaky bucket"


def _tokens(amount: int, limit: Limit) -> str:
    whole, rest = divmod(amount, limit.period)
    return f"{whole}" if not rest else f"{amount / limit.period:.6g}"


def _shift(drift: int) -> str:
    return f"{duration(abs(drift))} {'later' if drift > 0 else 'earlier'}"


@law(source=BUCKET)
def never_exceeds_burst(history: History) -> Verdict:
    """Any stretch of time of length w admits at most burst + limit * w / period.

    This is what a limiter is for: whatever stands behind it is sized for this many calls.
    """
    limit: Limit = history.config
    judged = 0
    for life in lives(history):
        used, at = 0, 0  # the fullest stretch that ends here, its units scaled by the period
        window: list[Call] = []
        for call in life:
            if not call.taken:
                continue
            used -= (call.at - at) * limit.limit
            if used <= 0:
                used, window = 0, []
            used, at = used + call.taken * limit.period, call.at
            window.append(call)
            judged += 1
            if used > limit.burst * limit.period:
                total, width = sum(c.taken for c in window), call.at - window[0].at
                flow = _tokens(width * limit.limit, limit)
                why = f"{total} admitted within {duration(width)}; at most {limit.burst} + {flow} may be"
                return Violation(why, tuple(c.index for c in window))
    return judged


@law(source=BUCKET)
def conforming_traffic_is_admitted(history: History) -> Verdict:
    """A call that keeps every stretch of time within burst + limit * w / period is admitted.

    A limiter that refuses what it promised turns customers away; tests that only look for excess never see it.
    """
    limit: Limit = history.config
    judged = 0
    for life in lives(history):
        used, at = 0, 0
        taken: list[int] = []
        for call in life:
            used, at = max(0, used - (call.at - at) * limit.limit), call.at
            if not used:
                taken = []
            free = limit.burst * limit.period - used
            if call.cost * limit.period <= free:
                judged += 1
                if not call.decision.allowed:
                    why = f"cost {call.cost} refused while {_tokens(free, limit)} of {limit.burst} are free"
                    return Violation(why, (*taken, call.index))
            if call.taken:
                used += call.taken * limit.period
                taken.append(call.index)
    return judged


@law(source=INTERFACE)
def retry_after_is_exact(history: History) -> Verdict:
    """The same call is refused before `retry_after` has passed and admitted from then on, if nothing was taken since.

    An admitted call says 0, a call above the capacity says None. One microsecond less and clients that obey come too
    early, be it only by the width of a rounding; any more and capacity is wasted.
    """
    limit: Limit = history.config
    judged = 0
    for life in lives(history):
        claims: dict[int, tuple[int, Call]] = {}  # cost: the instant it is to be admitted at, who said so
        for call in life:
            judged += 1
            wait, never = call.decision.retry_after, call.cost > limit.burst
            if call.decision.allowed and wait != 0:
                return Violation(f"an admitted call says retry_after {wait}, not 0", (call.index,))
            if not call.decision.allowed and (wait is None) != never:
                why = f"cost {call.cost} {'never fits' if never else 'fits'} a burst of {limit.burst}; not {wait}"
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
    limit: Limit = history.config
    judged = 0
    for life in lives(history):
        for call in life:
            judged += 1
            if not 0 <= call.decision.remaining <= call.before <= limit.burst:
                why = f"remaining {call.decision.remaining} with cost {call.cost} taken" if call.taken else "remaining"
                return Violation(f"{why} is not between 0 and the burst of {limit.burst}", (call.index,))
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

    `reset_after` is 0 exactly where `remaining` is the burst.
    """
    limit: Limit = history.config
    judged = 0
    for life in lives(history):
        for call in life:
            judged += 1
            wait, full = call.decision.reset_after, call.decision.remaining == limit.burst
            if wait < 0 or (wait == 0) != full:
                why = f"reset_after {wait} with {call.decision.remaining} of {limit.burst} remaining"
                return Violation(why, (call.index,))
        for first, second in pairwise(life):
            judged += 1
            instant = first.at + first.decision.reset_after
            if (second.before == limit.burst) != (second.at >= instant):
                how = "before" if second.at < instant else "after"
                why = f"{second.before} of {limit.burst} {duration(abs(second.at - instant))} {how} the named instant"
                return Violation(why, (first.index, second.index))
            if not second.taken and second.at + second.decision.reset_after != max(instant, second.at):
                drift = second.at + second.decision.reset_after - max(instant, second.at)
                return Violation(f"reset_after now names an instant {_shift(drift)}", (first.index, second.index))
    return judged


@law(source=BUCKET)
def idle_restores_exactly_the_burst(history: History) -> Verdict:
    """After a pause in which an empty bucket fills, exactly `burst` units are admitted at one instant.

    Not fewer, and not more however long the pause was: a limiter that saves up a quiet night releases it at nine.
    """
    limit: Limit = history.config
    judged = 0
    for life in lives(history):
        free, since = 0, -1  # what is left of the burst at the instant that ended a pause
        taken: list[int] = []
        for first, call in pairwise(life):
            if call.at - first.at >= limit.fill_time:
                free, since, taken = limit.burst, call.at, [first.index]
            if call.at != since:
                continue
            judged += 1
            if call.decision.allowed != (call.cost <= free):
                how = "admitted" if call.decision.allowed else "refused"
                why = f"cost {call.cost} {how} with {free} of the burst of {limit.burst} left after the pause"
                return Violation(why, (*taken, call.index))
            free -= call.taken
            taken.append(call.index)
    return judged


@law(source=INTERFACE)
def clock_stepping_back_grants_nothing(history: History) -> Verdict:
    """When the clock steps back nothing is granted for it, no second counts twice, and nobody is locked out for longer.

    Clocks are set back by operators, by NTP and by a fail-over to another machine. What had remained, and what flows
    in beyond the highest reading, is all there is until the bucket could be full again; and a pause that fills the
    bucket, counted from the highest reading when something was last taken, always does.
    """
    limit: Limit = history.config
    judged = 0
    for life in lives(history, stepping=True):
        base, spent, stepped, marks = life[0], 0, False, [life[0].index]
        taken_at = life[0].highest
        for call in life[1:]:
            stepped = stepped or call.at < call.highest
            flow = (call.highest - base.at) * limit.limit
            known = base.at == base.highest and call.highest < base.at + base.decision.reset_after
            if stepped:
                marks.append(call.index)
                judged += 1
                if known and (spent + call.taken - base.decision.remaining - 1) * limit.period >= flow:
                    why = f"{spent + call.taken} admitted of {base.decision.remaining} since the clock stepped back"
                    return Violation(why, tuple(marks))
                rested = call.at - taken_at >= limit.fill_time
                if rested and not call.decision.allowed and call.cost <= limit.burst:
                    return Violation("still locked out after a full pause since the clock stepped back", tuple(marks))
            spent += call.taken
            if call.taken:
                taken_at = call.highest
            if call.at == call.highest:
                base, spent, marks, stepped = call, 0, [call.index], False
    return judged
