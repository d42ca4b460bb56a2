"""What is measured of load balancing: where one request goes and, where requests are counted, that it is done."""

from collections.abc import Callable
from typing import Any

from benchmarks import counters
from benchmarks.balancing_peers import KEYS, named, peer, peers, weighing
from benchmarks.workload import State, Workload, closing, implementation
from benchmarks.world import Environment, Servers

OURS = ("memory", "redis", "postgres")
LATENCY = 1000
"""Microseconds that each answer took, it is said."""

PICKING = {
    "round_robin": OURS,
    "weighted_round_robin": (*OURS, "memory-resets", "memory-edf", "memory-cyclic"),
    "random": ("memory",),
    "weighted_random": ("memory",),
    "least_connections": OURS,
    "weighted_least_connections": (*OURS, "memory-counts-new"),
    "two_choices": ("memory", "memory-with-replacement"),
    "least_response_time": ("memory",),
    "slow_start": ("memory",),
    "draining": ("memory-round-robin", "memory-least-connections"),
    "bounded_loads": ("memory",),
}
"""Whose picks are measured, for each specification."""

HASHING = {
    "ip_hash": ("memory",),
    "consistent_hashing": ("memory", "memory-ring", "memory-jump", "memory-maglev"),
}
"""Whose answers for one key are measured."""

WEIGHTED = {"weighted_round_robin", "weighted_random", "weighted_least_connections"}


def _made(specification: str, name: str, backends: int, servers: Servers) -> Any:
    factory = implementation(f"load_balancing.{specification}", name)
    from spec.load_balancing import SPECIFICATIONS
    from spec.load_balancing.picking.types import Backend

    weights = weighing(backends) if specification in WEIGHTED else [1] * backends
    configuration: Any = next(one.configuration for one in SPECIFICATIONS if one.short == specification)
    pool = configuration(tuple(map(Backend, named(backends), weights)))
    return factory(pool, Environment(servers))


def _picks(specification: str) -> Callable[[str, int, Servers], State]:
    """And what is picked is done at once. Two requests for each backend are in flight all the time."""

    def make(name: str, backends: int, servers: Servers) -> State:
        if call := peer(name, backends):
            return State(call)
        balancer = _made(specification, name, backends, servers)
        pick, done = balancer.pick, balancer.done
        keyed = specification == "bounded_loads"
        picked = [pick(KEYS[number % 1000]) if keyed else pick() for number in range(3 * backends)]
        for one in picked[:backends]:
            done(one.ticket) if keyed else done(one.ticket, True, LATENCY)

        def by_key(number: int) -> None:
            done(pick(KEYS[number % 1000]).ticket)

        def request(number: int) -> None:
            done(pick().ticket, True, LATENCY)

        return State(by_key if keyed else request, closing(balancer))

    return make


def _assigned(specification: str) -> Callable[[str, int, Servers], State]:
    def make(name: str, backends: int, servers: Servers) -> State:
        if call := peer(name, backends):
            return State(call)
        assign = _made(specification, name, backends, servers).assign
        return State(lambda number: assign([KEYS[number % 1000]])[0])

    return make


def _workload(specification: str, ours: tuple[str, ...], make: Callable[[str, int, Servers], State]) -> Workload:
    counted = ("round_trips", "wire_bytes", "statements") if "redis" in ours else ()
    return Workload(
        f"load_balancing.{specification}",
        version=1,
        implementations=(*ours, *peers(specification)),
        size="backends",
        sizes=(3, 100),
        make=make,
        operations=200,
        counters={name: getattr(counters, name) for name in (*counted, "opcodes")},
    )


ALL = (
    *(_workload(one, ours, _picks(one)) for one, ours in PICKING.items()),
    *(_workload(one, ours, _assigned(one)) for one, ours in HASHING.items()),
)
