"""Every workload beside the least that its backend allows, and beside peers: ratios, which are steadier than times.

    python -m benchmarks.ratios [--seconds 0.2] [--rounds 9] [--json FILE] [WORKLOAD ...]

Each is measured in alternation with its floor, in one thread, on servers of its own. The figure is the median over
rounds of floor / time: 1 is as fast as the floor. These are, in memory, the shortest GCRA under a lock that answers
in full and ignores idle keys, bad arguments and steps of the clock; on Redis, EVALSHA of a script that returns 1; on
PostgreSQL, an UPDATE of one row by its key, or for pages `select 1`; on SQLite `select 1`; for pages in memory, copies;
for caches in memory, the least recently used in an OrderedDict without lock, ttl, weight or listener; for balancers in
memory `random.choice` of three names, and on servers the above twice, as a request is picked for and then done. A
request to a cache is one call or, where it has to be put, two.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from rich.console import Console
from rich.table import Table

from benchmarks.balancing_peers import chance, named
from benchmarks.cache_peers import bare
from benchmarks.traces import zipf
from benchmarks.workload import Workload
from benchmarks.workloads import PAGE, WORKLOADS
from benchmarks.world import Servers, started
from spec.rate_limiting.types import SECOND, Decision

Call = Callable[[int], object]
"""The n-th of many."""


class MinimalGcra:
    """The floor of limiters in memory."""

    def __init__(self) -> None:
        self.lock, self.arrivals, self.tolerance = Lock(), {"key": 0}, SECOND

    def acquire(self, key: str, cost: int = 1) -> Decision:
        with self.lock:
            now = time.time_ns() // 1000
            missing = max(self.arrivals.get(key, 0) - now, 0) + cost
            if missing > self.tolerance:
                return Decision(False, self.tolerance - missing + cost, missing - self.tolerance, missing - cost)
            self.arrivals[key] = now + missing
            return Decision(True, self.tolerance - missing, 0, missing)


def floors(servers: Servers, stack: ExitStack) -> dict[str, Call]:
    """By backend, and for pages and balancers by `pages on <backend>` and `balancers on <backend>`."""
    import redis
    import sqlalchemy

    minimal = MinimalGcra()
    client = stack.enter_context(redis.Redis.from_url(servers.redis))
    one = client.register_script("return 1")
    engine = sqlalchemy.create_engine(servers.postgres, isolation_level="AUTOCOMMIT")
    light = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.StaticPool)
    for made in (engine, light):
        stack.callback(made.dispose)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("create table floor (key text primary key, value bigint not null)"))
        connection.execute(sqlalchemy.text("insert into floor values ('key', 0)"))
    update, select = (
        sqlalchemy.text(text) for text in ("update floor set value = value + 1 where key = :key", "select 1")
    )

    def updated(number: int) -> None:
        with engine.connect() as connection:
            connection.execute(update, {"key": "key"})

    def selected(engine: sqlalchemy.Engine) -> None:
        with engine.connect() as connection:
            connection.execute(select).all()

    least, trace = bare(1000), zipf(50_000)
    chosen = chance(named(3))
    rows = [dict.fromkeys("abcdefghi") for _ in range(PAGE)]
    return {
        "memory": lambda number: minimal.acquire("key"),
        "caches on memory": lambda number: least(trace[number % len(trace)]),
        "redis": lambda number: one(keys=["bench-floor"]),
        "postgres": updated,
        "balancers on memory": chosen,
        "balancers on redis": lambda number: (one(keys=["bench-floor"]), one(keys=["bench-floor"])),
        "balancers on postgres": lambda number: list(map(updated, (number, number))),
        "pages on memory": lambda number: [dict(row) for row in rows],
        "pages on redis": lambda number: one(keys=["bench-floor"]),
        "pages on postgres": lambda number: selected(engine),
        "pages on sqlite": lambda number: selected(light),
    }


def floor_of(workload: Workload, name: str) -> str:
    """Which of the floors."""
    backend = next((one for one in ("redis", "postgres", "sqlite") if one in name), "memory")
    if name == "sqlakeyset":
        backend = "sqlite"
    if workload.block == "load_balancing":
        return f"balancers on {backend}"
    if workload.block == "caching" and backend == "memory":
        return "caches on memory"
    return f"pages on {backend}" if workload.block == "pagination" else backend


@dataclass(frozen=True)
class Ratio:
    """Of one implementation; `low` and `high` are the quartiles of the rounds."""

    workload: str
    implementation: str
    size: int
    microseconds: float
    ratio: float
    low: float
    high: float
    floor: str


def seconds_of(call: Call, at_least: float) -> float:
    """Of one call, over as many as fill that time."""
    done, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < at_least:
        for number in range(done, done + 10):
            call(number)
        done += 10
    return spent / done


def measured(chosen: list[Workload], seconds: float, rounds: int) -> Iterator[Ratio]:
    """Each as soon as it is known."""
    with ExitStack() as stack:
        servers = started(stack)
        least = floors(servers, stack)
        for workload in chosen:
            for size in workload.sizes:
                for name in workload.implementations:
                    try:
                        state = workload.make(name, size, servers)
                    except NotImplementedError:
                        continue
                    floor = floor_of(workload, name)
                    seconds_of(state.call, seconds / 4)
                    both = state.call, least[floor]
                    pairs = [tuple(seconds_of(call, seconds) for call in both) for _ in range(rounds)]
                    low, ratio, high = statistics.quantiles([bare / ours for ours, bare in pairs], n=4)
                    taken = statistics.median(ours for ours, _ in pairs)
                    state.close()
                    yield Ratio(workload.name, name, size, 1e6 * taken, ratio, low, high, floor)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"of {', '.join(WORKLOADS)}; default: all")
    asked.add_argument("--seconds", type=float, default=0.2, help="for each measurement")
    asked.add_argument("--rounds", type=int, default=9)
    asked.add_argument("--json", type=Path, metavar="FILE")
    given = asked.parse_args()
    if unknown := set(given.workloads) - set(WORKLOADS):
        asked.error(f"there is no workload {', '.join(sorted(unknown))}; there are {', '.join(WORKLOADS)}")
    chosen = [one for one in WORKLOADS.values() if not given.workloads or one.name in given.workloads]
    table = Table("workload", "size", "implementation", "µs", "of the floor", "quartiles", box=None)
    found = []
    for one in measured(chosen, given.seconds, given.rounds):
        found.append(one)
        quartiles = f"{one.low:.2f}-{one.high:.2f}"
        row = (one.workload, f"{one.size:,}", one.implementation, f"{one.microseconds:,.1f}", f"{one.ratio:.2f}")
        table.add_row(*row, quartiles)
    Console().print(table)
    if given.json:
        given.json.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n")


if __name__ == "__main__":
    main()
