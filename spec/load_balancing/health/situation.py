"""What every member is, as it follows from the probes that were sent and the reports that came.

A wrong answer of `is_up` does not say why it is wrong. So beside what the members are it is followed what they would be
with each mistake that has a law of its own. That law judges where its mistake alone would make a difference, and where
none would, those judge that are about counting. Where two would, nobody can tell: `agrees_with_model` finds it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from spec.history import History, Operation, remembered, unanswered
from spec.load_balancing.health.model import Health, Member, is_bad
from spec.load_balancing.health.types import Checks, checked
from spec.load_balancing.health.ways import MISTAKES, RIGHT, Way, counting


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
    following = _Following(history.config, (RIGHT, *MISTAKES))
    for operation in following.all(history):
        every.append(Call(operation, following.about(operation)))
        if look := following.look(operation):
            looks.append(look)
    return every, looks


def calls(history: History) -> list[Call]:
    """Every call."""
    return followed(history)[0]


class Diagnosis(NamedTuple):
    """What is wrong with the answers of `is_up`.

    first: the index of the first that is wrong; None: none is.
    kinds: the kinds of mistakes that explain the answers up to that one.
    kind:  the one that alone explains the answers up to that with the index `known`; "": there is none.
    """

    first: int | None = None
    kinds: frozenset[str] = frozenset()
    kind: str = ""
    known: int = 0


@remembered
def diagnosis(history: History) -> Diagnosis:
    """What is wrong, as far as the answers show it."""
    ways = {RIGHT: ""} | counting(history.config) | MISTAKES
    following = _Following(history.config, ways)
    possible = set(ways)
    found = Diagnosis()
    for operation in following.all(history):
        if following.look(operation) is None:
            continue
        looked = following.members[operation.args["name"]].ways
        possible = {way for way in possible if bool(looked[way].health.up) is operation.result}
        kinds = frozenset(ways[way] for way in possible)
        if found.first is None and RIGHT not in possible:
            found = Diagnosis(operation.index, kinds)
        if found.first is not None and len(kinds) < 2:
            return found._replace(kind=min(kinds, default=""), known=operation.index)
    return found


class _Following:
    """The members, each as it is in every way."""

    def __init__(self, config: Checks, ways: Iterable[Way]) -> None:
        self.config, self.ways, self.made = config, tuple(ways), 0
        self.gone: dict[str, dict[Way, Member]] = {}
        self.members: dict[str, _Member] = {name: self.new(name) for name in config.members}

    def new(self, name: str) -> _Member:
        self.made += 1
        ways = {way: way.new(self.config) for way in self.ways}
        for way, member in self.gone.pop(name, {}).items():
            if way.returns:
                ways[way] = ways[way]._replace(health=member.health)
        return _Member(self.made, 0, ways)

    def all(self, history: History) -> Iterator[Operation]:
        """Each call, while the members are as they are when it is made."""
        latest: Operation | None = None
        for operation in history.operations:
            if operation.parent is not None:
                continue
            if latest and operation.start < latest.end:
                return
            latest = operation
            for _, (_, _, ways) in self.concerned(operation):
                for way, member in ways.items():
                    ways[way] = way.at(self.config, member, operation.start)
            yield operation
            bad = is_bad(self.members, operation)
            if bool(unanswered(operation)) != bad or not self.is_known_after(operation):
                return
            if not bad:
                self.take(operation)

    def concerned(self, operation: Operation) -> Iterator[tuple[str, _Member]]:
        if "name" not in operation.args:
            yield from self.members.items()
        elif operation.args["name"] in self.members:
            yield operation.args["name"], self.members[operation.args["name"]]

    def about(self, operation: Operation) -> dict[str, Member]:
        return {name: member.ways[RIGHT] for name, member in self.concerned(operation)}

    def look(self, operation: Operation) -> Look | None:
        if operation.name != "is_up" or not isinstance(operation.result, bool):
            return None
        if (member := self.members.get(operation.args["name"])) is None:
            return None
        health = member.ways[RIGHT].health
        differ = (way for way in MISTAKES if bool(member.ways[way].health.up) is not bool(health.up))
        return Look(operation, health, frozenset(MISTAKES[way] for way in differ), member.number, member.strays)

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
                ways |= {way: way.probed(self.config, member, operation.start) for way, member in ways.items()}
        elif operation.name == "report":
            number, strays, ways = self.members[args["name"]]
            strays += not ways[RIGHT].under_way
            told = {way: way.told(self.config, member, args["ok"]) for way, member in ways.items()}
            self.members[args["name"]] = _Member(number, strays, told)
        elif operation.name == "set_members":
            before = self.members
            names = checked(args["names"])
            self.gone |= {name: before[name].ways for name in set(before) - set(names)}
            for _, _, ways in before.values():
                ways |= {way: way.survived(self.config, member) for way, member in ways.items()}
            self.members = {name: before.get(name) or self.new(name) for name in names}
