"""Rules that drive a health checker to where mistakes show: at thresholds, at deadlines, and where members change."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from conformance.load_balancing.health.strategies import (
    ALIKE,
    BAD_MEMBERS,
    CONFIGS,
    FATES,
    NUMBERS,
    PATTERNS,
    PAUSES,
    UPDATES,
)
from conformance.machine import Machine, all_in_turn, can
from conformance.trace import Trace
from spec.duration import SECOND
from spec.load_balancing.health.types import UP, Checks, Names


class Checking(Machine):
    """Exercises any health checker."""

    example_config = Checks(("a", "b"))
    configs = CONFIGS

    @staticmethod
    def simpler(config: Any) -> Iterator[Any]:
        for at in range(len(config.members)):
            if len(config.members) > 1:
                yield replace(config, members=config.members[:at] + config.members[at + 1 :])
        for what in ("fall", "rise"):
            for value in range(1, getattr(config, what)):
                yield replace(config, **{what: value})
        if config.initial != UP:
            yield replace(config, initial=UP)
        if (config.interval, config.timeout) not in ((SECOND, SECOND), (SECOND, SECOND // 2)):
            yield replace(config, interval=SECOND, timeout=SECOND)
            yield replace(config, interval=SECOND, timeout=SECOND // 2)

    @staticmethod
    def simpler_traces(trace: Trace) -> Iterator[Trace]:
        """With plain names."""
        plain = dict(zip(trace.config.members, ALIKE[0], strict=False))
        if any(name not in ALIKE[0] for name in plain):
            steps = []
            for step in trace.steps:
                args = dict(step.args)
                if "name" in args:
                    args["name"] = plain.get(args["name"], args["name"])
                if "names" in args:
                    args["names"] = tuple(plain.get(name, name) for name in args["names"])
                steps.append(replace(step, args=args))
            yield Trace(replace(trace.config, members=tuple(plain.values())), tuple(steps))

    @initialize(config=st.integers(0, 1023))
    def open(self, config: int) -> None:
        names = ALIKE[self.number % len(ALIKE)]
        every = [
            replace(one, members=tuple(names["abc".index(name)] for name in one.members))
            for one in all_in_turn(self.configs, config, self.number)
        ]
        self.config: Checks = self.start_one_of(every)
        self.members: Names = self.config.members
        # Nothing is looked at but at the end of a rule, so that a probe may fail unseen.
        self.blind = self.number % 3 == 1

    # What the rules are made of

    def pause(self, how: int | str) -> None:
        timeout, interval = self.config.timeout, self.config.interval
        named = {
            "timeout - 1": timeout - 1,
            "timeout": timeout,
            "timeout + 1": timeout + 1,
            "interval - 1": interval - 1,
            "interval": interval,
            "three": 3 * interval,
        }
        self.advance(named[how] if isinstance(how, str) else how)

    def name(self, number: int) -> str | None:
        return self.members[number % len(self.members)] if self.members else None

    def report(self, name: str | None, fate: str) -> None:
        if name is not None and fate != "hangs":
            self.call("report", name=name, ok=fate == "ok")

    def look(self, number: int = 0, *, always: bool = False) -> None:
        if always or not self.blind:
            for at in range(len(self.members)):
                self.call("is_up", name=self.name(number + at))
            if "up" in self.capabilities:
                self.call("up")

    def give(self, members: Names) -> None:
        self.call("set_members", names=members)
        self.members = members

    def rounds(self, name: str | None, fates: list[str]) -> None:
        """One has these fates, probe by probe, while the others are well."""
        for fate in fates:
            self.advance(self.config.interval)
            self.call("due")
            for other in self.members:
                self.report(other, fate if other == name else "ok")
            if not self.blind and name is not None:
                self.call("is_up", name=name)

    def threshold(self, fate: str, less: int = 0) -> list[str]:
        """So many of those that it turns, or fewer."""
        return [fate] * ((self.config.rise if fate == "ok" else self.config.fall) - less)

    # Rules

    @rule(pause=PAUSES, then=PAUSES, fates=st.lists(FATES, min_size=3, max_size=3))
    def round(self, pause: int | str, then: int | str, fates: list[str]) -> None:
        """Some time passes, all that are due are probed, and each has its fate."""
        self.pause(pause)
        self.call("due")
        self.pause(then)
        for name, fate in zip(self.members, fates, strict=False):
            self.report(name, fate)
        self.look()

    @rule(number=NUMBERS, fates=PATTERNS)
    def series(self, number: int, fates: list[str]) -> None:
        self.rounds(self.name(number), fates)
        self.look(number, always=True)

    @rule(number=NUMBERS, first=st.sampled_from(["ok", "failed"]), less=st.integers(0, 1), bad=FATES, more=NUMBERS)
    def turning(self, number: int, first: str, less: int, bad: str, more: int) -> None:
        """It is turned one way; then come all results but one that would turn it back, one that does not, and more."""
        name, other = self.name(number), "failed" if first == "ok" else "ok"
        self.rounds(name, self.threshold(first))
        self.rounds(name, self.threshold(other, less))
        self.rounds(name, [first, *[other] * (more % 4)])
        self.rounds(name, [bad])
        self.look(number, always=True)

    @rule(number=NUMBERS, before=st.integers(0, 2), pause=PAUSES, late=FATES, after=st.integers(0, 3))
    def hang(self, number: int, before: int, pause: int | str, late: str, after: int) -> None:
        """Probes fail, one hangs, and is reported late or just in time; then some more fail."""
        name = self.name(number)
        self.rounds(name, ["hangs"] * before)
        self.advance(self.config.interval)
        self.call("due")
        self.pause(pause)
        self.look(number)
        self.report(name, late)
        self.look(number, always=True)
        self.rounds(name, ["failed"] * after)
        self.look(number, always=True)

    @rule(number=NUMBERS, fate=st.sampled_from(["ok", "failed"]), stray=st.sampled_from(["ok", "failed"]), more=NUMBERS)
    def twice(self, number: int, fate: str, stray: str, more: int) -> None:
        """What was reported is reported again, and again; then more results come."""
        name = self.name(number)
        self.rounds(name, [fate])
        for _ in range(1 + more % 3):
            self.report(name, stray)
        self.look(number, always=True)
        self.rounds(name, [fate] * (more // 3))
        self.look(number, always=True)

    @rule(first=st.sampled_from([0, 1, "half"]), fate=FATES)
    def on_time(self, first: int | str, fate: str) -> None:
        """It is asked too late, a microsecond too early, and in time; a probe is reported at the last moment."""
        config = self.config
        self.call("due")
        self.advance(config.interval + (config.interval // 2 if first == "half" else int(first)))
        self.call("due")
        self.advance(config.timeout - 1)
        for name in self.members:
            self.report(name, fate)
        self.advance(config.interval - config.timeout)
        self.call("due")
        self.advance(1)
        self.call("due")
        self.look()

    @rule(number=NUMBERS, rounds=st.integers(1, 3))
    def dead(self, number: int, rounds: int) -> None:
        """One is down for long, and is probed all the time."""
        name = self.name(number)
        self.rounds(name, self.threshold("failed") + ["hangs"] * rounds)
        self.rounds(name, self.threshold("ok"))
        self.look(number, always=True)

    @precondition(can("set_members"))
    @rule(how=UPDATES, number=NUMBERS, before=PATTERNS, after=FATES, under_way=st.booleans(), pause=PAUSES)
    def update(self, how: str, number: int, before: list[str], after: str, under_way: bool, pause: int | str) -> None:
        """Some results, other members, perhaps while a probe is under way, and more results."""
        name = self.name(number)
        self.rounds(name, before[:4])
        if under_way:
            self.advance(self.config.interval)
            self.call("due")
        self.give(self.updated(how))
        self.look(number, always=True)
        self.pause(pause)
        if under_way and name in self.members:
            self.report(name, after)
        self.call("due")
        self.look(number, always=True)
        self.rounds(name, [after, after])
        self.look(number, always=True)

    def updated(self, how: str) -> Names:
        members = self.members
        match how:
            case "drop first":
                return members[1:]
            case "drop last":
                return members[:-1]
            case "reorder":
                return members[1:] + members[:1]
            case "add":
                return ("new", *(name for name in members if name != "new"))
            case "restore":
                return self.config.members
            case "all new":
                return ("x", "y")
            case "none":
                return ()
        return members

    @precondition(can("set_members"))
    @rule(number=NUMBERS, fate=st.sampled_from(["ok", "failed"]), how=st.sampled_from(["same", "reorder", "add"]))
    def kept(self, number: int, fate: str, how: str) -> None:
        """All results but one that would turn it have come when members change, while the probe that decides is under
        way."""
        name = self.name(number)
        self.rounds(name, self.threshold("ok" if fate == "failed" else "failed"))
        self.rounds(name, self.threshold(fate, 1))
        self.advance(self.config.interval)
        self.call("due")
        self.give(self.updated(how))
        self.report(name, fate)
        self.look(always=True)

    @precondition(can("set_members"))
    @rule(number=NUMBERS, fate=FATES, times=st.integers(1, 4), under_way=st.booleans(), at_once=FATES)
    def replaced(self, number: int, fate: str, times: int, under_way: bool, at_once: str) -> None:
        """One is removed after some results, and is new again; a report of its old probe comes then."""
        name, before = self.name(number), self.members
        self.rounds(name, [fate] * times)
        if under_way:
            self.advance(self.config.interval)
            self.call("due")
        self.give(tuple(other for other in before if other != name))
        self.call("due")
        self.look()
        self.give(before)
        self.look(always=True)
        self.report(name, at_once)
        self.look(always=True)
        self.call("due")
        self.report(name, fate)
        self.look(always=True)

    @precondition(can("set_members"))
    @rule(bad=st.sampled_from(BAD_MEMBERS))
    def bad_members(self, bad: Any) -> None:
        self.call("set_members", names=bad)
        self.call("due")
        self.look()

    @rule(ok=st.booleans())
    def unknown(self, ok: bool) -> None:
        self.call("is_up", name="nobody")
        self.call("report", name="nobody", ok=ok)
        self.look()

    def finish(self) -> None:
        """One more round, whatever is under way."""
        self.advance(self.config.interval)
        self.call("due")
        self.look(always=True)


MACHINES = {"health_checker": Checking}
