"""Laws of bounded loads: how many requests a backend may have, and who gets those for which there is no room."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from spec.history import History
from spec.law import Verdict, Violation, anomaly, law
from spec.load_balancing.hashing.laws_preference import preferences
from spec.load_balancing.hashing.observe import Asked, asked, looks, weights
from spec.load_balancing.picking import laws_interface
from spec.load_balancing.picking.situation import Situation
from spec.load_balancing.picking.types import Backends, Pick

MIRROKNI = "V. Mirrokni, M. Thorup and M. Zadimoghaddam, Consistent hashing with bounded loads, SODA 2018"

zero_weight_gets_nothing = replace(laws_interface.zero_weight_gets_nothing, needs=frozenset({"weights"}))

Membership = frozenset[tuple[str, int]]


def _membership(members: Backends) -> Membership:
    return frozenset(weights(members).items())


def caps(config: Any, situation: Situation) -> dict[str, int]:
    """How many requests each backend may have once there is one more in all."""
    total = sum(member.weight for member in situation.members)
    parts = (100 + config.extra) * (len(situation.open) + 1)
    return {one.name: -(-parts * one.weight // (100 * total)) for one in situation.members if one.weight}


def full(config: Any, situation: Situation) -> dict[str, str]:
    """What to say of each backend that has no room."""
    found = {}
    for name, cap in caps(config, situation).items():
        member = situation.get(name)
        if member and member.in_flight >= cap:
            found[name] = f"has {member.in_flight} in flight; it may have {cap}"
    return found


def _picked(history: History) -> Iterator[tuple[Asked, str]]:
    """The picks of backends that may be picked, and which that was."""
    for call in asked(history):
        if call.operation.name == "pick" and isinstance(call.operation.result, Pick):
            name = call.operation.result.backend
            if name in weights(call.members):
                yield call, name


@law(source=MIRROKNI)
def load_never_exceeds_cap(history: History) -> Verdict:
    """No backend is picked that has as many requests in flight as it may: its share of all, that one counted, and
    `extra` percent, rounded up.

    This is the promise: however popular one key is, no server gets much more than the others.
    """
    judged = 0
    for call, name in _picked(history):
        judged += bool(call.situation.open)
        if why := full(history.config, call.situation).get(name):
            return Violation(f"{name!r} {why}", (call.operation.index,))
    return judged


@law(source=MIRROKNI)
def goes_home_while_there_is_room(history: History) -> Verdict:
    """A request goes to the backend that its key is mapped to, where it went while nothing was in flight, if there is
    room.

    The bound is for the few that are too popular; all others should find their cache warm.
    """
    judged = 0
    homes: dict[tuple[Membership, str], tuple[str | None, int]] = {}
    for look in looks(history):
        homes.setdefault((_membership(look.members), look.keys[0]), (look.names[0], look.operation.index))
    for (operation, situation, members), name in _picked(history):
        home, index = homes.get((_membership(members), operation.args["key"]), (None, 0))
        if home is None or not situation.open or home in full(history.config, situation):
            continue
        judged += 1
        if name != home:
            why = f"{home!r}, where the key went while nothing was in flight, has room"
            return Violation(why, tuple(sorted({index, operation.index})))
    return judged


@law(source=MIRROKNI, needs={"preference"})
def first_fit(history: History) -> Verdict:
    """A request goes to the first of the backends that its key prefers that has room.

    What one has no room for goes to the same next one each time, so that is warm too; any other choice spreads a
    popular key over all caches there are.
    """
    judged = 0
    lists: dict[tuple[Membership, str], tuple[tuple[Any, ...], int]] = {}
    for operation, members, names in preferences(history):
        place = _membership(members), operation.args["key"]
        if place not in lists or len(lists[place][0]) < len(names):
            lists[place] = names, operation.index
    for (operation, situation, members), name in _picked(history):
        names, index = lists.get((_membership(members), operation.args["key"]), ((), 0))
        no_room = full(history.config, situation)
        judged += bool(names)
        for preferred in names:
            if preferred == name:
                break
            if preferred not in no_room:
                why = f"{preferred!r} comes before {name!r} and has room"
                return Violation(why, tuple(sorted({index, operation.index})))
    return judged


@anomaly(source=MIRROKNI)
def popular_key_spills(history: History) -> Violation | None:
    """Two requests with the same key are at different backends, though the backends are still the same.

    What the key stands for is cached twice, and a session that lives in one server only is not found.
    """
    latest: dict[tuple[Backends, str], tuple[str, int]] = {}
    for (operation, _, members), name in _picked(history):
        other, index = latest.setdefault((members, operation.args["key"]), (name, operation.index))
        if other != name:
            return Violation(f"the same key went to {other!r}", (index, operation.index))
    return None
