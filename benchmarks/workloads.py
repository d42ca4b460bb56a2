"""What is measured: one registry, from which asv's benchmarks and those of pytest-benchmark are made.

Everything of the project is imported where it is needed, and what is missing is not measured: asv runs these benchmarks
against commits that are older than they.
"""

import itertools
from collections.abc import Callable
from typing import Any

from benchmarks import balancing_workloads, cache_peers, counters
from benchmarks.peers import PEERS, peer, peers
from benchmarks.traces import zipf
from benchmarks.workload import State, Workload, closing, implementation
from benchmarks.world import Environment, Servers

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
NUMBERS = "with recursive n(x) as (select 0 union all select x + 1 from n where x < :last)"
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
    made.create_index(query)
    rows = f"insert into lawful_pages (namespace, id, i) {NUMBERS} select :namespace, x, x / 10 from n"
    load(made.engine, rows, {"last": ROWS - 1, "namespace": namespace})


def load(engine: Any, insert: str, values: dict[str, Any]) -> None:
    """Insert rows, and let the database look at them, so that it plans for what is there."""
    from sqlalchemy import text

    with engine.begin() as connection:
        connection.execute(text(insert), values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
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


def _decided(algorithm: str) -> Workload:
    counted = ("round_trips", "wire_bytes", "statements", "opcodes", "allocated")
    return Workload(
        f"rate_limiting.{algorithm}",
        version=1,
        implementations=(*OURS, *peers(algorithm)),
        size="keys",
        sizes=(1,),
        make=_decisions(algorithm),
        operations=200,
        counters={name: getattr(counters, name) for name in counted},
    )


def _paged(kind: str, make: Callable[[str, int, Servers], State]) -> Workload:
    return Workload(
        f"pagination.{kind}",
        version=2,
        implementations=PAGINATORS[kind],
        size="depth",
        sizes=(10, 2000),  # much deeper, and PostgreSQL takes the whole table sometimes and sometimes not
        make=make,
        operations=10,
        counters={name: getattr(counters, name) for name in ("round_trips", "statements", "rows_read")},
    )


# Caching

POLICIES = {
    "lru": (*OURS, "cachetools", "functools", "lru-dict"),
    "fifo": OURS,
    "lfu": ("memory", "redis"),
    "lfu_aging": ("memory",),
    "random": ("memory",),
    "ttl": OURS,
    "sieve": ("memory",),
    "s3_fifo": ("memory",),
    "w_tinylfu": ("memory", "memory-exact", "theine"),
}
"""Whose requests are measured, for each policy."""


def _requests(policy: str) -> Callable[[str, int, Servers], State]:
    """Of the keys that a Zipf trace asks for; what is not there is put. The cache is full from the beginning."""

    def make(name: str, capacity: int, servers: Servers) -> State:
        trace = zipf(50_000)
        if name in cache_peers.PEERS:
            request = cache_peers.peer(name, capacity)
        else:
            cache = _cache(policy, name, capacity, servers)
            get, put = cache.get, cache.put

            def request(key: int) -> None:
                if get(key) is None:
                    put(key, key)

        for key in range(capacity):
            request(key)
        state = State(lambda number: request(trace[number % 50_000]))
        return state if name in cache_peers.PEERS else State(state.call, closing(cache))

    return make


def _cache(policy: str, name: str, capacity: int, servers: Servers) -> Any:
    from spec.caching import Aging, Capacity

    config = Aging(capacity, window=10 * capacity) if policy == "lfu_aging" else Capacity(capacity)
    return implementation(f"caching.{policy}", name)(config, Environment(servers))


def _requested(policy: str) -> Workload:
    return Workload(
        f"caching.{policy}",
        version=1,
        implementations=POLICIES[policy],
        size="capacity",
        sizes=(1000,),
        make=_requests(policy),
        operations=200,
        counters={"opcodes": counters.opcodes},
    )


_AMONG_KEYS = Workload("rate_limiting.among_keys", 1, OURS, "keys", (1, 100, 10_000), among_keys, 200)
_ALL = (
    *map(_decided, ALGORITHMS),
    _AMONG_KEYS,
    _paged("keyset", _keyset),
    _paged("offset", _offset),
    *map(_requested, POLICIES),
    *balancing_workloads.ALL,
)

WORKLOADS = {one.name: one for one in _ALL}
