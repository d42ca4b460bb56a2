"""What a page costs at which depth: rows that a database reads for it, which no noise disturbs, and time.

python -m benchmarks.pagination_depth [ROWS]      1,000,000 rows if not told otherwise
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import sqlalchemy
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, Select

from benchmarks.workloads import NUMBERS, load
from conformance.environment import VirtualClock, World
from impls.backends import Backends
from impls.pagination import memory, ordered, postgres, sqlite
from impls.pagination.sql import Keyset, Offset, OnSql, key_of
from impls.pagination.tokens import Place, Tokens
from spec.pagination.types import COLUMNS, Insert, Order, Pagination, Query

CONSOLE = Console(highlight=False)
SIZE = 20
BY_ID = Query((Order("id"),))
BY_TWO = Query((Order("i"), Order("id")))
CONFIG = Pagination(100, SIZE, b"secret", (), (BY_ID, BY_TWO))
NAMESPACE = "depth"

SQLITE_SERIES = f"{NUMBERS} select '{NAMESPACE}', x, x / 10 from n"
POSTGRES_SERIES = f"select '{NAMESPACE}', x, x / 10 from generate_series(0, :last) x"

Statement = tuple[Select[Any], dict[str, Any]]


def row(number: int) -> dict[str, Any]:
    """The row at that depth, in both orders: ten rows tie in the first column of the second."""
    return dict.fromkeys(COLUMNS) | {"id": number, "i": number // 10}


def statements(depth: int, engine: Engine, table: sqlalchemy.Table) -> Iterator[tuple[str, Statement]]:
    """The page after `depth` rows: by offset, by a row value, by a union of ranges."""
    keyset, offset = Keyset(CONFIG, engine, table, NAMESPACE), Offset(CONFIG, engine, table, NAMESPACE)
    yield "offset", offset.statement(BY_ID, SIZE, depth, count=False)
    for name, query in (("cursor", BY_ID), ("keyset", BY_TWO)):
        yield name, keyset.statement(query, SIZE, Place(1, key_of(query, row(depth - 1))))


def fill(engine: Engine, table: sqlalchemy.Table, series: str, rows: int) -> None:
    """Rows 0, 1, 2, ... and the indexes."""
    OnSql(CONFIG, engine, table, NAMESPACE).create_index(BY_TWO)
    load(engine, f"insert into lawful_pages (namespace, id, i) {series}", {"last": rows - 1})


def rows_read(engine: Engine, statement: Statement) -> int:
    """By the scans of PostgreSQL's plan."""
    ((plan,),) = explained(engine, statement, "explain (analyze, timing off, format json)")
    return sum(_scanned(plan[0]["Plan"]))


def explained(engine: Engine, statement: Statement, how: str) -> Sequence[Any]:
    """What the database answers to that kind of `explain`."""
    compiled = statement[0].compile(engine)
    values: Any = compiled.construct_params(statement[1])
    if compiled.positiontup is not None:
        values = tuple(values[name] for name in compiled.positiontup)
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"{how} {compiled}", values).all()


def _scanned(node: dict[str, Any]) -> Iterator[int]:
    for part in node.get("Plans", ()):
        yield from _scanned(part)
    if "Relation Name" in node:
        removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        yield round((node["Actual Rows"] + removed) * node["Actual Loops"])


def steps(engine: Engine, statement: Statement) -> int:
    """Of SQLite's virtual machine."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.set_progress_handler(step, 1)
        try:
            connection.execute(*statement).all()
        finally:
            raw.set_progress_handler(None, 0)
    return taken


def milliseconds(engine: Engine, statement: Statement) -> float:
    with engine.connect() as connection:
        return best(lambda: connection.execute(*statement).all())


def best(call: Callable[[], object]) -> float:
    """The shortest of five, in milliseconds."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return 1000 * min(times)


def show(title: str, unit: str, engine: Engine, table: sqlalchemy.Table, depths: list[int], count: Any) -> None:
    shown = Table("", *(f"{depth:,}" for depth in depths), title=f"{title}: {unit} (ms) for a page of {SIZE} at depth")
    found: dict[str, list[tuple[int, float]]] = {}
    for depth in depths:
        for name, statement in statements(depth, engine, table):
            found.setdefault(name, []).append((count(engine, statement), milliseconds(engine, statement)))
    for name, costs in found.items():
        shown.add_row(name, *(f"{cost:,} ({ms:.2f})" for cost, ms in costs))
    CONSOLE.print(shown)
    (deep, ms), (flat, flat_ms) = found["offset"][-1], found["keyset"][-1]
    times = f"{deep / flat:,.0f} times the {unit}, {ms / flat_ms:,.0f} the time"
    CONSOLE.print(f"at depth {depths[-1]:,}, offset to keyset: {times}\n")


def in_memory(sizes: list[int]) -> None:
    """A page in the middle of tables of those sizes."""
    for size in sizes:
        with World() as world:
            paginator = memory.Keyset(CONFIG, world.environment(VirtualClock()))
            paginator.write([Insert(row(number)) for number in range(size)])
            place = Place(1, ordered.key(BY_TWO, row(size // 2)))
            cursor = Tokens.of(CONFIG).issue(BY_TWO, place)
            ms = best(partial(paginator.page, BY_TWO, SIZE, cursor))
            CONSOLE.print(f"memory, {size:>9,} rows: {ms * 1000:.0f} microseconds for a page of {SIZE} in the middle")


def main(rows: int) -> None:
    depths = [depth for depth in (10, 1_000, 100_000, 1_000_000) if depth < rows] + [rows - 30]
    in_memory([size for size in (1_000, 10_000, 100_000) if size <= rows])
    light = sqlite.memory_engine()
    fill(light, sqlite.TABLE, SQLITE_SERIES, rows)
    show("SQLite", "steps", light, sqlite.TABLE, depths, steps)
    with ExitStack() as stack:
        world = stack.enter_context(World(stack.enter_context(Backends())))
        engine = postgres.engine(world.url("postgres"))
        stack.callback(engine.dispose)
        fill(engine, postgres.TABLE, POSTGRES_SERIES, rows)
        show("PostgreSQL", "rows read", engine, postgres.TABLE, depths, rows_read)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
