"""What is reported of libraries is so: every reproduction gives what its report says was seen."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from impls.backends import Backends
from tests.fences import blocks

ROOT = Path(__file__).parents[1]
REPORTS = sorted((ROOT / "reports" / "findings").glob("*.md"))


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_the_reproduction_gives_what_was_seen_and_not_what_is_expected(
    path: Path, tmp_path: Path, backends: Backends
) -> None:
    report = path.read_text()
    environment = {**os.environ, "REDIS_URL": backends.url("redis")} if "REDIS_URL" in report else None
    (program,), (expected, seen) = blocks(report, "python"), blocks(report, "text")
    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert ran.stderr == ""
    assert ran.stdout == seen != expected


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_report_is_of_the_version_that_is_pinned(path: Path) -> None:
    library, reported = re.findall(r"\*\*Library\*\*: (\S+) ([\d.]+\d)", path.read_text())[0]
    pinned = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["third-party"]
    assert f"{library}=={reported}" in pinned
    assert version(library) == reported


def test_reports_are_numbered_and_speak_of_no_lawful_in_their_reproductions() -> None:
    assert [path.name[:3] for path in REPORTS] == [f"{number:03}" for number in range(1, len(REPORTS) + 1)]
    for path in REPORTS:
        assert not re.search(r"\b(conformance|impls|spec|lawful)\b", blocks(path.read_text(), "python")[0])
