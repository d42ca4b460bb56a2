"""The reference models: the definitions, in exact integer arithmetic, as plainly as they can be written.

In every state, None is a key that was never used.
"""

from collections.abc import Hashable, Iterable
from typing import Any

from spec.history import Operation
from spec.rate_limiting.types import Decision, Limit, Window, checked


class PerKey:
    """What all of them share: a key's state is independent of other keys, bad input and `reset` are alike."""

    def partition(self, operation: Operation) -> Hashable:
        return repr(operation.args["key"])

    def initial(self, config: Any) -> Hashable:
        return None

    def answers(self, config: Any, state: Any, operation: Operation) -> Iterable[tuple[Hashable, Any]]:
        key, cost = operation.args["key"], operation.args.get("cost", 1)
        try:
            checked(key, cost)
        except (TypeError, ValueError):
            return [(state, operation.result)]  # rejects_bad_input judges the answer; here, that nothing changes
        if operation.name == "reset":
            return [(None, None)]
        return [self.decide(config, state, operation.start, cost, take=operation.name == "acquire")]

    def decide(self, config: Any, state: Any, now: int, cost: int, *, take: bool) -> tuple[Any, Decision]:
        """The state after a call, which takes its cost if it is admitted and `take`; and the decision."""
        raise NotImplementedError


class TokenBucket(PerKey):
    """Tokens flow in at limit/period up to burst; a call takes its cost at once if there are that many.

    The state is (level, instant), the level counted in 1/period of a token, so that `limit` of them arrive in every
    microsecond and nothing is ever rounded.
    """

    def decide(self, config: Limit, state: Any, now: int, cost: int, *, take: bool) -> tuple[Any, Decision]:
        capacity = config.burst * config.period
        level, since = (capacity, now) if state is None else state
        level = min(capacity, level + (now - since) * config.limit)
        missing = cost * config.period - level
        if missing <= 0 and take:
            level -= cost * config.period
        wait = 0 if missing <= 0 else _ceil(missing, config.limit) if cost <= config.burst else None
        return (level, now), Decision(missing <= 0, level // config.period, wait, _ceil(capacity - level, config.limit))


class FixedWindow(PerKey):
    """At most `limit` units in a window. The state is (begin, units) of the window in which something was last taken.

    Windows begin at multiples of the period since the epoch; or, `anchored`, with the first call that takes anything
    once the window before is over.
    """

    def __init__(self, *, anchored: bool) -> None:
        self.anchored = anchored

    def decide(self, config: Window, state: Any, now: int, cost: int, *, take: bool) -> tuple[Any, Decision]:
        begin = now if self.anchored else now - now % config.period
        units = 0
        if state is not None and now < state[0] + config.period:
            begin, units = state
        fits = units + cost <= config.limit
        if fits and take and cost:
            units += cost
            state = (begin, units)
        rest = begin + config.period - now
        wait = 0 if fits else rest if cost <= config.limit else None
        return state, Decision(fits, config.limit - units, wait, rest if units else 0)


def _ceil(amount: int, rate: int) -> int:
    return -(-amount // rate)
