"""The same seed gives the same, down to the counterexamples, however and wherever it is run."""

import json
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.environment import World
from conformance.judge import Budget, Judge, exercise
from conformance.trace import Run, Target, Trace
from impls.registry import implementations
from spec.encoding import schema
from spec.specification import specifications


def found(cwd: Path, hash_seed: int, *args: str) -> Any:
    """The report of a check in a process of its own, without its seconds, and the files that it keeps."""
    shutil.rmtree(cwd / ".lawful", ignore_errors=True)
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "conformance", "check", *args, "--examples", "5", "--quiet", "--json", "-"]
    ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    report = json.loads(ran.stdout)
    jsonschema.Draft202012Validator(schema("report")).validate(report)
    for verdict in report["verdicts"]:
        del verdict["seconds"]
    return report, [path.read_text() for path in sorted(cwd.glob(".lawful/*"))]


def test_neither_workers_nor_their_order_nor_hashes_change_what_is_found(tmp_path: Path) -> None:
    alone, _ = found(tmp_path, 0, "sliding_window_log", "--jobs", "1")
    assert found(tmp_path, 1, "sliding_window_log", "--jobs", "3")[0] == alone
    redis, _ = found(tmp_path, 2, "sliding_window_log", "redis")
    assert redis["verdicts"] == [one for one in alone["verdicts"] if one["implementation"] == "redis"]
    assert redis["anomalies"] == [one for one in alone["anomalies"] if one["implementation"] == "redis"]


def test_hashes_do_not_change_counterexamples(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).with_name("acme.py"), tmp_path)
    once, again = (found(tmp_path, seed, "token_bucket", "acme:Generous") for seed in (0, 1))
    assert len(once[1]) >= 5
    assert once == again


def tried(world: World) -> list[Trace]:
    """Everything that one seed tries."""
    specification = specifications()["rate_limiting.token_bucket"]
    target = Target(specification, implementations(specification.name)[0].factory, world)
    traces: list[Trace] = []

    class Keeping(Judge):
        def __call__(self, run: Run) -> None:
            traces.append(run.trace())

    exercise(target, frozenset(), Keeping(()), Budget(examples=30))
    return traces


def test_a_module_that_is_there_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    alone = tried(world)
    source = tmp_path / "numbers.py"
    source.write_text("".join(f"ONE_{number} = {number}\n" for number in range(100, 1000, 9)))
    module = types.ModuleType("numbers_of_theirs")
    module.__file__ = str(source)
    monkeypatch.setitem(sys.modules, "numbers_of_theirs", module)
    assert tried(world) == alone
