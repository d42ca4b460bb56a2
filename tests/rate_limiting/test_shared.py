"""Every implementation of the token bucket: the laws hold, and real threads at frozen time get exactly the burst."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from conformance.environment import VirtualClock, World
from conformance.judge import Budget, Outcome, check
from conformance.trace import Target
from impls.registry import Implementation, implementations
from spec.rate_limiting.types import SECOND, Limit
from spec.specification import specifications

BUCKET = specifications()["rate_limiting.token_bucket"]
IMPLEMENTATIONS = implementations(BUCKET.name)
SHARED = [one for one in IMPLEMENTATIONS if "shared" in one.capabilities]


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads change places as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_there_is_one_for_each_backend() -> None:
    assert [one.backend for one in IMPLEMENTATIONS] == ["memory", "postgres", "redis"]


@pytest.mark.parametrize("implementation", SHARED, ids=lambda one: one.name)
def test_shared_buckets_keep_every_law(implementation: Implementation, world: World) -> None:
    target = Target(BUCKET, implementation.factory, world)
    verdicts = check(target, Budget(examples=60), implementation.capabilities).verdicts
    assert {v.law: v.outcome for v in verdicts} == dict.fromkeys([law.name for law in BUCKET.laws], Outcome.HOLDS)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS, ids=lambda one: one.name)
@pytest.mark.parametrize(("burst", "demand"), [(50, 160), (200, 160)])
@pytest.mark.usefixtures("switching")
def test_threads_are_granted_exactly_what_there_is(
    implementation: Implementation, world: World, burst: int, demand: int
) -> None:
    env = world.environment(VirtualClock())
    limit = Limit(1, SECOND, burst)
    first = implementation.factory(limit, env)
    second = implementation.factory(limit, env) if implementation in SHARED else first
    barrier = Barrier(8)

    def ask(number: int) -> int:
        barrier.wait()
        bucket = first if number % 2 else second
        return sum(bucket.acquire("key").allowed for _ in range(demand // 8))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == min(burst, demand)
