"""A counterexample as people read it: the configuration, then one line for each call."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from spec.history import NO_ANSWER, History, Malformed, Operation
from spec.law import Violation
from spec.specification import Specification

WIDTH = 100
LONG = 24


def timeline(specification: Specification, history: History, violation: Violation | None) -> Iterator[str]:
    """The lines, without line ends. Calls that prove the violation are marked with `>`; times are in seconds.

    It ends with the last of those calls; without a violation it shows every call.
    """
    yield f"{history.config}"
    first = history.operations[0].start if history.operations else 0
    proof = set(violation.operations if violation else ())
    last = max(proof, default=-1) if violation else len(history.operations)
    clients = len({operation.client for operation in history.operations}) > 1
    begins = [operation.began for operation in history.operations]
    for operation in history.operations[: last + 1]:
        mark = ">" if operation.index in proof else " "
        who = f"{operation.client}: " if clients else ""
        call = f"{_seconds(operation.start - first):>10}  {who}{_call(specification, operation)}"
        overlapped = any(operation.began < begin < operation.ended for begin in begins)
        line = f"{mark} {call} {'-> (after the next)' if overlapped else '->'} {_result(operation)}"
        if violation is None or operation.index != last:
            yield line
        elif len(line) + len(violation.why) + 6 <= WIDTH:
            yield f"{line}      {violation.why}"
        else:
            yield line
            yield f"{'':14}{violation.why}"


def _call(specification: Specification, operation: Operation) -> str:
    """As it would be written, without what is the default anyway."""
    method = getattr(specification.interface, operation.name)
    given = []
    for name, parameter in list(inspect.signature(method).parameters.items())[1:]:
        if name not in operation.args:
            continue
        value = operation.args[name]
        if parameter.default is inspect.Parameter.empty:
            given.append(_value(value))
        elif value != parameter.default or type(value) is not type(parameter.default):
            given.append(f"{name}={_value(value)}")
    return f"{operation.name}({', '.join(given)})"


def _value(value: Any) -> str:
    if isinstance(value, str) and len(value) > LONG:
        return f"{value[:8]!r}...{value[-8:]!r} ({len(value)} characters)"
    return repr(value)


def _result(operation: Operation) -> str:
    result = operation.result
    if result is NO_ANSWER:
        return "no answer"
    if isinstance(result, Malformed):
        return without_addresses(result.text)
    return "done" if result is None else without_addresses(str(result))


def without_addresses(text: str) -> str:
    """The text without what differs from run to run."""
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def _seconds(microseconds: int) -> str:
    sign = "-" if microseconds < 0 else ""
    seconds, rest = divmod(abs(microseconds), 1_000_000)
    return f"{sign}{seconds}.{rest:06}"
