"""Traces: what is done to a subject, as data; and the run that does it and records the history it gives."""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from conformance.environment import START, VirtualClock, World
from impls.backends import BackendMissing
from impls.registry import Factory
from spec.encoding import encodable
from spec.history import History, Malformed, Operation, Raised
from spec.specification import Specification


@encodable
@dataclass(frozen=True, slots=True)
class Step:
    """Move the clock by `advance` microseconds, then make the call. The name "" makes none: only time passes."""

    advance: int
    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    client: str = "main"


@encodable
@dataclass(frozen=True, slots=True)
class Trace:
    """A configuration and the steps taken under it."""

    config: Any
    steps: tuple[Step, ...]


class CannotStart(Exception):
    """The subject could not be made, or lacks a method it must have. The message says which, and what to do."""


@dataclass(frozen=True)
class Target:
    """What is checked: a factory for one specification, in a world."""

    specification: Specification
    factory: Factory
    world: World = field(default_factory=World)

    def play(self, trace: Trace) -> History:
        """The history that the trace gives."""
        run = Run(self, trace.config)
        try:
            for step in trace.steps:
                run.take(step)
            return run.history()
        finally:
            run.close()


class Run:
    """One subject, the steps taken so far, and the operations they gave.

    Each client talks to an instance of its own, made on its first call; all share one environment.
    """

    def __init__(self, target: Target, config: Any) -> None:
        self.target, self.config = target, config
        self.steps: list[Step] = []
        self.operations: list[Operation] = []
        self.clock = VirtualClock(START)
        self.environment = target.world.environment(self.clock)
        self._subjects: dict[str, Any] = {}
        self._waited = 0
        self.subject("main")

    def subject(self, client: str) -> Any:
        """The instance that the client talks to."""
        if client not in self._subjects:
            self._subjects[client] = make(self.target.specification, self.target.factory, self.config, self.environment)
        return self._subjects[client]

    def advance(self, microseconds: int) -> None:
        """Move the clock; the next step of the trace says so."""
        self.clock.move(microseconds)
        self._waited += microseconds

    def take(self, step: Step) -> Any:
        """Do what the step says, record it, and return the result."""
        self.clock.move(step.advance)
        self.steps.append(replace(step, advance=step.advance + self._waited))
        self._waited = 0
        if not step.name:
            return None
        method: Callable[..., Any] = getattr(self.subject(step.client), step.name)
        start, position = self.clock.now(), 2 * len(self.operations)
        try:
            result = answer(self.target.specification.operations[step.name], method(**step.args))
        except Exception as error:
            result = Raised.of(error)
        end = self.clock.now()
        index = len(self.operations)
        self.operations.append(
            Operation(index, step.name, step.args, start, end, position, position + 1, result, step.client)
        )
        return result

    def trace(self) -> Trace:
        """What was done so far."""
        return Trace(self.config, tuple(self.steps))

    def history(self) -> History:
        """What happened so far."""
        return History(self.config, tuple(self.operations))

    def close(self) -> None:
        """Let every subject that wants to be closed let go of what it holds."""
        for subject in self._subjects.values():
            if callable(close := getattr(subject, "close", None)):
                close()


def make(specification: Specification, factory: Factory, config: Any, environment: Any) -> Any:
    """A subject.

    Raises:
        CannotStart: the factory raises, or what it returns lacks a method.
    """
    try:
        subject = factory(config, environment)
    except BackendMissing as absent:
        raise CannotStart(str(absent)) from absent
    except Exception as error:
        raise CannotStart(f"the factory raises {type(error).__name__} for {config}: {error}") from error
    missing = [
        name
        for name in specification.operations
        if name not in specification.optional and not callable(getattr(subject, name, None))
    ]
    if missing:
        raise CannotStart(
            f"the factory returns a {type(subject).__name__} without the method {', '.join(missing)};"
            f" {specification.interface.__name__} in spec/{specification.block}/types.py has its signature"
        )
    return subject


def answer(kind: type | None, value: Any) -> Any:
    """The value as the answer type of its specification, taken over attribute by attribute; `Malformed` if it is none.

    Nothing is asked of the value's own type, so code that is checked need not import anything from here.
    """
    if kind is None:
        return None
    if not issubclass(kind, tuple):
        return value if _fits(kind, value) else Malformed(repr(value), f"the answer is a {type(value).__name__}")
    taken = {}
    for name, hint, has_default in _parts(kind):
        if not hasattr(value, name):
            if has_default:
                continue
            return Malformed(repr(value), f"the answer is a {type(value).__name__} without {name!r}")
        taken[name] = getattr(value, name)
        if not _fits(hint, taken[name]):
            return Malformed(repr(value), f"{name} is the {type(taken[name]).__name__} {taken[name]!r}")
    return kind(**taken)


@cache
def _parts(kind: Any) -> list[tuple[str, Any, bool]]:
    """Of each field of a named tuple its name, type, and whether it may be left out."""
    hints = typing.get_type_hints(kind)
    return [(name, hints[name], name in kind._field_defaults) for name in kind._fields]


def _fits(hint: Any, value: Any) -> bool:
    if isinstance(hint, types.UnionType):
        return any(_fits(one, value) for one in typing.get_args(hint))
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)
