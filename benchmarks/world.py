"""The world that benchmarks run in: the machine's clock, and servers that are started once for all of them.

    python benchmarks/world.py DIRECTORY PID     holds servers until that directory or that process is gone

The holder is a process of its own, as asv has no place to stop what `setup_cache` started.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds that the servers may take to start."""


@dataclass(frozen=True)
class Servers:
    """Their URLs; and the clock that implementations are given, if not the machine's."""

    redis: str
    postgres: str
    clock: Any = None


class Ticking:
    """A clock that is a microsecond later whenever it is read."""

    def __init__(self) -> None:
        self.time = 1_700_000_000_000_000

    def now(self) -> int:
        self.time += 1
        return self.time

    def sleep(self, microseconds: int) -> None:
        self.time += max(0, microseconds)


@dataclass
class Environment:
    """What an implementation is given; see `spec.environment.Environment`."""

    servers: Servers
    namespace: str = field(default_factory=lambda: f"bench-{uuid.uuid4().hex[:12]}")
    random: Any = field(default_factory=lambda: random.Random(0))

    @property
    def clock(self) -> Any:
        from impls.clock import SystemClock

        return self.servers.clock or SystemClock()

    @property
    def redis_url(self) -> str:
        return self.servers.redis

    @property
    def postgres_url(self) -> str:
        return self.servers.postgres


def held(directory: Path) -> Servers:
    """Servers that run until that directory, or the parent of this process, is gone."""
    command = [sys.executable, __file__, str(directory), str(os.getppid())]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.Popen(command, start_new_session=True, **quiet)  # type: ignore[call-overload]
    told = directory / "servers.json"
    deadline = time.monotonic() + PATIENCE
    while not told.exists():
        if time.monotonic() > deadline:
            raise RuntimeError("the servers did not start; `lawful backends` says which there are")
        time.sleep(0.02)
    return Servers(**json.loads(told.read_text()))


def started(stack: ExitStack) -> Servers:
    """Servers that run until the stack is closed."""
    from impls.embedded import start_postgres, start_valkey

    directories = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lawful-bench-"))) for _ in range(2)]
    return Servers(start_valkey(directories[0], stack), start_postgres(directories[1], stack))


def hold(directory: Path, pid: int) -> None:
    """Until one of them is gone."""
    with ExitStack() as stack:
        (directory / "next.json").write_text(json.dumps(asdict(started(stack))))
        (directory / "next.json").rename(directory / "servers.json")
        while directory.is_dir() and _lives(pid):
            time.sleep(0.25)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


if __name__ == "__main__":
    hold(Path(sys.argv[1]), int(sys.argv[2]))
