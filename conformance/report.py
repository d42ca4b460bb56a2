"""Verdicts for people."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.judge import Budget, Outcome, Verdict
from conformance.killing import SURE, Measured
from conformance.replay import Replayed
from conformance.session import Checked
from conformance.timeline import timeline
from spec.law import Violation

STYLES = {
    Outcome.HOLDS: "green",
    Outcome.VIOLATED: "bold red",
    Outcome.DEVIATES: "yellow",
    Outcome.UNEXPECTEDLY_HOLDS: "yellow",
    Outcome.NOT_EXERCISED: "bold yellow",
    Outcome.NOT_APPLICABLE: "dim",
    Outcome.NOT_RUN: "bold magenta",
}
FAILED = {Outcome.VIOLATED, Outcome.NOT_EXERCISED}


def exit_status(checked: Iterable[Checked]) -> int:
    """0: nothing is wrong. 1: a law is violated, or was not exercised. 2: something could not be run."""
    outcomes = {verdict.outcome for one in checked for verdict in one.verdicts}
    return 1 if outcomes & FAILED else 2 if Outcome.NOT_RUN in outcomes else 0


def show_table(console: Console, checked: list[Checked]) -> None:
    """A table for each specification and variant: a row for each law, a column for each implementation."""
    groups: dict[tuple[str, str], list[Checked]] = {}
    for one in checked:
        groups.setdefault((one.specification.name, one.variant), []).append(one)
    for (name, variant), columns in groups.items():
        if all(verdict.outcome is Outcome.NOT_RUN for one in columns for verdict in one.verdicts):
            continue  # said already, and why
        title = name + (f", {variant}" if variant else "")
        table = _table(title, "law")
        for one in columns:
            table.add_column(one.implementation.name.replace("-", "-\n"), overflow="fold")
        found = [{verdict.law: verdict for verdict in one.verdicts} for one in columns]
        for law in dict.fromkeys(verdict.law for one in columns for verdict in one.verdicts):
            table.add_row(law, *(_cell(verdicts.get(law)) for verdicts in found))
        table.add_row("", *(Text(_effort(one), style="dim") for one in columns))
        console.print()
        console.print(table)


def show_details(console: Console, one: Checked, kept: Mapping[str, Path]) -> None:
    """The counterexamples of an implementation, and why something was not run or deviates.

    kept: the files of its counterexamples, by law.
    """
    name = f"{one.specification.short}  {one.implementation.name}"
    if all(verdict.outcome is Outcome.NOT_RUN for verdict in one.verdicts):
        told = Text.assemble(f"{name}  ", ("NOT RUN", "bold magenta"), f"  {one.verdicts[0].reason}")
        console.print(told, soft_wrap=True)
        return
    for reason, count in one.not_offered.items():
        console.print(f"{name}  does not offer {count} of the configurations: {reason}", style="dim", soft_wrap=True)
    for verdict in one.verdicts:
        if verdict.outcome is Outcome.UNEXPECTEDLY_HOLDS:
            console.print(Text(f"{name}  {verdict.law} holds, though declared to deviate: {verdict.reason}", "yellow"))
        if verdict.outcome is Outcome.NOT_EXERCISED:
            why = f": {verdict.reason}" if verdict.reason else "; give it more --examples"
            console.print(Text(f"{name}  {verdict.law} met no case{why}", "yellow"), soft_wrap=True)
        if verdict.counterexample is None:
            continue
        style = STYLES[verdict.outcome]
        console.print(Text.assemble(f"{name}   ", (verdict.outcome.upper(), style), f"  {verdict.law}"))
        if verdict.outcome is Outcome.DEVIATES:
            console.print(f"  known: {verdict.reason}", markup=False)
        found = verdict.counterexample
        for line in timeline(one.specification, found.history, found.violation):
            console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
        effort = f"  after {verdict.examples} example{'s' * (verdict.examples != 1)}"
        replay = f"; replay: lawful replay {kept[verdict.law]}" if verdict.law in kept else ""
        console.print(f"{effort}{replay}\n", style="dim", soft_wrap=True)


def show_replay(console: Console, one: Replayed) -> None:
    """What a counterexample gave when it was played again."""
    violation = one.verdict if isinstance(one.verdict, Violation) else None
    outcome = Outcome.VIOLATED if violation else Outcome.HOLDS
    name = f"{one.specification.short}  {one.implementation.name}"
    console.print(Text.assemble(f"{name}   ", (outcome.upper(), STYLES[outcome]), f"  {one.law.name}"))
    for line in timeline(one.specification, one.history, violation):
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"  law: {one.law.statement}", markup=False, style="dim", soft_wrap=True)


def show_anomalies(console: Console, checked: list[Checked]) -> None:
    """What the specifications permit, each with the shortest witness; once for implementations that show the same."""
    seen: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for one in checked:
        for sighting in one.sightings:
            lines: tuple[str, ...] = ("no witness found",)
            if found := sighting.witness:
                lines = tuple(timeline(one.specification, found.history, found.violation))
            key = (one.specification.name, sighting.anomaly, lines)
            seen.setdefault(key, []).append(one.implementation.name)
    for (name, anomaly, lines), implementations in seen.items():
        console.print(
            Text.assemble("\n", name, "  ", ("permits", "yellow"), f" {anomaly}: ", ", ".join(implementations))
        )
        for line in lines:
            console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def show_killed(console: Console, measured: list[Measured], budget: Budget) -> None:
    """Of each specification the mutants, and the correct implementations, which are their control."""
    groups: dict[str, list[Measured]] = {}
    for one in measured:
        groups.setdefault(one.specification, []).append(one)
    for name, found in groups.items():
        table = _table(name, "law, and the mutants it kills")
        for heading in ("kills", "median", "p90"):
            table.add_column(heading, justify="right", no_wrap=True)
        found.sort(key=lambda one: not one.killed_by)
        laws = dict.fromkeys(one.killed_by for one in found)
        for law in laws:
            table.add_row(law or "no law: correct implementations")
            for one in found:
                if one.killed_by == law:
                    table.add_row(f"  {one.name}", *_kills(one, budget), style=None if one.fine else "bold red")
        console.print()
        console.print(table)
    for one in measured:
        said = f"not run: {one.reason}" if one.reason else f"refused by {', '.join(one.refused)}"
        if one.reason or not (one.killed_by or one.fine):
            console.print(f"{one.specification}  {one.name}  {said}", style="bold red", markup=False, soft_wrap=True)
    planted = [one for one in measured if one.killed_by and not one.reason]
    right = [one for one in measured if not one.killed_by and not one.reason]
    console.print(
        f"\n{sum(one.fine for one in planted)} of {len(planted)} mutants are killed under at least"
        f" {SURE:.0%} of the seeds, by the law they name within {budget.examples} examples;"
        f" {sum(one.fine for one in right)} of {len(right)} correct implementations survive all their laws",
        soft_wrap=True,
    )


def _kills(one: Measured, budget: Budget) -> list[str]:
    """Under how many seeds, and within how many examples. A survivor takes more than was tried: how many, who knows."""
    if one.reason:
        return ["not run"]
    ranks = [one.within(part) for part in (0.5, 0.9)] if one.killed_by else []
    return [f"{one.kills}/{len(one.after)}", *(f">{budget.examples}" if math.isinf(r) else f"{r:.0f}" for r in ranks)]


def show_summary(console: Console, checked: list[Checked], seconds: float) -> None:
    """One line: how many verdicts of each kind."""
    counts = Counter(verdict.outcome for one in checked for verdict in one.verdicts)
    parts = [(f"{counts[outcome]} {outcome}", STYLES[outcome]) for outcome in Outcome if counts[outcome]]
    line = Text(f"{sum(counts.values())} verdicts in {seconds:.1f} s: ")
    console.print(line + Text(", ").join(Text(*part) for part in parts))


def _table(title: str, rows: str) -> Table:
    """With its first column, which says what is in the rows."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.padding = (0, 2, 0, 0)
    table.add_column(rows, no_wrap=True)
    return table


def _cell(verdict: Verdict | None) -> Text:
    """Empty where the variant that an implementation declares has no such law."""
    if verdict is None:
        return Text("")
    short = "n/a" if verdict.outcome is Outcome.NOT_APPLICABLE else str(verdict.outcome)
    return Text(short, style=STYLES[verdict.outcome])


def _effort(one: Checked) -> str:
    most = max(one.verdicts, key=lambda verdict: verdict.operations)
    return f"{most.operations} calls\n{most.seconds:.1f} s" if most.operations else ""
