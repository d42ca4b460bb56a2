"""A counterexample as a short program: for maintainers of what was checked, who need nothing of ours to run it."""

import dataclasses
import inspect
import json
import math
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from conformance.environment import START
from conformance.references import Reference
from conformance.trace import RESTART, Trace
from impls.registry import Implementation
from spec.encoding import COLLABORATOR
from spec.history import History, Raised
from spec.law import Violation

HASHABLE = ("", 'Box = type("Box", (Box,), {"__hash__": lambda self: hash(str(self))})')
CLOCK = f'clock = Box(time={START}, now=lambda: clock.time, sleep=lambda us: setattr(clock, "time", clock.time + us))'


def script(
    implementation: Implementation, backend: str, trace: Trace, history: History, violation: Violation, seed: int
) -> list[str]:
    """The lines of a program that makes the calls and prints the answers, and what listeners are told; none where calls
    overlap, as the program could not hold one at the right place, or where listeners call back."""
    if any(step.hold or step.back for step in trace.steps):
        return []
    module, name = _place(implementation)
    namespace = '"lawful"' if backend == "memory" else 'f"lawful-{time.time_ns()}"'
    given = [f"clock=clock, random=Random({seed}), namespace={namespace}"]
    given += [f'{s}_url=os.environ["LAWFUL_{s.upper()}_URL"]' for s in ("redis", "postgres") if s in backend]
    clients = dict.fromkeys(["main", *(step.client for step in trace.steps)])
    waits = _waits(implementation, trace)
    begin = ("await " * waits.making) + f"{name}(config, env)"
    calls = [f"config = {_expression(trace.config)}", *(f"{client} = {begin}" for client in clients)]
    calls += _calls(trace, history, violation, begin, clients, "await " * waits.calling)
    if any(waits):
        calls = ["", "async def run():", *(f"    {line}" for line in calls), "", "asyncio.run(run())"]
    imported = [
        f"from {place} import {kind}" if f"{kind}(" in "".join(calls) else ""
        for place, kind in (("decimal", "Decimal"), ("uuid", "UUID"))
    ]
    return [
        *(["import asyncio"] if any(waits) else []),
        *(["import os", "import time"] if backend != "memory" else []),
        *(["import datetime"] if "datetime.datetime(" in "".join(calls) else []),
        *filter(None, imported),
        "from random import Random",
        "from types import SimpleNamespace as Box",
        f"from {module} import {name.partition('.')[0]}",
        *(HASHABLE if any("=Box(" in call or ", Box(" in call for call in calls) else ()),
        "",
        CLOCK,
        f"env = Box({', '.join(given)})",
        *calls,
    ]


class _Waits(NamedTuple):
    """Which of the two are coroutines."""

    making: bool
    calling: bool


def _waits(implementation: Implementation, trace: Trace) -> _Waits:
    factory: Any = implementation.factory
    making = inspect.iscoroutinefunction(factory)
    made = factory if inspect.isclass(factory) else getattr(factory, "__annotations__", {}).get("return")
    calling = any(inspect.iscoroutinefunction(getattr(made, step.name, None)) for step in trace.steps if step.name)
    return _Waits(making, calling)


def _calls(
    trace: Trace, history: History, violation: Violation, begin: str, clients: Collection[str], wait: str
) -> Iterator[str]:
    """begin, clients: how the factory is called, and the names of what it makes."""
    operations = (one for one in history.operations if one.parent is None)
    last = max(violation.operations, default=-1)
    referred = {value.step for step in trace.steps for value in step.args.values() if isinstance(value, Reference)}
    config = trace.config
    for number, step in enumerate(trace.steps):
        if step.advance:
            yield f"clock.time += {step.advance}"
        if not step.name:
            continue
        operation = next(operations)
        if step.name == RESTART:
            config = dataclasses.replace(config, **{k: v for k, v in step.args.items() if k != "durable"})
            yield f"config = {_expression(config)}"
            yield from (f"{client} = {begin}" for client in clients)
            continue
        given = ", ".join(f"{name}={_argument(value, operation.args[name])}" for name, value in step.args.items())
        call = f"{wait}{step.client}.{step.name}({given})"
        if number in referred:
            yield f"answer_{number} = {call}"
            call = f"answer_{number}"
        call = f"print({call})"
        if operation.index == last:
            yield f"{call}  # {violation.why}"
        elif isinstance(operation.result, Raised):
            yield from ("try:", f"    {call}", "except Exception as error:", "    print(repr(error))")
        else:
            yield call


def _place(implementation: Implementation) -> tuple[str, str]:
    """The module and the name that the factory is imported by."""
    if ":" in implementation.name:
        module, _, name = implementation.name.partition(":")
        return module, name
    factory: Any = implementation.factory
    return factory.__module__, factory.__qualname__


def _argument(value: Any, actual: Any) -> str:
    """Python for an argument; what was altered is written out."""
    if not isinstance(value, Reference):
        return _expression(value)
    return _expression(actual) if value.altered else f"answer_{value.step}.{value.part}"


def _expression(value: Any) -> str:
    """Python for a value; for a configuration or a record, for something with the same attributes."""
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        more = {name: member for name, member in vars(type(value)).items() if not name.startswith("_")}
        names += [name for name, member in more.items() if isinstance(member, property | str)]
        listeners = {field.name for field in dataclasses.fields(value) if field.metadata == COLLABORATOR}
        told = [f'{name}=lambda *told: print("{name}", *told)' for name in names if name in listeners]
        plain = [f"{name}={_expression(getattr(value, name))}" for name in names if name not in listeners]
        return f"Box({', '.join([*plain, *told])})"
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({json.dumps(str(value))})"
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return f"Box({', '.join(f'{name}={_expression(part)}' for name, part in value._asdict().items())})"
    if type(value) is tuple:
        return f"({''.join(f'{_expression(item)}, ' for item in value).strip()})"
    if isinstance(value, list):
        return f"[{', '.join(map(_expression, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_expression(key)}: {_expression(item)}' for key, item in value.items())}}}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) and value.isprintable() else repr(value)
