"""The laws hold, anomalies show, and real threads at frozen time get exactly what there is.

`make check` asks the laws on servers.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from random import Random
from threading import Barrier
from typing import Any

import pytest
import redis

from conformance.corpus import corpus
from conformance.environment import TestEnvironment, VirtualClock, World
from conformance.judge import PROFILES, Budget, Outcome, check
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


def parametrized(implementations: list[Implementation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("implementation", implementations, ids=lambda one: f"{one.specification}-{one.name}")


each = parametrized(IMPLEMENTATIONS)
in_memory = parametrized([one for one in IMPLEMENTATIONS if one.backend == "memory"])


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


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("implementation", CONTROLS, ids=lambda one: f"{one.specification}-{one.name}")
def test_correct_implementations_written_differently_keep_every_law(implementation: Implementation, seed: int) -> None:
    keeps_every_law(implementation, World(), Budget(60, seed=seed))


@in_memory
def test_every_law_holds_and_every_permitted_anomaly_is_shown(implementation: Implementation, world: World) -> None:
    keeps_every_law(implementation, world, PROFILES["quick"])


def keeps_every_law(implementation: Implementation, world: World, budget: Budget) -> None:
    capabilities, first = implementation.capabilities, corpus(implementation.specification)
    result = check(target(implementation, world), budget, capabilities, first=first)
    needs_a_server = {"instances_act_as_one", "concurrent_calls_share_what_is_left", "idle_keys_expire"}
    others = {v.law: v.outcome for v in result.verdicts if v.outcome != Outcome.HOLDS}
    assert others == dict.fromkeys(needs_a_server, Outcome.NOT_APPLICABLE)
    assert [seen.anomaly for seen in result.sightings if seen.witness is None] == []


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


def ask_in_a_process(reference: tuple[str, str], limit: Any, env: tuple[str, str, str], demand: int) -> int:
    """What a limiter with the same state, made in another process, grants."""
    implementation = next(one for one in implementations(reference[0]) if one.name == reference[1])
    namespace, backend, url = env
    world = World(prefix="unused", used={backend: url})
    elsewhere = TestEnvironment(VirtualClock(), Random(0), namespace, world)
    limiter = implementation.factory(limit, elsewhere)
    return sum(limiter.acquire("key").allowed for _ in range(demand))


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize(
    "implementation",
    [one for one in IMPLEMENTATIONS if "shared" in one.capabilities],
    ids=lambda one: f"{one.specification}-{one.name}",
)
def test_processes_are_granted_exactly_what_there_is(
    implementation: Implementation, world: World, processes: ProcessPoolExecutor
) -> None:
    env = (f"{world.prefix}-processes", implementation.backend, world.url(implementation.backend))
    reference = (implementation.specification, implementation.name)
    limit = config(implementation, 50)
    asked = [processes.submit(ask_in_a_process, reference, limit, env, 40) for _ in range(4)]
    assert sum(one.result() for one in asked) == 50


@pytest.mark.parametrize(
    "implementation",
    [one for one in IMPLEMENTATIONS if one.backend == "postgres"],
    ids=lambda one: f"{one.specification}-{one.name}",
)
def test_purge_removes_what_is_as_good_as_new_and_nothing_else(implementation: Implementation, world: World) -> None:
    clock = VirtualClock()
    limiter = implementation.factory(config(implementation, 2), world.environment(clock))
    limiter.acquire("early", 2)
    clock.move(2 * SECOND)
    limiter.acquire("late")
    assert limiter.purge() == 1
    assert limiter.peek("late").remaining == 1
    clock.move(2 * SECOND)
    assert limiter.purge() == 1


@pytest.mark.parametrize(
    "implementation",
    [one for one in IMPLEMENTATIONS if one.backend == "redis"],
    ids=lambda one: f"{one.specification}-{one.name}",
)
def test_redis_keys_expire_once_they_are_as_good_as_new(implementation: Implementation, world: World) -> None:
    env = world.environment(VirtualClock())
    made = implementation.factory(config(implementation, 2), env)
    with redis.Redis.from_url(env.redis_url) as client:
        limiter = type(made)(
            config(implementation, 2), client, env.namespace
        )  # the server's own clock, as in production
        until_new = limiter.acquire("key", 2).reset_after // 1000
        (name,) = client.scan_iter(f"{env.namespace}:*")
        left: Any = client.pttl(name)
    assert until_new - 1000 < left <= until_new + 2


@each
def test_a_pause_of_centuries_and_the_largest_numbers_overflow_nothing(
    implementation: Implementation, world: World
) -> None:
    clock = VirtualClock()
    most = 2**53 // SECOND - 2
    limiter = implementation.factory(config(implementation, most), world.environment(clock))
    assert limiter.acquire("key", most).remaining == 0
    assert limiter.acquire("key", 10**30).retry_after is None
    clock.move(2**52)
    limiter.peek("key")
    clock.move(2**52)
    assert limiter.acquire("key", most).allowed
