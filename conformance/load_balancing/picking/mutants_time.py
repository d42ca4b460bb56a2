"""Balancers with one mistake each in what they make of time."""

from fractions import Fraction
from typing import Any

from conformance.load_balancing.picking.modelled import LeastResponseTime, SlowStart
from conformance.mutants import mutant

FASTEST = "load_balancing.least_response_time"
SLOW = "load_balancing.slow_start"
LIMITS = frozenset({"limits"})


@mutant(FASTEST, "picks_the_fastest", LIMITS)
class LatencyAlone(LeastResponseTime):
    """What is in flight is not counted."""

    def factor(self, name: str) -> int:
        return 1


@mutant(FASTEST, "picks_the_fastest", LIMITS)
class NewOneIsNotCounted(LeastResponseTime):
    """The request that is to be placed is not counted, so that whoever is idle has the score 0."""

    def factor(self, name: str) -> int:
        return self.load[name]


@mutant(FASTEST, "picks_the_fastest", LIMITS)
class MeanOfAll(LeastResponseTime):
    """The average is of all answers there ever were."""

    def __init__(self, config: Any, env: Any) -> None:
        self.number: dict[str, int] = {}
        super().__init__(config, env)

    def released(self, name: str, ok: bool, latency: int) -> None:
        before = None if self.unknown(name) else self.average[name]
        super().released(name, ok, latency)
        self.number[name] = 1 if before is None else self.number[name] + 1
        if before is not None:
            sample = Fraction(latency) if ok else max(Fraction(self.config.failure), Fraction(latency), before)
            self.average[name] = before + (sample - before) / self.number[name]


@mutant(FASTEST, "picks_the_fastest", LIMITS)
class FloodsTheUnknown(LeastResponseTime):
    """Who is unknown comes first, until the first answer: all requests by then are for it."""

    def score(self, name: str) -> tuple[int, Fraction]:
        return (0, Fraction(0)) if self.unknown(name) else super().score(name)


@mutant(FASTEST, "unknown_are_tried", LIMITS)
class UnknownAreSlow(LeastResponseTime):
    """Who never answered is taken for slow, and left alone."""

    def score(self, name: str) -> tuple[int, Fraction]:
        return (2, Fraction(self.load[name])) if name not in self.answered else super().score(name)


@mutant(FASTEST, "recovers", LIMITS)
class NeverForgets(LeastResponseTime):
    """What was learned is never forgotten, so one slow answer keeps a backend out for ever."""

    def unknown(self, name: str) -> bool:
        return name not in self.answered


@mutant(FASTEST, "recovers", LIMITS)
class ForgetsAMicrosecondLate(LeastResponseTime):
    """What was learned is forgotten a microsecond after it should be."""

    def unknown(self, name: str) -> bool:
        return name not in self.answered or self.now() - self.answered[name] > self.config.forget


@mutant(FASTEST, "fast_failures_do_not_attract", LIMITS)
class FailuresAreFast(LeastResponseTime):
    """A failed request counts as any other, so a server that fails fast gets them all."""

    def failed(self, name: str, latency: int) -> Fraction:
        return Fraction(latency)


@mutant(FASTEST, "agrees_with_model", LIMITS)
class FailuresImproveTheSlow(LeastResponseTime):
    """A failure counts as `failure` also where that is less than the average."""

    def failed(self, name: str, latency: int) -> Fraction:
        return max(Fraction(latency), Fraction(self.config.failure))


@mutant(SLOW, "starts_slowly", LIMITS)
class NoRamp(SlowStart):
    """Who comes up has all its weight at once."""

    def part(self, name: str) -> Fraction:
        return Fraction(1)


@mutant(SLOW, "never_newcomer_is_flooded", LIMITS)
class NewMembersStartFast(SlowStart):
    """Only who was down starts slowly; who is new has all its weight at once."""

    def came(self, name: str) -> None:
        super().came(name)
        del self.since[name]


@mutant(SLOW, "never_starves_the_new", LIMITS)
class FromNothing(SlowStart):
    """The ramp begins at nothing, so the new one waits until all others are at their worst."""

    def floor(self) -> Fraction:
        return Fraction(1, 1000)


@mutant(SLOW, "full_after_the_ramp", LIMITS)
class NeverQuiteFull(SlowStart):
    """The ramp ends at nine tenths."""

    def part(self, name: str) -> Fraction:
        return super().part(name) if name not in self.since else min(Fraction(9, 10), super().part(name))


@mutant(SLOW, "starts_slowly", LIMITS)
class RampInSteps(SlowStart):
    """The ramp goes by whole halves, rounded up."""

    def part(self, name: str) -> Fraction:
        part = super().part(name)
        return part if part <= self.floor() else Fraction(-(-part * 2 // 1), 2)


@mutant(SLOW, "picks_the_least_loaded_for_its_weight", LIMITS)
class AllRampAgain(SlowStart):
    """With every update of the members, all of them start slowly."""

    def set_backends(self, backends: Any) -> None:
        super().set_backends(backends)
        first = next(iter(self.members), None)
        if first is not None:
            self.since[first] = self.now()


@mutant(SLOW, "agrees_with_model", LIMITS)
class UpAgainThoughItWas(SlowStart):
    """A member that is said to be up, and was, starts slowly again."""

    def set_health(self, name: str, up: bool) -> None:
        super().set_health(name, up)
        if up:
            self.since[name] = self.now()
