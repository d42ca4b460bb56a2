"""What every member is, as it follows from the probes that were sent and the reports that came.

A wrong answer of `is_up` does not say why it is wrong. So beside what the members are it is followed what they would be
with each mistake that has a law of its own. That law judges where its mistake alone would make a difference, and where
none would, those judge that are about counting. Where two would, nobody can tell: `agrees_with_model` finds it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from spec.history import History, Operation, remembered, unanswered
from spec.load_balancing.health.model import Health, Member, is_bad
from spec.load_balancing.health.types import Checks, checked


class Way(NamedTuple):
    """A way to follow the members: the right one, or one with a mistake.

    overdue: as how many failures a probe counts that was not reported in time; None: it stays under way.
    stray:   whether a report counts though no probe is under way.
    keeps:   whether survivors of `set_members` keep their health.
    goes_on: whether they keep the probe that is under way.
    """

    overdue: int | None = 1
    stray: bool = False
    keeps: bool = True
    goes_on: bool = True

    def at(self, config: Checks, member: Member, now: int) -> Member:
        """As it is at that time."""
        if self.overdue is None or not member.under_way or member.sent is None or now < member.sent + config.timeout:
            return member
        health = member.health
        for _ in range(self.overdue):
            health = health.after(config, False)
        return member._replace(health=health, under_way=False)

    def told(self, config: Checks, member: Member, ok: bool) -> Member:
        """After a report."""
        return (member._replace(under_way=True) if self.stray else member).told(config, ok)

    def survived(self, config: Checks, member: Member) -> Member:
        """After it was a member and still is."""
        health = member.health if self.keeps else Member.new(config).health
        return member._replace(health=health, under_way=member.under_way and self.goes_on)


RIGHT = Way()
LATE, TIMEOUT, SURVIVOR = "late", "timeout", "survivor"
MISTAKES = {
    Way(stray=True): LATE,
    Way(overdue=None): LATE,
    Way(overdue=0): TIMEOUT,
    Way(overdue=2): TIMEOUT,
    Way(keeps=False): SURVIVOR,
    Way(goes_on=False): SURVIVOR,
}


class Call(NamedTuple):
    """A call, and the members that it is about, as they are when it is made, before it."""

    operation: Operation
    members: Mapping[str, Member]


class Look(NamedTuple):
    """An answer of `is_up`.

    health:   what it must follow.
    decides:  which mistakes would change it.
    member:   a number for the member; one that was removed and is new has another.
    strays:   how many reports came for it, so far, while no probe was under way.
    """

    operation: Operation
    health: Health
    decides: frozenset[str]
    member: int
    strays: int

    @property
    def right(self) -> bool:
        """Whether it is what the health says."""
        return self.operation.result is (self.health.up is True)


class _Member(NamedTuple):
    number: int
    strays: int
    ways: dict[Way, Member]


@remembered
def followed(history: History) -> tuple[list[Call], list[Look]]:
    """Every call and every look, as far as it is known what the members are: up to the first that was not answered as
    it should be, that one too, or to where the clock steps back."""
    every: list[Call] = []
    looks: list[Look] = []
    for call, look in _followed(history):
        every.append(call)
        if look:
            looks.append(look)
    return every, looks


def calls(history: History) -> list[Call]:
    """Every call."""
    return followed(history)[0]


def _followed(history: History) -> Iterator[tuple[Call, Look | None]]:
    following = _Following(history.config)
    latest: Operation | None = None
    for operation in history.operations:
        if operation.parent is not None:
            continue
        if latest and operation.start < latest.end:
            return
        latest = operation
        following.settle(operation)
        bad = is_bad(following.members, operation)
        yield Call(operation, following.about(operation)), None if bad else following.look(operation)
        if bool(unanswered(operation)) != bad or not following.is_known_after(operation):
            return
        if not bad:
            following.take(operation)


class _Following:
    """The members, each as it is in every way."""

    def __init__(self, config: Checks) -> None:
        self.config, self.made = config, 0
        self.members: dict[str, _Member] = {name: self.new() for name in config.members}

    def new(self) -> _Member:
        self.made += 1
        member = Member.new(self.config)
        return _Member(self.made, 0, dict.fromkeys((RIGHT, *MISTAKES), member))

    def concerned(self, operation: Operation) -> Iterator[tuple[str, _Member]]:
        if "name" not in operation.args:
            yield from self.members.items()
        elif operation.args["name"] in self.members:
            yield operation.args["name"], self.members[operation.args["name"]]

    def settle(self, operation: Operation) -> None:
        """Probes fail that were not reported in time."""
        for _, (_, _, ways) in self.concerned(operation):
            for way, member in ways.items():
                ways[way] = way.at(self.config, member, operation.start)

    def about(self, operation: Operation) -> dict[str, Member]:
        return {name: member.ways[RIGHT] for name, member in self.concerned(operation)}

    def look(self, operation: Operation) -> Look | None:
        if operation.name != "is_up" or not isinstance(operation.result, bool):
            return None
        number, strays, ways = self.members[operation.args["name"]]
        health = ways[RIGHT].health
        differ = {way for way in MISTAKES if bool(ways[way].health.up) is not bool(health.up)}
        if Way(overdue=0) in differ:
            differ.discard(Way(overdue=None))  # that no late report came shows the same
        return Look(operation, health, frozenset(MISTAKES[way] for way in differ), number, strays)

    def is_known_after(self, operation: Operation) -> bool:
        """Whether it is known what follows: not where a member is probed to which a probe is under way."""
        if operation.name != "due" or not isinstance(operation.result, tuple):
            return True
        return not any(name in self.members and self.members[name].ways[RIGHT].under_way for name in operation.result)

    def take(self, operation: Operation) -> None:
        """What a good call, and its answer, make of the members."""
        args: Any = operation.args
        if operation.name == "due":
            for name in set(operation.result) & set(self.members):
                ways = self.members[name].ways
                ways |= {way: member.probed(operation.start) for way, member in ways.items()}
        elif operation.name == "report":
            number, strays, ways = self.members[args["name"]]
            strays += not ways[RIGHT].under_way
            told = {way: way.told(self.config, member, args["ok"]) for way, member in ways.items()}
            self.members[args["name"]] = _Member(number, strays, told)
        elif operation.name == "set_members":
            for _, _, ways in self.members.values():
                ways |= {way: way.survived(self.config, member) for way, member in ways.items()}
            self.members = {name: self.members.get(name) or self.new() for name in checked(args["names"])}
