"""A page by cursor costs the same at any depth; one by offset costs what it skips. Counted, not timed."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, Table, select

from benchmarks.pagination_depth import (
    BY_TWO,
    CONFIG,
    NAMESPACE,
    POSTGRES_SERIES,
    SIZE,
    SQLITE_SERIES,
    Statement,
    fill,
    rows_read,
    statements,
    steps,
)
from conformance.environment import World
from impls.pagination import postgres, sqlite
from impls.pagination.sql import Keyset, key_of
from impls.pagination.tokens import Place

ROWS = 20_000
DEPTHS = (100, 19_900)

Costs = Callable[[str], tuple[int, int]]


def costs(engine: Engine, table: Table, count: Callable[[Engine, Statement], int]) -> Costs:
    """What a page costs near the beginning, and near the end."""
    near, far = (dict(statements(depth, engine, table)) for depth in DEPTHS)
    return lambda name: (count(engine, near[name]), count(engine, far[name]))


@pytest.fixture(scope="module")
def on_sqlite() -> Costs:
    engine = sqlite.memory_engine()
    fill(engine, sqlite.TABLE, SQLITE_SERIES, ROWS)
    return costs(engine, sqlite.TABLE, steps)


@pytest.fixture
def on_postgres(world: World) -> Iterator[Costs]:
    engine = postgres.engine(world.url("postgres"))
    fill(engine, postgres.TABLE, POSTGRES_SERIES, ROWS)
    yield costs(engine, postgres.TABLE, rows_read)
    with engine.begin() as connection:
        connection.execute(postgres.TABLE.delete().where(postgres.TABLE.c.namespace == NAMESPACE))


@pytest.mark.parametrize("way", ["cursor", "keyset"])
def test_a_page_by_cursor_costs_the_same_at_any_depth_on_sqlite(on_sqlite: Costs, way: str) -> None:
    near, far = on_sqlite(way)
    assert far <= near * 1.01


def test_a_page_by_offset_costs_what_it_skips_on_sqlite(on_sqlite: Costs) -> None:
    near, far = on_sqlite("offset")
    assert far - near >= 3 * (DEPTHS[1] - DEPTHS[0])


def test_pages_on_postgres_read_a_few_rows_from_an_index_or_all_that_they_skip(on_postgres: Costs) -> None:
    # One row more than the page, to see whether there is more, and one on the other side.
    assert on_postgres("cursor") == (SIZE + 2, SIZE + 2)
    assert on_postgres("keyset") == (SIZE + 2, SIZE + 2)
    assert on_postgres("offset") == tuple(depth + SIZE + 1 for depth in DEPTHS)


def test_ranges_enter_an_index_within_ties_where_the_expanded_form_reads_them_all() -> None:
    """Why there is a union of ranges and not `a >= x and (a > x or (a = x and id > y))`."""
    engine = sqlite.memory_engine()
    fill(engine, sqlite.TABLE, SQLITE_SERIES.replace("x / 10", "x / 10000"), ROWS)
    paginator = Keyset(CONFIG, engine, sqlite.TABLE, NAMESPACE)
    last, table = 9_900, sqlite.TABLE
    union = paginator.statement(BY_TWO, SIZE, Place(1, key_of(BY_TWO, {"i": 0, "id": last})))
    beyond = (table.c.i > 0) | ((table.c.i == 0) & (table.c.id > last))
    expanded = select(table).where(paginator.own, table.c.i >= 0, beyond).order_by(table.c.i, table.c.id).limit(SIZE)
    assert steps(engine, (expanded, {})) > 10 * steps(engine, union)
