"""What a law or an anomaly says, why it matters, where it comes from, and which planted mistakes it kills."""

import difflib
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.mutants import Mutant, mutants
from conformance.session import UsageError
from spec.law import Anomaly, Law
from spec.specification import Specification, specifications

WIDTH = 100


@dataclass(frozen=True)
class Promise:
    """A law or an anomaly, and the specifications that say the same of it."""

    law: Law | Anomaly
    specifications: tuple[Specification, ...]

    @property
    def is_permitted(self) -> bool:
        """Whether it is an anomaly."""
        return isinstance(self.law, Anomaly)

    @property
    def conditions(self) -> tuple[list[str], list[str]]:
        """What an implementation needs for it to be asked of it, and what takes it back; each with its meaning."""
        if isinstance(self.law, Anomaly):
            return [], []
        first = self.specifications[0]
        needs, unless = sorted(self.law.needs), sorted(self.law.unless)
        return [_meaning(first, need) for need in needs], [_meaning(first, one) for one in unless]

    @property
    def killed(self) -> list[Mutant]:
        """The planted mistakes that it kills."""
        return [one for which in self.specifications for one in mutants(which) if one.killed_by == self.law.name]


def promises(among: Iterable[Specification]) -> list[Promise]:
    """Every law and anomaly of them, also of variants, in their order; those that say the same are told together."""
    told: dict[tuple[object, ...], tuple[Law | Anomaly, list[Specification]]] = {}
    for specification in among:
        every: list[Law | Anomaly] = [*_laws(specification), *specification.anomalies]
        for one in every:
            needs = one.needs if isinstance(one, Law) else None
            same = one.name, one.statement, one.rationale, one.source, needs
            told.setdefault(same, (one, []))[1].append(specification)
    return [Promise(law, tuple(found)) for law, found in told.values()]


def explain(name: str) -> Iterator[str]:
    """The lines to print. Specifications that say the same are told together.

    Raises:
        UsageError: nothing has that name.
    """
    known = promises(specifications().values())
    told = [one for one in known if one.law.name == name]
    if not told:
        near = difflib.get_close_matches(name, dict.fromkeys(one.law.name for one in known), n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; `lawful list` shows them all"
        raise UsageError(f"there is no law or anomaly {name!r}{hint}")
    for one in told:
        needs, unless = one.conditions
        yield f"{name}{'  (an anomaly: permitted)' if one.is_permitted else ''}"
        yield from _wrapped("", one.law.statement)
        yield ""
        yield from _wrapped("why it matters: ", one.law.rationale)
        yield from _wrapped("source: ", one.law.source)
        yield from _wrapped("specifications: ", ", ".join(which.name for which in one.specifications))
        if unless:
            yield from _wrapped("not promised with: ", "; ".join(unless))
        if needs:
            yield from _wrapped("needs: ", "; ".join(needs))
        if one.killed:
            yield "kills these planted mistakes:"
            yield from (line for mutant in one.killed for line in _mistake(mutant))
        yield ""


def _laws(specification: Specification) -> Iterator[Law]:
    """Those of the specification, and those that only a variant of it has."""
    seen: dict[str, Law] = {}
    for one in (specification, *specification.variants.values()):
        seen |= {law.name: law for law in one.laws if law.name not in seen}
    yield from seen.values()


def _meaning(specification: Specification, need: str) -> str:
    if need in specification.operations:
        return f"the {'optional ' if need in specification.optional else ''}operation {need}"
    meaning = specification.capabilities.get(need, "calls that can be held on their way to a server")
    return f"{need} ({meaning})"


def _mistake(one: Mutant) -> Iterator[str]:
    short = one.specification.partition(".")[2]
    return _wrapped(f"  - {short} {one.name}: ", " ".join(one.mistake.split()), "    ")


def _wrapped(label: str, text: str, indent: str = "  ") -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent=label, subsequent_indent=indent if label else "")
