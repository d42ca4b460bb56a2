"""How databases find a page: by an index that is entered at the cursor, in any order, nulls or not."""

import json
from collections.abc import Iterator

import pytest

from benchmarks.pagination_depth import Statement, explained, rows_read
from benchmarks.workloads import NUMBERS, load
from conformance.environment import World
from impls.pagination import postgres, sqlite
from impls.pagination.sql import Keyset, key_of
from impls.pagination.tokens import Place
from spec.pagination.types import Order, Pagination, Query

NAMESPACE = "plans"
ROWS = 20_000
SIZE = 20
QUERIES = [
    Query((Order("id"),)),
    Query((Order("id", True),)),
    Query((Order("i"), Order("id"))),
    Query((Order("i", True, "first"),)),
    Query((Order("i", False, "first"), Order("id", True))),
    Query((Order("b", True), Order("i", False, "last"))),
]
EXPLAIN = "explain query plan"
FILL = "insert into lawful_pages (namespace, id, i, b) {} :namespace, x, case when x % 3 = 0 then null else x / 5 end,"
"""A third of the column i is null, and b has two values only, so ties are long."""

each = pytest.mark.parametrize("query", QUERIES, ids=str)
ways = pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])


def filled(keyset: Keyset, insert: str) -> None:
    for query in QUERIES:
        keyset.create_index(query)
    load(keyset.engine, insert, {"last": ROWS - 1, "namespace": NAMESPACE})


@pytest.fixture(scope="module")
def on_sqlite() -> Keyset:
    engine = sqlite.memory_engine()
    keyset = Keyset(Pagination(100, SIZE, b"secret"), engine, sqlite.TABLE, NAMESPACE)
    filled(keyset, f"{FILL.format(NUMBERS + ' select')} x % 2 from n")
    return keyset


@pytest.fixture(scope="module")
def on_postgres(world: World) -> Iterator[Keyset]:
    engine = postgres.engine(world.url("postgres"))
    keyset = Keyset(Pagination(100, SIZE, b"secret"), engine, postgres.TABLE, NAMESPACE)
    filled(keyset, f"{FILL.format('select')} x % 2 = 1 from generate_series(0, :last) x")
    yield keyset
    with engine.begin() as connection:
        connection.execute(postgres.TABLE.delete().where(keyset.own))


def from_the_middle(keyset: Keyset, query: Query, backward: bool) -> Statement:
    id = ROWS // 2
    row = {"id": id, "i": None if id % 3 == 0 else id // 5, "b": id % 2 == 1}
    return keyset.statement(query, SIZE, Place(-1 if backward else 1, key_of(query, row)), backward)


@each
@ways
def test_postgres_reads_a_page_from_indexes_and_little_else(on_postgres: Keyset, query: Query, backward: bool) -> None:
    statement = from_the_middle(on_postgres, query, backward)
    ((plan,),) = explained(on_postgres.engine, statement, "explain (format json)")
    assert "Seq Scan" not in json.dumps(plan)
    # The page, one row more to see whether there is more, one on the other side, and one from a range too many.
    assert rows_read(on_postgres.engine, statement) <= SIZE + 3


@each
@ways
def test_sqlite_searches_indexes_and_scans_no_table(on_sqlite: Keyset, query: Query, backward: bool) -> None:
    plan = [row[3] for row in explained(on_sqlite.engine, from_the_middle(on_sqlite, query, backward), EXPLAIN)]
    assert any("SEARCH lawful_pages USING" in line for line in plan)
    assert [line for line in plan if line.startswith("SCAN lawful_pages")] == []
