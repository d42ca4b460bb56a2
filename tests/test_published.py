"""Packages of others that bring implementations, or whole blocks: named in the entry-point group `lawful`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the example is installed."""
    site = tmp_path_factory.mktemp("published") / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--target", str(site), str(ROOT / "examples" / "lawful-counting")], check=True)
    return site


def run(site: Path, module: str, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "COLUMNS": "100"}
    command = [sys.executable, "-m", module, *args]
    return subprocess.run(command, cwd=site.parent, env=environment, capture_output=True, text=True)


def test_a_block_of_somebody_else_is_checked_as_ours_are(site: Path) -> None:
    ran = run(site, "conformance", "check", "counting", "--examples", "20")
    assert ran.returncode == 0, ran.stderr
    assert "counting.counter" in ran.stdout
    assert "3 verdicts" in ran.stdout


def test_its_mutants_are_killed_by_the_laws_they_name(site: Path) -> None:
    ran = run(site, "conformance", "mutants", "counting", "--seeds", "3")
    assert ran.returncode == 0, ran.stdout
    assert "3 of 3 mutants are killed" in ran.stdout


def test_its_laws_are_tests_too(site: Path) -> None:
    ran = run(site, "pytest", "--lawful", "counting", "--lawful-examples", "5", "-v", "-p", "no:cacheprovider")
    assert "lawful::counting.counter::memory::never_counts_down PASSED" in ran.stdout


def test_one_that_does_not_import_is_told_in_a_sentence_and_keeps_nobody_from_being_checked(site: Path) -> None:
    (broken := site / "broken_block" / "impls").mkdir(parents=True)
    (broken.parent / "__init__.py").write_text("1 / 0")
    (about := site / "broken_block-1.dist-info").mkdir()
    (about / "METADATA").write_text("Name: broken-block\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[lawful]\nbroken = broken_block\n")
    ran = run(site, "conformance", "check", "counting", "--examples", "5", "--jobs", "1")
    assert ran.returncode == 0
    (told, *_) = ran.stderr.splitlines()
    why = "does not import: ZeroDivisionError: division by zero; mend or uninstall it"
    assert told == f"lawful: broken_block, published as 'broken', {why}"
    assert "Traceback" not in ran.stderr
