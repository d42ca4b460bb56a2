"""A correct health checker in small pieces, each for a mutant to get wrong. It keeps every result, and counts anew."""

from dataclasses import dataclass, field
from typing import Any

from spec.environment import Environment
from spec.load_balancing.health.types import CHECKING, UP, Names, checked


@dataclass
class Member:
    """When a probe was last sent, whether that is under way, and all results, the latest last."""

    name: str
    sent: int | None = None
    under_way: bool = False
    results: list[bool] = field(default_factory=list)


class Checker:
    """Slow and plain: it looks at every member, on every call."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.config, self.clock = config, env.clock
        self.members = [Member(name) for name in config.members]

    # The calls

    def due(self) -> Any:
        self.settle()
        found = [member for member in self.members if self.is_due(member)]
        for member in found:
            self.send(member)
        return tuple(sorted(member.name for member in found))

    def report(self, name: str, ok: bool) -> None:
        self.settle()
        member = self.member(name)
        if member.under_way:
            self.took(member, ok)
            member.under_way = False
        else:
            self.stray(member, ok)

    def is_up(self, name: str) -> bool:
        self.settle()
        return self.status(self.member(name))

    def set_members(self, names: Names) -> None:
        self.settle()
        self.check(names)
        before = {member.name: member for member in self.members}
        self.members = [self.survived(before[name]) if name in before else Member(name) for name in names]
        for name in before:
            if name not in names:
                self.removed(before[name])

    def up(self) -> Any:
        self.settle()
        return tuple(sorted(member.name for member in self.members if self.status(member)))

    # The pieces

    def now(self) -> int:
        return self.clock.now()

    def check(self, names: Names) -> None:
        checked(names)

    def member(self, name: str) -> Member:
        """The member of that name."""
        for member in self.members:
            if member.name == name:
                return member
        raise KeyError(name)

    def settle(self) -> None:
        """Whatever is overdue has failed."""
        for member in self.members:
            if member.under_way and self.is_overdue(member):
                member.under_way = False
                self.overdue(member)

    def is_overdue(self, member: Member) -> bool:
        assert member.sent is not None
        return bool(self.now() - member.sent >= self.config.timeout)

    def overdue(self, member: Member) -> None:
        """Its probe was not reported in time."""
        self.took(member, False)

    def is_due(self, member: Member) -> bool:
        return member.sent is None or self.now() - member.sent >= self.config.interval

    def send(self, member: Member) -> None:
        member.sent, member.under_way = self.now(), True

    def took(self, member: Member, ok: bool) -> None:
        """There is one more result."""
        member.results.append(ok)

    def stray(self, member: Member, ok: bool) -> None:
        """There is a report while no probe is under way."""

    def survived(self, member: Member) -> Member:
        """It was a member before."""
        return member

    def removed(self, member: Member) -> None:
        """It is a member no more."""

    def status(self, member: Member) -> bool:
        """Whether it is up, after all its results."""
        results, up, streak = member.results, self.declared(), 0
        if results and self.config.initial == CHECKING:
            up, results = results[0], results[1:]
        for ok in results:
            up, streak = self.counted(up, streak, ok)
        return up

    def declared(self) -> bool:
        """Whether a new member is up."""
        return bool(self.config.initial == UP)

    def counted(self, up: bool, streak: int, ok: bool) -> tuple[bool, int]:
        """Whether it is up after that result, and how many in a row speak against it."""
        if ok == up:
            return up, self.supported(streak, ok)
        streak += 1
        return (ok, self.turned(ok)) if streak >= self.threshold(up) else (up, streak)

    def supported(self, streak: int, ok: bool) -> int:
        """How many in a row speak against it after one that does not."""
        return 0

    def turned(self, up: bool) -> int:
        """How many in a row speak against it when it has just gone up or down."""
        return 0

    def threshold(self, up: bool) -> int:
        """How many in a row are needed against what it is."""
        return int(self.config.fall if up else self.config.rise)
