"""What mappers promise beyond the laws: known vectors, chance, another process, and how long a call takes."""

import subprocess
import sys
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest

from conformance.environment import World
from conformance.judge import Budget, Outcome, check
from conformance.load_balancing.hashing import modelled
from conformance.load_balancing.hashing.modelled_bounded import BoundedLoads
from conformance.trace import Target
from impls.load_balancing.hashing.memory import jump
from impls.load_balancing.hashing.memory_ring import Points, points
from impls.registry import implementations
from spec.load_balancing import Backend, Hashed
from spec.load_balancing.hashing import SPECIFICATIONS
from spec.load_balancing.hashing.laws_shares import arcs
from spec.specification import specifications

CONTROLS = [
    ("ip_hash", modelled.Modulo, {"weights"}),
    ("consistent_hashing", modelled.Rendezvous, {"weights"}),
    ("consistent_hashing", modelled.Ring, {"weights", "ring"}),
    ("consistent_hashing", modelled.Jump, {"jump"}),
    ("consistent_hashing", modelled.Maglev, {"maglev"}),
    ("bounded_loads", BoundedLoads, {"weights"}),
]


def outcomes(name: str, factory: Any, declared: Iterable[str], examples: int = 30) -> dict[str, Outcome]:
    """Of each law."""
    specification = specifications()[f"load_balancing.{name}"].declared(set(declared))
    result = check(Target(specification, factory, World()), Budget(examples), declared)
    return {verdict.law: verdict.outcome for verdict in result.verdicts}


@pytest.mark.parametrize(("name", "factory", "declared"), CONTROLS, ids=lambda one: getattr(one, "__name__", ""))
def test_what_mutants_stand_on_keeps_every_law(name: str, factory: Any, declared: set[str]) -> None:
    found = outcomes(name, factory, declared)
    del found["zero_weight_gets_nothing"]
    assert {law: outcome for law, outcome in found.items() if outcome is not Outcome.HOLDS} == {}


class SmallRing(modelled.Ring):
    """On which many points are in one place."""

    circle = 2**10


def test_points_in_one_place_break_no_law_of_moves() -> None:
    found = outcomes("consistent_hashing", SmallRing, {"ring", "weights"})
    assert {law for law, outcome in found.items() if outcome is not Outcome.HOLDS} <= {"share_fits_the_points"}


def test_keys_and_names_in_a_counterexample_are_letters() -> None:
    specification = specifications()["load_balancing.consistent_hashing"]
    verdicts = check(Target(specification, modelled.Modulo, World()), Budget(20)).verdicts
    found = {one.law: one.counterexample for one in verdicts if one.counterexample}
    for law in ("only_removed_keys_move", "added_takes_only_for_itself"):
        trace = found[law].trace
        given = [trace.config.backends, *(step.args.get("backends", ()) for step in trace.steps)]
        keys = [key for step in trace.steps for key in step.args.get("keys", ())]
        assert {len(text) for text in [*keys, *(one.name for every in given for one in every)]} == {1}


class Minimal:
    """Somebody's mapper, with the one method it must have."""

    def __init__(self, config: Any, environment: Any) -> None:
        self.names = [backend.name for backend in config.backends if backend.weight]

    def assign(self, keys: Any) -> Any:
        hashed = modelled.Plain.hash
        plain: Any = type("_", (), {"text": lambda self, part: str(part)})()
        return [max(self.names, key=lambda name: hashed(plain, name, key), default=None) for key in keys]


class MinimalBounded:
    """Somebody's, with the two methods it must have."""

    def __init__(self, config: Any, environment: Any) -> None:
        self.inner = BoundedLoads(config, environment)
        self.pick, self.done = self.inner.pick, self.inner.done


def test_bounded_loads_with_nothing_but_pick_and_done_keep_every_law() -> None:
    found = outcomes("bounded_loads", MinimalBounded, set(), 60)
    wrong = {law for law, one in found.items() if one not in (Outcome.HOLDS, Outcome.NOT_APPLICABLE)}
    assert wrong == set()


@pytest.mark.parametrize("name", ["ip_hash", "consistent_hashing"])
def test_one_with_nothing_but_assign_keeps_every_law(name: str) -> None:
    found = outcomes(name, Minimal, set())
    assert set(found.values()) == {Outcome.HOLDS, Outcome.NOT_APPLICABLE}
    assert found["deterministic"] is Outcome.HOLDS


@pytest.mark.parametrize(
    ("key", "buckets", "bucket"),
    [
        (10863919174838991, 11, 6),
        (2016238256797177309, 11, 3),
        (1673758223894951030, 11, 5),
        (0, 1, 0),
        (2**64 - 1, 1, 0),
    ],
)
def test_jumps_end_where_others_end(key: int, buckets: int, bucket: int) -> None:
    assert jump(key, buckets) == bucket


def test_a_jump_is_to_the_new_one_or_none() -> None:
    for key in range(0, 2**64, 2**57 + 12345):
        found = [jump(key, buckets) for buckets in range(1, 200)]
        assert all(after in (before, at) for at, (before, after) in enumerate(pairwise(found), 1))


def test_more_weight_only_adds_points() -> None:
    assert points("a", 300)[:100] == points("a", 100)
    assert len(set(points("a", 300)) | set(points("b", 300))) == 600


def test_a_ring_is_the_same_however_it_came_about() -> None:
    known = Points(40)
    first, second = [Backend("a"), Backend("b", 2), Backend("c")], [Backend("c"), Backend("b")]
    known.circle(first)
    known.circle(second)
    assert known.circle(first) == Points(40).circle(first[::-1])


def test_parts_of_a_circle_are_those_that_were_measured() -> None:
    """Ten backends with 1, 10, 100 and 500 points each, at an error of 1e-9; Chernoff's bound is a little wider."""
    for number, least, most in ((1, 0.0, 0.93), (10, 0.005, 0.38), (100, 0.05, 0.17), (500, 0.075, 0.13)):
        low, high = arcs(number, 10 * number, 1e-9 / 20)
        assert low <= least + 1e-6
        assert least <= low + 0.006
        assert most - 0.002 <= high <= most + 0.02


IN_MEMORY = [(one.name, other) for one in SPECIFICATIONS for other in implementations(one.name)]
SAY = """
import sys
from conformance.environment import VirtualClock, World
from impls.registry import implementations
from spec.load_balancing import Backend, Bounded, Hashed
from spec.specification import specifications
backends = tuple(Backend(name) for name in "abcdefg")
for specification in {names!r}:
    for one in implementations(specification):
        kind = specifications()[specification].configuration
        made = one.factory(kind(backends), World().environment(VirtualClock()))
        if hasattr(made, "assign"):
            print(one.name, made.assign([str(key) for key in range(50)]))
"""


def test_another_process_maps_alike() -> None:
    say = SAY.format(names=[one.name for one in SPECIFICATIONS])
    told = {
        subprocess.run(
            [sys.executable, "-c", say],
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert "memory-ring" in told.pop()


@pytest.mark.parametrize("wrong", [{"points": 0}, {"table": 1008}, {"table": 1}])
def test_a_configuration_says_what_makes_no_sense(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Hashed((Backend("a"),), **wrong)
