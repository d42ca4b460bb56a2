"""Hand-written histories: calls at given seconds, answered by the model, some answers altered."""

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from spec.history import History, Operation, Raised
from spec.rate_limiting.model import TokenBucket
from spec.rate_limiting.types import SECOND, Decision, Limit

Call = tuple[float, str, dict[str, Any], dict[str, Any]]
ONE = Limit(1, SECOND, 1)
TWO = Limit(1, SECOND, 2)
THREE = Limit(2, SECOND, 3)


def acquire(at: float, key: Any = "a", cost: Any = 1, **altered: Any) -> Call:
    return at, "acquire", {"key": key, "cost": cost}, altered


def peek(at: float, key: Any = "a", **altered: Any) -> Call:
    return at, "peek", {"key": key}, altered


def reset(at: float, key: Any = "a") -> Call:
    return at, "reset", {"key": key}, {}


def by(client: str, call: Call) -> Call:
    """The call, made by another client."""
    return (*call[:3], {**call[3], "client": client})


def held(call: Call) -> Call:
    """The call, answered only after the next one was."""
    return (*call[:3], {**call[3], "held": True})


def ttl(at: float, seconds: float, key: str = "a") -> Call:
    """A question for the time to live, and that as its answer."""
    return at, "ttl", {"key": key}, {"answer": round(seconds * SECOND) if seconds >= 0 else -1}


def history(limit: Limit, *calls: Call) -> History:
    """Answers are the model's, with the named fields altered; `answer=` gives another answer altogether.

    Going by the model, an answer that is altered to `allowed` has still taken nothing, and the other way round.
    """
    model, operations = TokenBucket(), []
    states: dict[Hashable, Hashable] = {}
    for index, (seconds, name, args, altered) in enumerate(calls):
        at, altered = round(seconds * SECOND), dict(altered)
        client = altered.pop("client", "main")
        began, ended = 3 * index, 3 * index + (5 if altered.pop("held", False) else 1)
        operation = Operation(index, name, args, at, at, began, ended, None, client)
        part = model.partition(operation)
        states[part], answer = next(iter(model.answers(limit, states.get(part), operation)))
        if "answer" in altered:
            answer = altered["answer"]
        elif altered:
            assert isinstance(answer, Decision)
            answer = answer._replace(**altered)
        operations.append(replace(operation, result=answer))
    return History(limit, tuple(operations))


BAD = Raised.of(ValueError("bad input"))
