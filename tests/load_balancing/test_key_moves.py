"""The figures by which hashes are compared are what they say."""

import json
import random
import subprocess
import sys
from pathlib import Path
from statistics import fmean

import pytest

from benchmarks import key_moves
from benchmarks.key_moves import HASHES, RENDEZVOUS, expected, keys_of, moved, moves, names_of, ring, spread

ROOT = Path(__file__).parents[2]
KEYS = keys_of(2_000)


def test_moves_and_spread_are_counted() -> None:
    assert moved(["a", "a", "b", "b"], ["a", "b", "b", "a"]) == 0.5
    assert spread(["a", "b", "c", "d"], 4) == (1, 0)
    assert spread(["a", "a", "a", "b"], 2) == (1.5, 0.25)
    assert spread(["a", "a"], 2) == (2, 1)  # who has no key counts


def test_the_formula_is_the_variation_of_random_arcs() -> None:
    chance, backends, points = random.Random(1), 10, 4
    squares = []
    for _ in range(2_000):
        arcs = [chance.gammavariate(points, 1) for _ in range(backends)]
        squares.append(fmean((arc * backends / sum(arcs) - 1) ** 2 for arc in arcs))
    assert fmean(squares) ** 0.5 == pytest.approx(expected(backends, points), rel=0.03)


def test_a_ring_varies_as_the_formula_says() -> None:
    assert key_moves.spreads(ring(5), 5, KEYS, 30).variation == pytest.approx(expected(10, 5), rel=0.15)


@pytest.mark.parametrize("one", [RENDEZVOUS, ring(10)], ids=lambda one: one.label)
def test_only_the_keys_of_who_leaves_move(one: key_moves.Hash) -> None:
    names = names_of(5, 0)
    assigned = one.made(names).assign(KEYS)
    found = moves(one, 5, KEYS, 1)
    assert (found.last, found.middle) == tuple(assigned.count(names[at]) / len(KEYS) for at in (4, 2))


def test_a_remainder_moves_almost_all_keys_and_a_jump_the_least() -> None:
    found = {one.label: moves(one, 10, KEYS, 1) for one in HASHES if one.label in ("modulo", "jump", "maglev 1009")}
    assert found["modulo"].last == pytest.approx(0.9, abs=0.03)
    assert found["jump"].last == pytest.approx(0.1, abs=0.03)
    assert found["jump"].middle is None
    assert 0.08 < found["maglev 1009"].last < 0.3


def test_every_hash_is_compared(tmp_path: Path) -> None:
    files = ["--json", str(tmp_path / "spread.json"), "--plot", str(tmp_path / "spread.svg")]
    command = [sys.executable, "-m", "benchmarks.key_moves", "--keys", "100", "--sets", "1", *files]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    found = json.loads((tmp_path / "spread.json").read_text())
    committed = json.loads((ROOT / "reports" / "key_spread.json").read_text())
    for part, names in (("moves", ("hash", "backends", "ideal")), ("spread", ("points", "backends", "formula"))):
        assert [[one[name] for name in names] for one in found[part]] == [
            [one[name] for name in names] for one in committed[part]
        ]
    assert (tmp_path / "spread.svg").read_text().count("<title>") >= 1
