"""Laws of the order in which a key prefers backends."""

from typing import Any

from spec.history import History, Operation
from spec.law import Verdict, Violation, law
from spec.load_balancing.hashing.observe import Answer, Weights, asked, stretches, weights
from spec.load_balancing.picking.types import Backends

DYNAMO = "G. DeCandia et al., Dynamo: Amazon's highly available key-value store, SOSP 2007: the preference list"


def preferences(history: History) -> list[tuple[Operation, Backends, tuple[Any, ...]]]:
    """Each answer to what a key prefers, and the backends there were."""
    return [
        (operation, members, operation.result)
        for operation, _, members in asked(history)
        if operation.name == "preference" and isinstance(operation.result, tuple)
    ]


@law(source=DYNAMO, needs={"preference"})
def preference_names_each_once(history: History) -> Verdict:
    """A preference list has as many different backends as were asked for, or all that have a weight above 0.

    Three copies on three points of a ring that belong to two servers are two copies.
    """
    judged = 0
    for operation, members, names in preferences(history):
        known, judged = weights(members), judged + 1
        number = min(operation.args["count"], len(known))
        if len(names) != number:
            return Violation(f"{len(names)} backends, where {number} must be", (operation.index,))
        for at, name in enumerate(names):
            if name not in known or name in names[:at]:
                why = "is there twice" if name in names[:at] else "is no backend that may get keys"
                return Violation(f"{name!r} {why}", (operation.index,))
    return judged


@law(source=DYNAMO, needs={"preference"})
def preference_begins_at_home(history: History) -> Verdict:
    """A preference list begins with the backend that the key is mapped to.

    Who reads where the key is mapped to, and writes by the list, does not find what he wrote.
    """
    judged = 0
    homes: dict[Backends, dict[str, Answer]] = {}
    for stretch in stretches(history):
        homes.setdefault(stretch.members, stretch.answers)
    for operation, members, names in preferences(history):
        home = homes.get(members, {}).get(operation.args["key"])
        if home and names:
            judged += 1
            if names[0] != home.name:
                why = f"the key is mapped to {home.name!r}"
                return Violation(why, tuple(sorted({home.call, operation.index})))
    return judged


@law(source=DYNAMO, needs={"preference"})
def preference_list_is_stable(history: History) -> Verdict:
    """Backends that are there at two times, with the same weights, are preferred by a key in the same order both times:
    a shorter list is the beginning of a longer one, and without its first backend the list is its rest.

    When a server dies the next in the list takes over; it must be the one that has the copy.
    """
    judged = 0
    latest: dict[str, tuple[Operation, Weights, tuple[Any, ...]]] = {}
    for operation, members, names in preferences(history):
        now, key = weights(members), operation.args["key"]
        if key in latest:
            before, was, others = latest[key]
            common = {name for name in was if now.get(name) == was[name]}
            here, there = ([name for name in one if name in common] for one in (names, others))
            number = min(len(here), len(there))
            judged += number > 0
            if here[:number] != there[:number]:
                why = f"{', '.join(map(str, there[:number]))} came in another order before"
                return Violation(why, (before.index, operation.index))
        latest[key] = operation, now, names
    return judged
