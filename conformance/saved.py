"""Counterexamples as files: what a check keeps of a violation, and `lawful replay` plays again."""

import json
import os
import platform
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonschema

from conformance.judge import Verdict
from conformance.script import script
from conformance.session import Checked, UsageError
from conformance.trace import RESTART, Trace
from spec.encoding import decode, encode, schema
from spec.model import right_answers
from spec.specification import specifications

DIRECTORY = Path(".lawful")
"""Where counterexamples are kept, below the current directory."""


def path_of(one: Checked, law: str, directory: Path = DIRECTORY) -> Path:
    """The file of the counterexample of that law and implementation: one each, the latest."""
    parts = (one.specification.short, one.implementation.name, law)
    return directory / ("-".join(map(_part, parts)) + ".json")


def save(one: Checked, verdict: Verdict, seed: int, directory: Path = DIRECTORY) -> Path:
    """Write the counterexample of a verdict; where to.

    Raises:
        UsageError: it cannot be written there.
    """
    path = path_of(one, verdict.law, directory)
    try:
        directory.mkdir(exist_ok=True)
        written = path.with_suffix(f".{os.getpid()}")
        written.write_text(json.dumps(as_data(one, verdict, seed), indent=1) + "\n", "utf-8")
        written.replace(path)  # whole or not at all
    except OSError as error:
        raise UsageError(f"the counterexample cannot be kept in {path}: {error.strerror}") from error
    return path


def as_data(one: Checked, verdict: Verdict, seed: int) -> dict[str, Any]:
    """What the file says, by the schema `counterexample`."""
    found = verdict.counterexample
    assert found is not None
    law, proof = one.specification.law(verdict.law), found.violation.operations
    last = max(proof, default=None)
    right = None if last is None else right_answers(one.specification.model, found.history, last)
    lines = script(one.implementation, one.backend, found.trace, found.history, found.violation, seed)
    history = [json.loads(line) for line in found.history.lines()]
    return {
        "lawful": 1,
        "specification": one.specification.name,
        "implementation": one.implementation.name,
        "capabilities": sorted(one.implementation.capabilities),
        "backend": one.backend,
        "law": law.name,
        "statement": law.statement,
        "source": law.source,
        "why": found.violation.why,
        "operations": list(proof),
        "seen": None if last is None else history[last + 1]["result"],
        "expected": None if right is None else [encode(answer) for answer in right],
        "trace": encode(found.trace),
        "history": history,
        "python": lines,
        "examples": verdict.examples,
        "seed": seed,
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Of what a verdict may hang on."""
    packages = {package: version(package) for package in ("lawful", "hypothesis")}
    return {**packages, "python": platform.python_version()}


def read(path: Path) -> tuple[dict[str, Any], Trace]:
    """What a counterexample file says, and its trace.

    Raises:
        UsageError: it is no such file, or speaks of what is not known here.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path} is no counterexample: it is not JSON ({error})") from error
    wrong = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(schema("counterexample")).iter_errors(data)
    )
    if wrong is not None:
        raise UsageError(f"{path} is no counterexample: {wrong.json_path}: {_short(wrong.message)}")
    known = specifications().get(data["specification"])
    if known is None:
        raise UsageError(f"{path} speaks of {data['specification']!r}, which is not specified here")
    try:
        trace: Trace = decode(data["trace"])
        if not isinstance(trace.config, known.configuration):
            raise ValueError(f"{data['specification']} is not configured by a {type(trace.config).__name__}")
        unknown = {step.name for step in trace.steps if step.name} - {*known.operations, RESTART}
        if unknown:
            raise ValueError(f"{data['specification']} has no operation {', '.join(sorted(unknown))}")
    except ValueError as error:
        raise UsageError(f"{path} is no counterexample: {_short(str(error))}") from error
    return data, trace


def kept(specification: str, implementation: str, directory: Path = DIRECTORY) -> Iterator[Trace | UsageError]:
    """The traces of the counterexamples that were kept of an implementation, or why one cannot be read."""
    own = f"{_part(specification.partition('.')[2])}-{_part(implementation)}-"
    for path in sorted(directory.glob(f"{own}*.json")):
        try:
            data, trace = read(path)
        except UsageError as error:
            yield error
        else:
            if (data["specification"], data["implementation"]) == (specification, implementation):
                yield trace


def _part(name: str) -> str:
    return re.sub(r"[^\w.]+", "_", name)


def _short(text: str) -> str:
    return text if len(text) < 200 else f"{text[:150]} ... {text[-40:]}"
