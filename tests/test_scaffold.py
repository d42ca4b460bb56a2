"""`lawful new`: what it writes works as it is."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.scaffold import class_name
from spec.specification import Specification, specifications


@pytest.mark.parametrize("specification", specifications().values(), ids=lambda one: one.short)
def test_a_skeleton_keeps_every_law(specification: Specification, lawful: Any) -> None:
    directory = f"skeleton_{specification.name.replace('.', '_')}"
    lawful("new", specification.name, directory)
    module = f"{directory}.{specification.short}:{class_name(specification)}"
    answer = lawful("check", specification.name, module, "--profile", "quick")
    assert answer.status == 0, answer.out


@pytest.mark.parametrize("short", ["gcra", "offset"])
def test_its_test_passes(short: str, lawful: Any, tmp_path: Path) -> None:
    answer = lawful("new", short, str(tmp_path / "mine"))
    assert f"pytest {tmp_path}/mine/test_{short}.py" in answer.out
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{tmp_path}/mine/test_{short}.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    assert " passed" in ran.stdout


def test_lines_are_of_a_length_and_without_blanks_at_the_end(lawful: Any, tmp_path: Path) -> None:
    for specification in specifications().values():
        lawful("new", specification.name, str(tmp_path / "new"))
    for path in (tmp_path / "new").glob("*.py"):
        for line in path.read_text().splitlines():
            assert len(line) <= 120
            assert line == line.rstrip()


def test_nothing_is_overwritten(lawful: Any, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "test_gcra.py").write_text("mine")
    answer = lawful("new", "gcra", str(theirs))
    assert answer.status == 2
    assert "test_gcra.py is there already; name another directory, or remove it" in answer.err
    assert [path.name for path in theirs.iterdir()] == ["test_gcra.py"]


def test_a_block_is_no_specification(lawful: Any, tmp_path: Path) -> None:
    answer = lawful("new", "pagination", str(tmp_path))
    assert answer.status == 2
    assert "means pagination.offset, pagination.cursor, pagination.keyset: name one of them" in answer.err
