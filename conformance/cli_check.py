"""The commands that check: once, or for as long as one has time."""

import os
import sys
import time
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from conformance import report, saved, session
from conformance import soak as soaking
from conformance.judge import Budget
from conformance.report_json import as_json
from conformance.trace import Trace
from impls.backends import Backends
from impls.registry import Implementation
from spec.specification import Specification

Capability = Annotated[
    list[str] | None, typer.Option(help="What your implementation can beyond what shows; may be repeated.")
]
Jobs = Annotated[int | None, typer.Option(min=1, help="How many to check at once; default: one for each processor.")]
Save = Annotated[Path, typer.Option(metavar="DIRECTORY", help="Where counterexamples are kept.")]
RedisUrl = Annotated[str | None, typer.Option(help="A running Redis or Valkey; default: an embedded Valkey.")]
PostgresUrl = Annotated[str | None, typer.Option(help="A running PostgreSQL; default: an embedded one.")]
Containers = Annotated[bool, typer.Option("--containers", help="Servers in containers, not embedded ones.")]
STOPPED = "stopped; what is below was finished before"


class Profile(StrEnum):
    """The names of `PROFILES`."""

    QUICK = "quick"
    DEFAULT = "default"
    THOROUGH = "thorough"


def check(
    specification: Annotated[
        str | None, typer.Argument(metavar="[SPEC]", help="A specification or a block; default: everything.")
    ] = None,
    factory: Annotated[
        str | None, typer.Argument(metavar="[MODULE:FACTORY]", help="Your implementation; default: all known.")
    ] = None,
    capability: Capability = None,
    profile: Annotated[Profile, typer.Option(help="How much is tried.")] = Profile.DEFAULT,
    examples: Annotated[int | None, typer.Option(min=1, help="Histories to try for each implementation.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps in each history.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same verdicts.")] = 0,
    jobs: Jobs = None,
    libraries: Annotated[
        bool,
        typer.Option("--libraries", help="Also the libraries by others that Lawful has adapters for, if installed."),
    ] = False,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the verdicts there; - for stdout.")] = None,
    save: Save = saved.DIRECTORY,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only what is wrong.")] = False,
    redis_url: RedisUrl = None,
    postgres_url: PostgresUrl = None,
    containers: Containers = False,
) -> None:
    """Check implementations against their laws. Exit status: 0 fine, 1 violated, 2 usage or environment."""
    console = Console(stderr=json is not None and str(json) == "-", highlight=False)
    if json is not None and str(json) != "-" and not json.parent.is_dir():
        raise session.UsageError(f"--json: there is no directory {json.parent}; make it first")
    asked = specification, factory, tuple(capability or ()), libraries
    selected = session.select(*asked)
    budget, jobs = session.budget(profile, examples, steps, seed), jobs or os.cpu_count() or 1
    checked: list[session.Checked] = []
    began, status = time.perf_counter(), 0
    try:
        with (
            Backends.from_environment(redis_url, postgres_url, containers) as backends,
            closing(session.check_all(asked, budget, backends, jobs, _kept(console, save))) as answers,
            progress_bar(console, hidden=quiet) as progress,
        ):
            task = progress.add_task("", total=len(selected))
            for spec, implementation in selected:
                progress.update(task, description=f"{spec.name}  {implementation.name}")
                checked.append(next(answers))
                progress.advance(task)
                _keep_and_show(console, checked[-1], seed, save)
    except KeyboardInterrupt:
        console.print(STOPPED)
        status = 2
    if not quiet:
        _show_all(console, checked, began)
    if json is not None:
        text = as_json(checked, budget) + "\n"
        if str(json) == "-":
            sys.stdout.write(text)
        else:
            json.write_text(text)
    raise typer.Exit(report.exit_status(checked) or status)


def soak(
    specification: Annotated[str, typer.Argument(metavar="SPEC", help="A specification.")],
    implementation: Annotated[str, typer.Argument(metavar="IMPL", help="An implementation: name, or module:factory.")],
    minutes: Annotated[float, typer.Option(min=0, help="When this has passed, the round that runs is the last.")] = 10,
    capability: Capability = None,
    seed: Annotated[int, typer.Option(help="Of the first round; each round takes the next.")] = 0,
    save: Save = saved.DIRECTORY,
    redis_url: RedisUrl = None,
    postgres_url: PostgresUrl = None,
    containers: Containers = False,
) -> None:
    """Check one implementation round after round, until time is up or a law is violated. Exit status: as for check."""
    console = Console(highlight=False)
    ((spec, found),) = session.select(specification, implementation, tuple(capability or ()))
    began, number, total = time.perf_counter(), 0, None
    try:
        with (
            Backends.from_environment(redis_url, postgres_url, containers) as backends,
            closing(soaking.rounds(spec, found, Budget(steps=50, seed=seed), backends, _kept(console, save))) as rounds,
            progress_bar(console) as progress,
        ):
            task = progress.add_task("round 1", total=None)
            for number, total in enumerate(rounds, 1):
                progress.update(task, description=f"round {number + 1}  {total.verdicts[0].examples} examples so far")
                if time.perf_counter() - began >= 60 * minutes:
                    break
    except KeyboardInterrupt:
        console.print(STOPPED)
    if total is None:
        raise typer.Exit(2)
    _keep_and_show(console, total, seed + number - 1, save)
    _show_all(console, [total], began)
    console.print(f"{number} round{'s' * (number != 1)}, seeds {seed} to {seed + number - 1}")
    raise typer.Exit(report.exit_status([total]))


def progress_bar(console: Console, hidden: bool = False) -> Progress:
    """What runs, what is done and left, and for how long, on a terminal; nothing elsewhere."""
    columns = (
        SpinnerColumn(),
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    return Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal)


def _kept(console: Console, directory: Path) -> session.Kept:
    """What was kept there is played first; what cannot be is told."""

    def kept(spec: Specification, implementation: Implementation) -> list[Trace]:
        found = list(saved.kept(spec.name, implementation.name, directory))
        for error in found:
            if isinstance(error, session.UsageError):
                console.print(f"not played again: {error}; remove it", markup=False, soft_wrap=True, style="yellow")
        return [trace for trace in found if isinstance(trace, Trace)]

    return kept


def _keep_and_show(console: Console, one: session.Checked, seed: int, directory: Path) -> None:
    """Keep the counterexamples of an implementation, and show them."""
    found = [verdict for verdict in one.verdicts if verdict.counterexample]
    report.show_details(console, one, {verdict.law: saved.save(one, verdict, seed, directory) for verdict in found})


def _show_all(console: Console, checked: list[session.Checked], began: float) -> None:
    report.show_table(console, checked)
    report.show_anomalies(console, checked)
    console.print()
    report.show_summary(console, checked, time.perf_counter() - began)
