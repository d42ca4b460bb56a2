"""Checks of many implementations at once, each in a process of its own, on the servers of this one."""

import multiprocessing
import signal
import sys
from collections.abc import Generator, Sequence
from typing import Any

from conformance import session
from conformance.judge import Budget
from impls.backends import BackendMissing, Backends
from impls.registry import Implementation
from spec.specification import Specification

Asked = tuple[str | None, str | None, Sequence[str]]
"""What `session.select` is asked for. It is asked again in each process, as factories cannot be sent."""


def check_all(asked: Asked, budget: Budget, backends: Backends, jobs: int) -> Generator[session.Checked, None, None]:
    """Check what is selected, in that order, as many implementations at a time as there are jobs."""
    selected = session.select(*asked)
    if jobs == 1 or len(selected) == 1:
        for specification, implementation in selected:
            yield session.run(specification, implementation, budget, backends)
        return
    used = sorted({implementation.backend for _, implementation in selected} - {"memory"})
    given = asked, budget, backends.obtained(used)
    with multiprocessing.get_context("spawn").Pool(min(jobs, len(selected)), _begin, given) as pool:
        for number, outcome in enumerate(pool.imap(_check, range(len(selected)))):
            yield session.Checked(*selected[number], *outcome)


_given: tuple[list[tuple[Specification, Implementation]], Budget, Backends]


def _begin(asked: Asked, budget: Budget, obtained: dict[str, str | BackendMissing]) -> None:
    """In a new worker. It leaves Ctrl-C to the main process, which then stops it by SIGTERM."""
    global _given
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _given = session.select(*asked), budget, Backends.known(obtained)


def _check(number: int) -> Any:
    """A check that is stopped leaves the servers as they were. (Hypothesis takes SystemExit for a failing test.)"""
    selected, budget, backends = _given
    stopping = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        checked = session.run(*selected[number], budget, backends)
    except KeyboardInterrupt:
        sys.exit(1)
    finally:
        signal.signal(signal.SIGTERM, stopping)
    return checked.backend, checked.verdicts, checked.sightings, checked.variant
