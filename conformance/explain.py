"""What a law or an anomaly says, why it matters, where it comes from, and which planted mistakes it kills."""

import difflib
import textwrap
from collections.abc import Iterator

from conformance.mutants import Mutant, mutants
from conformance.session import UsageError
from spec.law import Anomaly, Law
from spec.specification import Specification, specifications

WIDTH = 100


def explain(name: str) -> Iterator[str]:
    """The lines to print. Specifications that say the same are told together.

    Raises:
        UsageError: nothing has that name.
    """
    told: dict[tuple[str, str, str, frozenset[str]], list[Specification]] = {}
    known: dict[str, None] = {}
    for specification in specifications().values():
        for one in (*_laws(specification), *specification.anomalies):
            known[one.name] = None
            if one.name == name:
                needs = one.needs if isinstance(one, Law) else frozenset({"permitted"})
                told.setdefault((one.statement, one.rationale, one.source, needs), []).append(specification)
    if not told:
        near = difflib.get_close_matches(name, known, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; `lawful list` shows them all"
        raise UsageError(f"there is no law or anomaly {name!r}{hint}")
    for (statement, rationale, source, needs), found in told.items():
        yield f"{name}{'  (an anomaly: permitted)' if 'permitted' in needs else ''}"
        yield from _wrapped("", statement)
        yield ""
        yield from _wrapped("why it matters: ", rationale)
        yield from _wrapped("source: ", source)
        yield from _wrapped("specifications: ", ", ".join(one.name for one in found))
        if unless := next((law.unless for law in _laws(found[0]) if law.name == name and isinstance(law, Law)), None):
            yield from _wrapped("not promised with: ", "; ".join(_meaning(found[0], one) for one in sorted(unless)))
        if needs and "permitted" not in needs:
            yield from _wrapped("needs: ", "; ".join(_meaning(found[0], need) for need in sorted(needs)))
        killed = [one for specification in found for one in mutants(specification) if one.killed_by == name]
        if killed:
            yield "kills these planted mistakes:"
            yield from (line for one in killed for line in _mistake(one))
        yield ""


def _laws(specification: Specification) -> Iterator[Law | Anomaly]:
    """Those of the specification, and those that only a variant of it has."""
    seen: dict[str, Law] = {}
    for one in (specification, *specification.variants.values()):
        seen |= {law.name: law for law in one.laws if law.name not in seen}
    yield from seen.values()


def _meaning(specification: Specification, need: str) -> str:
    if need in specification.optional:
        return f"the optional operation {need}"
    meaning = specification.capabilities.get(need, "calls that can be held on their way to a server")
    return f"{need} ({meaning})"


def _mistake(one: Mutant) -> Iterator[str]:
    short = one.specification.partition(".")[2]
    return _wrapped(f"  - {short} {one.name}: ", " ".join(one.mistake.split()), "    ")


def _wrapped(label: str, text: str, indent: str = "  ") -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent=label, subsequent_indent=indent if label else "")
