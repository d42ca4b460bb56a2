"""Servers for the tests: those named in the environment, or else embedded ones; and the suite's own profile."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from conformance.cli import main
from conformance.environment import World
from impls.backends import Backends

settings.register_profile("lawful", deadline=None, print_blob=False)
settings.load_profile("lawful")


@pytest.fixture(scope="session")
def backends() -> Iterator[Backends]:
    with Backends.from_environment() as running:
        yield running


@pytest.fixture(scope="session")
def world(backends: Backends) -> Iterator[World]:
    with World(backends) as world:
        yield world


class Answer:
    """What the command printed, and its exit status."""

    def __init__(self, status: object, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def lawful(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    shutil.copy(Path(__file__).with_name("acme.py"), tmp_path)
    (tmp_path / "bad_module.py").write_text("1 / 0")
    (tmp_path / "imports.py").write_text("import no_such_library")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "acme", raising=False)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*args: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["lawful", *args])
        with pytest.raises(SystemExit) as stopped:
            main()
        captured = capsys.readouterr()
        return Answer(stopped.value.code, captured.out, captured.err)

    return run
