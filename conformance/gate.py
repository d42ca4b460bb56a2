"""A gate between a client and its servers, at which a call is held between two of its round trips.

So two calls overlap just where they are meant to, without sleeping or luck, and again when a trace is played again.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread
from typing import Any

import redis
from sqlalchemy import URL, make_url

PATIENCE = 0.5
"""For how many seconds a call may wait for one that is held, before that is let go: it may hold a lock."""


class Task(Thread):
    """A call in a thread of its own. `result` is there once it is done."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self.result: Any = None

    def run(self) -> None:
        self.result = self._call()


class Gate:
    """Passes bytes on in both directions, and counts the round trips of the task that it may hold."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._left: int | None = None  # round trips until the task is held; None: nothing is to be held
        self._holding = False
        self._listeners: list[socket.socket] = []

    def start(self, call: Callable[[], Any], trips: int) -> Task:
        """Start a call, and return once it is done, or is about to begin a round trip after that many."""
        self._left, self._holding = trips, False

        def watched() -> Any:
            try:
                return call()
            finally:
                self.release()

        task = Task(watched)
        task.start()
        with self._changed:
            self._changed.wait_for(lambda: self._holding or self._left is None)
        if not self._holding:
            task.join()
        return task

    def release(self) -> None:
        """Let go what is held."""
        with self._changed:
            self._left = None
            self._changed.notify_all()

    def beside(self, held: Task, call: Callable[[], Any]) -> Any:
        """The result of a second call while the first is held, which then is let go, and done."""
        second = Task(call)
        second.start()
        second.join(PATIENCE)
        self.release()
        held.join()
        second.join()
        return second.result

    def url(self, backend: str, url: str) -> str:
        """The URL of that server behind the gate; the same URL for an encrypted connection, which lets nothing by."""
        way = {"redis": _redis, "postgres": _postgres}[backend](url)
        if way is None:
            return url
        address, rewritten = way
        listener = socket.create_server(("127.0.0.1", 0))
        self._listeners.append(listener)
        Thread(target=self._serve, args=(listener, address), daemon=True).start()
        return rewritten(listener.getsockname()[1])

    def close(self) -> None:
        """Let no one in any more."""
        self.release()
        for listener in self._listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _serve(self, listener: socket.socket, address: Any) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                _Passage(self, client, _connect(address))
            except OSError:
                client.close()

    def pass_request(self) -> None:
        """Called when a client begins a round trip."""
        with self._changed:
            if self._left is None:
                return
            self._left -= 1
            if self._left < 0:
                self._holding = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._left is None)


class _Passage:
    """One connection. A round trip begins when the client speaks for the first time after the server has spoken."""

    def __init__(self, gate: Gate, client: socket.socket, server: socket.socket) -> None:
        self._gate = gate
        self._answered = True
        for source, sink, each in ((client, server, self._request), (server, client, self._answer)):
            Thread(target=self._pump, args=(source, sink, each), daemon=True).start()

    def _request(self) -> None:
        if self._answered:
            self._answered = False
            self._gate.pass_request()

    def _answer(self) -> None:
        self._answered = True

    def _pump(self, source: socket.socket, sink: socket.socket, each: Callable[[], None]) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                each()
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _connect(address: Any) -> socket.socket:
    """address: of a unix socket, or (host, port)."""
    if not isinstance(address, str):
        return socket.create_connection(address)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    return connection


Way = tuple[Any, Callable[[int], str]]


def _redis(url: str) -> Way | None:
    """Where that URL leads, and what leads there by a port of this machine."""
    if url.startswith("rediss:"):
        return None
    given: dict[str, Any] = redis.ConnectionPool.from_url(url).connection_kwargs
    address = given.get("path") or (given.get("host", "localhost"), given.get("port", 6379))
    name, password, database = given.get("username"), given.get("password"), str(given.get("db", 0))

    def rewritten(port: int) -> str:
        gate = URL.create("redis", name, password, "127.0.0.1", port, database)
        return gate.render_as_string(hide_password=False)

    return address, rewritten


def _postgres(url: str) -> Way | None:
    given = make_url(url)
    if given.query.get("sslmode", "prefer") not in ("disable", "allow", "prefer"):
        return None
    host = given.query.get("host") or given.host or "localhost"
    port = int(str(given.query.get("port") or given.port or 5432))
    if isinstance(host, tuple):
        return None
    address = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)

    def rewritten(port: int) -> str:
        gate = given.difference_update_query(["host", "port"]).set(host="127.0.0.1", port=port)
        return gate.render_as_string(hide_password=False)

    return address, rewritten
