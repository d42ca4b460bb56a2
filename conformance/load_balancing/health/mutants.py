"""Health checkers with one mistake each in how results are counted, or in which probes have failed."""

from typing import Any

from conformance.load_balancing.health.modelled import Checker, Member
from conformance.mutants import mutant


def planted(killed_by: str) -> Any:
    """Plant a mistake."""
    return mutant("load_balancing.health_checker", killed_by)


@planted("down_after_exactly_fall")
class CountsAllFailures(Checker):
    """Failures are counted whether they come in a row or not: a success takes none back."""

    def supported(self, streak: int, ok: bool) -> int:
        return streak if ok else 0


@planted("down_after_exactly_fall")
class OneFailureMore(Checker):
    """A member is down with the failure after the last that is needed."""

    def threshold(self, up: bool) -> int:
        return super().threshold(up) + up


@planted("down_after_exactly_fall")
class ThresholdsExchanged(Checker):
    """`rise` and `fall` are taken for one another."""

    def threshold(self, up: bool) -> int:
        return super().threshold(not up)


@planted("up_after_exactly_rise")
class RiseIgnored(Checker):
    """One success brings a member up."""

    def threshold(self, up: bool) -> int:
        return super().threshold(up) if up else 1


@planted("up_after_exactly_rise")
class CountsAllSuccesses(Checker):
    """Successes of a member that is down are counted whether they come in a row or not."""

    def supported(self, streak: int, ok: bool) -> int:
        return 0 if ok else streak


@planted("up_after_exactly_rise")
class StaysDown(Checker):
    """A member that was taken down is not brought up again by any number of successes."""

    def status(self, member: Member) -> bool:
        return super().status(member) and not self.was_taken_down(member)

    def was_taken_down(self, member: Member) -> bool:
        failed = [True] * self.config.fall
        return any([not ok for ok in member.results[at:][: len(failed)]] == failed for at in range(len(member.results)))


@planted("one_result_does_not_flap")
class OnProbation(Checker):
    """One failure takes down a member that has just come up."""

    def turned(self, up: bool) -> int:
        return int(self.config.fall) - 1 if up else 0


@planted("one_result_does_not_flap")
class LatestResultDecides(Checker):
    """Whoever succeeded last is up, and whoever failed last is down."""

    def threshold(self, up: bool) -> int:
        return 1


@planted("timeout_is_failure")
class HangingIsNothing(Checker):
    """A probe that was not reported in time is forgotten."""

    def overdue(self, member: Member) -> None:
        """Nothing is counted."""


@planted("timeout_is_failure")
class HangingIsWell(Checker):
    """A probe that was not reported in time counts as a success: nobody said that it failed."""

    def overdue(self, member: Member) -> None:
        self.took(member, True)


@planted("timeout_is_failure")
class SeenAtTheNextProbe(Checker):
    """A probe that was not reported in time has failed when the next one is sent, and not before."""

    def settle(self) -> None:
        """It is too early to tell."""

    def send(self, member: Member) -> None:
        if member.under_way:
            self.overdue(member)
        super().send(member)


@planted("timeout_is_failure")
class TimeoutAMicrosecondLate(Checker):
    """A probe has failed a microsecond after its time-out."""

    def is_overdue(self, member: Member) -> bool:
        assert member.sent is not None
        return bool(self.now() - member.sent > self.config.timeout)


@planted("timeout_is_failure")
class HangingIsTwoFailures(Checker):
    """A probe that was not reported in time counts when that is seen, and again when it is cleared away."""

    def overdue(self, member: Member) -> None:
        self.took(member, False)
        self.took(member, False)


@planted("late_report_changes_nothing")
class EveryReportCounts(Checker):
    """A report is a result, whether a probe is under way or not."""

    def stray(self, member: Member, ok: bool) -> None:
        self.took(member, ok)


@planted("late_report_changes_nothing")
class LateSuccessCounts(Checker):
    """A success that is reported after the time-out is a result; a failure is none, as it was counted."""

    def stray(self, member: Member, ok: bool) -> None:
        if ok:
            self.took(member, ok)
