"""The laws of the token bucket, and of what decides as it does.

Each judges what the answers of one history say about each other and about time. A law blames one mistake only: it
judges a limiter by its own other answers wherever that is enough, so that a bucket that refills too slowly is not also
accused of a wrong `retry_after`.
"""

from spec.history import History
from spec.law import Verdict, Violation, law
from spec.rate_limiting.observe import Call, lives
from spec.rate_limiting.types import Limit, duration

BUCKET = "RFC 2697 section 3 (token buckets, as metered there); Turner 1986, The leaky bucket"


def _tokens(amount: int, limit: Limit) -> str:
    whole, rest = divmod(amount, limit.period)
    return f"{whole}" if not rest else f"{amount / limit.period:.6g}"


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
