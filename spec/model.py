"""Models: small, obviously right references, and the law that an implementation agrees with one.

A model says for each call every answer that is right and the state after it. Its states are immutable, so several can
be followed at once: after a call whose answer was lost, both the state before and the states after are possible.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol

from spec.history import NO_ANSWER, History, Operation, Raised
from spec.law import Law, Verdict, Violation

MOST_STATES = 500
"""Where more are possible, as many answers were lost, the model is not followed any further."""


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
        judged = 0
        for operation, right, agrees in follow(model, history):
            if not agrees:
                return Violation(f"expected {' or '.join(dict.fromkeys(map(str, right)))}", (operation.index,))
            judged += operation.result is not NO_ANSWER
        return judged

    return Law(
        "agrees_with_model",
        "Every answer is one that the reference model could have given, as long as the clock does not step back.",
        "The model is the whole specification: this finds what no other law has a name for.",
        source,
        frozenset(),
        judge,
    )


def right_answers(model: Model, history: History, index: int) -> list[Any] | None:
    """What may be answered to one of the calls where every call before got a right answer, whatever it got here.

    None: the model has nothing to say: the clock stepped back before, it takes any answer for right, or too much is
    possible by then.
    """
    calls = tuple(replace(operation, result=NO_ANSWER) for operation in history.operations[: index + 1])
    for operation, right, _ in follow(model, History(history.config, calls), lost=False):
        if operation.index == index:
            return None if NO_ANSWER in right else [one for at, one in enumerate(right) if one not in right[:at]]
    return None


def follow(model: Model, history: History, lost: bool = True) -> Iterator[tuple[Operation, list[Any], bool]]:
    """Each call, the answers that are right for it, and whether one of them was given: to the first that was not.

    lost: whether a call without an answer may have had no effect.
    """
    states: dict[Hashable, dict[Hashable, None]] = {}
    latest = None
    for operation in history.operations:
        if operation.parent is not None:
            continue
        if latest is not None and operation.start < latest.end:
            return  # the clock stepped back: several behaviours are right from here on
        latest = operation
        part = model.partition(operation)
        before = states.setdefault(part, {model.initial(history.config): None})
        right = [pair for state in before for pair in model.answers(history.config, state, operation)]
        if operation.result is NO_ANSWER:
            states[part] = {**(before if lost else {}), **{after: None for after, _ in right}}
        else:
            states[part] = {after: None for after, answer in right if same(answer, operation.result)}
        yield operation, [answer for _, answer in right], bool(states[part])
        if not states[part] or len(states[part]) > MOST_STATES:
            return


def same(right: Any, answer: Any) -> bool:
    """Whether the answer is the one that is right. Of what is raised, only the type counts."""
    if isinstance(right, Raised):
        return isinstance(answer, Raised) and answer.is_a(right.kind)
    return type(right) is type(answer) and bool(right == answer)
