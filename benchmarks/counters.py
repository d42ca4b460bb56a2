"""Noise-free figures of one operation of a workload. Where one cannot be taken, NotImplementedError says so."""

import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchmarks import counting
from benchmarks.world import Servers, Ticking

if TYPE_CHECKING:
    from benchmarks.workload import State, Workload

WARM = 5
"""Operations before counting: connections are made, scripts loaded, statements prepared."""

COUNTED = 20


@contextmanager
def _warm(workload: "Workload", name: str, size: int, servers: Servers) -> Iterator["State"]:
    state = workload.make(name, size, replace(servers, clock=Ticking()))
    try:
        for number in range(WARM):
            state.call(number)
        yield state
    finally:
        state.close()


def _counted(state: "State") -> None:
    for number in range(COUNTED):
        state.call(number)


def _traffic(workload: "Workload", name: str, size: int, servers: Servers) -> counting.Traffic:
    if "redis" not in name:
        raise NotImplementedError("only the way to Redis is watched")
    wire = counting.Wire(servers.redis.removeprefix("unix://"))
    try:
        with _warm(workload, name, size, replace(servers, redis=f"unix://{wire.path}")) as state:
            before = replace(wire.traffic)
            _counted(state)
            return counting.Traffic(wire.traffic.round_trips - before.round_trips, wire.traffic.sent - before.sent)
    finally:
        wire.close()


def round_trips(workload: "Workload", name: str, size: int, servers: Servers) -> float:
    """To Redis."""
    return _traffic(workload, name, size, servers).round_trips / COUNTED


def wire_bytes(workload: "Workload", name: str, size: int, servers: Servers) -> float:
    """Sent to Redis by ours; what others send, and what comes back, depends on how many digits a time has."""
    if name != "redis":
        raise NotImplementedError("it depends on the digits of a time")
    return _traffic(workload, name, size, servers).sent / COUNTED


def statements(workload: "Workload", name: str, size: int, servers: Servers) -> float:
    """Of SQL, by SQLAlchemy."""
    if name not in ("postgres", "sqlite", "sqlakeyset"):
        raise NotImplementedError("it speaks no SQL")
    with _warm(workload, name, size, servers) as state, counting.statements() as seen:
        _counted(state)
        return len(seen) / COUNTED


def opcodes(workload: "Workload", name: str, size: int, servers: Servers) -> float:
    """Of Python's virtual machine, without what is done in C."""
    if not name.startswith("memory"):
        raise NotImplementedError("how often a client looks for an answer is chance, and what the time is for peers")
    with _warm(workload, name, size, servers) as state:
        return traced(lambda: _counted(state)) / COUNTED


def traced(call: Callable[[], object]) -> int:
    """How many instructions of Python's virtual machine it takes."""
    seen = 0

    def trace(frame: Any, event: str, argument: object) -> Any:
        nonlocal seen
        frame.f_trace_opcodes = True
        seen += event == "opcode"
        return trace

    before, collects = sys.gettrace(), gc.isenabled()
    gc.disable()  # others may be called back when it collects
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
        if collects:
            gc.enable()
    return seen


def allocated(workload: "Workload", name: str, size: int, servers: Servers) -> float:
    """The most bytes of memory that one operation holds at a time."""
    if name != "memory":
        raise NotImplementedError("how much a client reads at once is chance, and what the time is for peers")
    with _warm(workload, name, size, servers) as state:
        tracemalloc.start()
        try:
            state.call(0)
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            state.call(1)
            return tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()


def rows_read(workload: "Workload", name: str, size: int, servers: Servers) -> float:
    """For one page, by the scans of PostgreSQL's plan, or the steps of SQLite's virtual machine."""
    if name not in ("postgres", "sqlite"):
        raise NotImplementedError("it has no plan to look at")
    from benchmarks import pagination_depth
    from benchmarks.workloads import PAGE, paginator
    from impls.pagination.sql import key_of
    from impls.pagination.tokens import Place

    made, query = paginator(workload.short, name, servers)
    if workload.short == "offset":
        statement = made.statement(query, PAGE, size, count=False)
    else:
        place = Place(1, key_of(query, pagination_depth.row(size - 1)))
        statement = made.statement(query, PAGE, place)
    count = pagination_depth.rows_read if name == "postgres" else pagination_depth.steps
    return float(count(made.engine, statement))
