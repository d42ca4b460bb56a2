"""The world that subjects live in under test: virtual time, seeded chance, names of their own on every server."""

import random
import uuid
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

import redis
import sqlalchemy

from conformance.gate import Gate
from impls.backends import NAMES, BackendMissing, Backends, postgres_dialect, postgres_engine, redis_client
from spec.environment import Clock

START = 1_700_000_000_000_000
"""Where virtual time begins: an ordinary date, in microseconds since the epoch."""


class VirtualClock:
    """A clock that moves only when it is told to."""

    def __init__(self, start: int = START) -> None:
        self._now = start

    def now(self) -> int:
        return self._now

    def sleep(self, microseconds: int) -> None:
        self._now += max(0, microseconds)

    def move(self, microseconds: int) -> None:
        """Step forward, or back where that is negative."""
        self._now += microseconds


@dataclass
class World:
    """Makes an environment for each example. As a context manager, it leaves every server as it found it.

    backends: where servers come from; None: there are none.
    prefix:   begins the namespace of every example.
    used:     the URLs of the servers that were asked for.
    gate:     where calls of clients are held that were given URLs behind it.
    """

    backends: Backends | None = None
    seed: int = 0
    prefix: str = field(default_factory=lambda: f"lawful-{uuid.uuid4().hex[:12]}")
    used: dict[str, str] = field(default_factory=dict)
    gate: Gate = field(default_factory=Gate)
    _gated: dict[str, str] = field(default_factory=dict)
    _gone: BackendMissing | None = None
    _made: int = 0
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gate.close()
        try:
            self._stack.close()
        except (redis.RedisError, sqlalchemy.exc.DBAPIError):
            with suppress(BackendMissing):  # from a server that has gone, nothing can be removed
                self.must_answer()
                raise
        self.used.clear()
        self._gated.clear()

    def environment(self, clock: VirtualClock) -> "TestEnvironment":
        """A new environment that shares nothing with those before but the servers."""
        self._made += 1
        return TestEnvironment(clock, random.Random(self.seed), f"{self.prefix}-{self._made}", self)

    def url(self, backend: str, *, gated: bool = False) -> str:
        """The URL of a server for this world; behind the gate if so desired.

        Raises:
            BackendMissing: there is none.
        """
        if gated:
            if backend not in self._gated:
                self._gated[backend] = self.gate.url(backend, self.url(backend))
            return self._gated[backend]
        if backend not in self.used:
            if self.backends is None:
                raise BackendMissing(f"there is no {backend} here")
            url = self.backends.url(backend)
            self.backends.must_answer(backend)
            self.used[backend] = self._own_schema(url) if backend == "postgres" else url
            if backend == "redis":
                self._stack.callback(_delete_keys, url, self.prefix)
        return self.used[backend]

    def must_answer(self, *, again: bool = True) -> None:
        """See that every server still answers that was asked for.

        again: whether to ask them; if not, it is known from the last time.

        Raises:
            BackendMissing: one does not, nor will be asked in this world again.
        """
        if again and self._gone is None:
            for backend in self.used:
                try:
                    if self.backends is not None:
                        self.backends.must_answer(backend)
                except BackendMissing as missing:
                    self._gone = missing
        if self._gone is not None:
            raise BackendMissing(str(self._gone))

    @property
    def servers(self) -> str:
        """The servers that were asked for; "" if none was."""
        return "+".join(name for name in NAMES if name in self.used)

    def holds(self) -> bool:
        """Whether calls to a server that was asked for can be held: not where the connection is encrypted."""
        return any(self.url(backend, gated=True) != url for backend, url in self.used.items())

    def _own_schema(self, url: str) -> str:
        parsed = postgres_dialect(url)
        engine = postgres_engine(url, isolation_level="AUTOCOMMIT")
        schema = self.prefix.replace("-", "_")

        def execute(statement: str) -> None:
            with engine.connect() as connection:
                connection.execute(sqlalchemy.text(statement))

        execute(f"create schema {schema}")
        self._stack.callback(execute, f"drop schema {schema} cascade")
        options = f"{parsed.query.get('options', '')} -csearch_path={schema}".strip()
        return parsed.update_query_dict({"options": options}).render_as_string(hide_password=False)


def _delete_keys(url: str, prefix: str) -> None:
    with redis_client(url) as client:
        for key in client.scan_iter(f"{prefix}-*", count=1000):
            client.delete(key)


@dataclass(frozen=True, slots=True)
class TestEnvironment:
    """An environment; see `spec.environment.Environment`."""

    __test__ = False

    clock: Clock
    random: random.Random
    namespace: str
    _world: World
    _gated: bool = False

    @property
    def redis_url(self) -> str:
        return self._world.url("redis", gated=self._gated)

    @property
    def postgres_url(self) -> str:
        return self._world.url("postgres", gated=self._gated)

    def behind_the_gate(self) -> "TestEnvironment":
        """The same environment for a client whose calls may be held."""
        return replace(self, _gated=True)
