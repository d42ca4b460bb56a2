"""The workloads side by side, on this machine, now: pytest benchmarks/ --benchmark-only

A group for each workload and size, so that implementations stand below one another; `--benchmark-histogram` draws them.
With `--benchmark-disable` each is run once, to see that it runs.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from benchmarks.workload import Workload
from benchmarks.workloads import WORKLOADS
from benchmarks.world import Servers, started

CASES = [
    pytest.param(
        one, name, size, id=f"{one.short}-{size}-{name}", marks=pytest.mark.benchmark(group=f"{one.name} {size}")
    )
    for one in WORKLOADS.values()
    for size in one.sizes
    for name in one.implementations
]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield started(stack)


@pytest.mark.parametrize(("workload", "name", "size"), CASES)
def test_workload(workload: Workload, name: str, size: int, servers: Servers, benchmark: Any) -> None:
    try:
        state = workload.make(name, size, servers)
    except NotImplementedError as missing:
        pytest.skip(str(missing))
    benchmark.extra_info.update(operations=workload.operations, version=workload.version)
    try:
        benchmark.pedantic(workload.run, args=(state,), rounds=7, warmup_rounds=1)
    finally:
        state.close()
