"""Calls are held between two round trips: where they are meant to be, every time, and never for good."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from sqlalchemy import create_engine, text

from conformance.environment import World
from conformance.gate import Gate
from impls.backends import postgres_dialect


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.close()


@pytest.fixture
def increments(world: World, gate: Gate) -> Iterator[tuple[Callable[[], int], Callable[[], int]]]:
    """Two clients that read a counter and write it back, the first of them behind the gate."""
    url, name = world.url("redis"), f"{world.prefix}-gate"
    with redis.Redis.from_url(gate.url("redis", url)) as held, redis.Redis.from_url(url) as free:
        free.set(name, 0)
        held.ping()

        def increment(client: Any) -> int:
            read = int(client.get(name))
            client.set(name, read + 1)
            return read + 1

        yield lambda: increment(held), lambda: increment(free)
        free.delete(name)


def test_a_call_held_before_its_second_round_trip_writes_over_what_came_between(gate: Gate, increments: Any) -> None:
    for before in (0, 1, 2):
        task = gate.start(increments[0], 1)
        assert task.is_alive()
        assert gate.beside(task, increments[1]) == before + 1
        assert task.result == before + 1


def test_a_call_held_before_its_first_round_trip_sees_what_came_between(gate: Gate, increments: Any) -> None:
    task = gate.start(increments[0], 0)
    assert gate.beside(task, increments[1]) == 1
    assert task.result == 2


def test_a_call_with_fewer_round_trips_is_done_at_once(gate: Gate, increments: Any) -> None:
    task = gate.start(increments[0], 2)
    assert not task.is_alive()
    assert task.result == 1


def test_a_held_call_that_has_locked_what_the_other_needs_is_let_go(gate: Gate, world: World) -> None:
    url = world.url("postgres")
    held, free = (create_engine(postgres_dialect(one)) for one in (gate.url("postgres", url), url))
    with free.begin() as connection:
        connection.execute(text("create table gate (counter integer)"))
        connection.execute(text("insert into gate values (0)"))
    with held.connect() as connection:
        connection.execute(text("select 1"))

    def increment(engine: Any) -> int:
        with engine.begin() as connection:
            read: int = connection.execute(text("select counter from gate for update")).scalar_one()
            connection.execute(text("update gate set counter = :counter"), {"counter": read + 1})
            return read + 1

    task = gate.start(lambda: increment(held), 2)
    assert task.is_alive()
    assert gate.beside(task, lambda: increment(free)) == 2
    assert task.result == 1
    held.dispose()
    free.dispose()


@pytest.mark.parametrize(
    ("backend", "url"),
    [("redis", "rediss://example.org:6380/0"), ("postgres", "postgresql://example.org/db?sslmode=verify-full")],
)
def test_what_is_encrypted_does_not_go_through_the_gate(gate: Gate, backend: str, url: str) -> None:
    assert gate.url(backend, url) == url
