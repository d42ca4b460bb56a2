"""Models: small, obviously right references, and the law that an implementation agrees with one.

A model says for each call every answer that is right and the state after it. Its states are immutable, so several can
be followed at once: after a call whose answer was lost, both the state before and the states after are possible.
"""

from collections.abc import Hashable, Iterable
from typing import Any, Protocol

from spec.history import NO_ANSWER, History, Operation, Raised
from spec.law import Law, Verdict, Violation


class Model(Protocol):
    """A reference for one specification."""

    def partition(self, operation: Operation) -> Hashable:
        """Which independent part of the state the call touches, for instance its key."""
        ...

    def initial(self, config: Any) -> Hashable:
        """The state of a part before its first call."""
        ...

    def answers(self, config: Any, state: Hashable, operation: Operation) -> Iterable[tuple[Hashable, Any]]:
        """Every (state after the call, answer) that is right for this call in this state, the likeliest first."""
        ...


def agrees_with(model: Model, source: str) -> Law:
    """The law `agrees_with_model`: the history is one that the model could have produced."""

    def judge(history: History) -> Verdict:
        states: dict[Hashable, dict[Hashable, None]] = {}
        latest = None
        judged = 0
        for operation in history.operations:
            if operation.parent is not None:
                continue
            if latest is not None and operation.start < latest.end:
                break  # the clock stepped back: several behaviours are right from here on
            latest = operation
            part = model.partition(operation)
            before = states.setdefault(part, {model.initial(history.config): None})
            right = [pair for state in before for pair in model.answers(history.config, state, operation)]
            if operation.result is NO_ANSWER:
                states[part] = before | {after: None for after, _ in right}
                continue
            states[part] = {after: None for after, answer in right if _same(answer, operation.result)}
            if not states[part]:
                expected = " or ".join(dict.fromkeys(str(answer) for _, answer in right))
                return Violation(f"expected {expected}", (operation.index,))
            judged += 1
        return judged

    return Law(
        "agrees_with_model",
        "Every answer is one that the reference model could have given, as long as the clock does not step back.",
        "The model is the whole specification: this finds what no other law has a name for.",
        source,
        frozenset(),
        judge,
    )


def _same(right: Any, answer: Any) -> bool:
    if isinstance(right, Raised):
        return isinstance(answer, Raised) and answer.is_a(right.kind)
    return type(right) is type(answer) and bool(right == answer)
