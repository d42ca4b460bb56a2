"""From the state of a bucket to the answer, in exact integer arithmetic."""

from spec.rate_limiting.types import Decision, Limit


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
