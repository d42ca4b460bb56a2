"""Every benchmark runs, and counts are the same every time."""

import ast
import math
import subprocess
import sys
import tomllib
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from benchmarks import conformance, rate_limiting
from benchmarks.workload import Workload
from benchmarks.workloads import WORKLOADS
from benchmarks.world import Servers, started

ROOT = Path(__file__).parents[1]
ASV = Path(sys.executable).with_name("asv")


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield started(stack)


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=lambda one: one.name)
def test_a_workload_runs_for_every_implementation(workload: Workload, servers: Servers) -> None:
    for name in workload.implementations:
        state = workload.make(name, workload.sizes[0], servers)
        workload.run(state)
        state.close()


@pytest.mark.parametrize("workload", [one for one in WORKLOADS.values() if one.counters], ids=lambda one: one.name)
def test_counts_are_the_same_every_time(workload: Workload, servers: Servers) -> None:
    def counts() -> dict[tuple[str, str], float]:
        found = {}
        for counter, count in workload.counters.items():
            for name in workload.implementations:
                try:
                    found[counter, name] = count(workload, name, workload.sizes[-1], servers)
                except NotImplementedError:
                    continue
        return found

    first = counts()
    assert first
    assert {what: count for what, count in counts().items() if what[0] != "allocated"} == {
        what: count for what, count in first.items() if what[0] != "allocated"
    }
    assert all(count > 0 and math.isfinite(count) for count in first.values())


def test_a_call_is_one_round_trip_or_one_statement(servers: Servers) -> None:
    for workload in WORKLOADS.values():
        calls = 2 if workload.block == "load_balancing" else 1  # a pick, and that it is done
        if "round_trips" in workload.counters:
            assert workload.counters["round_trips"](workload, "redis", workload.sizes[0], servers) == calls
            assert workload.counters["statements"](workload, "postgres", workload.sizes[0], servers) == calls


def test_the_suite_itself_is_measured() -> None:
    check, history, mutants = conformance.Check(), conformance.History(), conformance.Mutants()
    check.setup("rate_limiting.fixed_window")
    check.time_twenty_examples("rate_limiting.fixed_window")
    assert check.track_overhead("rate_limiting.fixed_window") > 0.5
    history.setup(100)
    history.time_judged(100)
    assert 1 <= mutants.track_examples_to_kill("rate_limiting.leaky_bucket_queue") < conformance.EXAMPLES
    with pytest.raises(NotImplementedError):
        check.setup("caching.nothing")


@pytest.mark.parametrize("name", ["memory", "redis"])
def test_a_key_takes_some_bytes(name: str, servers: Servers) -> None:
    assert 50 < rate_limiting.Keys().track_bytes_per_key(servers, name, 1000) < 1000
    assert not tracemalloc.is_tracing(), "all that runs afterwards would be slow"
    rate_limiting.Keys().peakmem_keys(servers, name, 100)


def test_asv_takes_every_benchmark() -> None:
    ran = subprocess.run([ASV, "check", "-E", "existing"], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    assert "No problems found" in ran.stdout


def test_asv_measures_the_peers_that_are_tested() -> None:
    """Of the same versions, all of which it installs by itself."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    tested = {requirement for extra in extras.values() for requirement in extra}
    measured = (ROOT / "benchmarks" / "requirements.txt").read_text().split()
    assert set(measured) <= tested
    imports = [
        node
        for path in (ROOT / "benchmarks").glob("*peers.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    names = {getattr(node, "module", None) or node.names[0].name for node in imports}
    of = packages_distributions()
    peers = {one.lower() for name in names for one in of.get(name.partition(".")[0], ())} - {"lawful", "redis"}
    assert {peer.replace("_", "-") for peer in peers} <= {requirement.partition("==")[0] for requirement in measured}
