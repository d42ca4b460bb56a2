"""Balancers with one mistake each in whom they pick."""

from fractions import Fraction
from typing import Any

from conformance.load_balancing.picking.modelled import (
    Cyclic,
    EarliestDeadline,
    LeastConnections,
    Random,
    RoundRobin,
    Smooth,
    TwoChoices,
    WeightedLeastConnections,
)
from conformance.mutants import mutant
from spec.load_balancing.picking.types import Backends

TURNS = "load_balancing.round_robin"
WEIGHTED = "load_balancing.weighted_round_robin"
RANDOM = "load_balancing.random"
WEIGHTED_RANDOM = "load_balancing.weighted_random"
LEAST = "load_balancing.least_connections"
WEIGHTED_LEAST = "load_balancing.weighted_least_connections"
TWO = "load_balancing.two_choices"
LIMITS = frozenset({"limits"})
SMOOTH, EDF, CYCLIC = (LIMITS | {one} for one in ("smooth", "earliest_deadline_first", "cyclic"))


class Cursor(RoundRobin):
    """A place in a list."""

    def __init__(self, config: Any, env: Any) -> None:
        self.at = 0
        super().__init__(config, env)


@mutant(TURNS, "answers_every_call", LIMITS)
class CursorPastTheEnd(Cursor):
    """When the last member goes, the cursor still points behind the new end of the list."""

    def choose(self, eligible: list[str]) -> str:
        name = eligible[self.at]
        self.at = (self.at + 1) % len(eligible)
        return name


@mutant(TURNS, "rotates_exactly", LIMITS)
class NeighbourInherits(Cursor):
    """The cursor goes over all members; the turn of one that is down goes to its neighbour."""

    def choose(self, eligible: list[str]) -> str:
        members = list(self.members)
        at = self.at % len(members)
        self.at += 1
        return next(name for name in members[at:] + members if name in eligible)


@mutant(TURNS, "rotates_exactly", LIMITS)
class BackwardsAtTheEnd(Cursor):
    """At the end of the list it turns and goes back, so that both ends come twice in a row."""

    def choose(self, eligible: list[str]) -> str:
        at = self.at % (2 * len(eligible))
        self.at += 1
        return eligible[min(at, 2 * len(eligible) - 1 - at)]


@mutant(TURNS, "rotates_exactly", LIMITS)
class UpdateStartsOver(Cursor):
    """With every update, also one that changes nothing, it begins with the first again."""

    def choose(self, eligible: list[str]) -> str:
        name = eligible[self.at % len(eligible)]
        self.at += 1
        return name

    def set_health(self, name: str, up: bool) -> None:
        super().set_health(name, up)
        self.at = 0

    def set_backends(self, backends: Backends) -> None:
        super().set_backends(backends)
        self.at = 0


@mutant(TURNS, "rotates_exactly", LIMITS)
class DoneTakesATurn(RoundRobin):
    """A request that fails is as if its backend had not been picked: it comes first again."""

    def released(self, name: str, ok: bool, latency: int) -> None:
        super().released(name, ok, latency)
        if not ok:
            self.picked[name] = 0


@mutant(WEIGHTED, "never_far_behind", SMOOTH)
class PaysItsOwnWeight(Smooth):
    """Who is picked pays its own weight, not the total."""

    def price(self, eligible: list[str], name: str) -> int:
        return self.weight(name)


@mutant(WEIGHTED, "never_ahead", SMOOTH)
class BlocksByWeight(Cyclic):
    """It calls itself smooth, and picks each as often as its weight says, in a row."""


@mutant(WEIGHTED, "agrees_with_model", SMOOTH)
class AllEarn(Smooth):
    """Those that are down earn as well, and are picked many times in a row when they come back."""

    def choose(self, eligible: list[str]) -> str:
        for name in self.members:
            if name not in eligible:
                self.earned[name] += self.weight(name)
        return super().choose(eligible)


@mutant(WEIGHTED, "agrees_with_model", SMOOTH)
class PaysForThoseThatAreDown(Smooth):
    """Who is picked pays for all members, also for those that earn nothing."""

    def price(self, eligible: list[str], name: str) -> int:
        return sum(self.weight(one) for one in self.members)


@mutant(WEIGHTED, "agrees_with_model", SMOOTH)
class EarnsBeforeItCame(Smooth):
    """Who comes back has what it had earned when it left."""

    def came(self, name: str) -> None:
        earned = self.earned.get(name, 0)
        super().came(name)
        self.earned[name] = earned


@mutant(WEIGHTED, "exact_per_cycle", CYCLIC)
class CycleWithoutItsLast(Cyclic):
    """The last entry of the cycle is left out."""

    def cycle(self, shares: dict[str, int]) -> list[str]:
        return super().cycle(shares)[:-1] or super().cycle(shares)


@mutant(WEIGHTED, "exact_per_cycle", CYCLIC)
class CycleOfTheOldWeights(Cyclic):
    """A new weight counts only when members come or go."""

    def choose(self, eligible: list[str]) -> str:
        if set(self.shares) == set(eligible):
            self.shares = {name: self.weight(name) for name in eligible}
        return super().choose(eligible)


