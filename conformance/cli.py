"""The command."""

import os
import signal
import sys
import time
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from conformance import explain as explaining
from conformance import killing, report, saved, session
from conformance import replay as replaying
from conformance.judge import PROFILES, Budget
from conformance.trace import Trace
from impls.backends import NAMES, BackendMissing, Backends, ping_postgres, ping_redis
from impls.registry import Implementation, implementations
from spec.law import Violation
from spec.specification import Specification, specifications

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

RedisUrl = Annotated[str | None, typer.Option(help="A running Redis or Valkey; default: an embedded Valkey.")]
PostgresUrl = Annotated[str | None, typer.Option(help="A running PostgreSQL; default: an embedded one.")]


class Profile(StrEnum):
    """The names of `PROFILES`."""

    QUICK = "quick"
    DEFAULT = "default"
    THOROUGH = "thorough"


@app.callback()
def lawful() -> None:
    """Executable laws for the building blocks of system design, and a check of any implementation against them."""


@app.command()
def check(
    specification: Annotated[
        str | None, typer.Argument(metavar="[SPEC]", help="A specification or a block; default: everything.")
    ] = None,
    factory: Annotated[
        str | None, typer.Argument(metavar="[MODULE:FACTORY]", help="Your implementation; default: all known.")
    ] = None,
    capability: Annotated[
        list[str] | None, typer.Option(help="What your implementation can beyond what shows; may be repeated.")
    ] = None,
    profile: Annotated[Profile, typer.Option(help="How much is tried.")] = Profile.DEFAULT,
    examples: Annotated[int | None, typer.Option(min=1, help="Histories to try for each implementation.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps in each history.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same verdicts.")] = 0,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Implementations to check at once; default: one for each processor.")
    ] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the verdicts there; - for stdout.")] = None,
    save: Annotated[Path, typer.Option(metavar="DIRECTORY", help="Where counterexamples are kept.")] = saved.DIRECTORY,
    redis_url: RedisUrl = None,
    postgres_url: PostgresUrl = None,
) -> None:
    """Check implementations against their laws. Exit status: 0 fine, 1 violated, 2 usage or environment."""
    console = Console(stderr=json is not None and str(json) == "-", highlight=False)
    if json is not None and str(json) != "-" and not json.parent.is_dir():
        raise session.UsageError(f"--json: there is no directory {json.parent}; make it first")
    asked = specification, factory, tuple(capability or ())
    selected = session.select(*asked)
    usual = PROFILES[profile]
    budget, jobs = Budget(examples or usual.examples, steps or usual.steps, seed), jobs or os.cpu_count() or 1
    checked: list[session.Checked] = []

    def kept(spec: Specification, implementation: Implementation) -> list[Trace]:
        """What is played first; what cannot be is told."""
        found = list(saved.kept(spec.name, implementation.name, save))
        for error in found:
            if isinstance(error, session.UsageError):
                console.print(f"not played again: {error}; remove it", markup=False, soft_wrap=True, style="yellow")
        return [trace for trace in found if isinstance(trace, Trace)]

    began = time.perf_counter()
    try:
        with (
            Backends.from_environment(redis_url, postgres_url) as backends,
            closing(session.check_all(asked, budget, backends, jobs, kept)) as answers,
            _progress(console) as progress,
        ):
            task = progress.add_task("")
            for number, (spec, implementation) in enumerate(selected, 1):
                progress.update(task, description=f"[{number}/{len(selected)}] {spec.name}  {implementation.name}")
                checked.append(next(answers))
                files = {
                    verdict.law: saved.save(checked[-1], verdict, seed, save)
                    for verdict in checked[-1].verdicts
                    if verdict.counterexample
                }
                report.show_details(console, checked[-1], files)
    except KeyboardInterrupt:
        console.print("stopped; what is below was finished before")
        raise typer.Exit(_finish(console, checked, began, json) or 2) from None
    raise typer.Exit(_finish(console, checked, began, json))


