"""Every cache that evicts: the laws hold, anomalies show, and a call to a server is one question."""

from typing import Any

import pytest
import redis

from benchmarks.counting import statements
from conformance.caching.eviction.modelled import Cache
from conformance.caching.eviction.mutants_policies import ALL, POLICIES
from conformance.environment import VirtualClock, World
from conformance.judge import Budget, Outcome, check
from conformance.trace import Target
from impls.registry import Implementation, implementations
from spec.caching import Aging, Capacity, Hit
from spec.caching.eviction import SPECIFICATIONS, policies
from spec.specification import specifications
from tests.commands import calls, grown

IMPLEMENTATIONS = [one for specification in SPECIFICATIONS for one in implementations(specification.name)]
ON_SERVERS = [one for one in IMPLEMENTATIONS if one.backend != "memory"]
VARIANTS = {
    ("fifo", "reinserts"): policies.Reinserting(),
    ("lfu", "resets"): policies.LfuResetting(),
    ("lfu_aging", "dynamic_aging"): policies.LfuDynamicAging(),
    ("w_tinylfu", "exact_sketch"): POLICIES["w_tinylfu"],
    **{(short, ""): policy for short, policy in POLICIES.items() if short != "w_tinylfu"},
}
PLAIN = frozenset({"entry_ttl", "listener"})
CONTROLS = [
    Implementation(
        f"caching.{short}",
        f"in pieces {variant}",
        type("Control", (Cache,), {"policy": policy}),
        capabilities=frozenset(filter(None, {*(PLAIN if short == "w_tinylfu" else ALL), variant})),
    )
    for (short, variant), policy in VARIANTS.items()
]
"""Correct ones, written differently: they show laws that are too strong. `make check` checks those that are offered."""


def identity(implementation: Implementation) -> str:
    return f"{implementation.specification}-{implementation.name}"


def checked(implementation: Implementation, world: World, budget: Budget) -> Any:
    specification = specifications()[implementation.specification].declared(implementation.capabilities)
    target = Target(specification, implementation.factory, world)
    return check(target, budget, implementation.capabilities)


@pytest.mark.parametrize("implementation", CONTROLS, ids=identity)
def test_every_law_holds(implementation: Implementation, world: World) -> None:
    budget = Budget(examples=20, steps=15, seed=7)
    outcomes = {verdict.law: verdict.outcome for verdict in checked(implementation, world, budget).verdicts}
    wrong = {law for law, outcome in outcomes.items() if outcome is Outcome.VIOLATED}
    assert wrong == set()


@pytest.mark.parametrize("specification", [one for one in SPECIFICATIONS if one.anomalies], ids=lambda one: one.name)
def test_a_permitted_anomaly_is_shown_by_a_short_history(specification: Any, world: World) -> None:
    memory = implementations(specification.name)[0]
    for sighting in checked(memory, world, Budget()).sightings:
        assert sighting.witness, sighting.anomaly
        assert len(sighting.witness.trace.steps) <= 24


def cache_of(implementation: Implementation, world: World) -> Any:
    return implementation.factory(Capacity(2), world.environment(VirtualClock()))


ASKED = (
    lambda cache: cache.put("a", 1),
    lambda cache: cache.put("b", None, ttl=1_000_000),
    lambda cache: cache.put("c", "", weight=2),
    lambda cache: cache.put("c", 3, weight=3),
    lambda cache: cache.get("c"),
    lambda cache: cache.peek("a"),
    lambda cache: "a" in cache,
    lambda cache: cache.delete("a"),
    lambda cache: cache.keys(),
    lambda cache: len(cache),
    lambda cache: cache.weight(),
    lambda cache: cache.clear(),
)


@pytest.mark.parametrize("implementation", [one for one in ON_SERVERS if one.backend == "redis"], ids=identity)
def test_a_call_on_redis_is_one_round_trip(implementation: Implementation, world: World) -> None:
    cache = cache_of(implementation, world)
    cache.get("warm")
    with redis.Redis.from_url(world.url("redis")) as client:
        before = calls(client)
        for ask in ASKED:
            ask(cache)
        assert grown(before, calls(client))["cmdstat_evalsha"] == len(ASKED)
    cache.close()


@pytest.mark.parametrize("implementation", [one for one in ON_SERVERS if one.backend == "postgres"], ids=identity)
def test_a_call_on_postgres_is_one_statement(implementation: Implementation, world: World) -> None:
    cache = cache_of(implementation, world)
    cache.get("warm")
    with statements() as seen:
        for ask in ASKED:
            ask(cache)
    assert len(seen) == len(ASKED)


@pytest.mark.parametrize("implementation", ON_SERVERS, ids=identity)
def test_values_and_keys_come_back_as_they_were(implementation: Implementation, world: World) -> None:
    cache = cache_of(implementation, world)
    for key, value in ((1, "1"), ("1", 1), (2**61, b"\0"), ("\ud800", 0.5), ("", None), (-1, False)):
        assert cache.put(key, value) is True
        assert cache.get(key) == Hit(value)
        assert type(cache.get(key).value) is type(value)
        assert key in list(cache.keys())


def test_redis_forgets_a_cache_whose_entries_all_expire_and_no_other(world: World) -> None:
    [implementation] = [one for one in ON_SERVERS if identity(one) == "caching.lru-redis"]
    env = world.environment(VirtualClock())
    cache = implementation.factory(Capacity(2), env)
    with redis.Redis.from_url(env.redis_url) as client:
        cache.put("a", 1, ttl=1_000_000)
        names = list(client.scan_iter(f"{env.namespace}:*"))
        assert all(client.ttl(name) > 3_500 for name in names)
        cache.put("b", 1)
        assert {client.ttl(name) for name in names} == {-1}
        cache.clear()
        assert client.exists(*names) == 0
    cache.close()


@pytest.mark.parametrize("bad", [0, -1, 1.5, "1", True])
def test_a_capacity_that_makes_no_sense_is_refused(bad: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="capacity must be"):
        Capacity(bad)
    with pytest.raises((TypeError, ValueError), match="ttl must be"):
        Aging(1, bad)
