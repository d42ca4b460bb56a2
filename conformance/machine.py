"""The base of every block's Hypothesis machine. A machine exercises a subject and records it; it never judges."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import gcd
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from conformance.trace import CannotStart, NotOffered, Run, Step, Target, Trace


class Machine(RuleBasedStateMachine):
    """Rules of a block call `start` once, then `call` and `advance`.

    target:       what is exercised.
    capabilities: what the target can beyond what it must; the same for every example, so preconditions may use it.
    examine:      takes the finished run of each example.
    example_config: an ordinary configuration, for a first look at a subject.
    configs:      those that are tried, where they are a list.
    not_offered:  the configurations that the subject did not offer, each with its reason.
    """

    target: ClassVar[Target]
    capabilities: ClassVar[frozenset[str]]
    examine: ClassVar[Callable[[Run], None]]
    example_config: ClassVar[Any]
    configs: ClassVar[Sequence[Any]] = ()
    not_offered: ClassVar[dict[Any, str]]

    run: Run | None = None
    made: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).made += 1
        self.number = self.made
        """Counts the examples of one check: for choices of which each should have its turn, as chance clusters."""

    @staticmethod
    def simpler(config: Any) -> Iterable[Any]:
        """Configurations that are easier to read than this one, the easiest first. Each must be strictly simpler."""
        return ()

    @staticmethod
    def simpler_traces(trace: Trace) -> Iterable[Trace]:
        """Traces that are easier to read, each with one thing changed."""
        return ()

    @staticmethod
    def needs(trace: Trace) -> set[str]:
        """The capabilities that the trace asks for, beyond those that any trace may."""
        return set()

    def start(self, config: Any) -> None:
        """Make the subject."""
        self.run = Run(self.target, config)

    def start_one_of(self, configs: Iterable[Any]) -> Any:
        """Make the subject with the first of these configurations that it offers, and return that.

        Raises:
            CannotStart: it offers none of them.
        """
        self.run = first_offered(self.target, configs, self.not_offered)
        return self.run.config

    def call(self, name: str, client: str = "main", hold: int = 0, /, **args: Any) -> Any:
        """Call the subject and return its result. Only the body of a rule may look at it, never a strategy.

        hold: see `Step`.
        """
        return self.take(Step(0, name, args, client, hold))

    def take(self, step: Step) -> Any:
        """Do what the step says, and return its result; as `call`."""
        assert self.run is not None
        return self.run.take(step)

    def advance(self, microseconds: int) -> None:
        """Let time pass, or the clock step back."""
        assert self.run is not None
        self.run.advance(microseconds)

    def now(self) -> int:
        """The time on the clock."""
        assert self.run is not None
        return self.run.clock.now()

    def finish(self) -> None:
        """Called before the history is judged: drain what is still open."""

    def teardown(self) -> None:
        if self.run is None:
            return
        try:
            if sys.exc_info()[0] is None:
                self.finish()
                type(self).examine(self.run)
        finally:
            self.run.close()


def first_offered(target: Target, configs: Iterable[Any], not_offered: dict[Any, str]) -> Run:
    """A run with the first of these configurations that the target offers.

    not_offered: those known not to be, each with its reason; it grows.

    Raises:
        CannotStart: it offers none of them.
    """
    for config in configs:
        if config not in not_offered:
            try:
                return Run(target, config)
            except NotOffered as reason:
                not_offered[config] = str(reason)
    reasons = ", ".join(dict.fromkeys(not_offered.values()))
    raise CannotStart(f"the factory offers none of the configurations that are tried: {reasons}")


def can(capability: str) -> Callable[[Machine], bool]:
    """A precondition: the subject has that capability."""
    return lambda machine: capability in machine.capabilities


def in_turn(choices: Sequence[Any], chance: int, number: int) -> Any:
    """One of them by chance, but so that those of examples that follow one another lie far apart, and in time all
    come: alone, chance would repeat a few and leave out others, as Hypothesis varies what it has tried before."""
    return next(all_in_turn(choices, chance, number))


def all_in_turn(choices: Sequence[Any], chance: int, number: int) -> Iterator[Any]:
    """All of them, that one first."""
    stride = round(len(choices) * 0.618)
    while gcd(stride, len(choices)) > 1:
        stride += 1
    for more in range(len(choices)):
        yield choices[(chance + stride * number + more) % len(choices)]
