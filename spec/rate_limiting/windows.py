"""Fixed windows, the sliding log and the sliding counter: at most `limit` units in a period, understood differently."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from spec.history import History
from spec.law import Law, Verdict, Violation, law
from spec.rate_limiting.anomalies import double_burst, exceeds_limit_in_a_sliding_window
from spec.rate_limiting.assemble import rate_limiter
from spec.rate_limiting.boolean import BooleanLog, Rule, also_boolean
from spec.rate_limiting.laws_time import (
    clock_stepping_back_grants_nothing,
    every_taking,
    idle_restores_exactly_the_burst,
)
from spec.rate_limiting.model import FixedWindow, SlidingCounter, SlidingLog
from spec.rate_limiting.observe import Call, lives
from spec.rate_limiting.types import INTERFACE, Window

SOURCE = "Cloudflare 2017, How we built rate limiting capable of scaling to millions of domains; Redis, INCR pattern"

Used = Callable[[Any, list[Call]], Iterator[tuple[Call, Fraction | int, tuple[int, ...]]]]
"""Of a configuration and a life, each call with the units in use just before it and the calls that took them,
going by what was admitted."""


def conforming_traffic_is_admitted(used: Used) -> Law:
    """The law for an algorithm that counts so."""

    @law(source=SOURCE)
    def conforming_traffic_is_admitted(history: History) -> Verdict:
        """A call that has room beside what was admitted before, by the rule of the specification, is admitted.

        A limiter that refuses what it promised turns customers away; tests that only look for excess never see it.
        """
        limit: Window = history.config
        judged = 0
        for life in lives(history):
            for call, units, taken in used(limit, life):
                if units + call.cost <= limit.limit:
                    judged += 1
                    if not call.decision.allowed:
                        why = f"cost {call.cost} refused with {float(units):.6g} of {limit.limit} in use"
                        return Violation(why, (*taken, call.index))
        return judged

    return conforming_traffic_is_admitted


def never_exceeds_limit_in_a_window(used: Used) -> Law:
    """The law for windows that are counted so."""

    @law(source=SOURCE)
    def never_exceeds_limit_in_a_window(history: History) -> Verdict:
        """At most `limit` units are admitted in a window.

        This is what a limiter is for: whatever stands behind it is sized for this many calls.
        """
        limit: Window = history.config
        judged = 0
        for life in lives(history):
            for call, units, taken in used(limit, life):
                judged += bool(call.taken)
                if call.taken and units + call.taken > limit.limit:
                    why = f"{units + call.taken} admitted in one window; at most {limit.limit} may be"
                    return Violation(why, (*taken, call.index))
        return judged

    return never_exceeds_limit_in_a_window


def _in_windows(*, anchored: bool) -> Used:
    def used(limit: Window, life: list[Call]) -> Iterator[tuple[Call, int, tuple[int, ...]]]:
        end, units = 0, 0
        taken: tuple[int, ...] = ()
        for call in life:
            if call.at >= end:
                units, taken = 0, ()
            yield call, units, taken
            if call.taken:
                if not units:
                    end = (call.at if anchored else call.at - call.at % limit.period) + limit.period
                units, taken = units + call.taken, (*taken, call.index)

    return used


def _period(limit: Window) -> int:
    return limit.period


def _one_in_the_same_window(limit: Window, base: Call, call: Call) -> int | None:
    """Nothing comes back before the window is over: less than one unit."""
    return 1 if call.highest < base.at + base.decision.reset_after else None


def _same_grid_window(limit: Window, base: Call, call: Call) -> bool:
    """A clock that steps back into an earlier window may find that window's own account."""
    return call.at // limit.period == base.at // limit.period


def _fixed_window(summary: str, *, anchored: bool, **more: Any) -> Any:
    used = _in_windows(anchored=anchored)
    counts = every_taking if anchored else _same_grid_window
    return also_boolean(
        rate_limiter(
            "fixed_window",
            summary,
            Window,
            FixedWindow(anchored=anchored),
            (
                never_exceeds_limit_in_a_window(used),
                conforming_traffic_is_admitted(used),
                idle_restores_exactly_the_burst(_period, SOURCE),
                clock_stepping_back_grants_nothing(_period, _one_in_the_same_window, counts),
                *((double_burst.forbidden(),) if anchored else ()),
            ),
            SOURCE,
            anomalies=(exceeds_limit_in_a_sliding_window,)
            if anchored
            else (double_burst, exceeds_limit_in_a_sliding_window),
            **more,
        ),
        rules=(
            Rule(
                "refusals_count",
                "a refused call uses up its cost as well",
                FixedWindow(anchored=anchored, refusals_count=True),
            ),
        ),
    )


