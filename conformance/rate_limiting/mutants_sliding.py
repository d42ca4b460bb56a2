"""Sliding window logs and counters with one mistake each."""

from typing import Any

from conformance.mutants import mutant
from conformance.rate_limiting.modelled import Modelled
from spec.environment import Environment
from spec.rate_limiting.model import SlidingCounter, SlidingLog
from spec.rate_limiting.types import Decision, Window, checked

LOG = "rate_limiting.sliding_window_log"
COUNTER = "rate_limiting.sliding_window_counter"


class Log(Modelled):
    """A correct log."""

    model = SlidingLog()

    def stored(self, key: str) -> int:
        checked(key)
        return len(self.states.get(key) or ())


class Counter(Modelled):
    """A correct counter."""

    model = SlidingCounter()


@mutant(LOG, killed_by="conforming_traffic_is_admitted")
class ClosedWindow(Log):
    """`<` for `<=` in the eviction: a unit still counts a whole period after it was taken."""

    def __init__(self, config: Window, env: Environment) -> None:
        super().__init__(Window(config.limit, config.period + 1), env)


@mutant(LOG, killed_by="never_exceeds_limit_in_a_sliding_window")
class EqualInstantsStoredOnce(Log):
    """Entries are a set of instants, so calls at the same instant count as one."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        if take and key in self.states:
            self.states[key] = tuple(dict(self.states[key]).items())
        return decision


@mutant(LOG, killed_by="never_exceeds_limit_in_a_sliding_window")
class CostCountsAsOne(Log):
    """A call is one entry, whatever its cost."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        if take and key in self.states:
            self.states[key] = tuple((at, 1) for at, _ in self.states[key])
        return decision


@mutant(LOG, killed_by="stores_no_more_than_the_limit")
class RefusalsAreLogged(Log):
    """Refused calls are stored beside the others, to be counted out later."""

    def __init__(self, config: Window, env: Environment) -> None:
        super().__init__(config, env)
        self.refused: dict[str, int] = {}

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        self.refused[key] = self.refused.get(key, 0) + (take and not decision.allowed)
        return decision

    def stored(self, key: str) -> int:
        return super().stored(key) + self.refused.get(key, 0)


@mutant(LOG, killed_by="retry_after_is_exact")
class RetryWhenAllIsOver(Log):
    """`retry_after` waits for the newest entry to be over instead of the one that makes room."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        wait = decision.reset_after if decision.retry_after else decision.retry_after
        return Decision(decision.allowed, decision.remaining, wait, decision.reset_after)


@mutant(LOG, killed_by="reset_after_is_truthful")
class ResetWithTheOldest(Log):
    """`reset_after` tells when the oldest entry is over, not the newest."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        log = [entry for entry in self.states.get(key) or () if entry[0] > self.now() - self.config.period]
        rest = log[0][0] + self.config.period - self.now() if log else 0
        return Decision(decision.allowed, decision.remaining, decision.retry_after, rest)


@mutant(LOG, killed_by="clock_stepping_back_grants_nothing")
class FutureDoesNotCount(Log):
    """After a step back, what was taken later than now is dropped."""

    def now(self) -> int:
        return self.clock.now()

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        if key in self.states:
            self.states[key] = tuple(entry for entry in self.states[key] if entry[0] <= self.now())
        return super().ask(key, cost, take)


@mutant(LOG, killed_by="conforming_traffic_is_admitted")
class KeptWhileBusy(Log):
    """The log as a whole expires a period after the last call; until then everything in it counts."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        if self.states.get(key):
            last = self.states[key][-1][0]
            if self.now() < last + self.config.period:
                self.states[key] = tuple((last, units) for _, units in self.states[key])
        return super().ask(key, cost, take)


@mutant(LOG, killed_by="idle_restores_exactly_the_burst")
class EvictsOneAtATime(Log):
    """Each call drops one entry that is over; after a pause the others still count."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        log = self.states.get(key) or ()
        over = [entry for entry in log if entry[0] <= self.now() - self.config.period]
        if over:
            self.states[key] = tuple((self.now(), units) for _, units in over[1:]) + log[len(over) :]
        return super().ask(key, cost, take)


