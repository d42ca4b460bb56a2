"""Tasks done by several processes at once, on the servers of this one.

Each worker has a pipe of its own and shares no lock with another, so none can be hurt by the end of another.
"""

import multiprocessing
import signal
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

from impls.backends import BackendMissing, Backends
from impls.embedded import end_with_parent

T = TypeVar("T")
R = TypeVar("R")

PATIENCE = 1.5
"""Seconds that workers have to leave the servers as they were, before they are killed."""


@dataclass(frozen=True)
class Died:
    """What comes of a task whose process died; `how` says how."""

    how: str


def in_order(
    do: Callable[[T, Backends], R], tasks: Sequence[T], backends: Backends, used: Collection[str], jobs: int
) -> Generator[R | Died, None, None]:
    """What comes of each task, in their order, as many of them at a time as there are jobs.

    do:   a function of a module; tasks and results must be fit to be sent between processes.
    used: the servers that the tasks need.
    """
    if jobs == 1 or len(tasks) == 1:
        for task in tasks:
            yield do(task, backends)
        return
    given = do, backends.obtained(sorted(used))
    workers: list[_Worker] = []
    busy: dict[Any, tuple[_Worker, int]] = {}
    waiting = iter(range(len(tasks)))
    finished: dict[int, R | Died] = {}

    def go_on(worker: _Worker | None) -> None:
        """Let it, or else a new one, begin the next task, if there is one."""
        if (number := next(waiting, None)) is not None:
            if worker is None:
                workers.append(worker := _Worker.start(given))
            with suppress(ConnectionError):  # it has died: its end of the pipe says so next
                worker.connection.send(tasks[number])
            busy[worker.connection] = worker, number

    try:
        for _ in range(min(jobs, len(tasks))):
            go_on(None)
        for number in range(len(tasks)):
            while number not in finished:
                for ready in wait(list(busy)):
                    worker, at = busy.pop(ready)
                    try:
                        finished[at] = worker.connection.recv()
                        go_on(worker)
                    except (EOFError, ConnectionError):
                        finished[at] = Died(worker.end())
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


def _work(connection: Connection, do: Callable[[T, Backends], R], obtained: dict[str, str | BackendMissing]) -> None:
    """In a new worker: do what the main process says until that has gone, and no longer, even if that was killed."""
    end_with_parent(signal.SIGTERM)
    main = multiprocessing.parent_process()
    if main is None or not main.is_alive():  # it ended before this could be asked for
        return
    backends = Backends.known(obtained)
    with suppress(EOFError, ConnectionError, KeyboardInterrupt):
        while True:
            task = connection.recv()
            idle = signal.signal(signal.SIGTERM, signal.default_int_handler)  # so the servers are left as they were
            done = do(task, backends)
            signal.signal(signal.SIGTERM, idle)
            connection.send(done)
