"""Traces: what is done to a subject, as data; and the run that does it and records the history it gives."""

import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from inspect import isawaitable
from threading import local
from typing import Any

from conformance.answers import answer
from conformance.environment import START, VirtualClock, World
from conformance.gate import Task
from conformance.loop import VirtualLoop
from conformance.references import Reference
from conformance.watch import WATCH, Hangs
from impls.backends import BackendMissing
from impls.registry import Factory
from spec.encoding import PLAIN, encodable
from spec.history import NO_ANSWER, History, Operation, Raised
from spec.specification import Specification


@encodable
@dataclass(frozen=True, slots=True)
class Step:
    """Move the clock by `advance` microseconds, then make the call. The name "" makes none: only time passes.

    hold: for a call of the client `HELD`, before which of its round trips it is held while the next step is taken,
          1 for the first; 0: it is not held.
    back: calls, each a name and its arguments, that the subject is called back with when this call makes it call a
          collaborator for the first time.
    """

    advance: int
    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    client: str = "main"
    hold: int = 0
    back: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@encodable
@dataclass(frozen=True, slots=True)
class Trace:
    """A configuration and the steps taken under it."""

    config: Any
    steps: tuple[Step, ...]

    def needs(self, specification: Specification) -> set[str]:
        """The capabilities without which it cannot be played, or asks for more than was promised."""
        called = {step.name for step in self.steps} | {name for step in self.steps for name, _ in step.back}
        found = called & specification.optional
        if any(step.client != "main" for step in self.steps):
            found.add("shared")
        if any(step.hold for step in self.steps):
            found.add("on_server")
        if any(step.name == RESTART and step.args["durable"] for step in self.steps):
            found.add("durable")
        return found


RESTART = "restart"
"""The step that makes the subject anew in the same environment. Its arguments change the configuration; "durable" tells
whether what was stored must be there afterwards."""

SUBJECT = "subject"
"""The client in calls of collaborators."""

HELD = "held"
"""The client whose calls may be held, and so overlap with those of others."""


class CannotStart(Exception):
    """The subject could not be made, or lacks a method it must have. The message says which, and what to do."""


class NotOffered(CannotStart):
    """The factory raised NotImplementedError: it does not offer this configuration. The message is its own."""


@dataclass(frozen=True)
class Target:
    """What is checked: a factory for one specification, in a world."""

    specification: Specification
    factory: Factory
    world: World = field(default_factory=World)

    def servers_must_answer(self, *, again: bool = True) -> None:
        """So that a server that has gone is not held against the subject.

        again: whether to ask them; if not, only what is known from the last time counts.

        Raises:
            CannotStart: one has gone.
        """
        try:
            self.world.must_answer(again=again)
        except BackendMissing as missing:
            raise CannotStart(str(missing)) from missing

    def play(self, trace: Trace, examine: "Callable[[Run], None]" = lambda run: None) -> History:
        """The history that the trace gives.

        examine: takes the finished run.
        """
        run = Run(self, trace.config)
        try:
            for step in trace.steps:
                run.take(step)
            examine(run)
            return run.history()
        finally:
            run.close()


@dataclass(frozen=True)
class _Begun:
    """A call that has begun."""

    step: Step
    number: int
    index: int
    start: int
    began: int
    parent: int | None = None


class _Within(local):
    """What a thread is in: the call, by its index, and what it is still to be called back with."""

    index: int | None = None
    client: str = "main"
    back: tuple[tuple[str, Mapping[str, Any]], ...] = ()


