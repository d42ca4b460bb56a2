"""What balancers that pick may do, and their users should know."""

from collections.abc import Iterator
from itertools import groupby

from spec.history import History, Operation
from spec.law import Violation, Witness, anomaly
from spec.load_balancing.picking.laws_policy import NGINX, stretches
from spec.load_balancing.picking.policies import by_weight, weights
from spec.load_balancing.picking.situation import calls
from spec.load_balancing.picking.types import INTERFACE, Pick

MANY = 3
"""How many requests in a row are told of."""


def _row(picks: list[Operation]) -> Iterator[list[Operation]]:
    """Picks of one backend that follow one another."""
    for _, row in groupby(picks, key=lambda operation: str(operation.result.backend)):
        yield list(row)


@anomaly(source=INTERFACE)
def newcomer_is_flooded(history: History) -> Witness:
    """A backend that has just come gets as many requests in a row as each of the others has in flight.

    Where each of n backends has c in flight, the next c are for the new one, whose caches are cold. A slow start, or
    two choices, spread them.
    """
    came: dict[str, int] = {}
    row: list[Operation] = []
    level = 0
    for operation, before in calls(history):
        if operation.name == "pick" and isinstance(operation.result, Pick):
            name = operation.result.backend
            equal = len({member.weight for member in before.members}) == 1
            if came.get(name) != operation.start or not equal:
                row = []
                continue
            if not row or row[-1].result.backend != name:
                others = [member for member in before.eligible() if member.name != name]
                settled = not any(member.name in came for member in others)
                row, level = [], min((member.in_flight for member in others if settled), default=0)
            row.append(operation)
            if len(row) >= level >= MANY:
                why = f"{len(row)} requests in a row for {name!r}, as each of the others has {level}"
                return Violation(why, tuple(one.index for one in row))
        else:
            row = []
            after = before.after(operation)
            for member in after.members:
                old = before.get(member.name)
                if old is None or (member.up and not old.up):
                    came[member.name] = operation.start
    return None


@anomaly(source=NGINX)
def burst_after_heavy_leaves(history: History) -> Witness:
    """After the eligible or a weight changed, one backend is picked four times or more in a row, while another that
    weighs as much waits.

    What was earned beside a heavy one is kept when that is gone: with weights 100, 1 and 1 up to 51 picks in a row.
    """
    runs = stretches(history, by_weight)
    next(runs)
    for stretch in runs:
        shares = weights(stretch[0].before) if stretch else {}
        for row in _row([operation for operation, _ in stretch]):
            name = row[0].result.backend
            waiting = [other for other in shares if other != name and shares[other] >= shares.get(name, 0)]
            if len(row) > MANY and waiting:
                why = f"{name!r} {len(row)} times in a row, while {waiting[0]!r} waits"
                return Violation(why, tuple(operation.index for operation in row))
    return None
