"""The laws of pauses and of clocks that step back, made for each algorithm out of how its capacity comes back."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from spec.history import History
from spec.law import Law, Verdict, Violation, law
from spec.rate_limiting.observe import Call, lives
from spec.rate_limiting.types import INTERFACE

Rest = Callable[[Any], int]
"""Of a configuration, the pause in microseconds after which a key has its full capacity, whatever it had before."""

Flow = Callable[[Any, Call, Call], Fraction | int | None]
"""Of a configuration and two calls, a number of units that cannot have come back between them, by the highest reading
of the clock; None if the key may have been full in between, as a full key may be forgotten."""

Counts = Callable[[Any, Call, Call], bool]
"""Of a configuration and two calls, whether what the second takes is taken from what the first left."""


def fill_time(config: Any) -> int:
    """The rest of what fills at a steady rate."""
    rest: int = config.fill_time
    return rest


def steady_flow(config: Any, base: Call, call: Call) -> Fraction | None:
    """The flow of the same: more than what flows in, as `remaining` leaves out a fraction of less than 1."""
    if call.highest >= base.at + base.decision.reset_after:
        return None
    return 1 + Fraction((call.highest - base.at) * config.limit, config.period)


def every_taking(config: Any, base: Call, call: Call) -> bool:
    """Whatever is taken counts."""
    return True


def idle_restores_exactly_the_burst(rest: Rest, source: str) -> Law:
    """The law for an algorithm with that rest."""

    @law(source=source)
    def idle_restores_exactly_the_burst(history: History) -> Verdict:
        """After a pause that restores a key, exactly its capacity is admitted at one instant.

        Not less, and not more however long the pause was: a limiter that saves up a quiet night releases it at nine.
        """
        capacity, pause = history.config.capacity, rest(history.config)
        judged = 0
        for life in lives(history):
            free, since = 0, -1  # what is left of the capacity at the instant that ended a pause
            taken: list[int] = []
            for first, call in pairwise(life):
                if call.at - first.at >= pause:
                    free, since, taken = capacity, call.at, [first.index]
                if call.at != since:
                    continue
                judged += 1
                if call.decision.allowed != (call.cost <= free):
                    how = "admitted" if call.decision.allowed else "refused"
                    why = f"cost {call.cost} {how} with {free} of the capacity of {capacity} left after the pause"
                    return Violation(why, (*taken, call.index))
                free -= call.taken
                taken.append(call.index)
        return judged

    return idle_restores_exactly_the_burst


def clock_stepping_back_grants_nothing(rest: Rest, flow: Flow, counts: Counts = every_taking) -> Law:
    """The law for an algorithm with that rest and flow; only takings that count are held against what was left."""

    @law(source=INTERFACE)
    def clock_stepping_back_grants_nothing(history: History) -> Verdict:
        """When the clock steps back nothing is granted for it, no second counts twice, and no lock-out is longer.

        Clocks are set back by operators, by NTP and by a fail-over to another machine. What had remained, and what
        comes back by the highest reading, is all there is until the key could be full again; and a pause that
        restores it, counted from the highest reading when something was last taken, always does.
        """
        config = history.config
        judged = 0
        for life in lives(history, stepping=True):
            base, spent, stepped, marks = life[0], 0, False, [life[0].index]
            taken_at, ever = base.highest, False  # of the last taking, the highest reading; whether it ever stepped
            for call in life[1:]:
                stepped = stepped or call.at < call.highest
                ever = ever or stepped
                taken = call.taken if counts(config, base, call) else 0
                if stepped:
                    marks.append(call.index)
                    judged += 1
                    more = flow(config, base, call) if base.at == base.highest else None
                    if taken and more is not None and spent + taken - base.decision.remaining >= more:
                        why = f"{spent + taken} admitted of {base.decision.remaining} since the clock stepped back"
                        return Violation(why, tuple(marks))
                if ever and call.at - taken_at >= rest(config) and call.cost <= config.capacity:
                    judged += 1
                    if not call.decision.allowed:
                        why = "still locked out after a full pause since the clock stepped back"
                        return Violation(why, (*marks, call.index) if call.index not in marks else tuple(marks))
                spent += taken
                if call.taken:
                    taken_at = call.highest
                if call.at == call.highest:
                    base, spent, marks, stepped = call, 0, [call.index], False
        return judged

    return clock_stepping_back_grants_nothing
