"""What no noise disturbs: round trips and bytes on the way to a server, and SQL statements."""

import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any


@dataclass
class Traffic:
    """What went over a wire. A round trip is a change of direction: however much goes at once, it is one."""

    round_trips: int = 0
    sent: int = 0


class Wire:
    """A unix socket that passes everything on to another, and counts. One client at a time."""

    def __init__(self, target: str) -> None:
        self.traffic = Traffic()
        self._target, self._sending = target, False
        self._directory = tempfile.TemporaryDirectory(prefix="lawful-bench-")
        self.path = str(Path(self._directory.name) / "wire")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept nobody any more."""
        self._listener.close()
        self._directory.cleanup()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._target)
                Thread(target=self._pass, args=(client, server, self._out), daemon=True).start()
                Thread(target=self._pass, args=(server, client, self._back), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, count: Callable[[int], None]) -> None:
        with suppress(OSError), source, target:
            while data := source.recv(65536):
                count(len(data))
                target.sendall(data)

    def _out(self, size: int) -> None:
        self.traffic.round_trips += not self._sending
        self._sending = True
        self.traffic.sent += size

    def _back(self, size: int) -> None:
        self._sending = False


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements that SQLAlchemy sends meanwhile."""
    from sqlalchemy import Engine, event

    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
