"""Everything that was found, as one document of a published schema, without times: the same whenever it is made."""

from collections.abc import Iterable
from math import isfinite
from typing import Any

from conformance.blocks import figures
from conformance.judge import Budget
from conformance.killing import Measured
from conformance.mutants import mutants
from conformance.report_json import anomaly_entries, not_offered_entries, verdict_entry
from conformance.session import Checked
from spec.law import Anomaly, Law
from spec.specification import Specification, specifications


def snapshot(checked: list[Checked], measured: list[Measured], budget: Budget, seeds: int) -> dict[str, Any]:
    """By the schema `conformance`. Each entry has an id that is the same in every snapshot."""
    return {
        "lawful": 1,
        "seed": budget.seed,
        "seeds": seeds,
        "examples": budget.examples,
        "steps": budget.steps,
        "specifications": [_specification(one) for one in _specifications(checked)],
        "verdicts": [
            _with_id(_timeless(verdict_entry(one, verdict)), "law") for one in checked for verdict in one.verdicts
        ],
        "anomalies": [_with_id(entry, "anomaly") for entry in anomaly_entries(checked)],
        "not_offered": not_offered_entries(checked),
        "mutants": [_mutant(one) for one in measured if one.killed_by],
    }


def _specifications(checked: Iterable[Checked]) -> list[Specification]:
    """Those that something was checked of, as they are without variants."""
    return [specifications()[name] for name in dict.fromkeys(one.specification.name for one in checked)]


def _specification(one: Specification) -> dict[str, Any]:
    laws: dict[str, Law | Anomaly] = {}
    for variant in (one, *_variants(one)):
        every: list[Law | Anomaly] = [*variant.laws, *variant.anomalies]
        laws |= {law.name: law for law in every if law.name not in laws}
    return {
        "id": one.name,
        "summary": one.summary,
        "figures": dict(figures(one)),
        "laws": [_law(law) for law in laws.values() if isinstance(law, Law)],
        "anomalies": [_law(law) for law in laws.values() if isinstance(law, Anomaly)],
    }


def _variants(one: Specification) -> Iterable[Specification]:
    for variant in one.variants.values():
        yield variant
        yield from _variants(variant)


def _law(law: Law | Anomaly) -> dict[str, Any]:
    return {"name": law.name, "statement": law.statement, "rationale": law.rationale, "source": law.source}


def _with_id(entry: dict[str, Any], what: str) -> dict[str, Any]:
    return {"id": "/".join((entry["specification"], entry["implementation"], entry[what])), **entry}


def _timeless(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "seconds"}


def _mutant(one: Measured) -> dict[str, Any]:
    found = next(each for each in mutants(specifications()[one.specification]) if each.name == one.name)
    median, ninety = (one.within(part) for part in (0.5, 0.9))
    return {
        "id": f"{one.specification}/{one.name}",
        "specification": one.specification,
        "mutant": one.name,
        "mistake": " ".join(found.mistake.split()),
        "killed_by": one.killed_by,
        "kills": one.kills,
        "median": median if isfinite(median) else None,
        "p90": ninety if isfinite(ninety) else None,
        "reason": one.reason or None,
    }
