"""The same seed gives the same, down to the counterexamples, however and wherever it is run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema

from spec.encoding import schema


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
