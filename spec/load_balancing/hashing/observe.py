"""What keys were mapped to, and which backends there were: all that laws of hashes look at."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from spec.history import History, Operation, remembered
from spec.load_balancing.hashing.types import Keys
from spec.load_balancing.picking.situation import RESTART, Situation, calls
from spec.load_balancing.picking.types import Backends, Pick

Weights = dict[str, int]


def weights(members: Iterable[tuple[str, int, int | None]]) -> Weights:
    """Of the backends that may get any keys, in their order."""
    return {name: weight for name, weight, _ in members if weight}


class Asked(NamedTuple):
    """A call, and how things were just before it."""

    operation: Operation
    situation: Situation
    members: Backends


@remembered
def asked(history: History) -> list[Asked]:
    """Every call, up to the first that was not answered as it should, that one too."""
    found: list[Asked] = []
    members: Backends | None = None
    for operation, situation in calls(history):
        if members is None:
            members = tuple(one.backend for one in situation.members)
        found.append(Asked(operation, situation, members))
        if operation.name == "assign" and not is_whole(operation):
            break
        if operation.name in (RESTART, "set_backends"):
            members = None
    return found


def is_whole(operation: Operation) -> bool:
    """Whether there is an answer for each key."""
    return isinstance(operation.result, tuple) and len(operation.result) == len(operation.args["keys"])


class Look(NamedTuple):
    """What some keys were mapped to by one call."""

    operation: Operation
    members: Backends
    keys: Keys
    names: tuple[str | None, ...]


@remembered
def looks(history: History) -> list[Look]:
    """All of them; a pick while nothing is in flight is one, as every backend has room."""
    found = []
    for operation, situation, members in asked(history):
        if operation.name == "assign" and is_whole(operation):
            found.append(Look(operation, members, tuple(operation.args["keys"]), operation.result))
        elif operation.name == "pick" and not situation.open and isinstance(operation.result, Pick):
            found.append(Look(operation, members, (operation.args["key"],), (operation.result.backend,)))
    return found


class Answer(NamedTuple):
    """What a key was mapped to, and by which call."""

    name: str | None
    call: int


class Stretch(NamedTuple):
    """What was seen while the backends stayed the same: for each key the answer."""

    members: Backends
    answers: dict[str, Answer]


@remembered
def stretches(history: History) -> list[Stretch]:
    """All in which something was seen."""
    found: list[Stretch] = []
    latest: Look | None = None
    for look in looks(history):
        operation, members, keys, names = look
        if not found or found[-1].members != members:
            found.append(Stretch(members, {}))
        elif latest and latest.keys == keys and latest.names == names:
            continue
        latest = look
        index = operation.index
        found[-1].answers.update({key: Answer(name, index) for key, name in zip(keys, names, strict=True)})
    return found


class Change(NamedTuple):
    """What was seen before and after the backends changed: of each key that was seen both times the two answers."""

    before: Weights
    after: Weights
    answers: list[tuple[str, Answer, Answer]]


@remembered
def changes(history: History) -> list[Change]:
    """All of them."""
    return [
        Change(
            weights(before.members),
            weights(after.members),
            [(key, was, after.answers[key]) for key, was in before.answers.items() if key in after.answers],
        )
        for before, after in pairwise(stretches(history))
    ]