class Run:
    """One subject, the steps taken so far, and the operations they gave.

    Each client talks to an instance of its own, made on its first call; all share one environment.
    """

    def __init__(self, target: Target, config: Any) -> None:
        self.target, self.config, self._current = target, config, config
        self.steps: list[Step] = []
        self.operations: list[Operation] = []
        self.answers: dict[int, Any] = {}
        self.clock = VirtualClock(START)
        self.environment = target.world.environment(self.clock)
        self._gate = target.world.gate
        self._subjects: dict[str, Any] = {}
        self._loops: dict[str, VirtualLoop] = {}
        self._waited = 0
        self._begun = self._position = 0
        self._held: tuple[_Begun, Task] | None = None
        self._within = _Within()
        self.hung = False
        target.servers_must_answer(again=False)
        self.subject("main")

    def subject(self, client: str) -> Any:
        """The instance that the client talks to."""
        if client not in self._subjects:
            environment = self.environment.behind_the_gate() if client == HELD else self.environment
            try:
                bound = getattr(self._current, "bound", None)
                given = bound(self) if bound else self._current, environment
                settle = partial(self._settled, client)
                subject = make(self.target.specification, self.target.factory, *given, settle)
            except CannotStart:
                self.target.servers_must_answer()  # else that is the reason
                raise
            self._subjects[client] = subject
        return self._subjects[client]

    def _settled(self, client: str, value: Any) -> Any:
        """The value, or what it gives if it is to be awaited, on the loop of that client."""
        if not isawaitable(value):
            return value
        if client not in self._loops:
            self._loops[client] = VirtualLoop(self.clock)
        return self._loops[client].complete(value)

    def advance(self, microseconds: int) -> None:
        """Move the clock; the next step of the trace says so."""
        if self.hung:
            return
        if microseconds:
            self._let_go()
        self._move(microseconds)
        self._waited += microseconds

    def _move(self, microseconds: int) -> None:
        """Whatever waits for a time on the way comes to it."""
        then = self.clock.now() + microseconds
        for loop in self._loops.values():
            if self.clock.now() < then:
                self._watched(lambda loop=loop: loop.advance(then - self.clock.now()))  # type: ignore[misc]
        self.clock.move(then - self.clock.now())

    def take(self, step: Step) -> Any:
        """Do what the step says, record it, and return the result; `NO_ANSWER` while it is held.

        A call that hangs ends the run: nothing is done after it.
        """
        if self.hung:
            return NO_ANSWER
        if self._held and (step.advance or self._waited or not step.name or step.client == HELD):
            self._let_go()
        self._move(step.advance)
        self.steps.append(replace(step, advance=step.advance + self._waited) if self._waited else step)
        self._waited = 0
        if not step.name:
            return None
        arguments = self._arguments(step)
        if arguments is None:
            # What it refers to did not come, so there is nothing to ask. Its place is kept, for others that refer.
            self.steps[-1] = replace(self.steps[-1], name="", args={})
            return None
        step = step if arguments is step.args else replace(step, args=arguments)
        if step.name == RESTART:
            return self._restart(step)
        self.subject(step.client)
        begun = self._begin(step)

        def call() -> Any:
            self._within.index, self._within.back, self._within.client = begun.index, step.back, step.client
            return self._asked(step)

        if step.hold and step.client == HELD:
            task = self._watched(lambda: self._gate.start(call, step.hold - 1))
            if self.hung or not task.is_alive():
                return self._record(begun, NO_ANSWER if self.hung else task.result)
            self._held = begun, task
            return NO_ANSWER
        if self._held:
            held = self._held[1]
            result = self._record(begun, self._watched(lambda: self._gate.beside(held, call)))
            self._let_go()
            return result
        return self._record(begun, self._watched(call))

    def _begin(self, step: Step, parent: int | None = None) -> _Begun:
        self._begun += 1
        return _Begun(step, len(self.steps) - 1, self._begun - 1, self.clock.now(), self._tick(), parent)

    def _asked(self, step: Step) -> Any:
        """What the subject answers."""
        try:
            method: Callable[..., Any] = getattr(self.subject(step.client), step.name)
            value = self._settled(step.client, method(**_own(step.args)))
            return answer(self.target.specification.operations[step.name], value)
        except Exception as error:
            return Raised.of(error)

    def called(self, name: str, **args: Any) -> None:
        """The subject called a collaborator; see `spec.environment.Collaborators`. It may be called back."""
        within = self._within.index
        plain = {key: value if type(value) in PLAIN else repr(value) for key, value in args.items()}
        begun = self._begin(Step(0, name, plain, SUBJECT), within)
        calls, self._within.back = self._within.back, ()
        try:
            for nested in calls:
                self._call_back(nested, begun.index)
        finally:
            self._within.index = within
            self._record(begun, None)

    def _call_back(self, call: tuple[str, Mapping[str, Any]], event: int) -> None:
        """A call that a collaborator makes; `NO_ANSWER` if it does not return."""
        begun = self._begin(Step(0, *call, self._within.client), event)
        self._within.index, result = begun.index, NO_ANSWER
        try:
            result = self._asked(begun.step)
        finally:
            self._record(begun, result)

    def _arguments(self, step: Step) -> Mapping[str, Any] | None:
        """The arguments with what they refer to; None if that is not there."""
        references = {name: value for name, value in step.args.items() if type(value) is Reference}
        if not references:
            return step.args
        found = {name: reference.find(self.answers) for name, reference in references.items()}
        return None if None in found.values() else {**step.args, **found}

    def _restart(self, step: Step) -> Any:
        """As if the process ended and another began."""
        begun = self._begin(step)
        self._close_subjects()
        self._subjects = {}
        changes = {name: value for name, value in step.args.items() if name != "durable"}
        self._current = replace(self._current, **changes)
        try:
            self.subject("main")
        except CannotStart as error:
            self.hung = True
            return self._record(begun, Raised.of(error.__cause__ or error))
        return self._record(begun, None)

    def _watched(self, call: Callable[[], Any]) -> Any:
        """What the call returns; `NO_ANSWER` if it does not, which ends the run."""
        try:
            return WATCH.call(call)
        except Hangs:
            self.hung = True
            return NO_ANSWER

    def _let_go(self) -> None:
        """Let the call that is held come to its end."""
        if self._held:
            (begun, task), self._held = self._held, None
            self._gate.release()
            if not self.hung:
                self._watched(task.join)
            self._record(begun, NO_ANSWER if task.is_alive() else task.result)

    def _record(self, begun: _Begun, result: Any) -> Any:
        step = begun.step
        operation = Operation(
            begun.index,
            step.name,
            step.args,
            begun.start,
            self.clock.now(),
            begun.began,
            self._tick(),
            result,
            step.client,
            begun.parent,
        )
        self.operations.insert(begun.index, operation)  # those that it caused were recorded before
        if begun.parent is None:
            self.answers[begun.number] = result
        if self.hung or (isinstance(result, Raised) and not result.is_a(ValueError, TypeError)):
            self.target.servers_must_answer()
        return result

    def _tick(self) -> int:
        self._position += 1
        return self._position - 1

    def trace(self) -> Trace:
        """What was done so far."""
        return Trace(self.config, tuple(self.steps))

    def history(self) -> History:
        """What happened so far. Nothing is held any more."""
        self._let_go()
        return History(self.config, tuple(self.operations))

    def close(self) -> None:
        """Let every subject that wants to be closed let go of what it holds."""
        self._let_go()
        self._close_subjects()

    def _close_subjects(self) -> None:
        for client, subject in self._subjects.items():
            if callable(close := getattr(subject, "close", None)):
                with suppress(Hangs):
                    WATCH.call(lambda client=client, close=close: self._settled(client, close()))  # type: ignore[misc]
        while self._loops:
            _, loop = self._loops.popitem()
            with suppress(Hangs):
                WATCH.call(loop.end)


def make(
    specification: Specification, factory: Factory, config: Any, environment: Any, settle: Callable[[Any], Any]
) -> Any:
    """A subject. A factory may be a coroutine function, or need a loop that runs.

    Raises:
        NotOffered: the factory raises NotImplementedError.
        CannotStart: it raises anything else, or what it returns lacks a method.
    """
    try:
        subject = WATCH.call(lambda: _made(lambda: factory(config, environment), settle))
    except Hangs as hangs:
        raise CannotStart(f"the factory does not return for {config}") from hangs
    except BackendMissing as absent:
        raise CannotStart(str(absent)) from absent
    except NotImplementedError as error:
        raise NotOffered(f"{error or config}") from error
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


def _made(factory: Callable[[], Any], settle: Callable[[Any], Any]) -> Any:
    try:
        made = factory()
    except RuntimeError as error:
        if "no running event loop" not in str(error):
            raise
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of coroutines that come to nothing now
            error.__traceback__ = None

        async def on_a_loop() -> Any:
            return factory()

        made = settle(on_a_loop())
    return settle(made)


def _own(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Arguments that the subject may keep and change, as far as they can be."""
    if not any(type(value) in (list, dict) for value in arguments.values()):
        return arguments
    return deepcopy(dict(arguments))
