"""Rules that drive a balancer to where mistakes show: one down, one left, one back, all full, done twice."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from conformance.load_balancing.picking.driving import Driving
from conformance.load_balancing.picking.overlap import overlap
from conformance.load_balancing.picking.strategies import BAD_BACKENDS, NEW_WEIGHTS, NUMBERS, PAUSES, UPDATES
from conformance.machine import can
from spec.load_balancing.picking.types import Backend, Backends


class Picking(Driving):
    """Exercises any balancer that picks."""

    @rule(pause=PAUSES, number=st.sampled_from([1, 1, 1, 2, 3, 5]))
    def some(self, pause: int, number: int) -> None:
        self.advance(pause)
        for _ in range(1 if self.long else number):
            self.pick()

    @rule(rounds=st.integers(1, 2), more=NUMBERS, at_once=st.booleans())
    def round(self, rounds: int, more: int, at_once: bool) -> None:
        """Enough for everyone to have had his turn; each done at once, or none."""
        for _ in range(0 if self.long else max(rounds * len(self.members), self.cycle()) + more % 3):
            picked = self.pick()
            if at_once and picked and not self.busy:
                self.end(-1, ok=more % 2 == 0)

    @rule(pause=PAUSES, number=NUMBERS, ok=st.sampled_from([True, True, False]), latency=st.sampled_from([0, 1, 5000]))
    def end_one(self, pause: int, number: int, ok: bool, latency: int) -> None:
        self.advance(pause)
        if not self.busy:
            self.end(number, ok, latency)

    @rule(number=NUMBERS, then=st.integers(1, 4))
    def end_twice(self, number: int, then: int) -> None:
        """A time-out, and the answer that comes after it; then others are picked."""
        if self.busy:
            return
        self.end(number)
        if self.done_picks:
            step = self.done_picks[-1 - number % len(self.done_picks)]
            names = [member.name for member in self.members]
            first = names.index(self.owner(step)) if self.owner(step) in names else number
            self.look(first, 1)
            self.done(step)
            self.look(first, 1)
        for _ in range(0 if self.long else then):
            self.pick()

    @rule()
    def end_all(self) -> None:
        for _ in range(0 if self.busy else min(40, len(self.open_picks))):
            self.end(0)
        self.look(0, 8)

    @rule(skew=NUMBERS, picks=st.integers(2, 6))
    def skewed(self, skew: int, picks: int) -> None:
        """All are given some; all but those of one are done; then more are picked."""
        if self.long or self.busy:
            return
        fresh = [self.pick() for _ in range(2 * len(self.members) + 1)]
        slow = self.name(skew)
        steps, self.open_picks = self.open_picks, []
        for step in steps:
            if self.owner(step) == slow:
                self.open_picks.append(step)
            else:
                self.done(step)
                self.done_picks.append(step)
        if any(fresh):
            for _ in range(picks):
                self.pick()

    @precondition(can("set_health"))
    @rule(number=NUMBERS, picks=st.integers(0, 9), back=st.booleans(), again=st.booleans())
    def fail(self, number: int, picks: int, back: bool, again: bool) -> None:
        """One is down for some picks, and perhaps comes back."""
        if (name := self.name(number)) is None or self.long:
            return
        self.look(number, 1)
        self.set("set_health", name, False)
        self.look(number, 1)
        for _ in range(picks):
            self.pick()
        if back:
            self.set("set_health", name, True)
            for _ in range(picks + 2 * again):
                self.pick()

    @precondition(can("set_health"))
    @rule(number=NUMBERS, left=st.integers(0, 1), up=st.booleans())
    def fail_all(self, number: int, left: int, up: bool) -> None:
        """All are down, or all but one."""
        if self.long:
            return
        spared = self.name(number) if left else None
        for one in self.members:
            self.set("set_health", one.name, one.name == spared)
        for _ in range(2):
            self.look(left, 1)
            self.pick()
            self.look(left, 1)
        if up:
            for one in self.members:
                self.set("set_health", one.name, True)
            for _ in range(len(self.members) + 1):
                self.pick()

    @precondition(can("set_draining"))
    @rule(number=NUMBERS, picks=st.integers(0, 5), back=st.booleans())
    def drain(self, number: int, picks: int, back: bool) -> None:
        """One is to end what it has; it does so, one by one, while others are picked."""
        if (name := self.name(number)) is None or self.long:
            return
        self.is_drained(name)
        self.set("set_draining", name, True)
        self.is_drained(name)
        for _ in range(picks):
            self.pick()
        own = [step for step in self.open_picks if self.owner(step) == name]
        for step in own[:4] if not self.busy else ():
            self.open_picks.remove(step)
            self.done(step)
            self.done_picks.append(step)
            self.is_drained(name)
        if back:
            self.set("set_draining", name, False)
            self.is_drained(name)
            for _ in range(picks):
                self.pick()

    def is_drained(self, name: str) -> None:
        if "drained" in self.capabilities:
            self.call("drained", name=name)

    @precondition(can("set_backends"))
    @rule(how=UPDATES, number=NUMBERS, weight=NEW_WEIGHTS, picks=st.integers(0, 9), again=st.booleans())
    def update(self, how: str, number: int, weight: int, picks: int, again: bool) -> None:
        """Other members, then picks, and perhaps those of before again."""
        if self.long:
            return
        before = self.members
        self.give(self.updated(how, number, weight), number)
        picks = picks if picks % 2 else self.cycle()
        for _ in range(picks):
            self.pick()
        if again:
            self.give(before)
            for _ in range(picks):
                self.pick()
        if self.done_picks and not self.busy:
            self.done(self.done_picks[number % len(self.done_picks)])
            self.look(number)

    @precondition(can("set_backends"))
    @rule(number=NUMBERS, how=st.sampled_from(["set_health", "set_draining", "busy"]), picks=st.integers(2, 5))
    def rejoin(self, number: int, how: str, picks: int) -> None:
        """One goes while it is down, draining or busy, and comes back as new; then its old requests are done."""
        if (name := self.name(number)) is None or self.long:
            return
        before, old = self.members, [self.pick() for _ in range(len(self.members))]
        if how != "busy":
            self.set(how, name, how == "set_draining")
        self.give(tuple(one for one in before if one.name != name), number)
        own = [step for step in self.open_picks if self.owner(step) == name]
        self.give(before, number)
        for step in own[:2] if any(old) and not self.busy else ():
            self.open_picks.remove(step)
            self.done(step)
            self.done_picks.append(step)
        self.look(number)
        for _ in range(picks):
            self.pick()

    def updated(self, how: str, number: int, weight: int) -> Backends:
        members = list(self.members)
        at = {"drop first": 0, "drop middle": len(members) // 2, "drop last": len(members) - 1}.get(how)
        if at is not None:
            return tuple(members[:at] + members[at + 1 :])
        one = number % len(members) if members else 0
        if how == "restore" or not members:
            return self.config.backends  # type: ignore[no-any-return]
        if how == "reorder":
            return (*members[1:], members[0])
        if how == "one left":
            return (members[one],)
        if how == "weigh" and self.weighted:
            members[one] = members[one]._replace(weight=weight)
        if how == "limit" and "limits" in self.capabilities:
            members[one] = members[one]._replace(max_inflight=1 + weight % 3)
        if how == "add":
            new = Backend("new", weight if self.weighted else 1)
            others = [other for other in members if other.name != "new"]
            return (*others[:one], new, *others[one:])
        if how == "all new":
            return (Backend("x"), Backend("y"))
        return () if how == "none" else tuple(members)

    @precondition(can("set_backends"))
    @rule(bad=st.sampled_from(BAD_BACKENDS))
    def bad_backends(self, bad: Any) -> None:
        limits = any(one.max_inflight is not None for one in bad)
        weights = any(one.weight != 1 for one in bad)
        if (self.weighted or not weights) and ("limits" in self.capabilities or not limits):
            self.call("set_backends", backends=bad)
            self.pick()

    @rule(what=st.sampled_from(["set_health", "set_draining", "in_flight", "drained"]), value=st.booleans())
    def unknown(self, what: str, value: bool) -> None:
        more = {"set_health": {"up": value}, "set_draining": {"on": value}}.get(what, {})
        if what in self.capabilities:
            self.call(what, name="nobody", **more)
            self.pick()

    def finish(self) -> None:
        """What is in flight, and a round more."""
        if self.long:
            type(self).had_long = True
            return
        for _ in range(len(self.members) + 1):
            self.pick()
        self.look(self.number, 8)
        if {"shared", "on_server"} <= self.capabilities:
            overlap(self)
