"""The command."""

import os
import signal
import sys
import warnings
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from conformance import explain as explaining
from conformance import killing, report, session
from conformance import replay as replaying
from conformance import scaffold as scaffolding
from conformance.cli_check import STOPPED, Containers, Jobs, PostgresUrl, RedisUrl, check, progress_bar, soak
from conformance.cli_report import report_
from conformance.judge import Budget
from impls.backends import NAMES, PINGS, BackendMissing, Backends
from impls.registry import implementations
from spec.law import Violation
from spec.specification import specifications

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def lawful() -> None:
    """Executable laws for the building blocks of system design, and a check of any implementation against them."""


app.command()(check)
app.command()(soak)
app.command(name="report")(report_)


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
    containers: Containers = False,
) -> None:
    """Play a counterexample again. Exit status: 0 it violates its law no more, 1 it does, 2 usage or environment."""
    with Backends.from_environment(redis_url, postgres_url, containers) as backends:
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


@app.command()
def new(
    specification: Annotated[str, typer.Argument(metavar="SPEC", help="A specification.")],
    directory: Annotated[Path, typer.Argument(metavar="DIRECTORY", help="Where to write; made if it is missing.")],
) -> None:
    """Write a skeleton for an implementation of yours, with its test. Both work as they are."""
    found = session.one(specification)
    written = scaffolding.scaffold(found, directory)
    console = Console(highlight=False)
    console.print(f"{written[0]}  put your implementation in there", markup=False, soft_wrap=True)
    console.print(f"{written[1]}  a test for each law: pytest {written[1]}", markup=False, soft_wrap=True)


@app.command(name="list")
def list_() -> None:
    """List what is specified, and what implements it."""
    console = Console(highlight=False)
    for specification in specifications().values():
        console.print(specification.name, style="bold")
        console.print(f"  {specification.summary}")
        names = ", ".join(implementation.name for implementation in implementations(specification.name, libraries=True))
        console.print(f"  implementations: {names}")
        for law in specification.laws:
            needs = f" (needs {', '.join(sorted(law.needs))})" if law.needs else ""
            unless = f" (not with {', '.join(sorted(law.unless))})" if law.unless else ""
            console.print(f"  - {law.name}{needs}{unless}", markup=False)
        for anomaly in specification.anomalies:
            console.print(f"  ~ {anomaly.name}: permitted", markup=False)
        for capability, meaning in specification.capabilities.items():
            console.print(f"  + {capability}: may be declared: {meaning}", markup=False, soft_wrap=True)


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
    jobs: Jobs = None,
    redis_url: RedisUrl = None,
    postgres_url: PostgresUrl = None,
    containers: Containers = False,
) -> None:
    """Measure how surely planted mistakes are found, and that correct implementations survive the same.

    Exit status: 0 fine, 1 a mutant survives more than one seed in ten or a correct implementation is refused, 2 usage
    or environment.
    """
    console, budget = Console(highlight=False), Budget(examples, steps, seed)
    tasks = killing.tasks_of(session.find(specification), seeds, budget)
    measured: list[killing.Measured] = []
    status = 0
    try:
        with (
            Backends.from_environment(redis_url, postgres_url, containers) as backends,
            closing(killing.measure(tasks, backends, jobs or os.cpu_count() or 1)) as results,
            progress_bar(console) as progress,
        ):
            task = progress.add_task("", total=len(tasks))
            for one in tasks:
                progress.update(task, description=f"{one.specification}  {one.name}")
                measured.append(next(results))
                progress.advance(task)
    except KeyboardInterrupt:
        console.print(STOPPED)
        status = 2
    report.show_killed(console, measured, budget)
    status = 2 if any(one.reason for one in measured) else status
    raise typer.Exit(status or (0 if all(one.fine for one in measured) else 1))


@app.command(name="backends")
def backends_(redis_url: RedisUrl = None, postgres_url: PostgresUrl = None, containers: Containers = False) -> None:
    """Show which servers implementations would be checked on. Exit status 2 if one is missing."""
    console = Console(highlight=False)
    missing = False
    with Backends.from_environment(redis_url, postgres_url, containers) as backends:
        for backend, ping in PINGS.items():
            how = "given" if backends.given(backend) else "container" if containers else "embedded"
            try:
                console.print(f"{NAMES[backend]:12}{ping(backends.url(backend))}, {how}", markup=False)
            except BackendMissing as error:
                missing = True
                console.print(f"{NAMES[backend]:12}missing: {error}", markup=False, soft_wrap=True)
    raise typer.Exit(2 if missing else 0)


def main() -> None:
    """Run the command. Whatever is wrong with what was asked is one sentence on stderr, and exit status 2."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    warnings.formatwarning = lambda message, *about: f"lawful: {message}\n"
    try:
        app()
    except session.UsageError as error:
        Console(stderr=True, highlight=False).print(f"lawful: {error}", markup=False, soft_wrap=True)
        sys.exit(2)
