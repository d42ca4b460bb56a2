"""Fixed windows with one mistake each."""

from conformance.mutants import mutant
from conformance.rate_limiting.modelled import Asked
from spec.environment import Environment
from spec.rate_limiting.types import Decision, Window

FIXED = "rate_limiting.fixed_window"


class Fixed(Asked):
    """A correct fixed window in small pieces, each for a mutant to get wrong."""

    anchored = False

    def __init__(self, config: Window, env: Environment) -> None:
        super().__init__(config, env)
        self.limit, self.period = config.limit, config.period

    def now(self) -> int:
        return self.clock.now()

    def begin(self, now: int) -> int:
        return now if self.anchored else now - now % self.period

    def is_over(self, begin: int, now: int) -> bool:
        return now >= begin + self.period

    def carried(self, units: int) -> int:
        """Units that a new window begins with."""
        return 0

    def fits(self, units: int, cost: int) -> bool:
        return units + cost <= self.limit

    def wait(self, begin: int, now: int) -> int:
        return begin + self.period - now

    def after_refusal(self, key: str, begin: int, units: int, cost: int, now: int) -> None:
        """Nothing is stored."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        now = self.now()
        begin, units = self.states.get(key, (self.begin(now), 0))
        if self.is_over(begin, now):
            begin, units = self.begin(now), self.carried(units)
        fits = self.fits(units, cost)
        if fits and take and cost:
            units += cost
            self.states[key] = begin, units
        elif take and not fits:
            self.after_refusal(key, begin, units, cost, now)
        rest = begin + self.period - now
        wait = 0 if fits else self.wait(begin, now) if cost <= self.limit else None
        left = max(0, self.limit - units)
        return Decision(fits, left, wait, rest if units > 0 else 0)


@mutant(FIXED, killed_by="never_exceeds_limit_in_a_window")
class OneTooMany(Fixed):
    """Compares what was counted before this call: `limit + 1` are admitted."""

    def fits(self, units: int, cost: int) -> bool:
        return cost <= self.limit and units <= self.limit


@mutant(FIXED, killed_by="conforming_traffic_is_admitted")
class LastOneRefused(Fixed):
    """`<` for `<=`: the last unit of a window is never given."""

    def fits(self, units: int, cost: int) -> bool:
        return units + cost < self.limit or not cost


@mutant(FIXED, killed_by="conforming_traffic_is_admitted")
class TurnsLate(Fixed):
    """`>` for `>=`: at the very instant that a window begins, the one before still counts."""

    def is_over(self, begin: int, now: int) -> bool:
        return now > begin + self.period


@mutant(FIXED, killed_by="idle_restores_exactly_the_burst")
class UnusedIsCarriedOver(Fixed):
    """What a window left unused is added to the next."""

    def carried(self, units: int) -> int:
        return units - self.limit if 0 < units < self.limit else 0


@mutant(FIXED, killed_by="retry_after_is_exact")
class RetryAfterWholePeriod(Fixed):
    """`retry_after` is the period, wherever in the window the call is made."""

    def wait(self, begin: int, now: int) -> int:
        return self.period


@mutant(FIXED, killed_by="retry_after_is_exact")
class RetryAfterInSeconds(Fixed):
    """`retry_after` is rounded down to whole seconds."""

    def wait(self, begin: int, now: int) -> int:
        return max(1, super().wait(begin, now) // 1_000_000 * 1_000_000)


@mutant(FIXED, killed_by="agrees_with_model")
class WholeSeconds(Fixed):
    """The clock is read in whole seconds."""

    def now(self) -> int:
        return self.clock.now() // 1_000_000 * 1_000_000


@mutant(FIXED, killed_by="refusal_consumes_nothing")
class CountsBeforeItCompares(Fixed):
    """The counter is raised first and compared then, so refused calls count."""

    def after_refusal(self, key: str, begin: int, units: int, cost: int, now: int) -> None:
        self.states[key] = begin, units + cost


@mutant(FIXED, killed_by="clock_stepping_back_grants_nothing")
class AnotherWindowIsANewOne(Fixed):
    """Any window but the current one starts counting anew, so stepping back and forth empties the counter."""

    def is_over(self, begin: int, now: int) -> bool:
        return self.begin(now) != begin


@mutant(FIXED, killed_by="agrees_with_model")
class OpenedByTheFirstCall(Fixed):
    """Windows begin with their first call, though nothing declares it."""

    anchored = True


@mutant(FIXED, killed_by="never_double_burst", capabilities={"anchored"})
class FollowsTheClock(Fixed):
    """Windows follow the clock, though they are declared to be opened by the first call."""


@mutant(FIXED, killed_by="conforming_traffic_is_admitted", capabilities={"anchored"})
class RenewedOnEveryCall(Fixed):
    """Every call, refused ones too, puts off the end of the window, as EXPIRE after each INCR does."""

    anchored = True

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        if take and key in self.states:
            self.states[key] = self.now(), self.states[key][1]
        return decision


@mutant(FIXED, killed_by="agrees_with_model", capabilities={"anchored"})
class OpenedByARefusal(Fixed):
    """A refused call opens the window too."""

    anchored = True

    def after_refusal(self, key: str, begin: int, units: int, cost: int, now: int) -> None:
        self.states[key] = begin, units


@mutant(FIXED, killed_by="never_exceeds_limit_in_a_window", capabilities={"anchored"})
class WindowTooShort(Fixed):
    """The counter expires a little early, at the rounded-down millisecond."""

    anchored = True

    def is_over(self, begin: int, now: int) -> bool:
        return now >= begin + max(1, self.period // 1000 * 1000 - 1000)
