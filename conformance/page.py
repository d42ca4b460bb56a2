"""The snapshot as one page that opens from a disk."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from conformance.tradeoffs import tradeoffs

ORDER = ("holds", "violated", "deviates", "unexpectedly holds", "not exercised", "not applicable", "not run")


@dataclass(frozen=True)
class Matrix:
    """Of one specification: its implementations, its laws, and a verdict or None for each of both."""

    columns: list[dict[str, Any]]
    laws: list[dict[str, Any]]
    cells: dict[str, list[dict[str, Any] | None]]
    anomalies: dict[str, list[dict[str, Any]]]


def page(snapshot: dict[str, Any], ratios: Sequence[dict[str, Any]] = ()) -> str:
    """HTML. The ratios are those that `benchmarks.ratios` writes."""
    names = [one["id"] for one in snapshot["specifications"]]
    blocks = list(dict.fromkeys(map(_block, names)))
    counted = Counter(one["verdict"] for one in snapshot["verdicts"])
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            data=snapshot,
            blocks=blocks,
            counts={verdict: counted[verdict] for verdict in ORDER if counted[verdict]},
            implementations=len({(one["specification"], one["implementation"]) for one in snapshot["verdicts"]}),
            matrix={one["id"]: _matrix(snapshot, one) for one in snapshot["specifications"]},
            tradeoffs={block: tradeoffs(snapshot, block) for block in blocks},
            ratios=ratios,
        )
    )


def _matrix(snapshot: dict[str, Any], specification: dict[str, Any]) -> Matrix:
    verdicts = [one for one in snapshot["verdicts"] if one["specification"] == specification["id"]]
    by = {(one["implementation"], one["law"]): one for one in verdicts}
    columns = list({one["implementation"]: one for one in verdicts}.values())
    laws = [law for law in specification["laws"] if any((one["implementation"], law["name"]) in by for one in columns)]
    cells = {law["name"]: [by.get((one["implementation"], law["name"])) for one in columns] for law in laws}
    anomalies: dict[str, list[dict[str, Any]]] = {}
    for seen in snapshot["anomalies"]:
        if seen["specification"] == specification["id"]:
            anomalies.setdefault(seen["anomaly"], []).append(seen)
    return Matrix(columns, laws, cells, anomalies)


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("conformance"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html.jinja"], default_for_string=True, default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"block": _block, "short": _short, "title": title, "first_of": _first_of}
    return made


def _block(name: str) -> str:
    return name.partition(".")[0]


def _short(name: str) -> str:
    return name.partition(".")[2]


def title(name: str) -> str:
    """The name of a block, for a heading."""
    return name.replace("_", " ").capitalize()


def _first_of(found: Iterable[Any]) -> list[Any]:
    return list(found)[:1]
