"""Health checkers with one mistake each in who is probed when, or in what becomes of members that come and go."""

from typing import Any

from conformance.load_balancing.health.modelled import Checker, Member
from conformance.load_balancing.health.mutants import planted
from spec.load_balancing.health.types import CHECKING, Names


@planted("probes_every_interval")
class DownIsNotProbed(Checker):
    """A member that is down is not probed any more."""

    def is_due(self, member: Member) -> bool:
        return super().is_due(member) and (self.status(member) or len(member.results) < self.config.fall)


@planted("probes_every_interval")
class CatchesUp(Checker):
    """The next probe is due an interval after the last one was due, so after a pause some come too early."""

    def __init__(self, config: Any, env: Any) -> None:
        super().__init__(config, env)
        self.next: dict[str, int] = {}

    def is_due(self, member: Member) -> bool:
        return self.now() >= self.next.get(member.name, 0)

    def send(self, member: Member) -> None:
        super().send(member)
        self.next[member.name] = self.next.get(member.name, self.now()) + self.config.interval

    def removed(self, member: Member) -> None:
        self.next.pop(member.name, None)


@planted("probes_every_interval")
class CountsFromTheReport(Checker):
    """The next probe is due an interval after the last one was reported."""

    def took(self, member: Member, ok: bool) -> None:
        super().took(member, ok)
        member.sent = self.now()


@planted("probes_every_interval")
class IntervalAMicrosecondLong(Checker):
    """A probe is due when more than an interval has passed."""

    def is_due(self, member: Member) -> bool:
        return member.sent is None or self.now() - member.sent > self.config.interval


@planted("probes_every_interval")
class NewWaitsForAnInterval(Checker):
    """A member that is new is not probed before an interval has passed."""

    def set_members(self, names: Names) -> None:
        super().set_members(names)
        for member in self.members:
            if member.sent is None:
                member.sent = self.now()


@planted("probes_every_interval")
class FailedIsProbedAtOnce(Checker):
    """After a failure the next probe is due at once."""

    def is_due(self, member: Member) -> bool:
        return super().is_due(member) or (not member.under_way and member.results[-1:] == [False])


@planted("removed_is_not_probed")
class RemovedIsProbed(Checker):
    """What was removed is probed on."""

    def __init__(self, config: Any, env: Any) -> None:
        super().__init__(config, env)
        self.gone: list[Member] = []

    def removed(self, member: Member) -> None:
        self.gone.append(member)

    def due(self) -> Any:
        known = {member.name for member in self.members}
        gone = [member for member in self.gone if member.name not in known and self.is_due(member)]
        for member in gone:
            self.send(member)
        return [*super().due(), *(member.name for member in gone)]


@planted("new_member_starts_as_declared")
class OldResultsCountAgain(Checker):
    """A member that was removed and is new is judged by the results of before."""

    def __init__(self, config: Any, env: Any) -> None:
        super().__init__(config, env)
        self.gone: dict[str, Member] = {}

    def removed(self, member: Member) -> None:
        self.gone[member.name] = member

    def set_members(self, names: Names) -> None:
        super().set_members(names)
        for member in self.members:
            if member.sent is None and member.name in self.gone:
                member.results = self.gone.pop(member.name).results


@planted("new_member_starts_as_declared")
class CheckingIsUp(Checker):
    """A member of which nothing is known is up."""

    def status(self, member: Member) -> bool:
        return super().status(member) if member.results else self.config.initial == CHECKING or self.declared()


@planted("new_member_starts_as_declared")
class CheckingIsDown(Checker):
    """The first result does not decide: a member that is checking must succeed as often as one that is down."""

    def status(self, member: Member) -> bool:
        up, streak = self.declared(), 0
        for ok in member.results:
            up, streak = self.counted(up, streak, ok)
        return up


@planted("survivors_keep_their_health")
class EachUpdateBeginsAnew(Checker):
    """When members change, the results of all are forgotten."""

    def survived(self, member: Member) -> Member:
        return Member(member.name, member.sent, member.under_way)


@planted("survivors_keep_their_health")
class UpdateForgetsProbes(Checker):
    """When members change, what is under way is forgotten, and its report taken for one that is too late."""

    def survived(self, member: Member) -> Member:
        return Member(member.name, member.sent, False, member.results)


@planted("up_names_those_that_are_up")
class ListIsOld(Checker):
    """The list of those that are up is made when reports come, and not when a probe fails unreported."""

    def __init__(self, config: Any, env: Any) -> None:
        super().__init__(config, env)
        self.listed = super().up()

    def report(self, name: str, ok: bool) -> None:
        super().report(name, ok)
        self.listed = super().up()

    def set_members(self, names: Names) -> None:
        super().set_members(names)
        self.listed = super().up()

    def up(self) -> Any:
        return self.listed


@planted("answers_every_call")
class NobodyLeft(Checker):
    """Without members it does not know when the next probe is due."""

    def due(self) -> Any:
        min(member.sent or 0 for member in self.members)
        return super().due()


@planted("rejects_bad_members")
class TakesAnyNames(Checker):
    """Names are not looked at."""

    def check(self, names: Names) -> None:
        """They will do."""


@planted("unknown_names_are_refused")
class UnknownIsDown(Checker):
    """Whoever is no member is down."""

    def is_up(self, name: str) -> bool:
        return name in [member.name for member in self.members] and super().is_up(name)


@planted("unknown_names_are_refused")
class ReportOfUnknownIsIgnored(Checker):
    """A report of whoever is no member is not refused."""

    def report(self, name: str, ok: bool) -> None:
        if name in [member.name for member in self.members]:
            super().report(name, ok)


@planted("agrees_with_model")
class RefusedUpdateIsHalfDone(Checker):
    """Of members that are refused, those before the first bad one are taken over."""

    def check(self, names: Names) -> None:
        try:
            super().check(names)
        except ValueError:
            for name in names:
                if not name or name in [member.name for member in self.members]:
                    break
                self.members.append(Member(name))
            raise
