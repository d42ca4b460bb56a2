"""What a balancer remembers, and whom it may pick: each policy as pure functions over what is eligible."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
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
    """Each eligible backend earns its weight; who has most is picked, and pays what all have earned."""

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
        kept = dict(state)
        yield tuple(Credit(member.name, kept.get(member.name, 0)) for member in after.members)


def weights(situation: Situation) -> dict[str, int]:
    """Of each eligible backend."""
    return {member.name: member.weight for member in situation.eligible()}


def by_weight(situation: Situation) -> tuple[tuple[str, int], ...]:
    """As that, to be compared: whatever goes by weights goes on while they are the same."""
    return tuple(sorted(weights(situation).items()))


class Since(NamedTuple):
    """By which weights the latest pick was, and how often each was picked since all began anew, by which start."""

    shares: tuple[tuple[str, int], ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    start: int = 0


class Anew(Policy):
    """All begins anew once the set of the eligible or one of their weights is another than at the latest pick.

    If it changed in between and is the same again, all may begin anew, or go on.

    starts: what it may begin with, if there are several ways to.
    """

    starts: tuple[int, ...] = (0,)

    def initial(self, config: Any, situation: Situation, now: int) -> State:
        return Since()

    def due(self, counts: dict[str, int], start: int, situation: Situation) -> Iterator[Member]:
        """Those that may be picked where each was picked so often."""
        raise NotImplementedError

    def picks(self, config: Any, state: Any, situation: Situation, now: int) -> Iterator[tuple[Member, State]]:
        shares = by_weight(situation)
        begins = [state] if state.shares == shares else [Since(shares, (), start) for start in self.starts]
        for _, before, start in begins:
            counts = dict(before)
            for member in self.due(counts, start, situation):
                more = {**counts, member.name: counts.get(member.name, 0) + 1}
                yield member, Since(shares, tuple(sorted(more.items())), start)

    def changed(self, config: Any, state: Any, before: Situation, after: Situation, now: int) -> Iterable[State]:
        yield state
        if state.shares and weights(before) != weights(after):
            yield Since()


class SmoothAnew(Anew):
    """As `Smooth`, where a change begins all anew."""

    def due(self, counts: dict[str, int], start: int, situation: Situation) -> Iterator[Member]:
        shares, number = weights(situation), sum(counts.values()) + 1
        credits = {one: number * weight - counts.get(one, 0) * sum(shares.values()) for one, weight in shares.items()}
        most = max(credits.values())
        return (member for member in situation.eligible() if credits[member.name] == most)


class EarliestDeadline(Anew):
    """Who was picked k times is due at k, or else k + 1, divided by its weight; who is due first is picked."""

    starts = (0, 1)

    def due(self, counts: dict[str, int], start: int, situation: Situation) -> Iterator[Member]:
        eligible = situation.eligible()
        due = {one.name: Fraction(counts.get(one.name, 0) + start, one.weight) for one in eligible}
        first = min(due.values())
        return (member for member in eligible if due[member.name] == first)


class Cycle(Anew):
    """In each cycle of as many picks as all weights together, each gets its own, in any order."""

    def due(self, counts: dict[str, int], start: int, situation: Situation) -> Iterator[Member]:
        shares = weights(situation)
        cycles = sum(counts.values()) // sum(shares.values()) + 1
        return (one for one in situation.eligible() if counts.get(one.name, 0) < cycles * shares[one.name])


class FirstCycles(Cycle):
    """As that, until the set of the eligible or a weight changes for the first time. What comes then is open."""

    def picks(self, config: Any, state: Any, situation: Situation, now: int) -> Iterator[tuple[Member, State]]:
        yield from (
            Policy.picks(self, config, state, situation, now)
            if state is None
            else super().picks(config, state, situation, now)
        )

    def changed(self, config: Any, state: Any, before: Situation, after: Situation, now: int) -> Iterable[State]:
        yield state if weights(before) == weights(after) else None
