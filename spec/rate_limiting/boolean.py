"""Limiters that say only whether a call is allowed, as most libraries do. They are judged by that alone.

Most of them compute in floating point and read a clock that does, so at the very instant at which a call begins to fit
either answer is right: the clock may be read a little early or late.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from spec.history import History, Operation, remembered
from spec.law import Law, Verdict, Violation
from spec.model import follow
from spec.rate_limiting import laws_interface
from spec.rate_limiting.model import PerKey
from spec.rate_limiting.observe import good
from spec.specification import Specification

TOLERANCE = 2
"""Microseconds. A double that holds the seconds since 1970 errs by a quarter of one."""

COARSE = 1000
"""Microseconds, for those that count time in milliseconds."""

CAPABILITIES = {
    "boolean": f"answers are True or False; the clock is read to within {TOLERANCE} microseconds",
    "milliseconds": "time is counted in milliseconds; for those that answer True or False",
}


class Boolean(PerKey):
    """A model whose decisions are cut down to whether the call is allowed, by a clock that may be misread by so many
    microseconds. Each reading leads to a state of its own."""

    def __init__(self, exact: Any, tolerance: int = TOLERANCE) -> None:
        self.exact, self.tolerance = exact, tolerance

    def decisions(self, config: Any, state: Any, now: int, cost: int, *, take: bool) -> Iterable[tuple[Hashable, Any]]:
        found: dict[tuple[Hashable, bool], None] = {}
        for error in (0, -self.tolerance, self.tolerance):
            after, decision = self.exact.decide(config, state, now + error, cost, take=take)
            found[after, decision.allowed] = None
        return found


class BooleanLog(Boolean):
    """For logs, whose states would become too many. What was taken is kept under its true instant; it, and a later
    call, may be misread, each by the tolerance."""

    def decisions(self, config: Any, state: Any, now: int, cost: int, *, take: bool) -> Iterable[tuple[Hashable, Any]]:
        error = 2 * self.tolerance
        log, strictly = self.exact.decide(config, state, now - error, cost, take=False)
        _, leniently = self.exact.decide(config, state, now + error, cost, take=False)
        longer = (*log, (now, cost)) if take and cost else log
        return [(longer if allowed else log, allowed) for allowed in {strictly.allowed, leniently.allowed}]


@dataclass(frozen=True)
class Rule:
    """Another rule to decide by, for limiters that declare its capability; and others that they may declare then."""

    capability: str
    meaning: str
    model: PerKey
    further: tuple["Rule", ...] = ()

    @property
    def meanings(self) -> dict[str, str]:
        """Of its capability, and of those of the further ones."""
        told = {self.capability: f"{self.meaning}; for those that answer True or False"}
        return told | {name: meaning for rule in self.further for name, meaning in rule.meanings.items()}


def also_boolean(
    full: Specification, kind: type[Boolean] = Boolean, rules: tuple[Rule, ...] = (), safety: Law | None = None
) -> Specification:
    """The specification with a variant whose answers are booleans.

    full:   its first law is that against admitting too much, its second that against refusing what fits.
    safety: what the law against admitting too much says, if not the same.
    """
    told = {name: meaning for rule in rules for name, meaning in rule.meanings.items()}
    variant = _boolean(full, kind, (safety or full.laws[0], full.laws[1]), full.model, rules)
    return replace(
        full,
        capabilities=dict(full.capabilities) | CAPABILITIES | told,
        variants={**full.variants, "boolean": variant},
    )


def _boolean(
    full: Specification, kind: type[Boolean], laws: tuple[Law, Law], model: Any, rules: tuple[Rule, ...]
) -> Specification:
    def variant(model: Boolean, variants: Mapping[str, Specification]) -> Specification:
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
            variants=variants,
        )

    others = {rule.capability: _boolean(full, kind, laws, rule.model, rule.further) for rule in rules}
    return variant(kind(model), others | {"milliseconds": variant(kind(model, COARSE), {})})


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
    """Without what came on a key after bad input, as nobody can say what that took. Refused it should take nothing; but
    where it took something, that is no fault of the laws that are judged by this."""
    spoiled: set[str] = set()
    kept = []
    for operation in history.operations:
        key = repr(operation.args["key"])
        if operation.name == "reset" and operation.result is None:
            spoiled.discard(key)
        if not good(operation):
            spoiled.add(key)
        elif key not in spoiled:
            kept.append(operation)
    return replace(history, operations=tuple(kept))
