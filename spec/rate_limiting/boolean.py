"""Limiters that say only whether a call is allowed, as most libraries do. They are judged by that alone.

Most of them compute in floating point and read a clock that does, so at the very instant at which a call begins to fit
either answer is right: the clock may be read up to `TOLERANCE` early or late.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from spec.history import History, Operation, remembered
from spec.law import Law, Verdict, Violation
from spec.model import follow
from spec.rate_limiting import laws_interface
from spec.rate_limiting.model import PerKey
from spec.rate_limiting.observe import good, refused_as_bad
from spec.specification import Specification

TOLERANCE = 2
"""Microseconds. A double that holds the seconds since 1970 errs by a quarter of one."""

CAPABILITY = {"boolean": f"answers are True or False; the clock is read to within {TOLERANCE} microseconds"}


class Boolean(PerKey):
    """A model whose decisions are cut down to whether the call is allowed, by a clock that may be misread. Each reading
    leads to a state of its own."""

    def __init__(self, exact: Any) -> None:
        self.exact = exact

    def decisions(self, config: Any, state: Any, now: int, cost: int, *, take: bool) -> Iterable[tuple[Hashable, Any]]:
        found: dict[tuple[Hashable, bool], None] = {}
        for error in (0, -TOLERANCE, TOLERANCE):
            after, decision = self.exact.decide(config, state, now + error, cost, take=take)
            found[after, decision.allowed] = None
        return found


class BooleanLog(Boolean):
    """For logs, whose states would become too many. What was taken is kept under its true instant; it, and a later
    call, may be misread, each by the tolerance."""

    def decisions(self, config: Any, state: Any, now: int, cost: int, *, take: bool) -> Iterable[tuple[Hashable, Any]]:
        log, strictly = self.exact.decide(config, state, now - 2 * TOLERANCE, cost, take=False)
        _, leniently = self.exact.decide(config, state, now + 2 * TOLERANCE, cost, take=False)
        longer = (*log, (now, cost)) if take and cost else log
        return [(longer if allowed else log, allowed) for allowed in {strictly.allowed, leniently.allowed}]


def also_boolean(
    full: Specification,
    kind: type[Boolean] = Boolean,
    rules: Mapping[str, tuple[str, PerKey]] = MappingProxyType({}),
    safety: Law | None = None,
) -> Specification:
    """The specification with a variant whose answers are booleans.

    full:   its first law is that against admitting too much, its second that against refusing what fits.
    rules:  variants of that variant, by capability: what that means, and the model that decides so.
    safety: what the law against admitting too much says, if not the same.
    """
    laws = (safety or full.laws[0], full.laws[1])
    variant = replace(
        _boolean(full, laws, kind(full.model)),
        capabilities={name: meaning for name, (meaning, _) in rules.items()},
        variants={name: _boolean(full, laws, kind(model)) for name, (_, model) in rules.items()},
    )
    return replace(
        full,
        capabilities={**full.capabilities, **CAPABILITY, **variant.capabilities},
        variants={**full.variants, "boolean": variant},
    )


def _boolean(full: Specification, laws: tuple[Law, Law], model: Boolean) -> Specification:
    safety, liveness = laws
    return replace(
        full,
        operations={**full.operations, "acquire": bool, "peek": bool},
        model=model,
        laws=(
            replace(safety, judge=_never(model, True)),
            replace(liveness, judge=_never(model, False)),
            laws_interface.answers_every_call,
            laws_interface.rejects_bad_input,
        ),
        anomalies=(),
        variants={},
    )


def _never(model: Boolean, wrong: bool) -> Any:
    """The judge that no call is answered so where every reading of the clock gives the other answer."""

    def judge(history: History) -> Verdict:
        judged = 0
        before: dict[Hashable, list[int]] = {}
        for operation, right, agrees in _followed(history, model=model):
            key = model.partition(operation)
            before.setdefault(key, []).append(operation.index)
            if not isinstance(operation.result, bool):
                continue
            judged += set(right) == {not wrong}
            if not agrees and operation.result is wrong:
                how = "admitted" if wrong else "refused"
                why = f"{how}; by all that came before, it is to be {'refused' if wrong else 'admitted'}"
                return Violation(why, tuple(before[key]))
        return judged

    return judge


@remembered
def _followed(history: History, *, model: Boolean) -> list[tuple[Operation, list[Any], bool]]:
    """See `follow`; taken once for both laws."""
    return list(follow(model, _unspoiled(history)))


def _unspoiled(history: History) -> History:
    """Without what came on a key after bad input that was not refused, as nobody can say what that took."""
    spoiled: set[str] = set()
    kept = []
    for operation in history.operations:
        key = repr(operation.args["key"])
        if operation.name == "reset" and operation.result is None:
            spoiled.discard(key)
        if not good(operation) and not refused_as_bad(operation):
            spoiled.add(key)
        elif key not in spoiled:
            kept.append(operation)
    return replace(history, operations=tuple(kept))
