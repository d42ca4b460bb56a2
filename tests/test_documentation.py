"""What README.md and CONTRIBUTING.md show is what happens."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import app
from impls import registry
from impls.registry import implementations
from spec.law import Law, Violation
from spec.specification import specifications
from tests.fences import blocks
from tests.rate_limiting.histories import ONE, acquire, history

ROOT = Path(__file__).parents[1]
README, CONTRIBUTING = ((ROOT / name).read_text() for name in ("README.md", "CONTRIBUTING.md"))


def lawful(*args: str, cwd: Path) -> str:
    command = [sys.executable, "-m", "conformance", *args]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env={"COLUMNS": "80"}).stdout


def bare(text: str) -> list[str]:
    """Lines without blanks at the end, and without what differs from machine to machine."""
    text = re.sub(r" in [\d.]+ s:", ":", text)
    return [line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith("   " * 10)]


def test_the_table_in_the_readme_is_what_check_prints() -> None:
    assert bare(lawful("check", "token_bucket", "--profile", "quick", cwd=ROOT)) == bare(blocks(README, "text")[0])


def masked(text: str) -> str:
    """Which of the shortest counterexamples is found changes with the version of Hypothesis; their form does not."""
    return re.sub(r"[\d.]+", "#", text)


def test_the_anomaly_in_the_readme_is_shown() -> None:
    printed = lawful("check", "fixed_window", "impls.rate_limiting.memory_windows:fixed_window", cwd=ROOT)
    shown = blocks(README, "text")[1].replace("memory, postgres, redis", "memory")
    assert masked(shown) in masked(printed)


def test_the_limiter_in_the_readme_gives_the_violation_it_shows(tmp_path: Path) -> None:
    (tmp_path / "limiter.py").write_text(blocks(README, "python")[0])
    printed = lawful("check", "token_bucket", "limiter:Bucket", cwd=tmp_path)
    shown = blocks(README, "text")[2]
    assert masked(printed).startswith(masked(shown))
    kept = re.findall(r"replay (\S+)", printed)[0]
    assert masked(lawful("replay", kept, "--python", cwd=tmp_path)) == masked(blocks(README, "python")[1])


def test_the_paginator_in_the_readme_gives_the_violation_it_shows(tmp_path: Path) -> None:
    (tmp_path / "feed.py").write_text(blocks(README, "python")[2])
    declared = ["--capability", "unsigned", "--capability", "unbound"]
    printed = lawful("check", "cursor", "feed:Feed", *declared, cwd=tmp_path)
    assert masked(printed).startswith(masked(blocks(README, "text")[3]))
    violated = set(re.findall(r"VIOLATED\s+(\w+)", printed))
    assert {"deleting_the_cursor_row_is_harmless", "turning_round_loses_nothing"} <= violated
    assert violated.isdisjoint({"stable_rows_exactly_once", "no_row_twice", "order_is_kept", "inserts_ahead_are_seen"})


def test_the_cache_in_the_readme_gives_the_violation_it_shows(tmp_path: Path) -> None:
    (tmp_path / "cache.py").write_text(blocks(README, "python")[3])
    printed = lawful("check", "lru", "cache:Cache", cwd=tmp_path)
    assert masked(blocks(README, "text")[4]) in masked(printed)
    assert set(re.findall(r"VIOLATED\s+(\w+)", printed)) == {
        "evicts_the_policys_victim",
        "no_needless_eviction",
        "agrees_with_model",
    }


def test_the_balancer_in_the_readme_gives_the_violation_it_shows(tmp_path: Path) -> None:
    (tmp_path / "balancer.py").write_text(blocks(README, "python")[4])
    printed = lawful("check", "round_robin", "balancer:Balancer", cwd=tmp_path)
    assert printed.startswith(blocks(README, "text")[5])
    assert set(re.findall(r"VIOLATED\s+(\w+)", printed)) == {"rotates_exactly", "agrees_with_model"}


def test_the_test_in_the_readme_is_what_new_writes(tmp_path: Path) -> None:
    lawful("new", "token_bucket", "mine", cwd=tmp_path)
    assert (tmp_path / "mine" / "test_token_bucket.py").read_text() == blocks(README, "python")[5]


@pytest.mark.parametrize("line", re.findall(r"^    pytest (--lawful .*?)  ", README, re.MULTILINE))
def test_pytest_takes_what_the_readme_says(line: str, tmp_path: Path) -> None:
    (tmp_path / "limiter.py").write_text(blocks(README, "python")[0])
    command = [sys.executable, "-m", "pytest", *line.split(), "--collect-only", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path)})
    assert ran.returncode == 0, ran.stdout
    assert "lawful::rate_limiting.token_bucket::" in ran.stdout


def test_the_commands_in_the_readme_exist() -> None:
    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert set(re.findall(r"^    lawful (\w+)", README, re.MULTILINE)) == known


def test_the_table_of_libraries_is_complete() -> None:
    table = README.partition("## Libraries")[2].partition("## In your")[0]
    pins = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["third-party"]
    adapted = {one.library for name in specifications() for one in implementations(name, libraries=True)}
    adapted -= {"", "python"}  # of which there is no distribution to pin
    pinned = dict(pin.partition(";")[0].split("==") for pin in pins)
    versions = re.findall(r"^\| \[.*?\]\(\S+\) ([\d.]+\d)", table, re.MULTILINE)
    assert versions == [pinned[library] for library in sorted(adapted, key=str.lower)]
    reports = {f"reports/findings/{path.name}" for path in (ROOT / "reports" / "findings").glob("*.md")}
    assert set(re.findall(r"\((reports/findings/\S+\.md)\)", table)) == reports


def test_the_implementation_in_contributing_registers_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_REGISTERED", {})
    exec(blocks(CONTRIBUTING, "python")[0], {})
    ((specification, name),) = registry._REGISTERED
    assert (specification, name) == ("rate_limiting.token_bucket", "acme")


def test_the_law_in_contributing_judges() -> None:
    names: dict[str, Any] = {}
    exec(blocks(CONTRIBUTING, "python")[1], names)
    law = names["remaining_is_never_negative"]
    assert isinstance(law, Law)
    assert law(history(ONE, acquire(0))) == 1
    assert isinstance(law(history(ONE, acquire(0, remaining=-1))), Violation)
