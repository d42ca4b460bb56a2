"""The servers that implementations stand on, and how one is obtained: a URL, else an embedded server or a container.

Embedded servers are real ones, out of wheels. They are started when first asked for, listen on a unix socket in a
temporary directory only, and are gone with it when `Backends` closes.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import redis
import sqlalchemy

from impls.containers import CannotStartContainer, first_line, start_container
from impls.embedded import start_postgres, start_valkey

NAMES = {"redis": "Redis", "postgres": "PostgreSQL"}
PATIENCE = 3
"""Seconds that a server may take to answer when it is asked whether it is there."""


class BackendMissing(Exception):
    """No such server can be had; the message says why, and names the ways to get one."""


@dataclass
class Backends:
    """The servers of one run. Use it as a context manager: what it started, it stops."""

    redis_url: str | None = None
    postgres_url: str | None = None
    containers: bool = False
    _started: dict[str, str | BackendMissing] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def from_environment(
        cls, redis_url: str | None = None, postgres_url: str | None = None, containers: bool = False
    ) -> Self:
        """With those URLs, or else LAWFUL_REDIS_URL and LAWFUL_POSTGRES_URL; for others containers, if so said."""
        return cls(
            redis_url or os.environ.get("LAWFUL_REDIS_URL") or None,
            postgres_url or os.environ.get("LAWFUL_POSTGRES_URL") or None,
            containers,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        self._started.clear()

    def given(self, backend: str) -> str | None:
        """The URL that was given for a backend."""
        return {"redis": self.redis_url, "postgres": self.postgres_url}[backend]

    def url(self, backend: str) -> str:
        """The URL of a server that answers; started if none was given.

        Raises:
            BackendMissing: there is none.
        """
        if backend not in self._started:
            try:
                self._started[backend] = self._obtain(backend)
            except BackendMissing as missing:
                self._started[backend] = missing
        found = self._started[backend]
        if isinstance(found, BackendMissing):
            raise found
        return found

    def must_answer(self, backend: str) -> None:
        """See that a server still answers whose URL was asked for.

        Raises:
            BackendMissing: it does not.
        """
        url = self.url(backend)
        try:
            PINGS[backend](url)
        except Exception as error:
            gone = f"{NAMES[backend]} at {_shown(url)} answers no more ({first_line(error)})"
            raise BackendMissing(f"{gone}; start it again, and the check") from error

    def obtained(self, backends: Iterable[str]) -> dict[str, str | BackendMissing]:
        """The URLs of those servers, all started by now, or why there is none: for another process to make `known`."""
        for backend in backends:
            with suppress(BackendMissing):
                self.url(backend)
        return {backend: self._started[backend] for backend in backends}

    @classmethod
    def known(cls, obtained: dict[str, str | BackendMissing]) -> Self:
        """Those that another process has `obtained`, and keeps running."""
        return cls(_started=dict(obtained))

    def _obtain(self, backend: str) -> str:
        name, ways = NAMES[backend], f"--{backend}-url or LAWFUL_{backend.upper()}_URL"
        given = self.given(backend)
        try:
            url = given or self._start(backend)
        except CannotStartContainer as error:
            raise BackendMissing(f"{error}, name a running {name} with {ways}, or leave out --containers") from error
        except Exception as error:
            raise BackendMissing(
                f"no embedded {name} could be started ({first_line(error)}); name a running one with {ways}"
            ) from error
        try:
            PINGS[backend](url)
        except Exception as error:
            shown = _shown(url)
            raise BackendMissing(
                f"{name} at {shown} does not answer ({first_line(error)}); start it, correct {ways},"
                " or leave them out for an embedded server"
            ) from error
        return url

    def _start(self, backend: str) -> str:
        if self.containers:
            return start_container(backend, self._stack, PINGS[backend])
        _remove_orphans()
        directory = Path(tempfile.mkdtemp(prefix=f"lawful-{backend}-{os.getpid()}-"))
        self._stack.callback(shutil.rmtree, directory, ignore_errors=True)
        return {"redis": start_valkey, "postgres": start_postgres}[backend](directory, self._stack)


def _remove_orphans() -> None:
    """Remove the directories of runs that were killed: their names say whose they were, and that process is gone."""
    for directory in Path(tempfile.gettempdir()).glob("lawful-*-*-*"):
        owner = directory.name.split("-")[2]
        if owner.isdigit() and not psutil.pid_exists(int(owner)) and directory.stat().st_uid == os.geteuid():
            shutil.rmtree(directory, ignore_errors=True)


def ping_redis(url: str) -> str:
    """The version of the server; raises what redis-py raises."""
    with redis_client(url) as client:
        info: Any = client.info("server")
    return f"Valkey {info['valkey_version']}" if "valkey_version" in info else f"Redis {info['redis_version']}"


def ping_postgres(url: str) -> str:
    """The version of the server; raises what SQLAlchemy raises."""
    with postgres_engine(url).connect() as connection:
        version = connection.execute(sqlalchemy.text("show server_version")).scalar_one()
    return f"PostgreSQL {version}"


def redis_client(url: str) -> redis.Redis:
    """A client that does not wait long for a server that may be gone."""
    return redis.Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)


def postgres_engine(url: str, **options: Any) -> sqlalchemy.Engine:
    """An engine that keeps no connection, and does not wait long for one to a server that may be gone."""
    soon = {"connect_timeout": PATIENCE}
    return sqlalchemy.create_engine(postgres_dialect(url), poolclass=sqlalchemy.NullPool, connect_args=soon, **options)


@lru_cache(maxsize=16)
def autocommit_engine(url: str) -> sqlalchemy.Engine:
    """An engine in AUTOCOMMIT, one for each URL."""
    return sqlalchemy.create_engine(postgres_dialect(url), isolation_level="AUTOCOMMIT")


PINGS = {"redis": ping_redis, "postgres": ping_postgres}


def postgres_dialect(url: str) -> sqlalchemy.URL:
    """The URL with the driver that is installed, where it names none."""
    parsed = sqlalchemy.make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed


def _shown(url: str) -> str:
    """The URL without its password."""
    try:
        return sqlalchemy.make_url(url).render_as_string()
    except sqlalchemy.exc.ArgumentError:
        return repr(url)