@mutant(LOG, killed_by="agrees_with_model")
class WholeMilliseconds(Log):
    """Instants are kept in whole milliseconds."""

    def now(self) -> int:
        return super().now() // 1000 * 1000


@mutant(COUNTER, killed_by="agrees_with_model")
class WeightInverted(Counter):
    """The window before counts by the share that has gone by, not by the one that still overlaps."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        state, decision = self.states.get(key), super().ask(key, cost, take)
        _, current, previous = self.states.get(key) or state or (0, 0, 0)
        elapsed = self.now() % self.config.period
        room = (self.config.limit - current) * self.config.period - previous * elapsed
        return Decision(
            decision.allowed, max(0, room // self.config.period), decision.retry_after, decision.reset_after
        )


@mutant(COUNTER, killed_by="idle_restores_exactly_the_burst")
class PreviousKeptAfterAPause(Counter):
    """After a pause of many windows, the last one with calls in it still counts as the one before."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        now, period = self.now(), self.config.period
        if key in self.states and now // period > self.states[key][0] // period + 1:
            _, current, previous = self.states[key]
            self.states[key] = (now - now % period - period, current, previous)
        return super().ask(key, cost, take)


@mutant(COUNTER, killed_by="never_double_burst")
class PreviousForgotten(Counter):
    """The window before does not count at all."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        now, period = self.now(), self.config.period
        if key in self.states and self.states[key][0] != now - now % period:
            del self.states[key]
        return super().ask(key, cost, take)


@mutant(COUNTER, killed_by="never_exceeds_limit_in_a_weighted_window", capabilities={"boolean"})
class OnlyThisWindowCounts(PreviousForgotten):
    """Says yes or no, and the window before does not count."""

    def acquire(self, key: str, cost: int = 1) -> Any:
        return super().acquire(key, cost).allowed

    def peek(self, key: str) -> Any:
        return super().peek(key).allowed


class Rounded(Counter):
    """Counts what still overlaps of the window before in whole units."""

    def weighed(self, previous: int, overlap: int) -> int:
        period: int = self.config.period
        return previous * overlap // period

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        now, period = self.now(), self.config.period
        begin, current, previous = self.states.get(key, (now - now % period, 0, 0))
        if now - now % period == begin + period:
            begin, current, previous = begin + period, 0, current
        elif now >= begin + period:
            begin, current, previous = now - now % period, 0, 0
        weighed = self.weighed(previous, begin + period - now)
        allowed = current + weighed + cost <= self.config.limit
        if allowed and take:
            current += cost
            self.states[key] = begin, current, previous
        exact = self.model.decide(self.config, (begin, current, previous), now, cost, take=False)[1]
        left = max(0, self.config.limit - current - weighed)
        wait = 0 if allowed else None if cost > self.config.limit else max(1, exact.retry_after or 0)
        return Decision(allowed, left, wait, exact.reset_after)


@mutant(COUNTER, killed_by="agrees_with_model")
class RoundedDown(Rounded):
    """What still overlaps is rounded down, so a fraction of a unit too many is admitted."""


@mutant(COUNTER, killed_by="conforming_traffic_is_admitted")
class PreviousCountsWhole(Rounded):
    """The window before counts in full to the end of the current one."""

    def weighed(self, previous: int, overlap: int) -> int:
        return previous


@mutant(COUNTER, killed_by="retry_after_is_exact")
class RetryWhenTheWindowEnds(Counter):
    """`retry_after` names the end of the current window, as if nothing of it counted from then on."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        wait = self.config.period - self.now() % self.config.period if decision.retry_after else decision.retry_after
        return Decision(decision.allowed, decision.remaining, wait, decision.reset_after)


@mutant(COUNTER, killed_by="clock_stepping_back_grants_nothing")
class EarlierWindowIsANewOne(Counter):
    """After a step back into an earlier window, counting starts anew."""

    def now(self) -> int:
        return self.clock.now()

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        if key in self.states and self.now() < self.states[key][0]:
            del self.states[key]
        return super().ask(key, cost, take)
