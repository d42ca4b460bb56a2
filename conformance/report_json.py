"""Verdicts for programs."""

import json
from typing import Any

from conformance.judge import Budget, Counterexample, Verdict
from conformance.saved import versions
from conformance.session import Checked
from conformance.timeline import timeline
from spec.encoding import encode


def as_json(checked: list[Checked], budget: Budget) -> str:
    """All verdicts and sightings, by the schema `report`."""
    data = {
        "lawful": 1,
        "seed": budget.seed,
        "examples": budget.examples,
        "steps": budget.steps,
        "versions": versions(),
        "verdicts": [verdict_entry(one, verdict) for one in checked for verdict in one.verdicts],
        "anomalies": anomaly_entries(checked),
        "not_offered": not_offered_entries(checked),
    }
    return json.dumps(data, indent=1)


def anomaly_entries(checked: list[Checked]) -> list[dict[str, Any]]:
    """What was seen of anomalies, or not."""
    return [
        {
            "specification": one.specification.name,
            "implementation": one.implementation.name,
            "anomaly": sighting.anomaly,
            "witness": _example(one, sighting.witness),
        }
        for one in checked
        for sighting in one.sightings
    ]


def not_offered_entries(checked: list[Checked]) -> list[dict[str, Any]]:
    """How many configurations an implementation does not offer, for each of its reasons."""
    return [
        {
            "specification": one.specification.name,
            "implementation": one.implementation.name,
            "reason": reason,
            "configurations": count,
        }
        for one in checked
        for reason, count in one.not_offered.items()
    ]


def verdict_entry(one: Checked, verdict: Verdict) -> dict[str, Any]:
    """Of one law and implementation."""
    return {
        "specification": one.specification.name,
        "implementation": one.implementation.name,
        "backend": one.backend,
        "variant": one.variant,
        "law": verdict.law,
        "verdict": str(verdict.outcome),
        "reason": verdict.reason,
        "cases": verdict.cases,
        "examples": verdict.examples,
        "operations": verdict.operations,
        "seconds": round(verdict.seconds, 3),
        "counterexample": _example(one, verdict.counterexample),
    }


def _example(one: Checked, found: Counterexample | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "why": found.violation.why,
        "operations": list(found.violation.operations),
        "trace": encode(found.trace),
        "timeline": list(timeline(one.specification, found.history, found.violation)),
    }
