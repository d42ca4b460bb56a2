"""What drives a balancer, and remembers what is open: the rules are made of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from conformance.load_balancing.picking.strategies import ALIKE, EQUAL, EQUAL_LIMITED, NAMES, renamed
from conformance.machine import Machine, all_in_turn
from conformance.references import Reference
from conformance.trace import Step, Trace
from spec.load_balancing.picking.types import Backend, Backends, Pick, Pool

LONG = 3
"""Which example of a check is long; the next one, where Hypothesis gives it up."""


def large(backends: Iterable[Backend]) -> bool:
    """Whether one of the weights is."""
    return any(backend.weight >= 2**31 for backend in backends)


def with_plain_names(trace: Trace) -> Trace:
    """That trace with backends that are named "a", "b" and so on, in the order in which they come."""
    given = [trace.config.backends, *(step.args.get("backends", ()) for step in trace.steps)]
    names = dict(zip(dict.fromkeys(one.name for every in given for one in every), NAMES, strict=False))

    def step_renamed(step: Step) -> Step:
        args = dict(step.args)
        if "name" in args:
            args["name"] = names.get(args["name"], args["name"])
        if "backends" in args:
            args["backends"] = renamed(args["backends"], names)
        return replace(step, args=args)

    config = replace(trace.config, backends=renamed(trace.config.backends, names))
    return replace(trace, config=config, steps=tuple(map(step_renamed, trace.steps)))


class Driving(Machine):
    """Picks, ends requests, and updates what there is."""

    configs: ClassVar[Sequence[Any]] = EQUAL
    limited: ClassVar[Sequence[Any]] = EQUAL_LIMITED
    example_config = Pool((Backend("a"), Backend("b"), Backend("c")))
    long_config: ClassVar[Any] = None
    had_long: ClassVar[bool] = False
    weighted = False

    @staticmethod
    def simpler(config: Any) -> Iterator[Any]:
        for at in range(len(config.backends)):
            rest = config.backends[:at] + config.backends[at + 1 :]
            if rest:
                yield replace(config, backends=rest)
        for at, backend in enumerate(config.backends):
            for weight in range(1, min(backend.weight, 4)):
                one = backend._replace(weight=weight)
                yield replace(config, backends=(*config.backends[:at], one, *config.backends[at + 1 :]))
            if backend.max_inflight is not None:
                one = backend._replace(max_inflight=None)
                yield replace(config, backends=(*config.backends[:at], one, *config.backends[at + 1 :]))

    @staticmethod
    def simpler_traces(trace: Trace) -> Iterator[Trace]:
        yield with_plain_names(trace)

    @staticmethod
    def needs(trace: Trace) -> set[str]:
        given = [step.args["backends"] for step in trace.steps if step.name == "set_backends"]
        every = [backend for backends in (trace.config.backends, *given) for backend in backends]
        limits = {"limits"} if any(backend.max_inflight is not None for backend in every) else set()
        return limits | ({"large_weights"} if large(every) else set())

    @initialize(config=st.integers(0, 1023))
    def open(self, config: int) -> None:
        self.long = self.number >= LONG and not self.had_long and self.long_config is not None
        names = dict(zip(NAMES, ALIKE[self.number % len(ALIKE)], strict=True))
        offered = [one for one in self.configs if "large_weights" in self.capabilities or not large(one.backends)]
        plain = tuple(all_in_turn(offered, config, self.number))
        limited = tuple(all_in_turn(self.limited, config, self.number)) if "limits" in self.capabilities else ()
        every = (*limited, *plain) if self.number % 3 == 1 else plain
        named = [replace(one, backends=renamed(one.backends, names)) for one in every]
        self.config = self.start_one_of([self.long_config] if self.long else named)
        self.members: Backends = self.config.backends
        self.up = {one.name: True for one in self.members}
        self.draining = dict.fromkeys(self.up, False)
        self.open_picks: list[int] = []
        self.done_picks: list[int] = []
        # Nothing is done there, so that all fills up; or nothing is looked at.
        self.busy = self.number % 5 == 4
        self.blind = self.number % 4 == 2
        self.client = "main"
        if self.long:
            self.long_run()

    # What the rules are made of

    def turn(self) -> None:
        """Where several instances pick as one, each has its turn."""
        self.client = "other" if "shared" in self.capabilities and self.client == "main" else "main"

    def pick(self) -> Any:
        self.turn()
        result = self.call("pick", self.client)
        if isinstance(result, Pick):
            assert self.run is not None
            self.open_picks.append(len(self.run.steps) - 1)
        return result

    def done(self, step: int, ok: bool = True, latency: int = 0) -> None:
        if "done" in self.capabilities:
            self.turn()
            more: dict[str, Any] = {} if ok and not latency else {"ok": ok, "latency": latency}
            self.call("done", self.client, ticket=Reference(step, "ticket"), **more)

    def end(self, number: int, ok: bool = True, latency: int = 0) -> None:
        """One of those in flight is done."""
        if self.open_picks:
            step = self.open_picks.pop(number % len(self.open_picks))
            self.done(step, ok, latency)
            self.done_picks.append(step)

    def name(self, number: int) -> str | None:
        return self.members[number % len(self.members)].name if self.members else None

    def look(self, first: int = 0, number: int = 2) -> None:
        """What is in flight in so many members, from that one on."""
        if "in_flight" in self.capabilities and not self.blind:
            for at in range(min(number, len(self.members))):
                self.call("in_flight", name=self.name(first + at))

    def owner(self, step: int) -> Any:
        """Whom that pick was for."""
        assert self.run is not None
        return getattr(self.run.answers.get(step), "backend", None)

    def give(self, members: Backends, first: int = 0) -> None:
        self.turn()
        self.look(first)
        self.call("set_backends", self.client, backends=members)
        kept = {one.name for one in members} & set(self.up)
        self.up = {one.name: self.up[one.name] if one.name in kept else True for one in members}
        self.draining = {one.name: self.draining[one.name] if one.name in kept else False for one in members}
        self.members = members
        self.look(first)

    def set(self, what: str, name: str, value: bool) -> None:
        if what not in self.capabilities:
            return
        self.turn()
        if what == "set_health":
            self.call("set_health", self.client, name=name, up=value)
            self.up[name] = value
        else:
            self.call("set_draining", self.client, name=name, on=value)
            self.draining[name] = value

    def long_run(self) -> None:
        """What takes so many calls that one example must do; that begins with it."""

    def cycle(self) -> int:
        """After how many picks everyone has had his turn."""
        return min(60, sum(one.weight for one in self.members)) if self.weighted else len(self.members)
