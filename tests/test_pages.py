"""Every file, edit and command on the pages for readers works as the page says, from the top to the bottom."""

import os
import re
import shutil
import subprocess
import sys
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.glob("*.md"))
STEP = re.compile(r"^<!-- (file|more|edit|run)(?:: (\S+))? -->\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    told = page.read_text("utf-8")
    if "<!-- in a clone -->" in told:
        for name in ("spec", "impls", "conformance"):
            shutil.copytree(DOCS.parent / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for kind, name, text in STEP.findall(told):
        path = tmp_path / name
        if kind == "file":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        elif kind == "more":
            path.write_text(path.read_text("utf-8") + text, "utf-8")
        elif kind == "edit":
            path.write_text(edited(path.read_text("utf-8"), text), "utf-8")
        elif kind == "run":
            for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
                printed = run(command, tmp_path)
                assert OutputChecker().check_output(expected, printed, ELLIPSIS | NORMALIZE_WHITESPACE), printed


def edited(old: str, part: str) -> str:
    """With that part in the place of all from its first line to its last, both as they stand in the old text."""
    lines = part.splitlines(keepends=True)
    before, found, rest = old.partition(lines[0])
    middle, last, after = rest.rpartition(lines[-1])
    assert found, lines[0]
    assert last, lines[-1]
    assert middle != "".join(lines[1:-1])
    return before + part + after


def run(command: str, directory: Path) -> str:
    """What it prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "100", "PYTHONPATH": f"{directory}{os.pathsep}{DOCS.parent}"}
    environment.pop("PYTEST_ADDOPTS", None)
    ran = subprocess.run(command, shell=True, cwd=directory, env=environment, capture_output=True, text=True)
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_nothing_on_a_page_is_left_untried(page: Path) -> None:
    text = page.read_text("utf-8")
    assert len(STEP.findall(text)) == len(re.findall(r"^```\w+$", text, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_files(page: Path) -> None:
    for link in re.findall(r"\]\((?!http)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / link).exists(), link
