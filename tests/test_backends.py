"""Embedded servers: started on demand, stopped with all they made, whatever happens."""

import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from impls import embedded
from impls.backends import BackendMissing, Backends, ping_postgres, ping_redis

PRINT_AND_WAIT = """
import sys
from impls.backends import Backends
with Backends() as backends:
    print(backends.url(sys.argv[1]), flush=True)
    input()
"""


def test_a_url_that_was_given_comes_before_an_embedded_server(
    backends: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAWFUL_REDIS_URL", "redis://from-environment")
    assert Backends.from_environment().given("redis") == "redis://from-environment"
    assert Backends.from_environment(redis_url="redis://given").given("redis") == "redis://given"
    assert Backends(redis_url=backends.url("redis")).url("redis") == backends.url("redis")


def test_the_servers_say_what_they_are(backends: Backends) -> None:
    assert ping_redis(backends.url("redis")).startswith("Valkey ")
    assert ping_postgres(backends.url("postgres")).startswith("PostgreSQL ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_root_runs_postgres_also_from_where_only_root_may_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    reachable = embedded._reachable_by_others
    monkeypatch.setattr(embedded, "_reachable_by_others", lambda path: path.name != "bin" and reachable(path))
    with Backends() as backends:
        assert ping_postgres(backends.url("postgres")).startswith("PostgreSQL ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_a_temporary_directory_that_only_root_may_enter_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Backends() as backends, pytest.raises(BackendMissing, match="set TMPDIR to a directory like /tmp"):
        backends.url("postgres")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the signal at a parent's death is Linux's")
@pytest.mark.parametrize("backend", ["redis", "postgres"])
def test_a_killed_process_leaves_no_server_behind_and_the_next_run_removes_the_rest(backend: str) -> None:
    command = [sys.executable, "-c", PRINT_AND_WAIT, backend]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        servers = [os.pidfd_open(int(child)) for child in children]
        parent.send_signal(signal.SIGKILL)
    assert servers
    for server in servers:
        ended, _, _ = select.select([server], [], [], 20)  # readable once the process has ended
        os.close(server)
        assert ended
    left = f"lawful-{backend}-{parent.pid}-*"
    assert list(Path(tempfile.gettempdir()).glob(left))
    with Backends() as backends:
        backends.url("redis")
    assert not list(Path(tempfile.gettempdir()).glob(left))
