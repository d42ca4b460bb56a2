"""A counterexample played again, on what it was found in or on another implementation."""

from dataclasses import dataclass, replace
from pathlib import Path

from conformance import saved, session
from conformance.blocks import needs
from conformance.environment import World
from conformance.judge import capabilities
from conformance.script import script
from conformance.trace import CannotStart, Target
from conformance.watch import WATCH
from impls.backends import Backends
from impls.registry import Implementation
from spec.history import History
from spec.law import Law, Verdict, Violation
from spec.specification import Specification


@dataclass(frozen=True)
class Replayed:
    """What came of it. `program` does the same without Lawful, where a short program can."""

    specification: Specification
    implementation: Implementation
    law: Law
    history: History
    verdict: Verdict
    program: list[str]


def replay(path: Path, reference: str | None, backends: Backends) -> Replayed:
    """Play the trace of a file.

    reference: the implementation; None: the one that the file names.

    Raises:
        UsageError: the file is no counterexample, or cannot be played on that implementation.
    """
    data, trace = saved.read(path)
    specification, implementation = session.select(data["specification"], reference or data["implementation"])[0]
    if implementation.name == data["implementation"]:
        declared = implementation.capabilities | set(data["capabilities"])
        implementation = replace(implementation, capabilities=declared)
    specification = specification.declared(implementation.capabilities)
    try:
        law = specification.law(data["law"])
    except KeyError:
        known = ", ".join(law.name for law in specification.laws)
        raise session.UsageError(f"{specification.name} has no law {data['law']!r}; it has {known}") from None
    with World(backends, data["seed"]) as world, WATCH:
        target = Target(specification, implementation.factory, world)
        try:
            can = capabilities(target, implementation.capabilities)
            if missing := sorted((needs(specification, trace) | law.needs) - can):
                raise session.UsageError(f"{implementation.name} lacks {', '.join(missing)}, which {path} needs")
            history = target.play(trace)
        except CannotStart as error:
            raise session.UsageError(f"{path} cannot be played on {implementation.name}: {error}") from error
        servers = world.servers or "memory"
    verdict = law(history)
    proof = verdict if isinstance(verdict, Violation) else Violation("", ())
    program = script(implementation, servers, trace, history, proof, data["seed"])
    return Replayed(specification, implementation, law, history, verdict, program)
