"""Workloads as classes for asv: `time_run`, and a `track_...` for each counter."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.workload import State, Workload
from benchmarks.workloads import WORKLOADS
from benchmarks.world import Servers, held

UNITS = {
    "round_trips": "round trips/operation",
    "wire_bytes": "bytes/operation",
    "statements": "statements/operation",
    "opcodes": "opcodes/operation",
    "allocated": "bytes",
    "rows_read": "rows or steps/page",
}


class Base:
    """The servers are started once for all benchmarks of a commit."""

    workload: Workload
    timeout = 120

    def setup_cache(self) -> Servers:
        return held(Path.cwd())


STATES: dict[tuple[str, str, int], State] = {}
"""Of this process: asv calls `setup` anew for every sample, and a table is not to be filled each time."""


def _setup(self: Any, servers: Servers, name: str, size: int) -> None:
    which = self.workload.name, name, size
    if which not in STATES:
        STATES[which] = self.workload.make(name, size, servers)
        self.workload.run(STATES[which])  # once, so that connections are made and scripts known
    self.state = STATES[which]


def _time_run(self: Any, servers: Servers, name: str, size: int) -> None:
    self.workload.run(self.state)


def classes(block: str) -> Mapping[str, type]:
    """By name: what is timed in that block, and what is counted."""
    found: dict[str, type] = {}
    for one in WORKLOADS.values():
        if one.block == block:
            common: dict[str, Any] = {
                "workload": one,
                "params": (list(one.implementations), list(one.sizes)),
                "param_names": ["implementation", one.size],
                "__module__": f"benchmarks.{block}",
            }
            timed = {"setup": _setup, "time_run": _time_run, "version": str(one.version)}
            timed["pretty_name"] = f"{one.name}: {one.operations} operations"
            name = "".join(part.capitalize() for part in one.short.split("_"))
            found[name] = type(name, (Base,), {**common, **timed, "number": 1, "rounds": 2, "repeat": (3, 6, 0.5)})
            if one.counters:
                found[f"{name}Counts"] = type(f"{name}Counts", (Base,), {**common, **_tracks(one)})
    return found


def _tracks(one: Workload) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for counter, count in one.counters.items():

        def track(self: Any, servers: Servers, name: str, size: int, count: Any = count) -> float:
            try:
                return float(count(self.workload, name, size, servers))
            except NotImplementedError:
                return float("nan")

        track.unit = UNITS[counter]  # type: ignore[attr-defined]
        track.version = str(one.version)  # type: ignore[attr-defined]
        made[f"track_{counter}"] = track
    return made
