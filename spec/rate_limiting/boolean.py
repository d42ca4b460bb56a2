"""Limiters that say only whether a call is allowed, as most libraries do. They are judged by that alone.

Most of them compute in floating point and read a clock that does, so at the very instant at which a call begins to fit
either answer is right: the clock may be read up to `TOLERANCE` early or late.
"""

from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

from spec.history import History, Operation, remembered
from spec.law import Verdict, Violation
from spec.model import follow
from spec.rate_limiting import laws_interface
from spec.rate_limiting.model import PerKey
from spec.rate_limiting.observe import good, refused_as_bad
from spec.rate_limiting.types import Decision
from spec.specification import Specification

TOLERANCE = 2
"""Microseconds. A double that holds the seconds since 1970 errs by a quarter of one."""

CAPABILITY = {"boolean": f"answers are True or False; the clock is read to within {TOLERANCE} microseconds"}


class Boolean(PerKey):
    """A model whose decisions are cut down to whether the call is allowed, by a clock that may be misread.

    every: whether each reading leads to a state of its own. If not, as for logs, which would become too many, a state
           is kept only of the reading nearest to the truth that explains the answer.
    """

    def __init__(self, model: Any, *, every: bool = True) -> None:
        self.exact, self.every = model, every

    def answers(self, config: Any, state: Hashable, operation: Operation) -> Iterable[tuple[Hashable, Any]]:
        found: dict[tuple[Hashable, Any], None] = {}
        told: set[bool] = set()
        for error in (0, -TOLERANCE, TOLERANCE):
            read = replace(operation, start=operation.start + error)
            for after, answer in self.exact.answers(config, state, read):
                if not isinstance(answer, Decision):
                    return [(after, answer)]
                if self.every or answer.allowed not in told:
                    told.add(answer.allowed)
                    found[after, answer.allowed] = None
        return list(found)


def also_boolean(full: Specification, *, every: bool = True) -> Specification:
    """The specification with a variant whose answers are booleans.

    full:  its first law is that against admitting too much, its second that against refusing what fits.
    every: see `Boolean`.
    """
    model = Boolean(full.model, every=every)
    safety, liveness = full.laws[:2]
    variant = replace(
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
    return replace(
        full, capabilities={**full.capabilities, **CAPABILITY}, variants={**full.variants, "boolean": variant}
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
                why = f"{how}; by all that was admitted before, it is to be {'refused' if wrong else 'admitted'}"
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
