"""Policies that depend on time: how long answers took, and since when a backend has been up."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from spec.load_balancing.picking.model import Answered, Policy, State
from spec.load_balancing.picking.situation import Member, Situation
from spec.load_balancing.picking.types import Ramp, Timed

ROUNDING = 1 + Fraction(1, 10**9)
"""Scores that differ by less are equal: some reckon in binary floating point."""


class Known(NamedTuple):
    """A backend's average latency in microseconds, and when the latest answer came."""

    name: str
    average: Fraction
    at: int


class LeastResponseTime(Policy):
    """Who is unknown and idle is tried first; else the lowest product of average latency and requests, the new one
    counted; those that are unknown and busy only if there are no others."""

    def initial(self, config: Any, situation: Situation, now: int) -> State:
        return ()

    def picks(self, config: Any, state: Any, situation: Situation, now: int) -> Iterator[tuple[Member, State]]:
        for member in best(scores(config, state, situation, now)):
            yield member, state

    def changed(self, config: Any, state: Any, before: Situation, after: Situation, now: int) -> Iterable[State]:
        yield tuple(one for one in state if after.get(one.name))

    def answered(self, config: Any, state: Any, request: Answered) -> State:
        return measured(config, state, request)


def measured(config: Timed, state: tuple[Known, ...], request: Answered, failures: bool = True) -> tuple[Known, ...]:
    """What is known after that request.

    failures: whether a failed one counts as such. If not, it is as if it had gone well.
    """
    known = known_of(config, state, request.name, request.now)
    sample = Fraction(request.latency)
    if failures and not request.ok:
        sample = max(sample, Fraction(config.failure), known.average if known else Fraction(0))
    average = known.average + (sample - known.average) / config.smoothing if known else sample
    others = tuple(one for one in state if one.name != request.name)
    return tuple(sorted((*others, Known(request.name, average, request.now))))


def known_of(config: Timed, state: tuple[Known, ...], name: str, now: int) -> Known | None:
    """What is known of that backend and not forgotten."""
    return next((one for one in state if one.name == name and now - one.at < config.forget), None)


class Score(NamedTuple):
    """What members are compared by, the first field first: 0 unknown and idle, 1 known, 2 unknown and busy."""

    kind: int
    value: Fraction


def scores(config: Timed, state: tuple[Known, ...], situation: Situation, now: int) -> list[tuple[Score, Member]]:
    """Of each eligible member."""
    found = []
    for member in situation.eligible():
        if known := known_of(config, state, member.name, now):
            found.append((Score(1, known.average * (member.in_flight + 1)), member))
        else:
            found.append((Score(2 if member.in_flight else 0, Fraction(0)), member))
    return found


def best(scored: Iterable[tuple[Score, Member]]) -> Iterator[Member]:
    """Those that may be picked."""
    every = list(scored)
    least = min(score for score, _ in every)
    return (member for score, member in every if score.kind == least.kind and score.value <= least.value * ROUNDING)


FLOOR = Fraction(1, 10)
"""The part of its weight with which a backend begins."""


class Since(NamedTuple):
    """When a backend came up; those that were there at the start are not among them."""

    name: str
    at: int


class SlowStart(Policy):
    """The least loaded, the new request counted, for a weight that grows with the time since it came up."""

    def initial(self, config: Any, situation: Situation, now: int) -> State:
        return ()

    def picks(self, config: Any, state: Any, situation: Situation, now: int) -> Iterator[tuple[Member, State]]:
        loads = [(load(config, state, member, now), member) for member in situation.eligible()]
        least = min(one for one, _ in loads)
        for one, member in loads:
            if one <= least * ROUNDING:
                yield member, state

    def changed(self, config: Any, state: Any, before: Situation, after: Situation, now: int) -> Iterable[State]:
        since = dict(state)
        for member in after.members:
            old = before.get(member.name)
            if old is None or (member.up and not old.up):
                since[member.name] = now
        yield tuple(Since(*one) for one in sorted(since.items()) if after.get(one[0]))


def part(config: Ramp, state: tuple[Since, ...], name: str, now: int) -> Fraction:
    """How much of its weight a member has."""
    age = next((now - since.at for since in state if since.name == name), config.ramp)
    return Fraction(1) if age >= config.ramp else max(FLOOR, Fraction(age, config.ramp))


def load(config: Ramp, state: tuple[Since, ...], member: Member, now: int) -> Fraction:
    """What members are compared by."""
    return (member.in_flight + 1) / (member.weight * part(config, state, member.name, now))
