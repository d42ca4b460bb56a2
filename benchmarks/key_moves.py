"""How many keys move when a backend leaves, and how evenly keys are spread: a table, and a plot.

    python -m benchmarks.key_moves [--keys 20000] [--sets 10] [--json FILE] [--plot FILE]

Every hash in memory maps the same keys to the same backends. `last` and `middle`: which part of all keys moves as the
last of them leaves, or one in the middle; the least that can move is what that one had, 1/n if keys are spread evenly.
`largest` is the largest share of keys, times n; `variation` is the standard deviation of the shares, divided by their
mean. All are means over several sets of names, that of the variation by its squares. A sample of keys is not spread
evenly itself: `keys alone` is the variation that even shares would show.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from math import sqrt
from pathlib import Path
from statistics import fmean
from typing import Any

import pygal
from pygal.style import Style
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.workload import implementation
from benchmarks.world import Environment, Servers
from spec.load_balancing.hashing.types import Hashed
from spec.load_balancing.picking.types import Backend

NUMBERS = (5, 10, 50)
POINTS = (1, 2, 5, 10, 20, 40, 80, 160, 320, 640)
PLOTTED = 10
"""Backends of the plot."""

COLORS = ("#d62728", "#1f4fb4", "#ff9896", "#7fa8e8", "#2ca02c")
"""Dark for rings, light for rendezvous, and one for the formula."""


@dataclass(frozen=True)
class Hash:
    """One of the implementations, so configured. If only the last may leave, the others are known by their places."""

    label: str
    specification: str
    name: str
    points: int = 100
    table: int = 1009
    only_last: bool = False

    def made(self, names: Sequence[str]) -> Any:
        """It, with these backends."""
        config = Hashed(tuple(map(Backend, names)), self.points, self.table)
        return implementation(f"load_balancing.{self.specification}", self.name)(config, Environment(Servers("", "")))


def ring(points: int) -> Hash:
    """One with so many points for each backend."""
    return Hash(f"ring of {points}", "consistent_hashing", "memory-ring", points=points)


def maglev(table: int) -> Hash:
    """One with a table of that size."""
    return Hash(f"maglev {table}", "consistent_hashing", "memory-maglev", table=table)


RENDEZVOUS = Hash("rendezvous", "consistent_hashing", "memory")
HASHES = (
    Hash("modulo", "ip_hash", "memory"),
    RENDEZVOUS,
    *map(ring, (1, 10, 100, 640)),
    Hash("jump", "consistent_hashing", "memory-jump", only_last=True),
    *map(maglev, (1009, 65537)),
)


@dataclass(frozen=True)
class Moves:
    """Of one hash with `backends`: which parts of all keys moved as the last or a middle one left, and the spread."""

    hash: str
    backends: int
    last: float
    middle: float | None
    largest: float
    variation: float


@dataclass(frozen=True)
class Spread:
    """Of a ring with so many points for each backend; None: of rendezvous."""

    points: int | None
    largest: float
    variation: float


def keys_of(number: int) -> list[str]:
    """So many, always the same."""
    return [f"user:{one}" for one in range(number)]


def names_of(backends: int, which: int) -> list[str]:
    """Of so many backends, in one of many sets."""
    return [f"cache-{which}-{one}.example.net" for one in range(backends)]


def moved(before: Sequence[str], after: Sequence[str]) -> float:
    """Which part of all keys is elsewhere."""
    return sum(was != now for was, now in zip(before, after, strict=True)) / len(before)


def spread(assigned: Sequence[str], backends: int) -> tuple[float, float]:
    """The largest share times n, and the square of the variation."""
    counts = Counter(assigned)
    scaled = [count * backends / len(assigned) for count in counts.values()]
    scaled += [0.0] * (backends - len(scaled))
    return max(scaled), fmean((one - 1) ** 2 for one in scaled)


def sampled(backends: int, keys: int) -> float:
    """The variation of so many keys that go anywhere alike."""
    return sqrt((backends - 1) / keys)


def expected(backends: int, points: int) -> float:
    """The variation of the arcs of a ring: the shares are Beta-distributed, by `points` and those of all others."""
    return sqrt((backends - 1) / (backends * points + 1))


def moves(one: Hash, backends: int, keys: list[str], sets: int) -> Moves:
    """Measured, over so many sets of names."""
    last, middle, largest, squares = [], [], [], []
    for which in range(sets):
        names = names_of(backends, which)
        before = one.made(names).assign(keys)
        last.append(moved(before, one.made(names[:-1]).assign(keys)))
        if not one.only_last:
            at = backends // 2
            middle.append(moved(before, one.made(names[:at] + names[at + 1 :]).assign(keys)))
        most, square = spread(before, backends)
        largest.append(most)
        squares.append(square)
    mid = fmean(middle) if middle else None
    return Moves(one.label, backends, fmean(last), mid, fmean(largest), sqrt(fmean(squares)))


def spreads(one: Hash, points: int | None, keys: list[str], sets: int) -> Spread:
    """Measured, for the plot."""
    found = [spread(one.made(names_of(PLOTTED, which)).assign(keys), PLOTTED) for which in range(sets)]
    return Spread(points, fmean(most for most, _ in found), sqrt(fmean(square for _, square in found)))


def measured(keys: list[str], sets: int, progress: Progress) -> tuple[list[Moves], list[Spread]]:
    """All of them, rendezvous last of the spreads."""

    every: list[tuple[str, Callable[[], Moves | Spread]]] = [
        (f"{one.label}, {backends} backends", partial(moves, one, backends, keys, sets))
        for backends in NUMBERS
        for one in HASHES
    ]
    every += [(f"spread: {points} points", partial(spreads, ring(points), points, keys, sets)) for points in POINTS]
    every.append(("spread: rendezvous", partial(spreads, RENDEZVOUS, None, keys, sets)))
    task = progress.add_task("", total=len(every))
    found: list[Moves | Spread] = []
    for label, measure in every:
        progress.update(task, description=label)
        found.append(measure())
        progress.advance(task)
    return [one for one in found if isinstance(one, Moves)], [one for one in found if isinstance(one, Spread)]


def plot(found: list[Spread], keys: int) -> Any:
    """Lines over the number of points; those of rendezvous have none, so they are level."""
    *rings, rendezvous = found
    chart = pygal.Line(
        title=f"Spread of {keys:,} keys over {PLOTTED} backends, by virtual nodes of each",
        x_title="virtual nodes per backend",
        logarithmic=True,
        range=(0.01, 3),
        style=Style(colors=COLORS),
        js=[],
        height=600,
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        margin=20,
    )
    chart.x_labels = [str(points) for points in POINTS]
    dashed = {"width": 2, "dasharray": "6, 4"}
    series = {
        "ring: largest share × n": [one.largest for one in rings],
        "ring: coefficient of variation": [one.variation for one in rings],
        "rendezvous: largest share × n": [rendezvous.largest] * len(rings),
        "rendezvous: coefficient of variation": [rendezvous.variation] * len(rings),
        "√((n-1)/(nV+1)), for V virtual nodes": [expected(PLOTTED, points) for points in POINTS],
    }
    for label, values in series.items():
        level = not label.startswith("ring")
        style = {"stroke_style": dashed, "show_dots": False} if level else {}
        chart.add(label, [round(value, 4) for value in values], **style)
    return chart


def table(found: list[Moves], keys: int) -> Table:
    """What is shown."""
    made = Table("n", "hash", "last", "middle", "1/n", "largest", "variation", "keys alone", box=None)
    for at, one in enumerate(found):
        mid = "" if one.middle is None else f"{one.middle:.4f}"
        ends = at + 1 < len(found) and found[at + 1].backends != one.backends
        made.add_row(
            *(str(one.backends), one.hash, f"{one.last:.4f}", mid, f"{1 / one.backends:.4f}"),
            *(f"{one.largest:.3f}", f"{one.variation:.3f}", f"{sampled(one.backends, keys):.3f}"),
            end_section=ends,
        )
    return made


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--keys", type=int, default=20_000)
    asked.add_argument("--sets", type=int, default=10, help="of names, over which the mean is taken")
    asked.add_argument("--json", type=Path, metavar="FILE")
    asked.add_argument("--plot", type=Path, metavar="FILE", help="an SVG")
    given = asked.parse_args()
    if given.keys < 1 or given.sets < 1:
        asked.error("--keys and --sets must be at least 1")
    keys = keys_of(given.keys)
    with Progress(transient=True) as progress:
        found, by_points = measured(keys, given.sets, progress)
    Console().print(table(found, given.keys))
    if given.json:
        told = {
            "keys": given.keys,
            "sets": given.sets,
            "moves": [asdict(one) | {"ideal": 1 / one.backends} for one in found],
            "spread": [
                asdict(one) | {"backends": PLOTTED, "formula": one.points and expected(PLOTTED, one.points)}
                for one in by_points
            ],
        }
        given.json.write_text(json.dumps(told, indent=1) + "\n")
    if given.plot:
        given.plot.write_bytes(plot(by_points, given.keys).render(is_unicode=False))


if __name__ == "__main__":
    main()
