"""A counterexample as people read it: the configuration, then one line for each call."""

import dataclasses
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from spec.history import NO_ANSWER, History, Malformed, Operation
from spec.law import Violation
from spec.specification import Specification

WIDTH = 100
LONG = 24
MOST = 100
"""Of more calls only the first and the last are shown, and those that prove something, if they are not as many."""


def timeline(specification: Specification, history: History, violation: Violation | None) -> Iterator[str]:
    """The lines, without line ends. Calls that prove the violation are marked with `>`; times, where they are
    of account, are in seconds.

    It ends with the last of those calls; without a violation it shows every call, but for those in the middle of many.
    """
    yield f"{history.config}"
    last = max(violation.operations, default=-1) if violation else len(history.operations) - 1
    shown = history.operations[: last + 1]
    first = shown[0].start if shown else 0
    proof = set(violation.operations if violation else ())
    called = [operation for operation in shown if operation.parent is None]
    clients = len({operation.client for operation in called}) > 1
    begins = [operation.began for operation in called]
    parents = {operation.index: operation.parent for operation in shown}
    known = _answered(shown)
    kept, left_out = _kept(shown, proof), 0
    for operation in shown:
        if operation.index not in kept:
            left_out += 1
            continue
        if left_out:
            yield f"  ... {left_out} calls more ..."
            left_out = 0
        mark = ">" if operation.index in proof else " "
        when = f"{_seconds(operation.start - first):>10}  " if specification.timed else ""
        who = f"{operation.client}: " if clients else ""
        if operation.parent is not None:
            when, who = " " * len(when) + "  " * _depth(parents, operation.index), ""
        call = f"{when}{who}{_call(specification, operation, known)}"
        overlapped = any(operation.began < begin < operation.ended for begin in begins)
        told = operation.name not in specification.operations and operation.result is None
        answer = "" if told else f" {'-> (after the next)' if overlapped else '->'} {_result(specification, operation)}"
        line = f"{mark} {call}{answer}"
        if violation is None or operation is not shown[-1]:
            yield line
        elif len(line) + len(violation.why) + 6 <= WIDTH:
            yield f"{line}      {violation.why}"
        else:
            yield line
            yield f"{'':14}{violation.why}"


def _kept(shown: Sequence[Operation], proof: set[int]) -> set[int]:
    """The indexes of the operations that there is room for."""
    if len(shown) <= MOST:
        return {operation.index for operation in shown}
    ends = [*shown[: MOST // 4], *shown[-MOST // 4 :]]
    return {operation.index for operation in ends} | (proof if len(proof) <= MOST // 2 else set())


def _answered(operations: Sequence[Operation]) -> dict[str, tuple[int, str]]:
    """Texts that are part of an answer, each with the first call that it answered, and the name of the part."""
    found: dict[str, tuple[int, str]] = {}
    for operation in operations:
        for name in getattr(operation.result, "_fields", ()):
            part = getattr(operation.result, name)
            if isinstance(part, str):
                found.setdefault(part, (operation.index, name))
    return found


def _call(specification: Specification, operation: Operation, known: Mapping[str, tuple[int, str]]) -> str:
    """As it would be written, without what is the default anyway.

    known: texts by where they come from.
    """
    method = getattr(specification.interface, operation.name, None)
    given = []
    parameters = inspect.signature(method).parameters if method else {}
    for name, value in operation.args.items():
        default = parameters[name].default if method else None
        source = known.get(value) if isinstance(value, str) and len(value) > LONG else None
        if source and source[0] < operation.index:
            given.append(f"{name}={source[1]} of call {source[0] + 1}")
        elif method and default is inspect.Parameter.empty:
            given.append(_value(value))
        elif value != default or type(value) is not type(default):
            given.append(f"{name}={_value(value)}")
    return f"{operation.name}({', '.join(given)})"


def _value(value: Any) -> str:
    if isinstance(value, str) and len(value) > LONG:
        return f"{value[:8]!r}...{value[-8:]!r} ({len(value)} characters)"
    if isinstance(value, list) and value and all(map(dataclasses.is_dataclass, value)):
        return "; ".join(map(str, value))
    return str(value) if dataclasses.is_dataclass(value) else repr(value)


def _depth(parents: Mapping[int, int | None], index: int) -> int:
    """How many calls caused it."""
    parent = parents[index]
    return 0 if parent is None else 1 + _depth(parents, parent)


def _result(specification: Specification, operation: Operation) -> str:
    result = operation.result
    if result is NO_ANSWER:
        return "no answer"
    if isinstance(result, Malformed):
        return without_addresses(result.text)
    if result is None:
        return "None" if specification.operations.get(operation.name) else "done"
    return without_addresses(str(result))


def without_addresses(text: str) -> str:
    """The text without what differs from run to run."""
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def _seconds(microseconds: int) -> str:
    sign = "-" if microseconds < 0 else ""
    seconds, rest = divmod(abs(microseconds), 1_000_000)
    return f"{sign}{seconds}.{rest:06}"
