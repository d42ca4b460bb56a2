"""Whether a commit costs more than another: counts may fail a build, times only warn.

    python -m benchmarks.compare BASE [--commit HEAD] [--bench REGEX] [--rounds 4]

Both commits are run in turn, round after round (asv, interleaved), so that what else the machine does meets both. A
count that has grown is told and makes the exit status 1. Of times the ratio is told, with its 95 % confidence interval
(of the ratio of medians, by bootstrap with a fixed seed); where all of that lies above 1, it is a warning and no more.
"""

import argparse
import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

ROOT = Path(__file__).parents[1]
ASV = Path(sys.executable).with_name("asv")
DRAWS = 2000
UNSTEADY = ("track_overhead", "track_allocated", "track_bytes_per_key")
"""Figures that are no counts: a ratio of times, and memory, which depends on what the process did before. A quarter
more or less says nothing."""


class CannotCompare(Exception):
    """The message says why."""


@dataclass(frozen=True)
class Difference:
    """What one benchmark with one choice of parameters came to. `low` and `high` bound the ratio of a time."""

    name: str
    before: float
    after: float
    ratio: float
    low: float
    high: float
    counted: bool

    @property
    def is_worse(self) -> bool:
        """Of a count, that it grew; of a time, that it surely did."""
        return self.after > self.before if self.counted else self.low > 1


def differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Difference]:
    """Of what both results have, in the order of the first."""
    for name, old in before["results"].items():
        new = after["results"].get(name)
        if new is None:
            continue
        first, second = (
            dict(zip(both["result_columns"], one, strict=False)) for both, one in ((before, old), (after, new))
        )
        if first["result"] is None or second["result"] is None or first["version"] != second["version"]:
            continue
        cases = list(product(*first["params"]))
        samples = [one.get("samples") or [None] * len(cases) for one in (first, second)]
        for case, *values in zip(cases, first["result"], second["result"], *samples, strict=False):
            if all(isinstance(value, float | int) and not math.isnan(value) for value in values[:2]):
                yield _difference(f"{name}({', '.join(case)})" if case else name, *values)


def _difference(name: str, old: float, new: float, before: Sequence[float], after: Sequence[float]) -> Difference:
    ratio = new / old if old else math.inf if new else 1.0
    if name.partition("(")[0].rpartition(".")[2] in UNSTEADY:
        return Difference(name, old, new, ratio, ratio / 1.25, ratio * 1.25, False)
    if ".track_" in name:
        return Difference(name, old, new, ratio, ratio, ratio, True)
    low, high = bounds(before, after) if before and after else (0.0, math.inf)
    return Difference(name, old, new, ratio, low, high, False)


def bounds(before: Sequence[float], after: Sequence[float]) -> tuple[float, float]:
    """Of the ratio of medians, 95 % confidence."""
    chance = random.Random(0)
    drawn = sorted(
        statistics.median(chance.choices(after, k=len(after)))
        / statistics.median(chance.choices(before, k=len(before)))
        for _ in range(DRAWS)
    )
    return drawn[DRAWS // 40], drawn[-DRAWS // 40]


def run(commits: Sequence[str], bench: str | None, rounds: int) -> list[dict[str, Any]]:
    """The results of each commit."""
    with tempfile.TemporaryDirectory() as directory:
        config = json.loads((ROOT / "asv.conf.json").read_text())
        places = {"repo": str(ROOT), "benchmark_dir": str(ROOT / "benchmarks"), "env_dir": str(ROOT / ".asv" / "env")}
        config |= places | {"results_dir": directory}
        config["install_command"] = [one.replace("{conf_dir}", str(ROOT)) for one in config["install_command"]]
        (file := Path(directory) / "asv.conf.json").write_text(json.dumps(config))
        (hashes := Path(directory) / "hashes").write_text("\n".join(commits))
        shared = ["--config", str(file)]
        subprocess.run([ASV, *shared, "machine", "--yes", "--machine", "compare"], check=True, capture_output=True)
        command = ["run", "--interleave-rounds", "--record-samples", "--machine", "compare", "-a", f"rounds={rounds}"]
        chosen = ["--bench", bench] if bench else []
        subprocess.run([ASV, *shared, *command, *chosen, f"HASHFILE:{hashes}"], cwd=ROOT)
        found = []
        for commit in commits:
            files = list((Path(directory) / "compare").glob(f"{commit[:8]}-*.json"))
            if not files:
                raise CannotCompare(f"{commit[:8]} gave no results; the lines above say why")
            found.append(json.loads(files[0].read_text()))
    return found


def show(console: Console, found: list[Difference]) -> int:
    """What is worse or better, and how many are the same; the exit status."""
    table = Table(box=None)
    table.add_column("benchmark", overflow="fold")
    for title in ("before", "after", "ratio", "95 %", ""):
        table.add_column(title, no_wrap=True)
    for one in sorted(found, key=lambda one: (not one.counted, -one.ratio)):
        is_better = one.after < one.before if one.counted else one.high < 1
        if not (one.is_worse or is_better):
            continue
        verdict = Text("FAILS" if one.counted else "slower", "bold red" if one.counted else "yellow")
        interval = "" if one.counted else f"{one.low:.2f}-{one.high:.2f}"
        row = (one.name, f"{one.before:.6g}", f"{one.after:.6g}", f"{one.ratio:.2f}", interval)
        table.add_row(*row, verdict if one.is_worse else Text("better", "green"))
    console.print(table)
    failed = [one for one in found if one.counted and one.is_worse]
    slower = [one for one in found if not one.counted and one.is_worse]
    told = f"{len(found)} compared: {len(failed)} counts have grown, {len(slower)} times surely have (no failure)"
    console.print(told)
    return 1 if failed else 0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("base")
    asked.add_argument("--commit", default="HEAD")
    asked.add_argument("--bench", metavar="REGEX")
    asked.add_argument("--rounds", type=int, default=4)
    given = asked.parse_args()
    commits = []
    for name in (given.base, given.commit):
        command = ["git", "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"]
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if found.returncode:
            asked.error(f"there is no commit {name!r}")
        commits.append(found.stdout.strip())
    try:
        before, after = run(commits, given.bench, given.rounds)
    except CannotCompare as error:
        asked.exit(2, f"{error}\n")
    sys.exit(show(Console(), list(differences(before, after))))


if __name__ == "__main__":
    main()
