"""What some rate limiters permit, and their users should know before they choose."""

from collections import deque

from spec.history import History
from spec.law import Violation, Witness, anomaly
from spec.rate_limiting.observe import Call, lives
from spec.rate_limiting.types import Window, duration


@anomaly(source="RFC 6585 leaves the counting open; Cloudflare 2017, How we built rate limiting, on fixed windows")
def double_burst(history: History) -> Witness:
    """Twice the limit is admitted within less than one period.

    Whatever stands behind the limiter must be sized for it: clients that wait for the window to turn, and those that
    are told to by `retry_after`, come all at once.
    """
    limit: Window = history.config
    return _crowded(history, 2 * limit.limit)


@anomaly(source="follows from the definitions of fixed windows and of the sliding window counter")
def exceeds_limit_in_a_sliding_window(history: History) -> Witness:
    """More than the limit is admitted in some half-open window of one period.

    "100 a minute" is then true of the minutes of the clock, or on the average, but not of every minute.
    """
    limit: Window = history.config
    return _crowded(history, limit.limit + 1)


def _crowded(history: History, units: int) -> Witness:
    """The first half-open window of one period in which at least that many units are admitted to one key."""
    limit: Window = history.config
    for life in lives(history):
        window: deque[Call] = deque()
        total = 0
        for call in life:
            if not call.taken:
                continue
            window.append(call)
            total += call.taken
            while window[0].at <= call.at - limit.period:
                total -= window.popleft().taken
            if total >= units:
                within = duration(call.at - window[0].at)
                why = f"{total} admitted within {within}, with a limit of {limit.limit} in {duration(limit.period)}"
                return Violation(why, tuple(one.index for one in window))
    return None
