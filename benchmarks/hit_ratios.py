"""How often each policy hits, beside the best that any could: a table, and a plot.

    python -m benchmarks.hit_ratios [--requests 200000] [--capacity 1000] [--json FILE] [--plot FILE]

Every cache in memory is asked the same; what is not there is put. `best` is Belady's choice of victims, which knows
what will be asked for.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import pygal
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.traces import TRACES, best_hits
from benchmarks.world import Environment, Servers
from impls.registry import Implementation, implementations
from spec.caching import Aging, Capacity
from spec.caching.eviction import SPECIFICATIONS

BEST = "best"


def caches() -> list[tuple[str, Implementation]]:
    """Those in memory, each with its label."""
    found = []
    for specification in SPECIFICATIONS:
        for one in implementations(specification.name):
            if one.backend == "memory" and specification.short != "ttl":  # without ttl, that is FIFO
                variant = one.name.removeprefix("memory").removeprefix("-")
                found.append((" ".join(filter(None, (specification.short, variant))), one))
    return found


def hit_ratio(implementation: Implementation, trace: list[int], capacity: int) -> float:
    """Hits for each request."""
    aging = implementation.specification == "caching.lfu_aging"
    config: Capacity = Aging(capacity, window=10 * capacity) if aging else Capacity(capacity)
    factory: Any = implementation.factory
    cache = factory(config, Environment(Servers("", "")))
    hits = 0
    for key in trace:
        if cache.get(key) is None:
            cache.put(key, key)
        else:
            hits += 1
    return hits / len(trace)


def measured(requests: int, capacity: int, progress: Progress) -> dict[str, dict[str, float]]:
    """By trace and policy."""
    every = caches()
    task = progress.add_task("", total=len(TRACES) * (len(every) + 1))
    found: dict[str, dict[str, float]] = {}
    for name, make in TRACES.items():
        trace = make(requests)
        progress.update(task, description=f"{name}: best")
        found[name] = {BEST: best_hits(trace, capacity) / len(trace)}
        progress.advance(task)
        for label, one in every:
            progress.update(task, description=f"{name}: {label}")
            found[name][label] = hit_ratio(one, trace, capacity)
            progress.advance(task)
    return found


def plot(found: dict[str, dict[str, float]], requests: int, capacity: int) -> Any:
    """Bars: for each policy one for each trace."""
    title = f"Hit ratio by policy: capacity {capacity:,}, {requests:,} requests"
    chart = pygal.HorizontalBar(title=title, range=(0, 1), js=[], height=700, legend_at_bottom=True, margin=20)
    labels = list(found[next(iter(found))])[::-1]
    chart.x_labels = labels
    for name, ratios in found.items():
        chart.add(name, [round(ratios[label], 3) for label in labels])
    return chart


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--requests", type=int, default=200_000)
    asked.add_argument("--capacity", type=int, default=1_000)
    asked.add_argument("--json", type=Path, metavar="FILE")
    asked.add_argument("--plot", type=Path, metavar="FILE", help="an SVG")
    given = asked.parse_args()
    if given.requests < 1 or given.capacity < 1:
        asked.error("--requests and --capacity must be at least 1")
    with Progress(transient=True) as progress:
        found = measured(given.requests, given.capacity, progress)
    table = Table("policy", *found, box=None)
    for label in found[next(iter(found))]:
        table.add_row(label, *(f"{ratios[label]:.3f}" for ratios in found.values()))
    Console().print(table)
    if given.json:
        told = {"requests": given.requests, "capacity": given.capacity, "hit_ratios": found}
        given.json.write_text(json.dumps(told, indent=1) + "\n")
    if given.plot:
        given.plot.write_bytes(plot(found, given.requests, given.capacity).render(is_unicode=False))


if __name__ == "__main__":
    main()
