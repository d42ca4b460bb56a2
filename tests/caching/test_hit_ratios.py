"""The figures by which policies are compared are what they say."""

import itertools
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.traces import TRACES, best_hits, scans

ROOT = Path(__file__).parents[2]


def tried_hits(trace: list[int], capacity: int) -> int:
    """The most hits of all choices of victims there are."""
    reached: dict[frozenset[int], int] = {frozenset(): 0}
    for key in trace:
        after: dict[frozenset[int], int] = {}
        for held, hits in reached.items():
            kept = held | {key}
            choices = [kept] if len(kept) <= capacity else [kept - {one} for one in kept]
            for choice in choices:
                after[choice] = max(after.get(choice, 0), hits + (key in held))
        reached = after
    return max(reached.values())


@pytest.mark.parametrize(("capacity", "seed"), list(itertools.product((1, 2, 3), range(20))))
def test_no_choice_of_victims_hits_more_than_the_best(capacity: int, seed: int) -> None:
    trace = random.Random(seed).choices(range(5), k=14)
    assert best_hits(trace, capacity) == tried_hits(trace, capacity)


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_is_as_long_as_asked_and_the_same_every_time(name: str) -> None:
    assert TRACES[name](5_000) == TRACES[name](5_000)
    assert len(TRACES[name](5_000)) == 5_000


def test_what_is_scanned_is_asked_for_once() -> None:
    scanned = [key for key in scans(20_000) if key >= 1_000_000]
    assert len(scanned) == len(set(scanned)) == 5_000


def test_every_policy_is_compared_with_the_best(tmp_path: Path) -> None:
    files = ["--json", str(tmp_path / "ratios.json"), "--plot", str(tmp_path / "ratios.svg")]
    command = [sys.executable, "-m", "benchmarks.hit_ratios", "--requests", "2000", "--capacity", "100", *files]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    found = json.loads((tmp_path / "ratios.json").read_text())["hit_ratios"]
    committed = json.loads((ROOT / "reports" / "hit_ratios.json").read_text())["hit_ratios"]
    assert found.keys() == committed.keys() == TRACES.keys()
    for trace, ratios in found.items():
        assert ratios.keys() == committed[trace].keys()
        assert max(ratios.values()) == ratios["best"]
    assert (tmp_path / "ratios.svg").read_text().count("<title>") >= 1
