"""Rules that drive a mapper to where mistakes show: one added, one gone, one back, another order, another instance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from conformance.load_balancing.hashing.strategies import (
    BAD_BACKENDS,
    EQUAL,
    MANY,
    NEW_WEIGHTS,
    NUMBERS,
    ORDINARY,
    POOL,
    UPDATES,
    WEIGHTED,
)
from conformance.load_balancing.picking.driving import with_plain_names
from conformance.load_balancing.picking.strategies import ALIKE, NAMES, renamed
from conformance.machine import Machine, all_in_turn, can
from conformance.trace import RESTART, Step, Trace
from spec.load_balancing.hashing.types import Keys
from spec.load_balancing.picking.types import Backend, Backends, Pool

LONG = 3
"""The example of a check that has many keys; the next one where Hypothesis gives that one up."""


class Hashing(Machine):
    """Exercises any mapper."""

    example_config: ClassVar[Any] = POOL
    had_long: ClassVar[bool] = False

    @staticmethod
    def simpler(config: Any) -> Iterator[Any]:
        for backends in simpler_backends(config.backends):
            if backends:
                yield replace(config, backends=backends)

    @staticmethod
    def simpler_traces(trace: Trace) -> Iterator[Trace]:
        yield from _fewer_keys(trace)
        yield from _plain_keys(trace)
        if (plain := with_plain_names(trace)) != trace:
            yield plain
            yield from _plain_keys(plain)
        for at, step in enumerate(trace.steps):
            for backends in simpler_backends(step.args.get("backends", ())):
                simpler = replace(step, args={**step.args, "backends": backends})
                yield replace(trace, steps=(*trace.steps[:at], simpler, *trace.steps[at + 1 :]))

    @staticmethod
    def needs(trace: Trace) -> set[str]:
        given = [step.args["backends"] for step in trace.steps if "backends" in step.args]
        weights = any(one[1] != 1 for every in (trace.config.backends, *given) for one in every)
        preference = {"preference"} if any(step.name == "preference" for step in trace.steps) else set()
        return preference | ({"weights"} if weights else set())

    @classmethod
    def configurations(cls, backends: Sequence[Backends], number: int) -> list[Any]:
        """What to be made with, for those backends."""
        return [Pool(one) for one in backends]

    @initialize(config=st.integers(0, 1023))
    def open(self, config: int) -> None:
        self.long = self.number >= LONG and not type(self).had_long
        self.weighted = "weights" in self.capabilities
        weighed = tuple(all_in_turn(WEIGHTED, config, self.number)) if self.weighted and self.number % 2 else ()
        every = [EQUAL[2]] if self.long else [*weighed, *all_in_turn(EQUAL, config, self.number)]
        names = dict(zip(NAMES, ALIKE[self.number % len(ALIKE)], strict=True))
        named = [renamed(backends, names) for backends in every]
        self.config = self.start_one_of(self.configurations(named, 0 if self.long else self.number))
        self.members: Backends = self.config.backends
        self.keys: Keys = MANY if self.long else ORDINARY[self.number % len(ORDINARY)]
        if self.long:
            self.long_run()
        else:
            self.look()

    # What the rules are made of

    def look(self) -> None:
        self.call("assign", keys=self.keys)

    def give(self, members: Backends, anew: bool = False) -> None:
        """From now on these, as told or to another instance."""
        if anew or "set_backends" not in self.capabilities:
            self.take(Step(0, RESTART, {"durable": False, "backends": members}))
        else:
            self.call("set_backends", backends=members)
        self.members = members

    def long_run(self) -> None:
        """One gone from either end or the middle, one more, another order, each with many keys."""
        self.look()
        for how in ("drop middle", "restore", "drop last", "append", "drop first", "reorder"):
            self.give(self.updated(how, 0, 1))
            self.look()
        if self.weighted:
            self.give(self.updated("weigh", 1, 3))
            self.look()

    def updated(self, how: str, number: int, weight: int) -> Backends:
        members = list(self.members)
        at = {"drop first": 0, "drop middle": len(members) // 2, "drop last": len(members) - 1}.get(how)
        if at is not None:
            return tuple(members[:at] + members[at + 1 :])
        if how == "restore" or not members:
            return self.config.backends  # type: ignore[no-any-return]
        one, new = number % len(members), Backend("new", weight if self.weighted else 1)
        others = [other for other in members if other.name != new.name]
        if how == "drop two":
            return tuple(members[one + 2 :] + members[:one]) if one else tuple(members[2:])
        if how == "one left":
            return (members[one],)
        if how == "reorder":
            return (*members[1 + one :], *members[: 1 + one]) if number % 2 else tuple(reversed(members))
        if how == "weigh" and self.weighted:
            members[one] = members[one]._replace(weight=weight)
        if how == "swap":
            members[one] = new if len(others) == len(members) else members[one]
        if how == "add":
            return (*others[:one], new, *others[one:])
        if how == "append":
            return (*others, new)
        if how == "all new":
            return (Backend("x"), Backend("y"), Backend("z"))
        return () if how == "none" else tuple(members)

    # Rules

    @rule(number=NUMBERS, how=st.sampled_from(["backwards", "some", "one", "twice", "none", "all"]))
    def some(self, number: int, how: str) -> None:
        """Some of the keys, in another order, or twice."""
        some = self.keys[number :: number + 2]
        asked = {"backwards": self.keys[::-1], "some": some, "one": some[:1], "twice": some + some[:3], "none": ()}
        if not self.long:
            self.call("assign", keys=asked.get(how, self.keys))

    @rule(how=UPDATES, number=NUMBERS, weight=NEW_WEIGHTS, anew=st.booleans(), back=st.booleans())
    def update(self, how: str, number: int, weight: int, anew: bool, back: bool) -> None:
        """Other backends, and perhaps those of before again."""
        if self.long:
            return
        before = self.members
        self.give(self.updated(how, number, weight), anew and number % 3 == 0)
        self.see(number)
        if back:
            self.give(before, anew)
            self.see(number)

    def see(self, number: int) -> None:
        """What there is to be seen after a change."""
        self.look()

    @rule()
    def another(self) -> None:
        """Another instance takes over."""
        if not self.long:
            self.give(self.members, anew=True)
            self.look()

    @precondition(can("set_backends"))
    @rule(bad=st.sampled_from(BAD_BACKENDS))
    def bad_backends(self, bad: Any) -> None:
        if not self.long and (self.weighted or all(one.weight == 1 for one in bad)):
            self.call("set_backends", backends=bad)
            self.look()

    def finish(self) -> None:
        type(self).had_long |= self.long


def simpler_backends(backends: Backends) -> Iterator[Backends]:
    """One fewer, or one of less weight."""
    for at, backend in enumerate(backends):
        yield (*backends[:at], *backends[at + 1 :])
        for weight in range(1, min(backend[1], 4)):
            yield (*backends[:at], Backend(backend[0], weight), *backends[at + 1 :])


def _fewer_keys(trace: Trace) -> Iterator[Trace]:
    """Without a run of keys, long ones first, wherever they are asked for."""
    every = _keys(trace)
    size = len(every) // 2
    while size:
        for start in range(0, len(every), size):
            yield _with_keys(trace, dict.fromkeys(every[start : start + size]))
        size //= 2


def _plain_keys(trace: Trace) -> Iterator[Trace]:
    """Where few keys are left, with one letter for one of them."""
    every = _keys(trace)
    for old in every if len(every) <= 2 else ():
        for new in "klmnopqrstuvwxyz":
            if new not in every:
                yield _with_keys(trace, {old: new})


def _keys(trace: Trace) -> list[str]:
    """All that are asked for, each once."""
    return list(dict.fromkeys(key for step in trace.steps for key in step.args.get("keys", ())))


def _with_keys(trace: Trace, changes: Mapping[str, str | None]) -> Trace:
    """That trace with other keys to be assigned; None: not assigned."""
    steps = []
    for step in trace.steps:
        if "keys" in step.args:
            keys = (changes.get(key, key) for key in step.args["keys"])
            step = replace(step, args={**step.args, "keys": tuple(key for key in keys if key is not None)})
        steps.append(step)
    return replace(trace, steps=tuple(steps))
