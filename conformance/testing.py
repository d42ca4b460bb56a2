"""Verdicts as tests of pytest: for each law one, for each implementation one run that they share."""

import atexit
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from conformance import session
from conformance.judge import Budget, Outcome, Verdict
from conformance.timeline import timeline
from impls.backends import Backends
from impls.registry import Factory, Implementation
from spec.law import Law
from spec.specification import Specification


@dataclass(frozen=True)
class Check:
    """An implementation and what it is checked against. It is run when the first verdict is asked for."""

    specification: Specification
    implementation: Implementation
    budget: Budget

    @property
    def laws(self) -> tuple[Law, ...]:
        """Those of the variant that the implementation declares."""
        return self.specification.declared(self.implementation.capabilities).laws

    @cached_property
    def result(self) -> session.Checked:
        return session.run(self.specification, self.implementation, self.budget, servers())

    def conclude(self, law: str) -> None:
        """End a test as the verdict on that law says: a known deviation is an expected failure."""
        verdict = next(verdict for verdict in self.result.verdicts if verdict.law == law)
        match verdict.outcome:
            case Outcome.HOLDS:
                return
            case Outcome.NOT_APPLICABLE:
                pytest.skip(str(verdict.reason))
            case Outcome.DEVIATES:
                pytest.xfail(f"known: {verdict.reason}")
            case _:
                pytest.fail("\n".join(self._told(verdict)), pytrace=False)

    def _told(self, verdict: Verdict) -> list[str]:
        name = f"{self.specification.name}  {self.implementation.name}"
        match verdict.outcome:
            case Outcome.NOT_RUN:
                return [f"{name} could not be run: {verdict.reason}"]
            case Outcome.UNEXPECTEDLY_HOLDS:
                return [f"{name} keeps {verdict.law}, though declared to deviate: {verdict.reason}"]
            case Outcome.NOT_EXERCISED:
                return [f"{name}: {verdict.law} met no case{f': {verdict.reason}' if verdict.reason else ''}"]
        found = verdict.counterexample
        declared = self.result.specification
        shown = timeline(declared, found.history, found.violation) if found else ()
        return [
            f"{name} violates {verdict.law}",
            *(f"  {line}" for line in shown),
            f"  law: {declared.law(verdict.law).statement}",
        ]


def suite(
    specification: str,
    factory: Factory,
    *,
    capabilities: Iterable[str] = (),
    deviations: Mapping[str, str] | None = None,
    profile: str = "default",
    examples: int | None = None,
    steps: int | None = None,
    seed: int = 0,
) -> type:
    """A class for a test module, with a test for each law of a specification.

        TestMyBucket = conformance.suite("rate_limiting.token_bucket", make_bucket)

    specification:   its name, for instance `rate_limiting.token_bucket`; see `lawful list`.
    factory:         `factory(config, env)` returns what is checked.
    capabilities:    what it can beyond what shows.
    deviations:      laws it is known to break, each with the reason: they are expected to fail.
    profile:         how much is tried: "quick", "default" or "thorough"; examples and steps say it more finely.
    seed:            the same seed gives the same verdicts.

    Raises:
        UsageError: there is no such specification, capability, law or profile.
    """
    found = session.one(specification)
    name = getattr(factory, "__name__", type(factory).__name__)
    implementation = session.declaring(found, Implementation(found.name, name, factory), capabilities, deviations)
    check = Check(found, implementation, session.budget(profile, examples, steps, seed))
    tests: dict[str, Any] = {f"test_{law.name}": _test(check, law) for law in check.laws}
    return type(f"Test{name}", (), {**tests, "__doc__": f"The laws of {found.name}."})


def _test(check: Check, law: Law) -> Callable[[Any], None]:
    def test(self: Any) -> None:
        check.conclude(law.name)

    test.__doc__ = law.statement
    return test


_servers: list[Backends] = []


def servers() -> Backends:
    """Those of this process, by the environment; started when an implementation first asks for one."""
    if not _servers:
        _servers.append(Backends.from_environment())
        atexit.register(close)
    return _servers[0]


def close() -> None:
    """Stop the servers that were started."""
    while _servers:
        with _servers.pop():
            """That was its end."""
