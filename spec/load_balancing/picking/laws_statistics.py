"""Laws of chance: each judges the pooled draws of one long history, and says how likely it is to be mistaken."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import product
from math import inf, log

from spec.history import History
from spec.law import Law, Verdict, Violation, law
from spec.load_balancing.picking.laws_interface import picks
from spec.load_balancing.picking.laws_policy import stretches
from spec.load_balancing.picking.policies import by_weight, weights

ERROR = 1e-9
"""The probability that a balancer which keeps a statistical law is told to break it."""

MANY = 2000
"""Draws without which a law of chance is not judged."""

CHERNOFF = "H. Chernoff, A measure of asymptotic efficiency for tests of a hypothesis, 1952"


def divergence(share: float, chance: float) -> float:
    """The relative entropy of a coin that falls so to one that should; infinite where it falls so by no chance."""
    total = 0.0
    for got, expected in ((share, chance), (1 - share, 1 - chance)):
        if got > 0:
            total += got * log(got / expected) if expected > 0 else inf
    return total


def unlikely(counts: Mapping[str, int], chances: Mapping[str, float]) -> str:
    """Which count says that the chances are others, and how; "": none does.

    By Chernoff's bound for binomials, whatever the number of draws is, this is wrong with a probability of `ERROR`.
    """
    draws = sum(counts.values())
    limit = log(2 * len(chances) / ERROR)
    for name in dict.fromkeys([*chances, *counts]):
        chance, count = chances.get(name, 0.0), counts.get(name, 0)
        if draws * divergence(count / draws, chance) > limit:
            return f"{name} {count} times in {draws}; {chance * draws:.0f} are to be expected"
    return ""


@law(source=CHERNOFF)
def matches_weights(history: History) -> Verdict:
    """In at least 2000 picks among the same backends, each is picked as often as its weight says, as far as chance
    allows: a balancer that keeps this law is found to break it once in a thousand million runs.

    With 2000 picks among 10, a share is found wrong from about 3 in 100 upward.
    """
    judged = 0
    for stretch in stretches(history, by_weight):
        if len(stretch) < MANY:
            continue
        shares = weights(stretch[0].before)
        counts = Counter(repr(operation.result.backend) for operation, _ in stretch)
        if why := unlikely(counts, {repr(name): weight / sum(shares.values()) for name, weight in shares.items()}):
            return Violation(why, (stretch[-1].operation.index,))
        judged += len(stretch)
    return judged


@law(source=CHERNOFF)
def picks_are_independent(history: History) -> Verdict:
    """Of at least 1000 pairs of picks in a row, each pair of backends is as frequent as the product of their weights
    says, as far as chance allows; it is found broken by mistake once in a thousand million runs.

    Many balancers that count in step, as they all began at once, send their requests to one server after another.
    """
    judged = 0
    for stretch in stretches(history, by_weight):
        if len(stretch) < MANY:
            continue
        shares = weights(stretch[0].before)
        total = sum(shares.values()) ** 2
        names = [repr(operation.result.backend) for operation, _ in stretch]
        counts = Counter(f"{first} then {second}" for first, second in zip(names[::2], names[1::2], strict=False))
        chances = {f"{a!r} then {b!r}": shares[a] * shares[b] / total for a, b in product(shares, repeat=2)}
        if why := unlikely(counts, chances):
            return Violation(why, (stretch[-1].operation.index,))
        judged += len(stretch) // 2
    return judged


def ranks_match(replacement: bool) -> Law:
    """That law.

    replacement: whether the same backend may be drawn twice.
    """

    @law(source="M. Mitzenmacher, The power of two choices in randomized load balancing, 2001", needs={"done"})
    def ranks_match(history: History) -> Verdict:
        """Of n backends that have all different numbers in flight, the one with the r-th fewest is picked with the
        probability 2(n-r)/(n(n-1)), or (2(n-r)+1)/n^2 where both draws may be the same.

        Over at least 2000 such picks; found broken by mistake once in a thousand million runs. A second draw that is
        not fair, or a comparison the wrong way round, shows here.
        """
        judged = 0
        counts: dict[int, Counter[str]] = defaultdict(Counter)
        last = 0
        for operation, before in picks(history):
            eligible = sorted(before.eligible(), key=lambda member: member.in_flight)
            loads = [member.in_flight for member in eligible]
            names = [member.name for member in eligible]
            if operation.result is None or operation.result.backend not in names or len(set(loads)) < len(loads):
                continue
            counts[len(names)][str(names.index(operation.result.backend) + 1)] += 1
            last = operation.index
        for number, seen in counts.items():
            if number < 2 or seen.total() < MANY:
                continue
            judged += seen.total()
            chances = {
                str(rank): (2 * (number - rank) + 1) / number**2
                if replacement
                else 2 * (number - rank) / (number * (number - 1))
                for rank in range(1, number + 1)
            }
            if why := unlikely(seen, chances):
                return Violation(f"of {number}, that with least in flight is number 1: number {why}", (last,))
        return judged

    return ranks_match
