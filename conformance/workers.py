"""Checks of many implementations at once, each in a process of its own, on the servers of this one.

Each worker has a pipe of its own and shares no lock with another, so none can be hurt by the end of another.
"""

import multiprocessing
import signal
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from conformance import session
from conformance.judge import Budget
from impls.backends import BackendMissing, Backends

Asked = tuple[str | None, str | None, Sequence[str]]
"""What `session.select` is asked for. It is asked again in each process, as factories cannot be sent."""

PATIENCE = 1.5
"""Seconds that workers have to leave the servers as they were, before they are killed."""


def check_all(asked: Asked, budget: Budget, backends: Backends, jobs: int) -> Generator[session.Checked, None, None]:
    """Check what is selected, in that order, as many implementations at a time as there are jobs."""
    selected = session.select(*asked)
    if jobs == 1 or len(selected) == 1:
        for specification, implementation in selected:
            yield session.run(specification, implementation, budget, backends)
        return
    used = sorted({implementation.backend for _, implementation in selected} - {"memory"})
    given = asked, budget, backends.obtained(used)
    workers: list[_Worker] = []
    busy: dict[Any, tuple[_Worker, int]] = {}
    waiting = iter(range(len(selected)))
    finished: dict[int, session.Checked] = {}

    def go_on(worker: _Worker | None) -> None:
        """Let it, or else a new one, begin the next check, if there is one."""
        if (number := next(waiting, None)) is not None:
            if worker is None:
                workers.append(worker := _Worker.start(given))
            with suppress(ConnectionError):  # it has died: its end of the pipe says so next
                worker.connection.send(number)
            busy[worker.connection] = worker, number

    try:
        for _ in range(min(jobs, len(selected))):
            go_on(None)
        for number in range(len(selected)):
            while number not in finished:
                for ready in wait(list(busy)):
                    worker, at = busy.pop(ready)
                    try:
                        finished[at] = session.Checked(*selected[at], *worker.connection.recv())
                        go_on(worker)
                    except (EOFError, ConnectionError):
                        finished[at] = session.not_run(*selected[at], f"its process died ({worker.end()})")
                        go_on(None)
            yield finished.pop(number)
    finally:
        _stop(workers)


@dataclass(frozen=True)
class _Worker:
    process: SpawnProcess
    connection: Connection

    @classmethod
    def start(cls, given: Any) -> "_Worker":
        """A new one. It never sees Ctrl-C: that is left to the main process, which stops it."""
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=_work, args=(there, *given), daemon=True)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        there.close()
        return cls(process, here)

    def end(self) -> str:
        """How it died."""
        self.process.join()
        status = self.process.exitcode or 0
        return f"exit status {status}" if status >= 0 else signal.strsignal(-status) or f"signal {-status}"


def _stop(workers: list[_Worker]) -> None:
    for worker in workers:
        worker.process.terminate()
    deadline = time.monotonic() + PATIENCE
    for worker in workers:
        worker.process.join(max(0.0, deadline - time.monotonic()))
        worker.process.kill()
        worker.process.join()
        worker.connection.close()


def _work(connection: Connection, asked: Asked, budget: Budget, obtained: dict[str, str | BackendMissing]) -> None:
    """In a new worker: check what the main process says until that has gone."""
    selected, backends = session.select(*asked), Backends.known(obtained)
    with suppress(EOFError, ConnectionError, KeyboardInterrupt):
        while True:
            specification, implementation = selected[connection.recv()]
            idle = signal.signal(signal.SIGTERM, signal.default_int_handler)  # so the servers are left as they were
            checked = session.run(specification, implementation, budget, backends)
            signal.signal(signal.SIGTERM, idle)
            connection.send((checked.backend, checked.verdicts, checked.sightings, checked.variant))
