"""What is measured: one registry, from which asv's benchmarks and those of pytest-benchmark are made.

Everything of the project is imported where it is needed, and what is missing is not measured: asv runs these benchmarks
against commits that are older than they.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.peers import PEERS, peer, peers
from benchmarks.world import Environment, Servers


@dataclass
class State:
    """What is ready to be measured: `call` does the n-th operation."""

    call: Callable[[int], object]
    close: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Workload:
    """One thing to do, for several implementations, in several sizes.

    name:       `<block>.<what>`.
    version:    another one where what is done changes, so that figures are not compared that cannot be.
    make:       of an implementation, a size and the servers; NotImplementedError where there is no such thing.
    operations: how many calls `run` makes.
    counters:   noise-free figures by name: of the workload, an implementation, a size and the servers.
    """

    name: str
    version: int
    implementations: tuple[str, ...]
    size: str
    sizes: tuple[int, ...]
    make: Callable[[str, int, Servers], State]
    operations: int
    counters: Mapping[str, "Counter"] = field(default_factory=dict)

    @property
    def block(self) -> str:
        return self.name.partition(".")[0]

    @property
    def short(self) -> str:
        return self.name.partition(".")[2]

    def run(self, state: State) -> None:
        """What is timed."""
        call = state.call
        for number in range(self.operations):
            call(number)


Counter = Callable[[Workload, str, int, Servers], float]
WORKLOADS: dict[str, Workload] = {}


def workload(
    name: str,
    version: int,
    implementations: tuple[str, ...],
    size: tuple[str, tuple[int, ...]],
    operations: int,
    **counters: Counter,
) -> Callable[[Callable[[str, int, Servers], State]], Callable[[str, int, Servers], State]]:
    """Register what makes the state; the arguments are the fields of `Workload`."""

    def register(make: Callable[[str, int, Servers], State]) -> Callable[[str, int, Servers], State]:
        WORKLOADS[name] = Workload(name, version, implementations, *size, make, operations, counters)
        return make

    return register


def implementation(specification: str, name: str) -> Any:
    """The factory that is registered; NotImplementedError if none is."""
    from impls.registry import implementations

    try:
        found = implementations(specification, libraries=True)
    except TypeError:  # before there were any
        found = implementations(specification)
    for one in found:
        if one.name == name:
            return one.factory
    raise NotImplementedError(f"{specification} has no implementation {name!r} here")


# Rate limiting

OURS = ("memory", "redis", "postgres")
ALGORITHMS = (
    "token_bucket",
    "leaky_bucket",
    "gcra",
    "leaky_bucket_queue",
    "fixed_window",
    "sliding_window_log",
    "sliding_window_counter",
)


def limiter(algorithm: str, name: str, servers: Servers) -> Any:
    """One that admits every call; but a log of at most 1000."""
    from spec.rate_limiting import SPECIFICATIONS
    from spec.rate_limiting.types import SECOND, Limit, Queue, Window

    configs = {Limit: Limit(10**6, SECOND, 10**6), Window: Window(10**6, SECOND), Queue: Queue(10**6, SECOND, 10**6)}
    specification = next(one for one in SPECIFICATIONS if one.short == algorithm)
    config = Window(1000, SECOND) if algorithm == "sliding_window_log" else configs[specification.configuration]
    return implementation(specification.name, name)(config, Environment(servers))


def closing(limiter: Any) -> Callable[[], object]:
    """What closes it, if anything does."""
    close: Callable[[], object] = getattr(limiter, "close", lambda: None)
    return close


def _decisions(algorithm: str) -> Callable[[str, int, Servers], State]:
    def make(name: str, keys: int, servers: Servers) -> State:
        if name in PEERS:
            ask = peer(name, algorithm, servers)
            return State(lambda number: ask("key"))
        made = limiter(algorithm, name, servers)
        return State(lambda number: made.acquire("key"), closing(made))

    return make


def among_keys(name: str, keys: int, servers: Servers) -> State:
    """All of them known already, asked in a scattered order."""
    made = limiter("token_bucket", name, servers)
    names = [f"key {number}" for number in range(keys)]
    for key in names:
        made.acquire(key)
    stride = next(step for step in itertools.count(7919, 2) if keys % step)
    return State(lambda number: made.acquire(names[number * stride % keys]), closing(made))


# Pagination

ROWS = 12_000
PAGE = 20
PAGINATORS = {
    "keyset": ("memory", "sqlite", "postgres", "redis", "sqlakeyset"),
    "offset": ("memory", "sqlite", "postgres", "redis"),
}


def paginator(kind: str, name: str, servers: Servers) -> tuple[Any, Any]:
    """One that has `ROWS` rows, of which ten tie in the first column of the order, and the query."""
    from spec.pagination.types import Insert, Order, Pagination, Query

    query = Query((Order("i"), Order("id")))
    config = Pagination(1000, PAGE, b"secret", (), (query,))
    environment = Environment(servers)
    made = implementation(f"pagination.{kind}", name)(config, environment)
    if hasattr(made, "engine"):
        _fill(made, query, environment.namespace)
    else:
        for first in range(0, ROWS, 1000):
            made.write([Insert({"id": id, "i": id // 10}) for id in range(first, first + 1000)])
    return made, query


def _fill(made: Any, query: Any, namespace: str) -> None:
    """In one statement, with an index."""
    from sqlalchemy import text

    made.create_index(query)
    numbers = "with recursive n(x) as (select 0 union all select x + 1 from n where x < :last)"
    statement = f"insert into lawful_pages (namespace, id, i) {numbers} select :namespace, x, x / 10 from n"
    with made.engine.begin() as connection:
        connection.execute(text(statement), {"last": ROWS - 1, "namespace": namespace})
    with made.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze"))


def _keyset(name: str, depth: int, servers: Servers) -> State:
    """The page after `depth` rows, by its cursor."""
    made, query = paginator("keyset", name, servers)
    cursor, passed = None, 0
    while passed < depth:
        page = made.page(query, min(1000, depth - passed), cursor)
        cursor, passed = page.next_cursor, passed + len(page.rows)
    return State(lambda number: made.page(query, PAGE, cursor), closing(made))


def _offset(name: str, depth: int, servers: Servers) -> State:
    """The page after `depth` rows, which are counted off."""
    made, query = paginator("offset", name, servers)
    return State(lambda number: made.page(query, PAGE, depth), closing(made))


def register_all() -> None:
    """Into `WORKLOADS`."""
    from benchmarks import counters

    for algorithm in ALGORITHMS:
        workload(
            f"rate_limiting.{algorithm}",
            1,
            (*OURS, *peers(algorithm)),
            ("keys", (1,)),
            200,
            round_trips=counters.round_trips,
            wire_bytes=counters.wire_bytes,
            statements=counters.statements,
            opcodes=counters.opcodes,
            allocated=counters.allocated,
        )(_decisions(algorithm))
    workload("rate_limiting.among_keys", 1, OURS, ("keys", (1, 100, 10_000)), 200)(among_keys)
    for kind, make in (("keyset", _keyset), ("offset", _offset)):
        workload(
            f"pagination.{kind}",
            2,
            PAGINATORS[kind],
            ("depth", (10, 2000)),  # much deeper, and PostgreSQL takes the whole table sometimes and sometimes not
            10,
            round_trips=counters.round_trips,
            statements=counters.statements,
            rows_read=counters.rows_read,
        )(make)


register_all()
