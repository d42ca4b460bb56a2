"""Laws for balancers that keep what they know in a store which many instances share: calls may overlap there."""

from collections.abc import Hashable, Iterator
from itertools import permutations
from typing import Any

from spec.history import NO_ANSWER, History, Operation, unanswered
from spec.law import Law, Verdict, Violation, law
from spec.load_balancing.picking.situation import Situation, is_bad
from spec.load_balancing.picking.types import INTERFACE, Pick
from spec.model import Model, same

MOST = 4
"""So many calls that overlap are tried in every order; with more, nothing is judged from there on."""


def together(history: History) -> Iterator[list[Operation]]:
    """The calls in groups: a call that overlaps with none is alone."""
    group: list[Operation] = []
    for operation in history.operations:
        if operation.parent is not None:
            continue
        if group and operation.began > max(one.ended for one in group):
            yield group
            group = []
        group.append(operation)
    if group:
        yield group


@law(source=INTERFACE, needs={"shared", "on_server"}, concurrent=True)
def concurrent_calls_are_all_counted(history: History) -> Verdict:
    """Of picks that overlap, each has a ticket of its own, none takes a backend beyond its limit, and all are in flight
    afterwards; a request whose `done` comes twice at once is one less.

    A count that is read, and written in a second step, loses what came between: soon it says nothing of the load.
    """
    judged, overlapped = 0, False
    situation = Situation.first(history.config)
    for group in together(history):
        if any(bool(unanswered(one)) != is_bad(situation, one) for one in group):
            return judged
        if len(group) == 1:
            [operation] = group
            member = situation.get(operation.args["name"]) if operation.name == "in_flight" else None
            if member and overlapped:
                judged += 1
                if operation.result != member.in_flight:
                    return Violation(f"{member.in_flight} were picked and are not done", (operation.index,))
        else:
            if not _is_clear(group):
                return judged
            overlapped = True
            judged += 1
            if why := _wrong(situation, group):
                return Violation(why, tuple(one.index for one in group))
        if any(isinstance(one.result, Pick) and situation.get(one.result.backend) is None for one in group):
            return judged
        # What is done comes first: its ticket is free for a pick that overlaps.
        for operation in sorted(group, key=lambda one: one.name != "done"):
            situation = situation.after(operation)
    return judged


def _is_clear(group: list[Operation]) -> bool:
    """Whether the order of those calls makes no difference to what is in flight afterwards."""
    picked = [one.result.ticket for one in group if isinstance(one.result, Pick)]
    done = [one.args["ticket"] for one in group if one.name == "done"]
    once = len(group) == 2 or not any(ticket in done for ticket in picked)
    return once and all(one.name in ("pick", "done") for one in group)


def _wrong(before: Situation, group: list[Operation]) -> str:
    """What is wrong with tickets and limits; "": nothing."""
    picks = [one.result for one in group if isinstance(one.result, Pick)]
    done = [one.args["ticket"] for one in group if one.name == "done"]
    tickets = [ticket for ticket, _ in before.open if ticket not in done]
    for pick in picks:
        if pick.ticket in tickets:
            return f"two requests have the ticket {pick.ticket!r}"
        tickets.append(pick.ticket)
        member = before.get(pick.backend)
        limit = member.backend.max_inflight if member else None
        if member and limit is not None and all(one.name == "pick" for one in group):
            had = member.in_flight
            more = sum(one.backend == pick.backend for one in picks)
            if had + more > limit:
                return f"{pick.backend!r} had {had} in flight, and got {more} more; it may have {limit}"
    return ""


def concurrent_calls_follow_one_another(model: Model) -> Law:
    """That law."""

    @law(source=INTERFACE, needs={"shared", "on_server"}, concurrent=True)
    def concurrent_calls_follow_one_another(history: History) -> Verdict:
        """Calls that overlap are answered as if one had been made after the other, in whichever order, and so is all
        that comes after them.

        Two instances that both read whose turn it is send both requests there; a refusal while a backend is free is an
        outage, also when both come at once.
        """
        judged = 0
        if len(history.sequential().operations) == len(history.operations):
            return judged
        states: dict[Hashable, None] = {model.initial(history.config): None}
        latest: list[Operation] = []
        for group in together(history):
            if len(group) > MOST or any(one.result is NO_ANSWER for one in group):
                break
            states = {state: None for before in states for state in _after(model, history.config, before, group)}
            latest = group if len(group) > 1 else latest
            if not states and latest:
                indexes = tuple(sorted({one.index for one in (*latest, *group)}))
                return Violation("in no order could they be answered so", indexes)
            if not states:
                break
            judged += len(group) > 1
        return judged

    return concurrent_calls_follow_one_another


def _after(model: Model, config: Any, before: Hashable, group: list[Operation]) -> Iterator[Hashable]:
    """Every state in which the model may be after those calls and answers, in any order that they may have had."""
    for order in permutations(group):
        if any(late.ended < early.began for at, early in enumerate(order) for late in order[at + 1 :]):
            continue
        states = [before]
        for operation in order:
            states = [
                state
                for one in states
                for state, right in model.answers(config, one, operation)
                if same(right, operation.result)
            ]
        yield from states
