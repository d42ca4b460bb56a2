"""Laws of how many keys each backend gets, and who inherits them: each is mistaken once in a thousand million runs."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from math import comb, exp, lgamma, log
from typing import Any

from spec.history import History
from spec.law import Law, Verdict, Violation, law
from spec.load_balancing.hashing.observe import Change, Weights, changes, stretches, weights
from spec.load_balancing.picking.laws_statistics import CHERNOFF, ERROR, divergence, unlikely

Bounds = Callable[[Any, Weights, str], tuple[float, float]]
"""The least and the largest part of all keys there are that a backend may have."""

FEW = 40
"""Fewer keys than that are no evidence."""

KARGER = "D. Karger et al., Consistent hashing and random trees, STOC 1997: balance and spread"
MAGLEV = "D. E. Eisenbud et al., Maglev: A fast and reliable software network load balancer, NSDI 2016"


def _within(history: History, bounds: Bounds) -> Verdict:
    """Whether the keys that were asked for can be a sample of keys that are shared so."""
    judged = 0
    for members, answers in stretches(history):
        shares = weights(members)
        if len(shares) < 2 or len(answers) < FEW:
            continue
        counts = Counter(answer.name for answer in answers.values() if answer.name in shares)
        chances = {}
        for name in shares:
            least, most = bounds(history.config, shares, name)
            chances[name] = min(max(counts[name] / max(1, counts.total()), least), most)
        judged += counts.total()
        if counts and (why := unlikely({str(name): count for name, count in counts.items()}, chances)):
            return Violation(why, (max(answer.call for answer in answers.values()),))
    return judged


@law(source=CHERNOFF)
def share_is_bounded(history: History) -> Verdict:
    """Each backend gets as many keys as its weight says, as far as chance allows with so many keys.

    By Chernoff's bound; 300 keys are evidence of a share that is wrong by half. What looks at a part of a key only, or
    at its length, sends most keys to a few backends.
    """

    def by_weight(_: Any, shares: Weights, name: str) -> tuple[float, float]:
        share = shares[name] / sum(shares.values())
        return share, share

    return _within(history, by_weight)


@law(source=KARGER)
def share_fits_the_points(history: History) -> Verdict:
    """Each backend gets as many keys as its weight says, as far as chance allows with so many points on the ring and so
    many keys.

    The arcs that belong to a backend are together as long as a Beta-distributed number says: with 100 points and ten
    backends from a half to almost twice its share. With fewer points than declared it may be four times as long.
    """

    def by_points(config: Any, shares: Weights, name: str) -> tuple[float, float]:
        error = ERROR / (2 * len(shares))
        return arcs(config.points * shares[name], config.points * sum(shares.values()), error)

    return _within(history, by_points)


@law(source=MAGLEV)
def share_is_even(history: History) -> Verdict:
    """Each backend has as many entries of the table as any other, or one more, so it gets as many keys, as far as
    chance allows with so many keys.

    This is what the table is for: rings do not share evenly.
    """

    def by_entries(config: Any, shares: Weights, name: str) -> tuple[float, float]:
        share, entry = 1 / len(shares), 1 / config.table
        return share - entry, share + entry

    return _within(history, by_entries)


@lru_cache(10_000)
def arcs(points: int, of: int, error: float) -> tuple[float, float]:
    """Between which parts of a circle the arcs before so many of its random points are all together, but for that
    chance of an error at either end.

    That they are at most x is as likely as that of all points but the last at least so many lie in a part x.
    """

    def end(share: float, other: float) -> float:
        """Where a share of all points but one becomes too unlikely, on the way to the other."""
        near, far = share, other
        for _ in range(40):
            middle = (near + far) / 2
            too_far = (of - 1) * divergence(share, middle) > log(1 / error)
            near, far = (near, middle) if too_far else (middle, far)
        return far

    if points == of:
        return 1.0, 1.0
    return end(points / (of - 1), 0.0), end((points - 1) / (of - 1), 1.0)


def _heirs(history: History) -> Iterator[tuple[Change, str, Counter[str], int]]:
    """Where one backend was removed and several stay: who got how many of its keys, and the last call to look."""
    for change in changes(history):
        gone = change.before.keys() - change.after.keys()
        if len(gone) == 1 and change.after.items() < change.before.items() and len(change.after) > 1:
            (removed,) = gone
            moved = [now for _, was, now in change.answers if was.name == removed and now.name in change.after]
            if moved:
                yield change, removed, Counter(str(now.name) for now in moved), max(now.call for now in moved)


def _spread(history: History, last: bool) -> Verdict:
    judged = 0
    for change, removed, heirs, index in _heirs(history):
        if last and [*change.before] != [*change.after, removed]:
            continue
        judged += heirs.total()
        total = sum(change.after.values())
        if why := unlikely(heirs, {name: weight / total for name, weight in change.after.items()}):
            return Violation(f"of the keys of {removed!r}, {why}", (index,))
    return judged


@law(source=CHERNOFF)
def removed_keys_spread(history: History) -> Verdict:
    """The keys of a backend that is removed go to each of the others as its weight says, as far as chance allows.

    If one neighbour inherits them all it has twice its load, dies too, and so on round the cluster.
    """
    return _spread(history, last=False)


@law(source=CHERNOFF)
def last_ones_keys_spread(history: History) -> Verdict:
    """The keys of the last backend, when that is removed, go to each of the others alike, as far as chance allows.

    If one of them inherits them all, a cluster that is made smaller by one has one server with twice its load.
    """
    return _spread(history, last=True)


def not_inherited_by_one(parts: Callable[[Any, Weights, str], float]) -> Law:
    """That law.

    parts: of how many parts, each of which goes to one backend, what a removed one had consists.
    """

    @law(source=KARGER)
    def not_inherited_by_one(history: History) -> Verdict:
        """The keys of a backend that is removed do not all go to the same other one, where chance would hardly ever
        have it so.

        If one neighbour inherits them all it has twice its load, dies too, and so on round the cluster. Each point of a
        ring has a neighbour of its own; one point for each backend, or all of them side by side, have but one.
        """
        judged = 0
        for change, removed, heirs, last in _heirs(history):
            number = max(1, int(parts(history.config, change.before, removed)))
            total = sum(change.after.values())
            chance = sum(_all_alike(heirs.total(), number, weight / total) for weight in change.after.values())
            if chance > ERROR:
                continue
            judged += heirs.total()
            if len(heirs) == 1:
                (heir,) = heirs
                why = f"all {heirs.total()} keys of {removed!r} go to {heir!r}, of {len(change.after)} others"
                return Violation(why, (last,))
        return judged

    return not_inherited_by_one


def runs(config: Any, before: Weights, removed: str) -> float:
    """Half of how many runs the points of the removed one form on the ring on the average: hardly ever fewer."""
    own, total = before[removed], sum(before.values())
    return float(config.points * own * (total - own) / total / 2)


@lru_cache(10_000)
def _all_alike(keys: int, parts: int, chance: float) -> float:
    """How likely so many keys are all in parts that go to one backend, if each part does with that chance, and parts
    are as long as those into which random points divide a line."""
    found = 0.0
    for own in range(1, parts + 1):
        within = lgamma(own + keys) - lgamma(own) + lgamma(parts) - lgamma(parts + keys)
        rest = (parts - own) * log(1 - chance) if chance < 1 else 0.0
        found += exp(log(comb(parts, own)) + own * log(chance) + rest + within)
    return found


PART = 1 / 3
"""How large a part of the keys of those that stay may move: of a thousand tables as they should be none needs that."""


@law(source=MAGLEV)
def few_others_move(history: History) -> Verdict:
    """Where one backend is removed or added, and the table has at least 100 entries for each, at most a third of the
    keys that belong to others before and after move between them, as far as chance allows.

    Most often it is two or three of 100. With a remainder in place of a table it is half of them, or nearly all.
    """
    judged = 0
    for change in changes(history):
        both = change.before.keys() & change.after.keys()
        larger, smaller = sorted((change.before, change.after), key=len, reverse=True)
        if not (smaller.items() < larger.items()) or len(larger) != len(smaller) + 1:
            continue
        stayed = [(was, now) for _, was, now in change.answers if was.name in both and now.name in both]
        if len(stayed) < FEW or history.config.table < 100 * len(larger):
            continue
        moved = [now.call for was, now in stayed if was.name != now.name]
        judged += len(stayed)
        share = len(moved) / len(stayed)
        if share > PART and len(stayed) * divergence(share, PART) > log(1 / ERROR):
            return Violation(f"{len(moved)} of {len(stayed)} keys move between those that stay", (moved[-1],))
    return judged
