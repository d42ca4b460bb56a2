"""Every implementation: the laws hold, anomalies show, and real threads at frozen time get exactly what there is."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from conformance.environment import VirtualClock, World
from conformance.judge import Budget, Outcome, check
from conformance.rate_limiting.mutants import Bucket
from conformance.rate_limiting.mutants_kin import Shaper
from conformance.rate_limiting.mutants_sliding import Counter, Log
from conformance.rate_limiting.mutants_windows import Fixed
from conformance.trace import Target
from impls.registry import Implementation, implementations
from spec.rate_limiting import SPECIFICATIONS
from spec.rate_limiting.types import SECOND, Limit, Queue, Window
from tests.rate_limiting.textbook import TextbookBucket

IMPLEMENTATIONS = [one for specification in SPECIFICATIONS for one in implementations(specification.name)]
CONTROLS = [
    Implementation("rate_limiting.token_bucket", "textbook", TextbookBucket),
    Implementation("rate_limiting.token_bucket", "in pieces", Bucket),
    Implementation("rate_limiting.leaky_bucket", "in pieces", Bucket),
    Implementation("rate_limiting.gcra", "textbook", TextbookBucket),
    Implementation("rate_limiting.leaky_bucket_queue", "by the model", Shaper),
    Implementation("rate_limiting.fixed_window", "in pieces", Fixed),
    Implementation("rate_limiting.sliding_window_log", "by the model", Log),
    Implementation("rate_limiting.sliding_window_counter", "by the model", Counter),
]
"""Correct ones, written differently: they show laws that are too strong."""

each = pytest.mark.parametrize("implementation", IMPLEMENTATIONS, ids=lambda one: f"{one.specification}-{one.name}")


def target(implementation: Implementation, world: World) -> Target:
    specification = next(one for one in SPECIFICATIONS if one.name == implementation.specification)
    return Target(specification.declared(implementation.capabilities), implementation.factory, world)


def config(implementation: Implementation, capacity: int) -> Any:
    """One that lets nothing come back while the clock stands still."""
    configuration = target(implementation, World()).specification.configuration
    if configuration is Limit:
        return Limit(1, SECOND, capacity)
    return Queue(1, SECOND, capacity - 1) if configuration is Queue else Window(capacity, SECOND)


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads change places as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.parametrize("specification", SPECIFICATIONS, ids=lambda one: one.name)
def test_there_is_one_for_each_backend(specification: Any) -> None:
    assert {one.backend for one in implementations(specification.name)} == {"memory", "postgres", "redis"}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("implementation", CONTROLS, ids=lambda one: f"{one.specification}-{one.name}")
def test_correct_implementations_written_differently_keep_every_law(implementation: Implementation, seed: int) -> None:
    keeps_every_law(implementation, World(), Budget(seed=seed))


@each
def test_every_law_holds_and_every_permitted_anomaly_is_shown(implementation: Implementation, world: World) -> None:
    keeps_every_law(implementation, world, Budget())


def keeps_every_law(implementation: Implementation, world: World, budget: Budget) -> None:
    result = check(target(implementation, world), budget, implementation.capabilities)
    others = {v.law: v.outcome for v in result.verdicts if v.outcome != Outcome.HOLDS}
    shared = "shared" in implementation.capabilities
    assert others == ({} if shared else {"instances_act_as_one": Outcome.NOT_APPLICABLE})
    assert [seen.anomaly.name for seen in result.sightings if seen.witness is None] == []


@each
@pytest.mark.parametrize(("capacity", "demand"), [(50, 160), (200, 160)])
@pytest.mark.usefixtures("switching")
def test_threads_are_granted_exactly_what_there_is(
    implementation: Implementation, world: World, capacity: int, demand: int
) -> None:
    env = world.environment(VirtualClock())
    limit = config(implementation, capacity)
    first = implementation.factory(limit, env)
    second = implementation.factory(limit, env) if "shared" in implementation.capabilities else first
    barrier = Barrier(8)

    def ask(number: int) -> int:
        barrier.wait()
        bucket = first if number % 2 else second
        return sum(bucket.acquire("key").allowed for _ in range(demand // 8))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == min(capacity, demand)


@each
def test_limiters_of_different_configuration_do_not_disturb_each_other(
    implementation: Implementation, world: World
) -> None:
    env = world.environment(VirtualClock())
    small, large = (implementation.factory(config(implementation, capacity), env) for capacity in (2, 9))
    assert small.acquire("key").remaining == 1
    assert large.acquire("key").remaining == 8


@each
def test_state_survives_a_reconnect(implementation: Implementation, world: World) -> None:
    if "shared" not in implementation.capabilities:
        pytest.skip("kept by the instance")
    env = world.environment(VirtualClock())
    before = implementation.factory(config(implementation, 3), env)
    before.acquire("key", 2)
    if hasattr(before, "close"):
        before.close()
    assert implementation.factory(config(implementation, 3), env).peek("key").remaining == 1
