"""The reference health checker: what results make of a member, and when it is to be probed."""

from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple, Self

from spec.history import Operation, Raised
from spec.load_balancing.health.types import CHECKING, UP, Checks, Names, checked

BAD = tuple(Raised(kind, "", kind) for kind in ("ValueError", "TypeError"))
UNKNOWN = tuple(Raised(kind, "", kind) for kind in ("KeyError", "ValueError"))


class Health(NamedTuple):
    """What the results so far make of a member.

    up:      whether it is; None: its first result decides.
    against: how many results in a row, up to the latest, speak against that.
    results: how many came.
    decided: how that came about: it was "declared", or by the "first" result, or by as many as were "counted".
    """

    up: bool | None
    against: int = 0
    results: int = 0
    decided: str = "declared"

    def after(self, config: Checks, ok: bool) -> Self:
        """After one more result."""
        if self.up is None:
            return self._replace(up=ok, results=1, decided="first")
        if ok is self.up:
            return self._replace(against=0, results=self.results + 1)
        if self.against + 1 == (config.fall if self.up else config.rise):
            return self._replace(up=ok, against=0, results=self.results + 1, decided="counted")
        return self._replace(against=self.against + 1, results=self.results + 1)


class Member(NamedTuple):
    """A member's health, when a probe was last sent to it, and whether that is under way."""

    health: Health
    sent: int | None = None
    under_way: bool = False

    @classmethod
    def new(cls, config: Checks) -> Self:
        """As it is declared."""
        return cls(Health(None if config.initial == CHECKING else config.initial == UP))

    def at(self, config: Checks, now: int) -> Self:
        """As it is at that time: its probe may have failed."""
        if self.under_way and self.sent is not None and now >= self.sent + config.timeout:
            return self._replace(health=self.health.after(config, False), under_way=False)
        return self

    def is_due(self, config: Checks, now: int) -> bool:
        """Whether it is to be probed at that time."""
        return self.sent is None or now >= self.sent + config.interval

    def probed(self, now: int) -> Self:
        """After a probe was sent."""
        return self._replace(sent=now, under_way=True)

    def told(self, config: Checks, ok: bool) -> Self:
        """After a report."""
        return self._replace(health=self.health.after(config, ok), under_way=False) if self.under_way else self


NAMED = {"report", "is_up"}
"""The calls that are about one member."""


def is_bad(known: Any, operation: Operation) -> bool:
    """Whether the call must be refused while those are the members."""
    if operation.name in NAMED:
        return operation.args["name"] not in known
    if operation.name == "set_members":
        try:
            checked(operation.args["names"])
        except (TypeError, ValueError):
            return True
    return False


State = tuple[tuple[str, Member], ...]


class HealthModel:
    """Every member, in the order of their names."""

    def partition(self, operation: Operation) -> Hashable:
        return None

    def initial(self, config: Checks) -> State:
        return tuple((name, Member.new(config)) for name in sorted(config.members))

    def answers(self, config: Checks, state: Any, operation: Operation) -> Iterator[tuple[State, Any]]:
        args, now = operation.args, operation.start
        members = {name: member.at(config, now) for name, member in state}
        if is_bad(members, operation):
            for bad in BAD if operation.name == "set_members" else UNKNOWN:
                yield state, bad
            return
        answer: Any = None
        if operation.name == "due":
            answer = _names(name for name, member in members.items() if member.is_due(config, now))
            members |= {name: members[name].probed(now) for name in answer}
        elif operation.name == "report":
            members[args["name"]] = members[args["name"]].told(config, args["ok"])
        elif operation.name == "is_up":
            answer = members[args["name"]].health.up is True
        elif operation.name == "up":
            answer = _names(name for name, member in members.items() if member.health.up)
        else:
            members = {name: members.get(name, Member.new(config)) for name in checked(args["names"])}
        yield tuple(sorted(members.items())), answer


def _names(names: Iterator[str]) -> Names:
    return tuple(sorted(names))
