"""What a balancer remembers, and whom it may pick: each policy as pure functions over what is eligible."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import gcd
from typing import Any, NamedTuple

from spec.load_balancing.picking.model import Policy, State
from spec.load_balancing.picking.situation import Member, Situation


class RoundRobin(Policy):
    """Whoever was picked waits for all others. Where it begins, and in which order it goes round, is open.

    It remembers whom it picked since the eligible set last changed, the latest last.
    """

    def initial(self, config: Any, situation: Situation, now: int) -> State:
        return ()

    def picks(self, config: Any, state: Any, situation: Situation, now: int) -> Iterator[tuple[Member, State]]:
        eligible = situation.eligible()
        others = len(eligible) - 1
        waiting = state[-others:] if others else ()
        for member in eligible:
            if member.name not in waiting:
                yield member, (*waiting, member.name)

    def changed(self, config: Any, state: Any, before: Situation, after: Situation, now: int) -> Iterable[State]:
        yield state if rotation(before) == rotation(after) else ()


def rotation(situation: Situation) -> tuple[object, ...]:
    """All that a round depends on: while it is the same, rounds go on."""
    order = tuple(member.backend for member in situation.members)
    return order, tuple(member.name for member in situation.eligible())


class LeastLoaded(Policy):
    """Whoever has least in flight for its weight; of equals, any.

    weighted: whether weights count. If not, each counts as 1.
    new:      what is to be counted as well: 1 for the request that is to be placed.
    """

    def __init__(self, weighted: bool = False, new: int = 0) -> None:
        self.weighted, self.new = weighted, new

    def load(self, config: Any, state: Any, member: Member, now: int) -> Fraction:
        """What is compared."""
        return Fraction(member.in_flight + self.new, member.weight if self.weighted else 1)

    def picks(self, config: Any, state: Any, situation: Situation, now: int) -> Iterator[tuple[Member, State]]:
        loads = [(self.load(config, state, member, now), member) for member in situation.eligible()]
        least = min(load for load, _ in loads)
        for load, member in loads:
            if load == least:
                yield member, state


class TwoChoices(Policy):
    """The less loaded of two different ones: never the one that has more in flight than every other."""

    def picks(self, config: Any, state: Any, situation: Situation, now: int) -> Iterator[tuple[Member, State]]:
        eligible = situation.eligible()
        most = max(member.in_flight for member in eligible)
        alone = sum(member.in_flight == most for member in eligible) == 1
        for member in eligible:
            if len(eligible) == 1 or not (alone and member.in_flight == most):
                yield member, state


class Credit(NamedTuple):
    """What a backend has earned and not been given yet, in parts of the total weight."""

    name: str
    credit: int


class Smooth(Policy):
    """Each eligible backend earns its weight; who has most is picked, and pays what all have earned.

    keeps: whether what was earned is kept when the eligible set or a weight changes. If not, all begin anew.
    """

    def __init__(self, keeps: bool = True) -> None:
        self.keeps = keeps

    def initial(self, config: Any, situation: Situation, now: int) -> State:
        return tuple(Credit(member.name, 0) for member in situation.members)

    def picks(self, config: Any, state: Any, situation: Situation, now: int) -> Iterator[tuple[Member, State]]:
        earned = weights(situation)
        credits = {name: credit + earned.get(name, 0) for name, credit in state}
        most = max(credits[name] for name in earned)
        for member in situation.eligible():
            if credits[member.name] == most:
                paid = {**credits, member.name: most - sum(earned.values())}
                yield member, tuple(Credit(*pair) for pair in paid.items())

    def changed(self, config: Any, state: Any, before: Situation, after: Situation, now: int) -> Iterable[State]:
        kept = dict(state) if self.keeps or weights(before) == weights(after) else {}
        yield tuple(Credit(member.name, kept.get(member.name, 0)) for member in after.members)


def weights(situation: Situation) -> dict[str, int]:
    """Of each eligible backend."""
    return {member.name: member.weight for member in situation.eligible()}


class Counted(NamedTuple):
    """How often each was picked since all began anew, and by which start of several."""

    counts: tuple[tuple[str, int], ...] = ()
    start: int | None = None


class EarliestDeadline(Policy):
    """Who was picked k times is due at k, or else k + 1, divided by its weight; who is due first is picked.

    It begins anew whenever the set of the eligible or one of their weights changes.
    """

    def initial(self, config: Any, situation: Situation, now: int) -> State:
        return Counted()

    def picks(self, config: Any, state: Any, situation: Situation, now: int) -> Iterator[tuple[Member, State]]:
        counts, eligible = dict(state.counts), situation.eligible()
        for start in (0, 1) if state.start is None else (state.start,):
            due = {one.name: Fraction(counts.get(one.name, 0) + start, one.weight) for one in eligible}
            first = min(due.values())
            for member in eligible:
                if due[member.name] == first:
                    yield member, Counted(_counted(counts, member.name), start)

    def changed(self, config: Any, state: Any, before: Situation, after: Situation, now: int) -> Iterable[State]:
        yield state if weights(before) == weights(after) else Counted()


def _counted(counts: dict[str, int], name: str) -> tuple[tuple[str, int], ...]:
    return tuple(sorted({**counts, name: counts.get(name, 0) + 1}.items()))


class Cycle(Policy):
    """In each cycle of as many picks as all weights together, divided by what divides them all, each gets its own.

    once: whether only until the set of the eligible or a weight changes for the first time. If not, cycles begin anew.
    """

    def __init__(self, once: bool = False) -> None:
        self.once = once

    def initial(self, config: Any, situation: Situation, now: int) -> State:
        return Counted()

    def picks(self, config: Any, state: Any, situation: Situation, now: int) -> Iterator[tuple[Member, State]]:
        if state is None:
            yield from super().picks(config, state, situation, now)
            return
        shares = per_cycle(situation)
        counts = dict(state.counts)
        for member in situation.eligible():
            if counts.get(member.name, 0) < shares[member.name]:
                after = _counted(counts, member.name)
                yield member, Counted(() if dict(after) == shares else after)

    def changed(self, config: Any, state: Any, before: Situation, after: Situation, now: int) -> Iterable[State]:
        if weights(before) == weights(after):
            yield state
        else:
            yield None if self.once else Counted()


def per_cycle(situation: Situation) -> dict[str, int]:
    """How often each eligible backend is picked in a cycle."""
    shares = weights(situation)
    divisor = gcd(*shares.values())
    return {name: weight // divisor for name, weight in shares.items()}
