"""What is selected to be checked, and the check of one implementation in a world of its own."""

import importlib
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance import workers
from conformance.corpus import corpus
from conformance.environment import World
from conformance.judge import PROFILES, Budget, Outcome, Sighting, Verdict, check
from conformance.trace import CannotStart, Target, Trace
from conformance.watch import WATCH
from impls.backends import Backends
from impls.registry import Implementation, implementations
from spec.specification import Specification, specifications


class UsageError(Exception):
    """What was asked for does not exist; the message says so and how to mend it."""


@dataclass(frozen=True)
class Checked:
    """One implementation, its verdicts, and what was seen of anomalies.

    specification: as the implementation declares it.
    backend:       the server used, or "memory".
    variant:       the capability declared that changes the specification.
    not_offered:   how many configurations the implementation did not offer, for each of its reasons.
    """

    specification: Specification
    implementation: Implementation
    backend: str
    verdicts: list[Verdict]
    sightings: list[Sighting]
    variant: str = ""
    not_offered: Mapping[str, int] = field(default_factory=dict)


def select(
    specification: str | None,
    factory: str | None = None,
    capabilities: Iterable[str] = (),
    libraries: bool = False,
) -> list[tuple[Specification, Implementation]]:
    """What to check.

    specification: a specification, by its whole or short name, or a block; None: all there are.
    factory:       `module:name` of an implementation; None: all that are registered.
    capabilities:  what that implementation declares, beyond what it declares itself.
    libraries:     whether "all" includes other people's libraries, those that are installed.

    Raises:
        UsageError: there is no such thing.
    """
    found = find(specification)
    if factory is None:
        return [
            (one, implementation) for one in found for implementation in implementations(one.name, libraries=libraries)
        ]
    if len(found) != 1:
        names = ", ".join(one.name for one in found)
        raise UsageError(f"{factory} can be checked against one specification at a time: name one of {names}")
    return [(found[0], declaring(found[0], load(found[0], factory), capabilities))]


def declaring(
    specification: Specification,
    implementation: Implementation,
    capabilities: Iterable[str],
    deviations: Mapping[str, str] | None = None,
) -> Implementation:
    """The implementation with more declared of it; UsageError if there is no such capability or law."""
    for name in capabilities:
        if name not in specification.capabilities:
            known = ", ".join(specification.capabilities)
            raise UsageError(f"{specification.name} has no capability {name!r} to declare; there are {known}")
    can = implementation.capabilities | set(capabilities)
    laws = [law.name for law in specification.declared(can).laws]
    for name in deviations or {}:
        if name not in laws:
            raise UsageError(f"{specification.name} has no law {name!r} to deviate from; there are {', '.join(laws)}")
    return replace(implementation, capabilities=can, deviations={**implementation.deviations, **(deviations or {})})


def find(name: str | None) -> list[Specification]:
    """The specifications that a name means; UsageError if there are none."""
    every = list(specifications().values())
    found = [one for one in every if name in (None, one.name, one.short, one.block)]
    if not found:
        known = ", ".join(one.name for one in every)
        raise UsageError(f"there is no specification {name!r}; there are {known} (see `lawful list`)")
    return found


def one(name: str) -> Specification:
    """The specification that a name means; UsageError if that is none or several."""
    found = find(name)
    if len(found) != 1:
        raise UsageError(f"{name!r} means {', '.join(one.name for one in found)}: name one of them")
    return found[0]


def budget(profile: str, examples: int | None = None, steps: int | None = None, seed: int = 0) -> Budget:
    """What a profile means, and what says it more finely; UsageError if there is no such profile."""
    if profile not in PROFILES:
        raise UsageError(f"there is no profile {profile!r}; there are {', '.join(PROFILES)}")
    usual = PROFILES[profile]
    return Budget(examples or usual.examples, steps or usual.steps, seed)


def load(specification: Specification, reference: str) -> Implementation:
    """The implementation registered under that name, or that `module:name` refers to, the current directory first."""
    module_name, _, name = reference.partition(":")
    registered = {one.name: one for one in implementations(specification.name)}
    if reference not in registered and (not name or ".third_party." in module_name):
        registered = {one.name: one for one in implementations(specification.name, libraries=True)}
    if reference in registered:
        return registered[reference]
    if not module_name or not name:
        raise UsageError(
            f"{reference!r} is no implementation of {specification.name}: write module:name, for instance"
            f" acme.limiter:Bucket, or one of {', '.join(registered)}"
        )
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"there is no module {error.name!r}; run lawful from the directory it is in, or install it"
            + ("" if error.name == module_name else f" ({module_name} imports it)")
        ) from error
    except Exception as error:
        raise UsageError(f"the module {module_name} does not import: {type(error).__name__}: {error}") from error
    factory = getattr(module, name, None)
    if not callable(factory):
        what = f"is a {type(factory).__name__}, no factory" if hasattr(module, name) else "does not exist"
        raise UsageError(f"{name!r} in {module_name} {what}; it must be callable as factory(config, env)")
    for known in registered.values():
        if known.factory is factory:
            return known
    return Implementation(specification.name, reference, factory)


def run(
    specification: Specification,
    implementation: Implementation,
    budget: Budget,
    backends: Backends,
    kept: Sequence[Trace] = (),
) -> Checked:
    """Check one implementation, as the variant of the specification that it declares.

    kept: traces that found something in it before; they are played first, then the corpus, then others are tried.
    """
    variant = specification.variant(implementation.capabilities)
    specification = specification.declared(implementation.capabilities)
    with World(backends, budget.seed) as world, WATCH:
        try:
            result = check(
                Target(specification, implementation.factory, world),
                budget,
                implementation.capabilities,
                implementation.deviations,
                (*kept, *corpus(specification.name)),
            )
        except CannotStart as error:
            return not_run(specification, implementation, str(error))
        used = world.servers or implementation.backend
    return Checked(specification, implementation, used, result.verdicts, result.sightings, variant, result.not_offered)


def not_run(specification: Specification, implementation: Implementation, reason: str) -> Checked:
    """Of an implementation that could not be checked."""
    verdicts = [Verdict(law.name, Outcome.NOT_RUN, reason=reason) for law in specification.laws]
    return Checked(specification, implementation, implementation.backend, verdicts, [])


Asked = tuple[str | None, str | None, tuple[str, ...], bool]
"""What `select` is asked for. It is asked again in each process, as factories cannot be sent."""


Task = tuple[Asked, int, Budget, Sequence[Trace]]
Kept = Callable[[Specification, Implementation], Sequence[Trace]]


def check_all(
    asked: Asked, budget: Budget, backends: Backends, jobs: int, kept: Kept = lambda *_: ()
) -> Generator[Checked, None, None]:
    """Check what is selected, in that order, as many implementations at a time as there are jobs."""
    selected = select(*asked)
    used = {implementation.backend for _, implementation in selected} - {"memory"}
    tasks = [(asked, number, budget, kept(*one)) for number, one in enumerate(selected)]
    with closing(workers.in_order(_check, tasks, backends, used, jobs)) as outcomes:
        for (specification, implementation), outcome in zip(selected, outcomes, strict=True):
            one = specification.declared(implementation.capabilities), implementation
            if isinstance(outcome, workers.Died):
                yield not_run(*one, f"its process died ({outcome.how})")
            else:
                yield Checked(*one, *outcome)


def _check(task: Task, backends: Backends) -> Any:
    """What can be sent of the result."""
    asked, number, budget, kept = task
    checked = run(*select(*asked)[number], budget, backends, kept)
    return checked.backend, checked.verdicts, checked.sightings, checked.variant, checked.not_offered
