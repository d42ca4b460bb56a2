"""Laws of whom a policy picks, each with its bound: exact, and tight."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from fractions import Fraction
from math import gcd

from spec.history import History, Operation
from spec.law import Law, Verdict, Violation, law
from spec.load_balancing.picking.policies import LeastLoaded, by_weight, rotation, weights
from spec.load_balancing.picking.situation import Call, Situation, calls
from spec.load_balancing.picking.types import INTERFACE, Pick

NGINX = "nginx, commit 52327e0, smooth weighted round-robin balancing"
CUPS = "M. Adler et al., Scheduling techniques for media-on-demand, SODA 2003: the largest deficit in cup games"


def stretches(history: History, same: Callable[[Situation], Hashable]) -> Iterator[list[Call]]:
    """The picks, as long as that is the same at each call of any kind; those of the first stretch first."""
    current: list[Call] = []
    latest: Hashable = same(Situation.first(history.config))
    for call in calls(history):
        now = same(call.before)
        if now != latest:
            yield current
            current, latest = [], now
        if isinstance(call.operation.result, Pick):
            current.append(call)
    yield current


@law(source=INTERFACE)
def rotates_exactly(history: History) -> Verdict:
    """While the members and who of them is eligible stay the same, each is picked once in every n picks in a row.

    Where the turn of one that is down goes to its neighbour, that one gets twice its share, just when it matters.
    """
    judged = 0
    for stretch in stretches(history, rotation):
        others = len(stretch[0].before.eligible()) - 1 if stretch else 0
        for at, (operation, before) in enumerate(stretch):
            recent = stretch[max(0, at - others) : at]
            judged += bool(recent)
            for other, _ in recent:
                if other.result.backend == operation.result.backend:
                    waiting = {one.name for one in before.eligible()} - {one.result.backend for one, _ in recent}
                    why = f"{operation.result.backend!r} again, while {', '.join(sorted(waiting))} waits"
                    return Violation(why, (other.index, operation.index))
    return judged


def _anew(history: History, always: bool) -> Iterator[list[Call]]:
    """Picks from where all have the same chances on: from the start, or wherever the eligible or a weight are others
    than at the latest pick. Where they changed and are the same again, it is open whether all begin anew."""
    latest: dict[str, int] = {}
    for stretch in stretches(history, by_weight):
        if stretch:
            now = weights(stretch[0].before)
            if now != latest and all(call.operation.result.backend in now for call in stretch):
                yield stretch
            latest = now
        if not always:
            return


def exact_per_cycle(always: bool, lowest: bool = True) -> Law:
    """That law.

    always: whether all begins anew when the eligible or a weight changes. If not, only what comes before is judged.
    lowest: whether weights are divided by what divides them all.
    """

    @law(source=INTERFACE)
    def exact_per_cycle(history: History) -> Verdict:
        """In each cycle each backend is picked exactly as often as its weight says. A cycle is as many picks as all
        weights together; where it is smooth or by deadlines, that divided by what divides all weights.

        Shares that are right only in the long run are wrong for whoever has few requests.
        """
        judged = 0
        for stretch in _anew(history, always):
            shares = weights(stretch[0].before)
            divisor = gcd(*shares.values()) if lowest else 1
            cycle = sum(shares.values()) // divisor
            counts: Counter[str] = Counter()
            for operation, _ in stretch:
                name = operation.result.backend
                counts[name] += 1
                judged += 1
                share = shares.get(name, 0) // divisor
                if counts[name] > share:
                    why = f"{name!r} {counts[name]} times in a cycle of {cycle}; its share is {share}"
                    return Violation(why, (operation.index,))
                if counts.total() == cycle:
                    counts.clear()
        return judged

    return exact_per_cycle


def _standing(history: History, always: bool) -> Iterator[tuple[Operation, int, int, dict[str, Fraction]]]:
    """After each pick its number, how many may be picked, and by how many picks each is ahead of its share."""
    for stretch in _anew(history, always):
        shares = weights(stretch[0].before)
        total = sum(shares.values())
        counts: Counter[str] = Counter()
        for number, (operation, _) in enumerate(stretch, 1):
            counts[operation.result.backend] += 1
            ahead = {name: counts[name] - Fraction(number * weight, total) for name, weight in shares.items()}
            yield operation, number, len(shares), ahead


def never_ahead(always: bool) -> Law:
    """That law; see `exact_per_cycle`."""

    @law(source=CUPS)
    def never_ahead(history: History) -> Verdict:
        """From where all began with nothing earned, no backend is ever more than 1 - 1/n picks ahead of its share.

        Credits sum to 0; before a pick the largest is at least the total weight divided by n, and the one picked pays
        the total weight. So it is never burdened with two requests on end while others are due.
        """
        judged = 0
        for operation, _, number, ahead in _standing(history, always):
            judged += 1
            name = max(ahead, key=lambda one: ahead[one])
            if ahead[name] > 1 - Fraction(1, number):
                why = f"{name!r} is {float(ahead[name]):.3g} picks ahead of its share"
                return Violation(f"{why}; at most {float(1 - Fraction(1, number)):.3g} may be", (operation.index,))
        return judged

    return never_ahead


def never_far_behind(always: bool) -> Law:
    """That law; see `exact_per_cycle`."""

    @law(source=CUPS)
    def never_far_behind(history: History) -> Verdict:
        """From where all began with nothing earned, no backend is ever more than H(n) - 1 picks behind its share,
        where H(n) = 1 + 1/2 + ... + 1/n.

        By induction over how many of them are furthest behind: the mean of the k that are is at most H(n) - H(k). "At
        most one pick behind" would be false for six and more.
        """
        judged = 0
        for operation, _, number, ahead in _standing(history, always):
            judged += 1
            name = min(ahead, key=lambda one: ahead[one])
            bound = sum((Fraction(1, one) for one in range(2, number + 1)), Fraction(0))
            if -ahead[name] > bound:
                why = f"{name!r} is {float(-ahead[name]):.3g} picks behind its share; at most {float(bound):.3g} may be"
                return Violation(why, (operation.index,))
        return judged

    return never_far_behind


@law(source="Demers, Keshav and Shenker, Analysis and simulation of a fair queueing algorithm, 1989")
def keeps_to_its_quota(history: History) -> Verdict:
    """From where all began anew, no backend is ever one whole pick behind its share; or else, where all are due at
    first, none is ever one whole pick ahead of it.

    By the deadlines, who is one behind would have been due before whoever was picked. It may well be ahead by more:
    with weights 8, 1, 1 and 1 by almost two.
    """
    judged = 0
    behind: tuple[int, str] | None = None
    before: tuple[int, str] | None = None
    for operation, number, _, ahead in _standing(history, True):
        judged += 1
        if number == 1:
            behind = before = None
        least, most = min(ahead, key=lambda one: ahead[one]), max(ahead, key=lambda one: ahead[one])
        if ahead[least] <= -1:
            behind = behind or (operation.index, least)
        if ahead[most] >= 1:
            before = before or (operation.index, most)
        if behind and before:
            why = f"{behind[1]!r} is one pick or more behind its share, and {before[1]!r} one or more ahead"
            return Violation(why, tuple(sorted({behind[0], before[0]})))
    return judged


def picks_a_least_loaded(policy: LeastLoaded) -> Law:
    """That law."""

    @law(source=INTERFACE, needs={"done"})
    def picks_a_least_loaded(history: History) -> Verdict:
        """Whoever is picked has the least in flight of all that are eligible, each compared by its weight where weights
        count.

        Requests differ a thousandfold in cost; who has least to do is the best guess where the next one ends soonest.
        """
        judged = 0
        for operation, before in calls(history):
            member = before.get(operation.result.backend) if isinstance(operation.result, Pick) else None
            eligible = before.eligible()
            if member not in eligible:
                continue
            judged += len(eligible) > 1
            loads = {one.name: policy.load(history.config, None, one, operation.start) for one in eligible}
            least = min(loads, key=lambda name: loads[name])
            if loads[member.name] > loads[least]:
                why = f"{member.name!r} is loaded with {loads[member.name]}, {least!r} with {loads[least]}"
                return Violation(why, (operation.index,))
        return judged

    return picks_a_least_loaded


ROUNDS = 40
"""Picks for each of equals in which none may be left out: by chance one is, with a probability of n exp(-40)."""


def ties_are_shared(policy: LeastLoaded) -> Law:
    """That law."""

    @law(source=INTERFACE, needs={"done"}, unless={"first_of_equals"})
    def ties_are_shared(history: History) -> Verdict:
        """In 40 n picks in a row before each of which the same n are equally least loaded, each of them is picked.

        Whoever draws among equals at random leaves one out with a probability of n exp(-40). Where each request is over
        before the next one comes all are always equal; with "the first of them" one server does all the work.
        """
        judged = 0
        tied: frozenset[str] = frozenset()
        run: list[Operation] = []
        for operation, before in calls(history):
            if operation.name.startswith("set_"):
                run = []
            if not isinstance(operation.result, Pick) or not before.eligible():
                continue
            equal = frozenset(member.name for member, _ in policy.picks(history.config, None, before, operation.start))
            run = [*run, operation] if equal == tied and run else [operation]
            tied = equal
            if len(run) >= ROUNDS * len(tied) and len(tied) > 1:
                judged += 1
                if missed := tied - {one.result.backend for one in run}:
                    why = f"{sorted(missed)[0]!r} was among the least loaded for {len(run)} picks, and not picked"
                    return Violation(why, (run[0].index, run[-1].index))
                run = []
        return judged

    return ties_are_shared


@law(source="M. Mitzenmacher, The power of two choices in randomized load balancing, 2001", needs={"done"})
def never_picks_the_most_loaded(history: History) -> Verdict:
    """Of two or more that are eligible, the one that has more in flight than each other is never picked.

    Of two different ones it is always the more loaded. This is all that keeps the longest queue from growing.
    """
    judged = 0
    for operation, before in calls(history):
        member = before.get(operation.result.backend) if isinstance(operation.result, Pick) else None
        eligible = before.eligible()
        if member not in eligible or len(eligible) < 2:
            continue
        judged += 1
        if all(member.in_flight > other.in_flight for other in eligible if other is not member):
            why = f"{member.name!r} has {member.in_flight} in flight, more than any other"
            return Violation(why, (operation.index,))
    return judged