def _progress(console: Console) -> Progress:
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _finish(console: Console, checked: list[session.Checked], began: float, json: Path | None) -> int:
    report.show_table(console, checked)
    report.show_anomalies(console, checked)
    console.print()
    report.show_summary(console, checked, time.perf_counter() - began)
    if json is not None:
        text = report.as_json(checked) + "\n"
        if str(json) == "-":
            sys.stdout.write(text)
        else:
            json.write_text(text)
    return report.exit_status(checked)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A counterexample that a check kept.")],
    implementation: Annotated[
        str | None, typer.Argument(metavar="[IMPL]", help="Another implementation: its name, or module:factory.")
    ] = None,
    python: Annotated[
        bool, typer.Option("--python", help="Print a program that does the same without Lawful.")
    ] = False,
    redis_url: RedisUrl = None,
    postgres_url: PostgresUrl = None,
) -> None:
    """Play a counterexample again. Exit status: 0 it violates its law no more, 1 it does, 2 usage or environment."""
    with Backends.from_environment(redis_url, postgres_url) as backends:
        replayed = replaying.replay(file, implementation, backends)
    console = Console(highlight=False)
    violated = isinstance(replayed.verdict, Violation)
    if not python:
        report.show_replay(console, replayed)
    elif replayed.program:
        sys.stdout.write("\n".join(replayed.program) + "\n")
    else:
        raise session.UsageError(f"{file} has calls that overlap, which a short program cannot hold at the right place")
    raise typer.Exit(1 if violated else 0)


@app.command(name="list")
def list_() -> None:
    """List what is specified, and what implements it."""
    console = Console(highlight=False)
    for specification in specifications().values():
        console.print(specification.name, style="bold")
        console.print(f"  {specification.summary}")
        names = ", ".join(implementation.name for implementation in implementations(specification.name))
        console.print(f"  implementations: {names}")
        for law in specification.laws:
            needs = f" (needs {', '.join(sorted(law.needs))})" if law.needs else ""
            console.print(f"  - {law.name}{needs}", markup=False)
        for anomaly in specification.anomalies:
            console.print(f"  ~ {anomaly.name}: permitted", markup=False)


@app.command()
def explain(law: Annotated[str, typer.Argument(metavar="LAW", help="A law, or an anomaly.")]) -> None:
    """Tell what a law says, why it matters, where it comes from, and which planted mistakes it kills."""
    console = Console(highlight=False)
    for line in explaining.explain(law):
        console.print(line, markup=False, soft_wrap=True, style="bold" if line.startswith(law) else None)


@app.command()
def mutants(
    specification: Annotated[
        str | None, typer.Argument(metavar="[SPEC]", help="A specification or a block; default: everything.")
    ] = None,
    examples: Annotated[int, typer.Option(min=1, help="Histories to try under each seed.")] = 100,
    steps: Annotated[int, typer.Option(min=1, help="Steps in each history.")] = 30,
    seed: Annotated[int, typer.Option(help="The first seed.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 20,
    jobs: Annotated[int | None, typer.Option(min=1, help="How many at once; default: one for each processor.")] = None,
    redis_url: RedisUrl = None,
    postgres_url: PostgresUrl = None,
) -> None:
    """Measure how surely planted mistakes are found, and that correct implementations survive the same.

    Exit status: 0 fine, 1 a mutant survives more than one seed in ten or a correct implementation is refused, 2 usage
    or environment.
    """
    console, budget = Console(highlight=False), Budget(examples, steps, seed)
    tasks = killing.tasks_of(session.find(specification), seeds, budget)
    measured = []
    with (
        Backends.from_environment(redis_url, postgres_url) as backends,
        closing(killing.measure(tasks, backends, jobs or os.cpu_count() or 1)) as results,
        _progress(console) as progress,
    ):
        task = progress.add_task("")
        for number, one in enumerate(tasks, 1):
            progress.update(task, description=f"[{number}/{len(tasks)}] {one.specification}  {one.name}")
            measured.append(next(results))
    report.show_killed(console, measured, budget)
    raise typer.Exit(2 if any(one.reason for one in measured) else 0 if all(one.fine for one in measured) else 1)


@app.command(name="backends")
def backends_(redis_url: RedisUrl = None, postgres_url: PostgresUrl = None) -> None:
    """Show which servers implementations would be checked on. Exit status 2 if one is missing."""
    console = Console(highlight=False)
    missing = False
    with Backends.from_environment(redis_url, postgres_url) as backends:
        for backend, ping in (("redis", ping_redis), ("postgres", ping_postgres)):
            how = "given" if backends.given(backend) else "embedded"
            try:
                console.print(f"{NAMES[backend]:12}{ping(backends.url(backend))}, {how}", markup=False)
            except BackendMissing as error:
                missing = True
                console.print(f"{NAMES[backend]:12}missing: {error}", markup=False, soft_wrap=True)
    raise typer.Exit(2 if missing else 0)


def main() -> None:
    """Run the command. Whatever is wrong with what was asked is one sentence on stderr, and exit status 2."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        app()
    except session.UsageError as error:
        Console(stderr=True, highlight=False).print(f"lawful: {error}", markup=False, soft_wrap=True)
        sys.exit(2)
