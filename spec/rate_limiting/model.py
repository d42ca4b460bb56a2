"""The reference models: the definitions, in exact integer arithmetic, as plainly as they can be written.

In every state, None is a key that was never used.
"""

from collections.abc import Hashable, Iterable
from typing import Any

from spec.history import Operation
from spec.rate_limiting.types import Decision, Limit, Queue, Window, checked


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
        if operation.name in ("stored", "ttl"):
            return [(state, operation.result)]  # how much is stored, and how long, is for laws of their own
        return self.decisions(config, state, operation.start, cost, take=operation.name == "acquire")

    def decisions(self, config: Any, state: Any, now: int, cost: int, *, take: bool) -> Iterable[tuple[Hashable, Any]]:
        """Every pair as from `decide` that is right."""
        return [self.decide(config, state, now, cost, take=take)]

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


class LeakyBucket(PerKey):
    """A bucket leaks at limit/period; a call pours its cost in at once if it does not overflow: the meter.

    The state is (level, instant), the level counted in 1/period of a unit.
    """

    def decide(self, config: Limit, state: Any, now: int, cost: int, *, take: bool) -> tuple[Any, Decision]:
        level, since = state or (0, now)
        level = max(0, level - (now - since) * config.limit)
        over = level + cost * config.period - config.burst * config.period
        fits = over <= 0
        if fits and take:
            level += cost * config.period
        wait = 0 if fits else _ceil(over, config.limit) if cost <= config.burst else None
        left = (config.burst * config.period - level) // config.period
        return (level, now), Decision(fits, left, wait, _ceil(level, config.limit))


class Gcra(PerKey):
    """Virtual scheduling: a call may come a tolerance early of its theoretical arrival time, which it then moves on.

    The state is that time (ITU-T I.371 calls it TAT), counted in 1/limit of a microsecond, as is everything here.
    """

    def decide(self, config: Limit, state: Any, now: int, cost: int, *, take: bool) -> tuple[Any, Decision]:
        interval, tolerance, instant = config.period, config.burst * config.period, now * config.limit
        arrival = instant if state is None else max(state, instant)
        early = arrival + cost * interval - tolerance - instant
        fits = early <= 0
        if fits and take:
            arrival += cost * interval
        wait = 0 if fits else _ceil(early, config.limit) if cost <= config.burst else None
        left = (instant + tolerance - arrival) // interval
        return arrival, Decision(fits, left, wait, _ceil(arrival - instant, config.limit))


class LeakyQueue(PerKey):
    """Calls wait in a queue that one unit leaves every period / limit microseconds, the first at once.

    The state is the instant from which on the next one may leave, counted in 1/limit of a microsecond. A call of cost c
    leaves at one instant and keeps the exit busy for c intervals. Units that have not left wait; a call is accepted if
    no more than `size` then do, not counting a unit that leaves at once.
    """

    def decide(self, config: Queue, state: Any, now: int, cost: int, *, take: bool) -> tuple[Any, Decision]:
        instant, most = now * config.limit, config.capacity * config.period
        leaves = instant if state is None else max(state, instant)
        over = leaves + cost * config.period - instant - most
        fits = over <= 0 or not cost
        delay = _ceil(leaves - instant, config.limit) if fits and cost else 0
        if fits and take:
            leaves += cost * config.period
        wait = 0 if fits else _ceil(over, config.limit) if cost <= config.capacity else None
        left = (most - (leaves - instant)) // config.period
        return leaves, Decision(fits, left, wait, _ceil(leaves - instant, config.limit), delay)


class FixedWindow(PerKey):
    """At most `limit` units in a window. The state is (begin, units) of the window in which something was last taken.

    Windows begin at multiples of the period since the epoch; or, `anchored`, with the first call that takes anything
    once the window before is over. Where `refusals_count`, a refused call is added up as if it were admitted.
    """

    def __init__(self, *, anchored: bool, refusals_count: bool = False) -> None:
        self.anchored, self.refusals_count = anchored, refusals_count

    def decide(self, config: Window, state: Any, now: int, cost: int, *, take: bool) -> tuple[Any, Decision]:
        begin = now if self.anchored else now - now % config.period
        units = 0
        if state is not None and now < state[0] + config.period:
            begin, units = state
        fits = not cost or units + cost <= config.limit
        if (fits or self.refusals_count) and take and cost:
            units += cost
            state = (begin, units)
        rest = begin + config.period - now
        wait = 0 if fits else rest if cost <= config.limit else None
        return state, Decision(fits, config.limit - units, wait, rest if units else 0)


