"""How often a paginator goes to its server. A page that is one script or one statement shows one instant."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from sqlalchemy import Engine, event

from conformance.environment import World
from impls.pagination import postgres, sqlite
from impls.pagination import redis as on_redis
from impls.pagination.sql import Keyset, Offset
from spec.pagination.types import Insert, Order, Pagination, Query
from tests.commands import calls, grown

QUERY = Query((Order("s", True), Order("i", nulls="first")))
CONFIG = Pagination(10, 2, b"secret", (), (QUERY,))
ROWS = [Insert({"id": id, "s": "aab"[id % 3], "i": None if id % 2 else id}) for id in range(7)]
PREFIX = "test-round-trips"


@pytest.fixture
def client(world: World) -> Iterator[Any]:
    with redis.Redis.from_url(world.url("redis")) as client:
        yield client
        for key in client.scan_iter(f"{PREFIX}:*"):
            client.delete(key)


def asked(client: Any, before: dict[str, int], inside: set[str]) -> dict[str, int]:
    """What clients asked since, without what only scripts call, inside the server."""
    found = {name.removeprefix("cmdstat_"): count for name, count in grown(before, calls(client)).items()}
    return {name: count for name, count in found.items() if name not in inside}


def test_a_page_by_cursor_on_redis_is_one_evalsha(client: Any) -> None:
    paginator = on_redis.Keyset(CONFIG, client, PREFIX)
    paginator.write(ROWS)
    first = paginator.page(QUERY)  # the server has the script now
    before = calls(client)
    second = paginator.page(QUERY, cursor=first.next_cursor)
    paginator.page(QUERY, cursor=second.prev_cursor, backward=True)
    assert asked(client, before, {"zrange", "hget"}) == {"evalsha": 2}


def test_a_page_by_offset_on_redis_is_one_evalsha(client: Any) -> None:
    paginator = on_redis.Offset(CONFIG, client, PREFIX)
    paginator.write(ROWS)
    paginator.page(QUERY)
    before = calls(client)
    assert paginator.page(QUERY, 3, 4).total == 7
    assert asked(client, before, {"zcard", "zrange", "hget"}) == {"evalsha": 1}


def test_a_write_on_redis_reads_once_and_writes_once_however_many_changes_it_has(client: Any) -> None:
    paginator = on_redis.Keyset(CONFIG, client, PREFIX)
    paginator.write(ROWS[:1])
    before = calls(client)
    paginator.write(ROWS[1:])
    assert asked(client, before, {"hget", "hset", "zadd"}) == {"hmget": 1, "evalsha": 1}


@pytest.fixture(params=["postgres", "sqlite"])
def on_sql(request: pytest.FixtureRequest, world: World) -> Iterator[tuple[Engine, Any]]:
    if request.param == "sqlite":
        yield sqlite.memory_engine(), sqlite.TABLE
        return
    engine = postgres.engine(world.url("postgres"))
    yield engine, postgres.TABLE
    with engine.begin() as connection:
        connection.execute(postgres.TABLE.delete().where(postgres.TABLE.c.namespace == PREFIX))


def test_a_page_on_sql_is_one_statement(on_sql: tuple[Engine, Any]) -> None:
    engine, table = on_sql
    keyset, offset = Keyset(CONFIG, engine, table, PREFIX), Offset(CONFIG, engine, table, PREFIX)
    keyset.write(ROWS)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
    first = keyset.page(QUERY)
    assert len(statements) == 1
    keyset.page(QUERY, cursor=first.next_cursor)
    assert len(statements) == 2
    offset.page(QUERY, 2, 3)
    assert len(statements) == 3