@mutant(WEIGHTED, "keeps_to_its_quota", EDF)
class DueInTenths(EarliestDeadline):
    """The time after which a backend is due again is rounded up to tenths."""

    def step(self, name: str) -> Fraction:
        return Fraction(-(-10 // self.weight(name)), 10)


@mutant(WEIGHTED, "keeps_to_its_quota", EDF)
class DueAtRandom(EarliestDeadline):
    """It calls itself earliest deadline first, and draws by weight."""

    def choose(self, eligible: list[str]) -> str:
        return self.random.choices(eligible, [self.weight(name) for name in eligible])[0]


@mutant(WEIGHTED, "agrees_with_model", EDF)
class DueByTheOldWeight(EarliestDeadline):
    """A new weight counts from the next request on, and what was due before stays so."""

    def choose(self, eligible: list[str]) -> str:
        if set(self.shares) == set(eligible):
            self.shares = {name: self.weight(name) for name in eligible}
        return super().choose(eligible)


@mutant(RANDOM, "matches_weights", LIMITS)
class NeverQuiteTheLast(Random):
    """The last one is drawn half as often, as an index is rounded where it should be cut off."""

    def choose(self, eligible: list[str]) -> str:
        return eligible[round(self.random.random() * (len(eligible) - 1))]


@mutant(RANDOM, "picks_are_independent", LIMITS)
class NotTwiceInARow(Random):
    """It never draws the same one twice in a row, if it can."""

    last = ""

    def choose(self, eligible: list[str]) -> str:
        self.last = super().choose([name for name in eligible if name != self.last] or eligible)
        return self.last


@mutant(RANDOM, "picks_are_independent", LIMITS)
class TurnsAtRandom(Random):
    """It calls itself random, and goes round."""

    at = 0

    def choose(self, eligible: list[str]) -> str:
        self.at += 1
        return eligible[self.at % len(eligible)]


@mutant(WEIGHTED_RANDOM, "matches_weights", LIMITS)
class WeightsOfOthers(Random):
    """Weights are looked up by place, in the list of all members, and the places of the eligible are others."""

    def choose(self, eligible: list[str]) -> str:
        weights = [max(1, self.weight(name)) for name in self.members]
        return self.random.choices(eligible, weights[: len(eligible)])[0]


@mutant(WEIGHTED_RANDOM, "matches_weights", LIMITS)
class AllAlike(Random):
    """Weights say only who is drawn at all."""

    def choose(self, eligible: list[str]) -> str:
        return self.random.choice(eligible)


@mutant(LEAST, "picks_a_least_loaded", LIMITS)
class CountsWhatEverCame(LeastConnections):
    """It compares how many requests each ever had."""

    def __init__(self, config: Any, env: Any) -> None:
        self.had: dict[str, int] = {}
        super().__init__(config, env)

    def choose(self, eligible: list[str]) -> str:
        name = min(eligible, key=lambda one: self.had.get(one, 0))
        self.had[name] = self.had.get(name, 0) + 1
        return name


@mutant(LEAST, "picks_a_least_loaded", LIMITS)
class MostConnections(LeastConnections):
    """The comparison is the wrong way round."""

    def compared(self, name: str) -> Any:
        return -self.load[name]


@mutant(LEAST, "ties_are_shared", LIMITS)
class FirstOfEquals(LeastConnections):
    """Of equals it always picks the first, so one server does all the work while traffic is low."""

    def of_equals(self, names: list[str]) -> str:
        return names[0]


@mutant(WEIGHTED_LEAST, "picks_a_least_loaded", LIMITS)
class WholeNumbers(WeightedLeastConnections):
    """Load is divided by weight in whole numbers."""

    def compared(self, name: str) -> Any:
        return self.load[name] // self.weight(name)


@mutant(WEIGHTED_LEAST, "picks_a_least_loaded", LIMITS)
class FloatingPoint(WeightedLeastConnections):
    """Load is divided by weight in floating point, which takes large weights that differ for equal."""

    def compared(self, name: str) -> Any:
        return self.load[name] / self.weight(name)


@mutant(WEIGHTED_LEAST, "picks_a_least_loaded", LIMITS)
class WeightsAsPriorities(WeightedLeastConnections):
    """Weight counts only among those that have equally many in flight."""

    def compared(self, name: str) -> Any:
        return self.load[name], -self.weight(name)


@mutant(WEIGHTED_LEAST, "ties_are_shared", LIMITS)
class LastOfEquals(WeightedLeastConnections):
    """Of equals it always picks the last."""

    def of_equals(self, names: list[str]) -> str:
        return names[-1]


@mutant(TWO, "never_picks_the_most_loaded", LIMITS)
class DrawsOneTwice(TwoChoices):
    """It says that both are different, and may draw the same one twice."""

    def two(self, eligible: list[str]) -> list[str]:
        return [self.random.choice(eligible), self.random.choice(eligible)]


@mutant(TWO, "never_picks_the_most_loaded", LIMITS)
class TheMoreLoaded(TwoChoices):
    """Of the two it picks the more loaded."""

    def better(self, one: str, other: str) -> str:
        return one if self.load[one] >= self.load[other] else other


@mutant(TWO, "ranks_match", LIMITS)
class NeighbourIsSecond(TwoChoices):
    """The second is not drawn: it is the one after the first."""

    def two(self, eligible: list[str]) -> list[str]:
        first = self.random.randrange(len(eligible))
        return [eligible[first], eligible[(first + 1) % len(eligible)]]


@mutant(TWO, "ranks_match", LIMITS)
class BestOfThree(TwoChoices):
    """It draws a third where there is one, and so hardly ever picks any but the least loaded."""

    def choose(self, eligible: list[str]) -> str:
        drawn = self.random.sample(eligible, min(3, len(eligible)))
        return min(drawn, key=lambda one: self.load[one])


@mutant(TWO, "ranks_match", LIMITS | {"with_replacement"})
class AnyOfTwo(TwoChoices):
    """Of the two it picks any."""

    def better(self, one: str, other: str) -> str:
        return self.random.choice([one, other])
