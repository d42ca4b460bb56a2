"""The token bucket on PostgreSQL, beyond what the laws say."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, event, text

from conformance.environment import VirtualClock, World
from impls.rate_limiting.postgres import TokenBucket
from spec.rate_limiting.types import SECOND, Limit

LIMIT = Limit(1, SECOND, 2)


@pytest.fixture
def engine(world: World) -> Iterator[Engine]:
    engine = create_engine(world.url("postgres"), isolation_level="AUTOCOMMIT")
    yield engine
    with engine.connect() as connection:
        connection.execute(text("delete from lawful_token_bucket where namespace like 'test-postgres%'"))
    engine.dispose()


def bucket(engine: Engine, limit: Limit = LIMIT, clock: VirtualClock | None = None) -> TokenBucket:
    return TokenBucket(limit, engine, "test-postgres", clock)


def test_a_decision_is_one_statement(engine: Engine) -> None:
    limiter = bucket(engine, clock=VirtualClock())
    statements: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def count(_c: object, _d: object, statement: str, _p: object, _e: object, _m: object) -> None:
        statements.append(statement)

    for cost in (1, 2, 3, 0):
        limiter.acquire("key", cost)
    limiter.peek("key")
    limiter.reset("key")
    assert len(statements) == 6


def test_the_server_s_clock_is_used_in_production(engine: Engine) -> None:
    limiter = bucket(engine, Limit(1, 3600 * SECOND, 1))
    assert limiter.acquire("key").allowed
    wait = limiter.acquire("key").retry_after
    assert wait is not None
    assert 3500 * SECOND < wait <= 3600 * SECOND


def test_purge_removes_the_rows_of_full_keys_only(engine: Engine) -> None:
    clock = VirtualClock()
    limiter = bucket(engine, clock=clock)
    limiter.acquire("early")
    clock.move(SECOND // 2)
    limiter.acquire("late", 2)
    clock.move(SECOND // 2)
    assert limiter.purge() == 1
    assert limiter.peek("late").remaining == 0
    clock.move(2 * SECOND)
    assert limiter.purge() == 1


def test_limits_of_different_configuration_share_a_namespace_without_harm(engine: Engine) -> None:
    clock = VirtualClock()
    assert bucket(engine, Limit(1, SECOND, 1), clock).acquire("key").remaining == 0
    assert bucket(engine, Limit(1, SECOND, 9), clock).acquire("key").remaining == 8


@pytest.mark.parametrize("limit", [Limit(2**53 - 1, 1, 1), Limit(3, 1, 2**53 - 1), Limit(1, 2**53 - 1, 1)])
def test_the_largest_numbers_overflow_nothing(engine: Engine, limit: Limit) -> None:
    clock = VirtualClock()
    limiter = bucket(engine, limit, clock)
    assert limiter.acquire("key", limit.burst).remaining == 0
    wait = limiter.acquire("key", limit.burst).retry_after
    assert wait == limit.fill_time
    assert not limiter.acquire("key", 10**30).allowed
    clock.move(wait - 1)
    assert not limiter.acquire("key", limit.burst).allowed
    clock.move(1)
    assert limiter.acquire("key", limit.burst).allowed
    clock.move(2**52)
    assert limiter.peek("key").remaining == min(limit.burst, 2**52 * limit.limit // limit.period)
