"""The reference balancer: one skeleton, and a policy that says which of the eligible may be picked."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from spec.history import NO_ANSWER, Operation, Raised
from spec.load_balancing.picking.situation import Member, Situation, is_bad
from spec.load_balancing.picking.types import Pick, Pool

State = Hashable
"""What a policy remembers."""

BAD = tuple(Raised(text, "", kind) for text, kind in (("ValueError", "ValueError"), ("TypeError", "TypeError")))
UNKNOWN = tuple(Raised(text, "", kind) for text, kind in (("KeyError", "KeyError"), ("ValueError", "ValueError")))


class Answered(NamedTuple):
    """A request that is done: who had it, whether it went well, after how many microseconds, and when that was."""

    name: str
    ok: bool
    latency: int
    now: int


class Policy:
    """Which backends may be picked. This one takes any that is eligible; the others say more."""

    def initial(self, config: Any, situation: Situation, now: int) -> State:
        """What is remembered before the first call."""
        return None

    def picks(self, config: Any, state: Any, situation: Situation, now: int) -> Iterator[tuple[Member, State]]:
        """Every eligible member that may be picked, and what is remembered then. There is at least one."""
        for member in situation.eligible():
            yield member, state

    def changed(self, config: Any, state: Any, before: Situation, after: Situation, now: int) -> Iterable[State]:
        """What may be remembered once the situation has become another, by a pick too."""
        yield state

    def answered(self, config: Any, state: Any, request: Answered) -> State:
        """What is remembered after that request was done, before what `changed` says."""
        return state  # type: ignore[no-any-return]


class Now(NamedTuple):
    """A situation, and what the policy remembers in it."""

    situation: Situation
    policy: State


class BalancerModel:
    """Follows a balancer with that policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def partition(self, operation: Operation) -> Hashable:
        return None

    def initial(self, config: Pool) -> Hashable:
        situation = Situation.first(config)
        return Now(situation, self.policy.initial(config, situation, 0))

    def answers(self, config: Any, state: Any, operation: Operation) -> Iterable[tuple[Hashable, Any]]:
        situation: Situation = state.situation
        if is_bad(situation, operation):
            return [(state, bad) for bad in (BAD if operation.name == "set_backends" else UNKNOWN)]
        if operation.name == "pick":
            return self._picks(config, state, operation)
        if operation.name in ("in_flight", "drained"):
            member = situation.get(operation.args["name"])
            assert member is not None
            idle = member.draining and not member.in_flight
            return [(state, member.in_flight if operation.name == "in_flight" else idle)]
        return [(after, None) for after in self._changed(config, state, operation)]

    def _picks(self, config: Any, state: Now, operation: Operation) -> Iterator[tuple[Now, Pick | None]]:
        """The ticket is whatever it is; where it is not known, it is one that nobody has."""
        if not state.situation.eligible():
            yield state, None
            return
        result = operation.result
        ticket = result.ticket if isinstance(result, Pick) else 0
        known = ticket if isinstance(result, Pick) else ("of call", operation.index)
        for member, policy in self.policy.picks(config, state.policy, state.situation, operation.start):
            after = state.situation.picked(member.name, known)
            for one in self.policy.changed(config, policy, state.situation, after, operation.start):
                yield Now(after, one), Pick(member.name, ticket)

    def _changed(self, config: Any, state: Now, operation: Operation) -> Iterator[Now]:
        before, policy = state
        after = before.after(replace(operation, result=NO_ANSWER))  # what a good call does, whatever came back
        if operation.name == "done" and (name := dict(before.open).get(operation.args["ticket"])) is not None:
            args = operation.args
            request = Answered(name, args.get("ok", True), args.get("latency", 0), operation.start)
            policy = self.policy.answered(config, policy, request)
        if after == before:
            yield Now(before, policy)
            return
        for one in self.policy.changed(config, policy, before, after, operation.start):
            yield Now(after, one)
