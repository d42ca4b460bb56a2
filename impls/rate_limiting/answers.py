"""From the state of a key to the answer, in exact integer arithmetic."""

from spec.rate_limiting.types import Decision, Limit, Window


def decision(limit: Limit, missing: int, cost: int, *, fits: bool, take: bool, delay: int = 0) -> Decision:
    """The answer to a call of that cost.

    missing: what the bucket lacked before the call, in 1/period of a token; more than its capacity after some steps
             back of the clock.
    fits:    whether the call is admitted.
    take:    whether the call then takes its cost.
    delay:   until it may go on, in microseconds.
    """
    capacity, price = limit.burst * limit.period, cost * limit.period
    wait = 0 if fits else -((capacity - missing - price) // limit.limit) if price <= capacity else None
    if fits and take:
        missing += price
    return Decision(fits, max(0, capacity - missing) // limit.period, wait, -(-missing // limit.limit), delay)


def queue_decision(meter: Limit, backlog: int, cost: int, *, fits: bool, take: bool) -> Decision:
    """The answer to a call of that cost that finds `backlog` in the queue with that meter, in 1/period of a unit."""
    delay = -(-backlog // meter.limit) if fits and cost else 0
    return decision(meter, backlog, cost, fits=fits, take=take, delay=delay)


def window_decision(limit: Window, units: int, ends_in: int, cost: int, *, fits: bool) -> Decision:
    """The answer to a call of that cost in a fixed window.

    units:   what has been taken from the window, this call included.
    ends_in: microseconds until the window is over.
    fits:    whether the call is admitted.
    """
    wait = 0 if fits else ends_in if cost <= limit.limit else None
    return Decision(fits, limit.limit - units, wait, ends_in if units else 0)


def log_decision(limit: Window, units: int, wait: int, over_in: int, cost: int, *, fits: bool) -> Decision:
    """The answer to a call of that cost by a log.

    units:   what counts, this call included.
    wait:    microseconds until the call would fit, where it does not fit but may.
    over_in: microseconds until the last unit is over.
    """
    never = None if cost > limit.limit else wait
    return Decision(fits, limit.limit - units, 0 if fits else never, over_in)


def counter_decision(
    limit: Window, begin: int, current: int, previous: int, now: int, cost: int, *, take: bool
) -> tuple[bool, Decision]:
    """Whether a call of that cost fits the sliding window counter, and the answer to it.

    begin:             of the current window; later than now after some steps back of the clock.
    current, previous: units in the current window before the call, and in the one before.
    """
    period = limit.period
    ends = begin + period
    room = (limit.limit - current) * period - previous * (ends - max(now, begin))  # in 1/period of a unit
    fits = cost * period <= room
    if fits and take:
        current, room = current + cost, room - cost * period
    wait: int | None = 0
    if not fits:
        spare = limit.limit - cost - current  # what the units of the window before may count for
        if cost > limit.limit:
            wait = None
        elif spare >= 0:
            wait = ends - spare * period // previous - now
        else:
            wait = ends + period - (limit.limit - cost) * period // current - now
    full = ends + period if current else ends if previous else now
    return fits, Decision(fits, max(0, room // period), wait, full - now)
