"""Which backends are eligible, and what is in flight: what follows from the calls, whoever was picked by what rule."""

from collections.abc import Hashable, Iterator
from typing import NamedTuple, Self

from spec.history import History, Operation, Raised, remembered, unanswered
from spec.load_balancing.picking.types import Backend, Backends, Pick, Pool, checked

RESTART = "restart"
"""The call by which another instance takes over, with the backends that it names."""

NAMED = {"set_health", "set_draining", "in_flight", "drained"}
"""The calls that are about one member."""


class Member(NamedTuple):
    """A backend, and how it is."""

    backend: Backend
    up: bool = True
    draining: bool = False
    in_flight: int = 0

    @property
    def name(self) -> str:
        """The backend's name."""
        return self.backend.name

    @property
    def weight(self) -> int:
        """The backend's weight."""
        return self.backend.weight

    def why_not(self) -> str:
        """Why it may not be picked; "": it is eligible."""
        if not self.up:
            return "is down"
        if self.draining:
            return "is draining"
        if not self.weight:
            return "has weight 0"
        if self.backend.max_inflight is not None and self.in_flight >= self.backend.max_inflight:
            return f"has {self.in_flight} in flight, as many as it may"
        return ""


class Situation(NamedTuple):
    """The members in the order they were given, and the member for each ticket in flight."""

    members: tuple[Member, ...]
    open: frozenset[tuple[Hashable, str]] = frozenset()

    @classmethod
    def first(cls, config: Pool) -> Self:
        """That in which a run begins."""
        return cls(tuple(map(Member, config.backends)))

    def eligible(self) -> tuple[Member, ...]:
        """The members that may be picked."""
        return tuple(member for member in self.members if not member.why_not())

    def get(self, name: object) -> Member | None:
        """The member of that name."""
        return next((member for member in self.members if member.name == name), None)

    def picked(self, name: str, ticket: Hashable) -> Self:
        """After that pick."""
        return self._with(name, 1)._replace(open=self.open | {(ticket, name)})

    def done(self, ticket: Hashable) -> Self:
        """After that was done; a ticket that is not in flight changes nothing."""
        for pair in self.open:
            if pair[0] == ticket:
                return self._with(pair[1], -1)._replace(open=self.open - {pair})
        return self

    def given(self, backends: Backends) -> Self:
        """With those members."""
        before = {member.name: member for member in self.members}
        members = tuple(before.get(one.name, Member(one))._replace(backend=one) for one in backends)
        names = {one.name for one in backends}
        return self._replace(members=members, open=frozenset(pair for pair in self.open if pair[1] in names))

    def with_(self, name: str, **changes: bool) -> Self:
        """With that member changed so."""
        return self._replace(
            members=tuple(one._replace(**changes) if one.name == name else one for one in self.members)  # type: ignore[arg-type]
        )

    def _with(self, name: str, more: int) -> Self:
        return self._replace(
            members=tuple(
                one._replace(in_flight=one.in_flight + more) if one.name == name else one for one in self.members
            )
        )

    def after(self, operation: Operation) -> Self:
        """After that call and its answer: one that raised, or was bad, changed nothing."""
        args, result = operation.args, operation.result
        if operation.name == "pick" and isinstance(result, Pick):
            return self.picked(result.backend, result.ticket)
        if isinstance(result, Raised) or is_bad(self, operation):
            return self
        if operation.name == RESTART:
            return self.first(Pool(args["backends"]))
        if operation.name == "done":
            return self.done(args["ticket"])
        if operation.name == "set_backends":
            return self.given(checked(args["backends"]))
        if operation.name == "set_health":
            return self.with_(args["name"], up=args["up"])
        if operation.name == "set_draining":
            return self.with_(args["name"], draining=args["on"])
        return self


def is_bad(situation: Situation, operation: Operation) -> bool:
    """Whether the call must be refused there."""
    if operation.name in NAMED:
        return situation.get(operation.args["name"]) is None
    if operation.name == "set_backends":
        try:
            checked(operation.args["backends"])
        except (TypeError, ValueError):
            return True
    return False


class Call(NamedTuple):
    """A call, and how things were just before it."""

    operation: Operation
    before: Situation


@remembered
def calls(history: History) -> list[Call]:
    """Every call, as far as it is known how things were before it: up to the first that was not answered as it should,
    that one too."""
    return list(_calls(history))


def _calls(history: History) -> Iterator[Call]:
    situation = Situation.first(history.config)
    for operation in history.operations:
        if operation.parent is not None:
            continue
        yield Call(operation, situation)
        bad = is_bad(situation, operation)
        if bool(unanswered(operation)) != bad or (
            isinstance(operation.result, Pick) and not _known(situation, operation)
        ):
            return
        situation = situation.after(operation)


def _known(situation: Situation, operation: Operation) -> bool:
    """Whether the pick is of a member."""
    return situation.get(operation.result.backend) is not None
