"""Traces that are played before anything is tried: they found something once.

Each block has a corpus in its repository, `conformance/<block>/corpus.jsonl`: for each mutant the shortest trace that
kills it, for each anomaly its shortest witness. `make corpus` makes it anew.
"""

import json
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from conformance.environment import World
from conformance.judge import Budget, Judge, capabilities, exercise, smallest
from conformance.mutants import mutants
from conformance.trace import Target, Trace
from impls.backends import Backends
from impls.registry import implementations
from spec.encoding import decode, encode
from spec.law import Law
from spec.rooms import homes
from spec.specification import Specification, specifications

NAME = "corpus.jsonl"
SEEDS = 5
"""Under how many seeds a mutant is tried to be killed."""
LONGEST = 200
"""Steps of a trace that is kept: a longer one would make every check slower."""


@cache
def corpus(specification: str) -> tuple[Trace, ...]:
    """The traces of a specification in the corpus of its block."""
    entries = _entries(specification.partition(".")[0])
    return tuple(decode(entry["trace"]) for entry in entries if entry["specification"] == specification)


@cache
def _entries(block: str) -> list[Any]:
    path = files(homes("conformance", block)[0]).joinpath(NAME)
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


def distilled(specification: Specification, backends: Backends) -> Iterator[tuple[str, Trace]]:
    """What each trace found, and the trace: of every mutant and every anomaly the shortest."""
    for mutant in mutants(specification):
        declared = specification.declared(mutant.capabilities)
        law = declared.law(mutant.killed_by)
        if statistical(law):
            continue  # no trace is so long
        with World(backends) as world:
            yield from _shortest(mutant.name, law, Target(declared, mutant.factory, world), mutant.capabilities)
    variants = {specification.variant(one.capabilities): one for one in reversed(implementations(specification.name))}
    for one in variants.values():
        declared = specification.declared(one.capabilities)
        for anomaly in declared.anomalies:
            with World(backends) as world:
                yield from _shortest(anomaly.name, anomaly.forbidden(), Target(declared, one.factory, world))


def statistical(law: Law) -> bool:
    """Whether only a long history can violate it."""
    return law.judge.__module__.endswith("laws_statistics")


def _shortest(
    name: str, law: Law, target: Target, declared: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Trace]]:
    can = capabilities(target, declared)
    for seed in range(SEEDS):
        judge = Judge((law,), stop_when_all_violated=True)
        exercise(target, can, judge, Budget(seed=seed))
        if found := judge.violations.get(law.name):
            trace = smallest(target, law, found).trace
            if len(trace.steps) <= LONGEST:
                yield name, trace
            return


def main() -> None:
    """Make the corpus of every block anew."""
    with Backends.from_environment() as backends:
        for block in dict.fromkeys(one.block for one in specifications().values()):
            lines: dict[tuple[str, str], str] = {}
            for one in specifications().values():
                for name, trace in distilled(one, backends) if one.block == block else ():
                    encoded = encode(trace)
                    entry = {"specification": one.name, "found": name, "trace": encoded}
                    lines.setdefault((one.name, json.dumps(encoded)), json.dumps(entry))
            path = Path(homes("conformance", block)[0].__path__[0]) / NAME
            path.write_text("".join(f"{line}\n" for line in lines.values()), "utf-8")
            sys.stdout.write(f"{path}: {len(lines)} traces\n")


if __name__ == "__main__":
    main()
