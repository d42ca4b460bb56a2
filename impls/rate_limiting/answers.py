"""From the state of a key to the answer, in exact integer arithmetic."""

from spec.rate_limiting.types import Decision, Limit, Window


def decision(limit: Limit, missing: int, cost: int, *, fits: bool, take: bool) -> Decision:
    """The answer to a call of that cost.

    missing: what the bucket lacked before the call, in 1/period of a token; more than its capacity after some steps
             back of the clock.
    fits:    whether the call is admitted.
    take:    whether the call then takes its cost.
    """
    capacity, price = limit.burst * limit.period, cost * limit.period
    wait = 0 if fits else -((capacity - missing - price) // limit.limit) if price <= capacity else None
    if fits and take:
        missing += price
    return Decision(fits, max(0, capacity - missing) // limit.period, wait, -(-missing // limit.limit))


def window_decision(limit: Window, units: int, ends_in: int, cost: int, *, fits: bool) -> Decision:
    """The answer to a call of that cost in a fixed window.

    units:   what has been taken from the window, this call included.
    ends_in: microseconds until the window is over.
    fits:    whether the call is admitted.
    """
    wait = 0 if fits else ends_in if cost <= limit.limit else None
    return Decision(fits, limit.limit - units, wait, ends_in if units else 0)
