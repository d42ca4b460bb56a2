"""Paginators: the laws hold, anomalies show, and real threads change nothing about what a reader is owed.

`make check` asks the laws on servers.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from threading import Event
from typing import Any

import pytest

from conformance.corpus import corpus
from conformance.environment import VirtualClock, World
from conformance.judge import PROFILES, Budget, capabilities, judged
from conformance.pagination.modelled import Paging
from conformance.trace import Target
from impls.registry import Implementation, implementations
from spec.pagination import SPECIFICATIONS
from spec.pagination.types import COLUMNS, Delete, Insert, Order, Pagination, Query, Update
from tests.pagination.outsiders import Clamping, EndKept, RawIds, Short, SoundOnly

IMPLEMENTATIONS = [one for specification in SPECIFICATIONS for one in implementations(specification.name)]
EXACT = frozenset({"exact_values", "nul", "nan"})
BOTH_WAYS = EXACT | {"exact_flags", "reversible"}
CONTROLS = [
    Implementation("pagination.keyset", "in pieces", Paging, capabilities=BOTH_WAYS),
    Implementation("pagination.keyset", "clamping", Clamping, capabilities=BOTH_WAYS | {"clamps"}),
    Implementation("pagination.keyset", "short", Short, capabilities=BOTH_WAYS | {"may_be_short"}),
    Implementation("pagination.keyset", "sound only", SoundOnly, capabilities=BOTH_WAYS - {"exact_flags"}),
    Implementation("pagination.cursor", "raw ids", RawIds, capabilities=EXACT | {"unsigned", "unbound"}),
    Implementation(
        "pagination.cursor", "end kept", EndKept, capabilities=EXACT | {"unsigned", "unbound", "keeps_end_cursor"}
    ),
]
"""Correct ones, written differently: they show laws that are too strong."""

BY_NUMBER = Query((Order("i", True), Order("id")))


def named(implementation: Implementation) -> str:
    return f"{implementation.specification}-{implementation.name}"


@pytest.mark.parametrize("specification", SPECIFICATIONS, ids=lambda one: one.name)
def test_there_is_one_for_each_backend(specification: Any) -> None:
    assert {one.name for one in implementations(specification.name)} == {"memory", "sqlite", "postgres", "redis"}


@pytest.mark.parametrize("implementation", CONTROLS, ids=named)
def test_correct_implementations_written_differently_keep_every_law(implementation: Implementation) -> None:
    keeps_every_law(implementation, World(), Budget(40))


@pytest.mark.parametrize("implementation", [one for one in IMPLEMENTATIONS if one.backend == "memory"], ids=named)
def test_every_law_holds_and_every_permitted_anomaly_is_shown(implementation: Implementation, world: World) -> None:
    keeps_every_law(implementation, world, PROFILES["quick"])


def keeps_every_law(implementation: Implementation, world: World, budget: Budget) -> None:
    specification = next(one for one in SPECIFICATIONS if one.name == implementation.specification)
    target = Target(specification.declared(implementation.capabilities), implementation.factory, world)
    can = capabilities(target, implementation.capabilities)
    judge = judged(target, budget, can, corpus(specification.name))
    assert {name: str(found.violation) for name, found in judge.violations.items()} == {}
    assert [law.name for law in judge.laws if not judge.cases[law.name]] == []
    assert [one.name for one in judge.anomalies if one.name not in judge.witnesses] == []


@pytest.mark.parametrize("name", ["memory", "postgres", "redis"])
def test_while_threads_write_a_reader_sees_every_row_once_that_they_leave_alone(name: str, world: World) -> None:
    implementation = next(one for one in implementations("pagination.keyset") if one.name == name)
    env = world.environment(VirtualClock())
    config = Pagination(10, 3, b"secret", (), (BY_NUMBER,))
    reader = implementation.factory(config, env)
    rows = {id: dict.fromkeys(COLUMNS) | {"id": id, "i": id % 5} for id in range(40)}
    reader.write([Insert(row) for row in rows.values()])
    left_alone = {id for id in rows if id % 2}
    with writing([implementation.factory(config, env) if name != "memory" else reader for _ in range(2)], left_alone):
        for _ in range(20):
            seen = list(traversal(reader))
            assert sorted(id for id in seen if id in left_alone) == sorted(left_alone)
            assert [id for id in seen if id in left_alone] == sorted(left_alone, key=lambda id: (-(id % 5), id))


@contextmanager
def writing(writers: list[Any], left_alone: set[int]) -> Iterator[None]:
    """Threads that change, delete and insert the other rows until this ends, each its own."""
    done = Event()

    def write(number: int) -> None:
        chance, ours = Random(number), [id for id in range(40) if id not in left_alone][number :: len(writers)]
        while not done.is_set():
            one, other = chance.sample(ours, 2)
            writers[number].write([Update(one, {"i": chance.randrange(5)}), Delete(other)])
            writers[number].write([Insert({"id": other, "i": chance.randrange(5)})])

    with ThreadPoolExecutor(len(writers)) as pool:
        written = [pool.submit(write, number) for number in range(len(writers))]
        try:
            yield
        finally:
            done.set()
        for one in written:
            one.result()


def traversal(paginator: Any) -> Iterator[int]:
    cursor = None
    for _ in range(100):
        page = paginator.page(BY_NUMBER, 3, cursor)
        yield from (row["id"] for row in page.rows)
        cursor = page.next_cursor
        if not page.has_next:
            return
    raise AssertionError("this does not end")
