"""The command that writes everything down, for people who choose."""

import json
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from conformance import killing, report, session
from conformance.cli_check import Containers, Jobs, PostgresUrl, Profile, RedisUrl, progress_bar
from conformance.page import page
from conformance.snapshot import snapshot
from impls.backends import Backends


def report_(
    directory: Annotated[Path, typer.Argument(metavar="[DIRECTORY]", help="Where to write.")] = Path("reports"),
    specification: Annotated[
        str | None, typer.Option("--only", metavar="SPEC", help="A specification or a block; default: everything.")
    ] = None,
    profile: Annotated[Profile, typer.Option(help="How much is tried.")] = Profile.DEFAULT,
    examples: Annotated[int | None, typer.Option(min=1, help="Histories to try for each implementation.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same report.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="Under how many seeds planted mistakes are tried.")] = 5,
    jobs: Jobs = None,
    redis_url: RedisUrl = None,
    postgres_url: PostgresUrl = None,
    containers: Containers = False,
) -> None:
    """Check everything, also libraries and planted mistakes, and write conformance.json and index.html.

    What `python -m benchmarks.ratios --json DIRECTORY/ratios.json` wrote there becomes a part of the page. Exit status:
    as for check.
    """
    console, jobs = Console(highlight=False), jobs or os.cpu_count() or 1
    ratios = _ratios(directory / "ratios.json")
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise session.UsageError(f"nothing can be written to {directory}: {error.strerror}") from error
    asked = specification, None, (), True
    selected = session.select(*asked)
    budget = session.budget(profile, examples, None, seed)
    tasks = [one for one in killing.tasks_of(session.find(specification), seeds, budget) if one.planted]
    checked: list[session.Checked] = []
    measured: list[killing.Measured] = []
    with (
        Backends.from_environment(redis_url, postgres_url, containers) as backends,
        closing(session.check_all(asked, budget, backends, jobs)) as answers,
        closing(killing.measure(tasks, backends, jobs)) as kills,
        progress_bar(console) as progress,
    ):
        bar = progress.add_task("", total=len(selected) + len(tasks))
        for spec, implementation in selected:
            progress.update(bar, description=f"{spec.name}  {implementation.name}")
            checked.append(next(answers))
            progress.advance(bar)
        for task in tasks:
            progress.update(bar, description=f"{task.specification}  {task.name}")
            measured.append(next(kills))
            progress.advance(bar)
    found = snapshot(checked, measured, budget, seeds)
    for name, text in (("conformance.json", json.dumps(found, indent=1) + "\n"), ("index.html", page(found, ratios))):
        (directory / name).write_text(text, "utf-8")
        console.print(f"{directory / name}", markup=False, soft_wrap=True)
    raise typer.Exit(report.exit_status(checked))


def _ratios(path: Path) -> Sequence[dict[str, Any]]:
    if not path.is_file():
        return ()
    try:
        found: Sequence[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise session.UsageError(f"{path} is not what benchmarks.ratios writes: {error}; make it anew") from error
    return found
