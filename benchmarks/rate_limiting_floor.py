"""How far each rate limiter is from the least that its backend allows: decisions per second, and the ratio to a floor.

    python -m benchmarks.rate_limiting_floor [seconds for each measurement]

The floors, measured in the same run in alternation: in memory, the shortest GCRA under a lock that answers in full, and
that ignores idle keys, bad arguments and steps of the clock (in the last row: beside one that only says yes or no); on
Redis, EVALSHA of a script that returns 1; on PostgreSQL, an UPDATE of one row by its key. All run in one thread on
their own servers. Ratios are medians of alternating rounds, so they are steadier than the rates.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import redis
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from conformance.environment import TestEnvironment, VirtualClock, World
from impls.backends import Backends
from impls.clock import SystemClock
from impls.rate_limiting.postgres import engine
from impls.registry import implementations
from spec.rate_limiting import SPECIFICATIONS
from spec.rate_limiting.types import SECOND, Decision, Limit, Queue, Window

ROUNDS = 7
CONFIGS = {Limit: Limit(10**6, SECOND, 10**6), Window: Window(10**6, SECOND), Queue: Queue(10**6, SECOND, 10**6)}
"""Rates that no single thread reaches, so that every call is admitted."""

LOG = Window(100, SECOND // 100)
"""A log is as slow as it is long: this one is full most of the time, on servers."""

Call = Callable[[], object]


class YesOrNo:
    """A minimal GCRA that answers with a bool."""

    def __init__(self) -> None:
        self.lock, self.arrivals, self.interval, self.tolerance = Lock(), {"key": 0.0}, 1e-6, 1.0

    def acquire(self, key: str) -> bool:
        with self.lock:
            now = time.monotonic()
            arrival = max(self.arrivals.get(key, 0.0), now)
            if arrival - now > self.tolerance:
                return False
            self.arrivals[key] = arrival + self.interval
            return True


class MinimalGcra:
    """The floor in memory: a minimal GCRA that answers in full."""

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


@contextmanager
def floors(world: World) -> Iterator[dict[str, Call]]:
    minimal, yes_or_no = MinimalGcra(), YesOrNo()
    client = redis.Redis.from_url(world.url("redis"))
    one = client.register_script("return 1")
    with engine(world.url("postgres")).connect() as connection:
        connection.execute(text("create table floor (key text primary key, value bigint not null)"))
        connection.execute(text("insert into floor values ('key', 0)"))
    update = text("update floor set value = value + 1 where key = :key")

    def on_postgres() -> None:
        with engine(world.url("postgres")).connect() as connection:
            connection.execute(update, {"key": "key"})

    yield {
        "memory": lambda: minimal.acquire("key"),
        "yes or no": lambda: yes_or_no.acquire("key"),
        "redis": lambda: one(keys=[f"{world.prefix}-floor"]),
        "postgres": on_postgres,
    }
    client.close()


def rate(call: Call, seconds: float) -> float:
    """Calls per second."""
    done, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        for _ in range(50):
            call()
        done += 50
    return done / spent


def beside(call: Call, floor: Call, seconds: float) -> tuple[str, str]:
    """The rate of the call, and its ratio to that of the floor."""
    pairs = [(rate(call, seconds), rate(floor, seconds)) for _ in range(ROUNDS)]
    ratio = statistics.median(ours / least for ours, least in pairs)
    return f"{statistics.median(ours for ours, _ in pairs):,.0f}", f"{ratio:.2f}"


def main(seconds: float) -> None:
    table = Table(box=None)
    for title in ("specification", "implementation", "decisions/s", "of the floor"):
        table.add_column(title)
    with Backends.from_environment() as backends, World(backends) as world, floors(world) as floor:
        for specification in SPECIFICATIONS:
            for one in implementations(specification.name):
                env: Any = world.environment(VirtualClock())
                env = TestEnvironment(SystemClock(), env.random, env.namespace, world)
                config = LOG if "stored" in specification.operations else CONFIGS[specification.configuration]
                limiter = one.factory(config, env)

                def decide(limiter: Any = limiter) -> object:
                    return limiter.acquire("key")

                table.add_row(specification.short, one.name, *beside(decide, floor[one.backend], seconds))
        table.add_row("the floor in memory", "yes or no", *beside(floor["yes or no"], floor["memory"], seconds))
    Console().print(table)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.3)
