"""Balancers on servers: a call is one question, instances are one balancer, and nobody else is disturbed."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from sqlalchemy import text

from benchmarks.counting import statements
from conformance.environment import TestEnvironment, VirtualClock, World
from impls.backends import autocommit_engine
from impls.load_balancing.picking import postgres
from impls.load_balancing.picking import redis as on_redis
from impls.registry import Implementation, implementations
from spec.load_balancing import Backend, Pick, Pool
from spec.load_balancing.picking import SPECIFICATIONS
from tests.commands import calls, grown

IMPLEMENTATIONS = [
    one
    for specification in SPECIFICATIONS
    for one in implementations(specification.name)
    if "shared" in one.capabilities
]
REDIS = [one for one in IMPLEMENTATIONS if one.backend == "redis"]
POSTGRES = [one for one in IMPLEMENTATIONS if one.backend == "postgres"]
POOL = Pool((Backend("a"), Backend("b", 2, 3), Backend("c")))

ASKED: tuple[Callable[[Any], Any], ...] = (
    lambda balancer: balancer.pick(),
    lambda balancer: balancer.done(balancer.latest),
    lambda balancer: balancer.set_backends((Backend("a", 3, 1), Backend("d"))),
    lambda balancer: balancer.set_health("a", False),
    lambda balancer: balancer.set_draining("d", True),
    lambda balancer: balancer.pick(),  # none is eligible
    lambda balancer: balancer.in_flight("a"),
    lambda balancer: balancer.drained("d"),
)


def identity(implementation: Implementation) -> str:
    return f"{implementation.specification}-{implementation.name}"


@pytest.fixture
def env(world: World) -> TestEnvironment:
    return world.environment(VirtualClock())


def balancer_of(implementation: Implementation, env: TestEnvironment, pool: Pool = POOL) -> Any:
    """One that has been asked for the first time, in which a request is in flight."""
    balancer = implementation.factory(pool, env)
    balancer.latest = balancer.pick().ticket
    return balancer


@pytest.mark.parametrize("implementation", REDIS, ids=identity)
def test_a_call_on_redis_is_one_round_trip(implementation: Implementation, env: TestEnvironment) -> None:
    balancer = balancer_of(implementation, env)
    inside = {"hget", "hset", "hdel", "hgetall", "time", "pexpire"}
    with redis.Redis.from_url(env.redis_url) as client:
        for ask in ASKED:
            before = calls(client)
            ask(balancer)
            asked = {name.removeprefix("cmdstat_"): count for name, count in grown(before, calls(client)).items()}
            assert {name: count for name, count in asked.items() if name not in inside} == {"evalsha": 1}
    balancer.close()


@pytest.mark.parametrize("implementation", POSTGRES, ids=identity)
def test_a_call_on_postgres_is_one_statement(implementation: Implementation, env: TestEnvironment) -> None:
    balancer = balancer_of(implementation, env)
    for ask in ASKED:
        with statements() as seen:
            ask(balancer)
        assert len(seen) == 1


@pytest.mark.parametrize("implementation", REDIS, ids=identity)
def test_redis_keeps_one_key_for_an_hour_after_each_call(implementation: Implementation, env: TestEnvironment) -> None:
    with redis.Redis.from_url(env.redis_url) as client:
        before = set(client.keys())
        balancer = balancer_of(implementation, env)
        [name] = set(client.keys()) - before
        assert name.startswith(env.namespace.encode())
        for ask in ASKED:
            client.pexpire(name, 100_000)
            ask(balancer)
            assert 3_590_000 < client.pttl(name) <= on_redis.KEPT
        assert set(client.keys()) - before == {name}
    balancer.close()


@pytest.mark.parametrize("implementation", REDIS, ids=identity)
def test_a_balancer_that_redis_forgot_begins_anew_with_new_tickets(
    implementation: Implementation, env: TestEnvironment
) -> None:
    balancer = balancer_of(implementation, env, Pool((Backend("a"),)))
    with redis.Redis.from_url(env.redis_url) as client:
        client.delete(*client.keys(f"{env.namespace}:*"))
    assert balancer.in_flight("a") == 0
    assert balancer.pick().ticket > balancer.latest
    balancer.done(balancer.latest)
    assert balancer.in_flight("a") == 1
    balancer.close()


TABLES = postgres.FUNCTION, f"{postgres.FUNCTION}_member", f"{postgres.FUNCTION}_ticket"


@pytest.mark.parametrize("implementation", POSTGRES, ids=identity)
def test_no_row_of_another_balancer_is_touched(implementation: Implementation, world: World) -> None:
    one, other = (balancer_of(implementation, world.environment(VirtualClock())) for _ in "12")
    with autocommit_engine(world.url("postgres")).connect() as connection:

        def rows() -> Any:
            own = {"own": one._constant["namespace"]}
            return [
                connection.execute(text(f"select xmin, ctid, * from {table} where namespace <> :own"), own).all()
                for table in TABLES
            ]

        before = rows()
        for ask in ASKED:
            ask(one)
        one.done(other.latest)
        assert rows() == before
    assert sum(other.in_flight(name) for name in "abc") == 1


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS, ids=identity)
def test_whoever_comes_later_joins(implementation: Implementation, env: TestEnvironment) -> None:
    first = balancer_of(implementation, env)
    first.set_backends((Backend("x", 1, 1),))
    second = implementation.factory(POOL, env)
    picked = second.pick()
    assert picked.backend == "x"
    assert first.pick() is None
    first.done(picked.ticket)
    assert second.in_flight("x") == 0
    with pytest.raises(KeyError):
        second.in_flight("a")


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS, ids=identity)
def test_names_may_be_any_text(implementation: Implementation, env: TestEnvironment) -> None:
    names = ["a", " a", "*", "é", "e\u0301", "\0", "\\", '"', "state", "1", "\ud800", "\x7f", "\u2028", "x" * 500]
    balancer = implementation.factory(Pool(tuple(map(Backend, names))), env)
    assert sorted(balancer.pick().backend for _ in names) == sorted(names)
    assert [balancer.in_flight(name) for name in names] == [1] * len(names)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS, ids=identity)
def test_a_ticket_that_was_never_given_out_changes_nothing(
    implementation: Implementation, env: TestEnvironment
) -> None:
    balancer = balancer_of(implementation, env)
    strange: tuple[Any, ...] = (-1, 0, 2**63, 2**64, "state", "a", str(balancer.latest), "", None)
    for ticket in strange:
        balancer.done(ticket)
    assert sum(balancer.in_flight(name) for name in "abc") == 1


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS, ids=identity)
def test_a_weight_that_is_too_large_is_refused_before_the_server_is_asked(
    implementation: Implementation, env: TestEnvironment
) -> None:
    balancer = balancer_of(implementation, env)
    heaviest = balancer.heaviest
    with pytest.raises(ValueError, match="must be at most"):
        balancer.set_backends((Backend("a", heaviest + 1),))
    with pytest.raises(ValueError, match="must be at most"):
        implementation.factory(Pool((Backend("a", heaviest + 1),)), env)
    balancer.set_backends((Backend("y", heaviest, 2**70), Backend("z", heaviest - 1)))
    assert {balancer.pick().backend for _ in "12"} == {"y", "z"}


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS, ids=identity)
def test_threads_lose_nothing(implementation: Implementation, env: TestEnvironment) -> None:
    pool = Pool((Backend("a", 1, 40), Backend("b", 1, 40), Backend("c", 1, 40)))
    instances = [implementation.factory(pool, env) for _ in range(4)]

    def work(balancer: Any) -> list[Pick | None]:
        return [balancer.pick() for _ in range(40)]

    with ThreadPoolExecutor(4) as threads:
        picks = [pick for some in threads.map(work, instances) for pick in some]
    placed = [pick for pick in picks if pick]
    assert Counter(pick.backend for pick in placed) == {"a": 40, "b": 40, "c": 40}
    assert len({pick.ticket for pick in placed}) == 120
    with ThreadPoolExecutor(4) as threads:
        # Each ticket twice, at once.
        list(threads.map(lambda at: instances[at % 4].done(placed[at // 2].ticket), range(240)))
    assert [instances[0].in_flight(name) for name in "abc"] == [0, 0, 0]
