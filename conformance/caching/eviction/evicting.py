"""Rules that drive a cache to where mistakes show: full to the brim, at the very instant of a deadline, overwritten."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from conformance.caching.eviction.strategies import (
    ALIKE,
    BAD_PUTS,
    CONFIGS,
    EARLY,
    FALSY,
    KEYS,
    PAUSES,
    REFERENCE,
    TTLS,
    WEIGHTS,
)
from conformance.machine import Machine, all_in_turn, can
from conformance.trace import Step, Trace
from spec.caching.eviction.types import DEFAULT, Capacity
from spec.duration import SECOND

LONG = 3
"""The example of a check that is long."""


class Evicting(Machine):
    """Exercises any cache that evicts."""

    configs = CONFIGS
    example_config = Capacity(10)
    long_config: ClassVar[Any] = None

    @staticmethod
    def simpler(config: Any) -> Iterator[Any]:
        for ttl in dict.fromkeys((None, SECOND, config.ttl)):
            for capacity in range(1, config.capacity + 1):
                one = replace(config, capacity=capacity, ttl=ttl)
                if one == config:
                    return
                yield one

    @staticmethod
    def simpler_traces(trace: Trace) -> Iterator[Trace]:
        """With a put that says no more than it must."""
        for index, step in enumerate(trace.steps):
            for name in ("weight", "ttl"):
                if name in step.args:
                    args = {key: value for key, value in step.args.items() if key != name}
                    steps = (*trace.steps[:index], replace(step, args=args), *trace.steps[index + 1 :])
                    yield replace(trace, steps=steps)

    @staticmethod
    def needs(trace: Trace) -> set[str]:
        found = {"listener" for step in trace.steps if step.back}
        found |= {"entry_ttl" for step in trace.steps if "ttl" in step.args}
        found |= {"integer_keys" for step in trace.steps if isinstance(step.args.get("key"), int)}
        found |= {"ttl"} if trace.config.ttl else set()
        return found | {"weights" for step in trace.steps if step.args.get("weight", 1) != 1}

    @initialize(config=st.integers(0, 1023))
    def open(self, config: int) -> None:
        # Each in some examples only, as there are laws that judge only what comes before.
        self.plain = self.number % 4 == 3
        self.long = self.number == LONG and self.long_config is not None
        first = (self.long_config,) if self.long else ()
        timeless = [one for one in self.configs if not one.ttl]
        others = self.configs if "ttl" in self.capabilities else ()
        every = (
            *(all_in_turn(timeless, config, self.number) if self.plain or not others else ()),
            *all_in_turn(others, config, self.number),
        )
        self.config = self.start_one_of((*first, *every))
        alike = ALIKE[self.number % len(ALIKE)]
        if "integer_keys" not in self.capabilities:
            alike = tuple(key for key in alike if isinstance(key, str))
        self.keys = [*alike, *"abcdefghijkl"][: max(self.config.capacity + 2, len(alike) + 1)]
        self.heavy = "weights" in self.capabilities and self.number % 2 == 0
        self.timed = "entry_ttl" in self.capabilities and self.number % 3 != 0 and not self.plain
        self.unsteady = self.number % 7 == 0
        self.reentering = "listener" in self.capabilities and self.number % 5 == 2
        self.written = 0
        self.deadlines: dict[Any, int] = {}
        if self.long:
            self.long_run()

    # What the rules are made of

    def key(self, number: int) -> Any:
        return self.keys[number % len(self.keys)]

    def put(self, key: Any, weight: str = "1", ttl: str = "default") -> None:
        if self.long:
            return  # enough was put
        self.written += 1
        value = FALSY[self.number % len(FALSY)] if self.written % 6 == 3 else self.written
        args: dict[str, Any] = {"key": key, "value": value}
        capacity = self.config.capacity
        if self.heavy and weight != "1":
            args["weight"] = {"capacity": capacity, "capacity + 1": capacity + 1}.get(weight) or int(weight)
        if self.timed and ttl != "default":
            args["ttl"] = None if ttl == "none" else int(ttl)
        self.take(Step(0, "put", args, back=self.calls_back() if self.reentering and self.written % 4 == 2 else ()))
        deadline = self.config.deadline(self.now(), args.get("ttl", DEFAULT))
        self.deadlines.pop(key, None)
        if deadline is not None:
            self.deadlines[key] = deadline

    def calls_back(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """What the listener does when it is told that something leaves."""
        size: tuple[tuple[str, dict[str, Any]], ...] = (("weight", {}),) if "weight" in self.capabilities else ()
        first, last = self.keys[0], self.keys[-1]
        put = ("put", {"key": last, "value": -self.written})
        return (*size, ("get", {"key": first}), put, *size)

    def pause(self, how: str) -> None:
        """Let time pass: some microseconds, or to the next deadline, the one just before, just after, or the last."""
        now = self.now()
        ahead = sorted(deadline for deadline in self.deadlines.values() if deadline > now)
        what, _, more = how.partition(" ")
        if what in ("next", "last"):
            if ahead:
                at = ahead[0] if what == "next" else ahead[-1]
                self.advance(max(0, at + int(more or 0) - now))
        elif what == "back":
            if self.unsteady:
                self.advance(-3)
        else:
            self.advance(int(what))

    def ask(self, name: str, key: Any) -> Any:
        """Of one key, if the cache can be asked that."""
        return self.call(name, key=key) if name == "get" or name in self.capabilities else None

    def look(self, number: int = 0) -> None:
        """All that can be seen without changing anything, in one order or another."""
        views = [name for name in ("keys", "__len__", "weight") if name in self.capabilities]
        for name in views[number % 3 :] + views[: number % 3]:
            self.call(name)
        some = range(number, number + 3) if "keys" in views else range(len(self.keys))
        for at in some:
            self.ask(("peek", "__contains__")[at % 2], self.key(at))

    # Rules

    @rule(pause=PAUSES, key=KEYS, weight=WEIGHTS, ttl=TTLS, again=st.booleans())
    def write(self, pause: str, key: int, weight: str, ttl: str, again: bool) -> None:
        self.pause(pause)
        self.put(self.key(key), weight, ttl)
        if again:
            self.ask("get", self.key(key))

    @rule(pause=PAUSES, key=KEYS, how=st.sampled_from(["get", "get", "get", "peek", "__contains__"]))
    def read(self, pause: str, key: int, how: str) -> None:
        self.pause(pause)
        self.ask(how, self.key(key))

    @rule(
        first=KEYS,
        weight=WEIGHTS,
        ttl=TTLS,
        touched=st.lists(KEYS, max_size=4),
        pause=PAUSES,
        then=st.sampled_from(["nothing", "nothing", "put"]),
    )
    def fill(self, first: int, weight: str, ttl: str, touched: list[int], pause: str, then: str) -> None:
        """To the brim, then a few used, perhaps one expired, and one more key than there is room for."""
        room = self.config.capacity
        for number in range(room):
            self.put(self.key(first + number), "1", ttl if number == len(touched) % room else "default")
        for number in touched:
            self.ask("get", self.key(first + number))
        self.pause(pause)
        if then == "put":
            self.put(self.key(first), weight)
            self.ask("peek", self.key(first))
        self.put(self.key(first + room), "1" if then == "put" else weight)
        self.look(first)

    @rule(first=KEYS, used=st.integers(0, 2), early=EARLY)
    def stagger(self, first: int, used: int, early: int) -> None:
        """One after another, so that each has a deadline of its own, the first ones are used, and the first expires;
        then one more is put."""
        room, ttl = self.config.capacity, self.config.ttl
        if ttl is None:
            return
        for number in range(room):
            self.put(self.key(first + number))
            self.advance(max(1, ttl // (room + 1)) if number < room - 1 else 0)
        for number in range(used):
            self.ask("get", self.key(first + number))
        expires = min((self.deadlines[key] for key in self.keys if key in self.deadlines), default=self.now())
        self.advance(max(0, expires + early - self.now()))
        self.put(self.key(first + room))
        self.look(first)
        for number in range(room + 1):
            self.ask("get", self.key(first + number))

    @rule(first=KEYS, pattern=st.sampled_from(["loop", "scan", "favourite", "two new", "comeback", "reference"]))
    def access(self, first: int, pattern: str) -> None:
        """As an application does: what is not there is put. In a pattern that defeats one policy or another."""
        room = self.config.capacity
        if room > 3 and (room, pattern) != (4, "reference"):
            return  # it would take too long, and show no more
        every = range(first, first + room + 1)
        if pattern in ("comeback", "reference") and "clear" in self.capabilities and not self.plain:
            self.call("clear")
        one, *others = every
        patterns = {
            "loop": [*every, *every],
            "scan": [one, one, *others],
            "favourite": [one] * 5 + others * 4,
            "two new": [*others, *others, one, first + room + 1, one, first + room + 1],
            "comeback": [one, *others, one, first + room + 1, first + room + 1, *others, first + room + 1],
            "reference": REFERENCE,
        }
        for number in patterns[pattern]:
            if self.ask("get", self.key(number)) is None:
                self.put(self.key(number))
        self.look(first)
        self.ask("get", self.key(first))

    @rule(pause=PAUSES, number=KEYS)
    def look_around(self, pause: str, number: int) -> None:
        self.pause(pause)
        self.look(number)

    @rule(key=KEYS, ttl=TTLS, new=TTLS, weight=WEIGHTS, pause=PAUSES, early=EARLY)
    def overwrite(self, key: int, ttl: str, new: str, weight: str, pause: str, early: int) -> None:
        """What was put a moment ago, or has just expired; then the key is asked for at its old deadline, and at its
        new one."""
        one = self.key(key)
        self.put(one, "1", ttl)
        old = self.deadlines.get(one, 0)
        self.pause(pause)
        self.put(one, weight, new)
        for deadline in sorted({old, self.deadlines.get(one, 0)}):
            self.advance(max(0, deadline + early - self.now()))
            self.ask("peek", one)
            self.ask("get", one)

    @rule(key=KEYS, ttl=TTLS, early=EARLY, use=st.booleans())
    def expire(self, key: int, ttl: str, early: int, use: bool) -> None:
        """A key is asked for just when its time is over, perhaps having been used before; then something is put."""
        key = self.key(key)
        self.put(key, "1", ttl)
        if (deadline := self.deadlines.get(key)) is None:
            return
        if use:
            self.advance((deadline - self.now()) // 2)
            self.ask("get", key)
        self.advance(max(0, deadline + early - self.now()))
        self.look(1 + use)
        self.ask("peek" if use else "get", key)
        self.put(self.key(self.keys.index(key) + 1))
        self.look(early)

    @precondition(can("delete"))
    @rule(key=KEYS, again=st.booleans())
    def delete(self, key: int, again: bool) -> None:
        if self.plain:
            return
        self.call("delete", key=self.key(key))
        if again:
            self.put(self.key(key))
        self.ask("get", self.key(key))

    @precondition(can("delete"))
    @precondition(can("clear"))
    @rule(first=KEYS, used=st.integers(1, 2), at=st.integers(1, 3))
    def delete_next(self, first: int, used: int, at: int) -> None:
        """Of a full cache one is evicted, and one beside it is deleted; then others must go."""
        if self.plain:
            return
        self.call("clear")
        room = self.config.capacity
        for number in range(room):
            self.put(self.key(first + number))
        for number in range(used):
            self.ask("get", self.key(first + number))
        self.put(self.key(first + room))
        self.call("delete", key=self.key(first + used + at))
        for number in (room + 1, used + at):
            self.put(self.key(first + number))
            self.look(first)

    @precondition(can("clear"))
    @rule(chance=st.integers(0, 3), key=KEYS)
    def clear(self, chance: int, key: int) -> None:
        """Seldom, as it takes away what makes a cache worth looking at."""
        if chance == 0 and not self.plain:
            self.call("clear")
            self.look(key)

    @rule(bad=st.sampled_from(BAD_PUTS), key=KEYS)
    def bad_put(self, bad: dict[str, Any], key: int) -> None:
        if set(bad) <= {"key", *(("weight",) if self.heavy else ()), *(("ttl",) if self.timed else ())}:
            self.call("put", **{"key": self.key(key), "value": 0, **bad})

    def long_run(self) -> None:
        """What takes so many calls that one example must do; that begins with it."""

    def finish(self) -> None:
        """What is there, and in which order it goes."""
        if self.long:
            return
        self.look(self.number)
        for key in self.keys:
            self.ask("get", key)
        for number in range(min(3, self.config.capacity)):
            self.put(self.keys[-1 - number])
            self.look(number)
        for key in self.keys:
            self.ask("get", key)
