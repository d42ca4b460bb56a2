"""The reference models: the definitions, in exact integer arithmetic, as plainly as they can be written."""

from collections.abc import Hashable, Iterable
from typing import Any

from spec.history import Operation
from spec.rate_limiting.types import Decision, Limit, checked


class TokenBucket:
    """Tokens flow in at limit/period up to burst; a call takes its cost at once if there are that many.

    The state is (level, instant), the level counted in 1/period of a token, so that `limit` of them arrive in every
    microsecond and nothing is ever rounded; None is a key that was never used.
    """

    def partition(self, operation: Operation) -> Hashable:
        return repr(operation.args["key"])

    def initial(self, config: Limit) -> Hashable:
        return None

    def answers(self, config: Limit, state: Any, operation: Operation) -> Iterable[tuple[Hashable, Any]]:
        key, cost = operation.args["key"], operation.args.get("cost", 1)
        try:
            checked(key, cost)
        except (TypeError, ValueError):
            return [(state, operation.result)]  # rejects_bad_input judges the answer; here, that nothing changes
        if operation.name == "reset":
            return [(None, None)]
        now, capacity = operation.start, config.burst * config.period
        level, since = (capacity, now) if state is None else state
        level = min(capacity, level + (now - since) * config.limit)
        missing = cost * config.period - level
        if missing <= 0 and operation.name == "acquire":
            level -= cost * config.period
        wait = 0 if missing <= 0 else _ceil(missing, config.limit) if cost <= config.burst else None
        decision = Decision(missing <= 0, level // config.period, wait, _ceil(capacity - level, config.limit))
        return [((level, now), decision)]


def _ceil(amount: int, rate: int) -> int:
    return -(-amount // rate)