class SlidingLog(PerKey):
    """At most `limit` units in any half-open window of one period: one taken at t counts until just before t + period.

    The state is the units that still count, as (instant, units), the oldest first.
    """

    def decide(self, config: Window, state: Any, now: int, cost: int, *, take: bool) -> tuple[Any, Decision]:
        log = tuple((at, units) for at, units in state or () if at > now - config.period)
        used = sum(units for _, units in log)
        fits = used + cost <= config.limit
        wait = None if cost > config.limit else 0
        while wait is not None and not fits and used - _freed(log, config, now + wait) + cost > config.limit:
            wait = min(at + config.period - now for at, _ in log if at + config.period > now + wait)
        if fits and take and cost:
            log, used = (*log, (now, cost)), used + cost
        return log, Decision(fits, config.limit - used, wait, log[-1][0] + config.period - now if log else 0)


def _freed(log: Iterable[tuple[int, int]], config: Window, instant: int) -> int:
    return sum(units for at, units in log if at + config.period <= instant)


class SlidingCounter(PerKey):
    """The units of the current window of the clock, and those of the one before by the share of it that still overlaps.

    With C units in the current window, P in the one before, and a fraction f of the current one elapsed, a call is
    admitted if C + P * (1 - f) + cost is at most `limit`. The state is (begin of the current window, C, P).

    The true number of units in the last period is P_late + C, where P_late of the P units were taken in the part that
    still overlaps. So the rule errs by P_late - P * (1 - f), which lies between -P * (1 - f) and P * f: it admits less
    than P * f <= limit units too many. Less than 2 * limit in any period is all that can be proved, and it can be
    approached: `limit` at the end of one window, and one more whenever the rule lets one in during the next.

    Where it `rounds_down`, the share of P is cut to whole units: that admits less than one unit more. Windows begin at
    multiples of the period since the epoch; or, `anchored`, with the first call that takes anything, and from then on
    one follows the other until none of them was called in.
    """

    def __init__(self, *, rounds_down: bool = False, anchored: bool = False) -> None:
        self.rounds_down, self.anchored = rounds_down, anchored

    def decide(self, config: Window, state: Any, now: int, cost: int, *, take: bool) -> tuple[Any, Decision]:
        period, begin = config.period, now - now % config.period
        if self.anchored:
            new = state is None or now >= state[0] + 2 * period
            begin = now if new else state[0] + (now - state[0]) // period * period
        known, current, previous = state or (begin, 0, 0)
        if begin == known + period:
            current, previous = 0, current
        elif begin > known:
            current = previous = 0
        room = self._room(config, begin, current, previous, now)
        fits = not cost or cost * period <= room
        if fits and take:
            current, room = current + cost, room - cost * period
        wait = 0 if fits else None
        if not fits and cost <= config.limit:
            # In this window the share of P falls; in the next, that of C.
            wait = self._wait(config, previous, config.limit - cost - current, begin, now)
            if wait is None:
                wait = self._wait(config, current, config.limit - cost, begin + period, now)
        full = begin + 2 * period if current else begin + period if previous else now
        unchanged = self.anchored and (not cost or (new and not current))
        after = state if unchanged else (begin, current, previous)
        return after, Decision(fits, room // period, wait, full - now)

    def _room(self, config: Window, begin: int, current: int, previous: int, now: int) -> int:
        """Room in 1/period of a unit."""
        share = previous * (begin + config.period - now)
        if self.rounds_down:
            share -= share % config.period
        return (config.limit - current) * config.period - share

    def _wait(self, config: Window, shared: int, target: int, begin: int, now: int) -> int | None:
        """Until `shared` units count for at most `target` in the window that begins then; None: not in that window."""
        if target < 0:
            return None
        most = target * config.period + (config.period - 1 if self.rounds_down else 0)
        still = min(config.period, most // shared) if shared else config.period
        return max(0, begin + config.period - still - now)


def _ceil(amount: int, rate: int) -> int:
    return -(-amount // rate)