FIXED_WINDOW = _fixed_window(
    "At most `limit` units in each window of the clock; twice as many may meet where two windows do.",
    anchored=False,
    capabilities={"anchored": "a window begins with the first call in it, not at a multiple of the period"},
    variants={"anchored": _fixed_window("At most `limit` units in a window that the first call opens.", anchored=True)},
)


def _in_log(limit: Window, life: list[Call]) -> Iterator[tuple[Call, int, tuple[int, ...]]]:
    log: deque[Call] = deque()
    units = 0
    for call in life:
        while log and log[0].at <= call.at - limit.period:
            units -= log.popleft().taken
        yield call, units, tuple(one.index for one in log)
        if call.taken:
            units += call.taken
            log.append(call)


def _in_counter(limit: Window, life: list[Call]) -> Iterator[tuple[Call, Fraction, tuple[int, ...]]]:
    windows: dict[int, list[Call]] = {}
    for call in life:
        number, elapsed = divmod(call.at, limit.period)
        current, previous = windows.get(number, []), windows.get(number - 1, [])
        share = 1 - Fraction(elapsed, limit.period)
        units = sum(one.taken for one in current) + share * sum(one.taken for one in previous)
        yield call, units, tuple(one.index for one in (*previous, *current))
        if call.taken:
            windows.setdefault(number, []).append(call)


def _one_while_time_stands_still(limit: Window, base: Call, call: Call) -> int | None:
    """Nothing comes back before the highest reading is passed: less than one unit."""
    return 1 if call.highest == base.at and base.decision.reset_after else None


def _within_a_period(limit: Window, base: Call, call: Call) -> bool:
    """What is taken a period or more before the reading of the first is over when that reading comes again."""
    return call.at > base.at - limit.period


@law(source=INTERFACE, needs={"stored"})
def stores_no_more_than_the_limit(history: History) -> Verdict:
    """No more than `limit` entries are stored for a key, refused calls or not.

    A log that grows with what it refuses is brought down by the very traffic it is to hold off.
    """
    limit: Window = history.config
    judged = 0
    for operation in history.operations:
        if operation.name == "stored" and isinstance(operation.result, int):
            judged += 1
            if not 0 <= operation.result <= limit.limit:
                return Violation(f"{operation.result} entries with a limit of {limit.limit}", (operation.index,))
    return judged


SLIDING_LOG = also_boolean(
    rate_limiter(
        "sliding_window_log",
        "Never more than `limit` units in any window of one period; remembers every one of them.",
        Window,
        SlidingLog(),
        (
            exceeds_limit_in_a_sliding_window.forbidden(),
            conforming_traffic_is_admitted(_in_log),
            stores_no_more_than_the_limit,
            idle_restores_exactly_the_burst(_period, SOURCE),
            clock_stepping_back_grants_nothing(_period, _one_while_time_stands_still, _within_a_period),
        ),
        SOURCE,
        operations={"stored": int},
    ),
    BooleanLog,
)

SLIDING_COUNTER = also_boolean(
    rate_limiter(
        "sliding_window_counter",
        "Two counters stand for the log: the window before counts by what still overlaps. Exact on the average only.",
        Window,
        SlidingCounter(),
        (
            double_burst.forbidden(),
            conforming_traffic_is_admitted(_in_counter),
            idle_restores_exactly_the_burst(lambda limit: 2 * limit.period, SOURCE),
            clock_stepping_back_grants_nothing(
                lambda limit: 2 * limit.period, _one_while_time_stands_still, _same_grid_window
            ),
        ),
        SOURCE,
        anomalies=(exceeds_limit_in_a_sliding_window,),
    ),
    rules=(
        Rule(
            "rounds_down",
            "the share of the window before is cut to whole units",
            SlidingCounter(rounds_down=True),
            (
                Rule(
                    "anchored",
                    "windows follow one another from the first call that takes anything",
                    SlidingCounter(rounds_down=True, anchored=True),
                ),
            ),
        ),
    ),
    safety=replace(
        double_burst.forbidden(),
        name="never_exceeds_limit_in_a_weighted_window",
        statement="A call is admitted only where the units of the window before, by the share of it that still"
        " overlaps, those of this window and its cost are at most `limit`.",
        rationale="This is what a limiter is for: whatever stands behind it is sized for about this many calls.",
    ),
)
