"""Ways to follow members: the right one, and those with a mistake, which tell apart why an answer is wrong."""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

from spec.load_balancing.health.model import Health, Member
from spec.load_balancing.health.types import CHECKING, DOWN, UP, Checks


class Way(NamedTuple):
    """The right way, or one with a mistake.

    overdue: the results that a probe counts as that was not reported in time; None: it is under way until the next is
             sent, and then it has failed.
    strays:  which reports count though no probe is under way.
    keeps:   whether survivors of `set_members` keep their health.
    goes_on: whether they keep the probe that is under way.
    returns: whether what is new keeps the health that it had when it was a member before.
    first:   what a member is that is "checking".
    fall, rise: the thresholds; None: as configured.
    lasting: which results that speak against what a member is are taken back by none that does not.
    turned:  how many failures a member is taken to have had that has just come up; None: all but one.
    """

    overdue: tuple[bool, ...] | None = (False,)
    strays: tuple[bool, ...] = ()
    keeps: bool = True
    goes_on: bool = True
    returns: bool = False
    first: str = CHECKING
    fall: int | None = None
    rise: int | None = None
    lasting: tuple[bool, ...] = ()
    turned: int | None = 0

    def new(self, config: Checks) -> Member:
        """A member as it starts."""
        return Member.new(_changed(config, self))

    def after(self, config: Checks, health: Health, ok: bool) -> Health:
        """After one more result."""
        if ok is health.up and (not ok) in self.lasting:
            return health._replace(results=health.results + 1)
        after = health.after(_changed(config, self), ok)
        if self.turned is None and ok and health.up is False and after.up:
            return after._replace(against=config.fall - 1)
        return after

    def at(self, config: Checks, member: Member, now: int) -> Member:
        """As it is at that time."""
        if self.overdue is None or not member.under_way or member.sent is None or now < member.sent + config.timeout:
            return member
        return self._with(config, member, self.overdue)

    def probed(self, config: Checks, member: Member, now: int) -> Member:
        """After a probe was sent."""
        return (self._with(config, member, (False,)) if member.under_way else member).probed(now)

    def told(self, config: Checks, member: Member, ok: bool) -> Member:
        """After a report."""
        return self._with(config, member, (ok,)) if member.under_way or ok in self.strays else member

    def survived(self, config: Checks, member: Member) -> Member:
        """After it was a member and still is."""
        health = member.health if self.keeps else self.new(config).health
        return member._replace(health=health, under_way=member.under_way and self.goes_on)

    def _with(self, config: Checks, member: Member, results: tuple[bool, ...]) -> Member:
        health = member.health
        for ok in results:
            health = self.after(config, health, ok)
        return member._replace(health=health, under_way=False)


@cache
def _changed(config: Checks, way: Way) -> Checks:
    """The configuration as it is taken."""
    if (way.first, way.fall, way.rise) == (CHECKING, None, None):
        return config
    initial = way.first if config.initial == CHECKING else config.initial
    return replace(config, fall=way.fall or config.fall, rise=way.rise or config.rise, initial=initial)


RIGHT = Way()
LATE, TIMEOUT, SURVIVOR, NEW, FALL, RISE, BOTH = "late", "timeout", "survivor", "new", "fall", "rise", "both"

MISTAKES = {
    Way(strays=(True, False)): LATE,
    Way(strays=(True,)): LATE,
    Way(overdue=None): TIMEOUT,
    Way(overdue=()): TIMEOUT,
    Way(overdue=(True,)): TIMEOUT,
    Way(overdue=(False, False)): TIMEOUT,
    Way(keeps=False): SURVIVOR,
    Way(goes_on=False): SURVIVOR,
    Way(returns=True): NEW,
    Way(first=UP): NEW,
    Way(first=DOWN): NEW,
}
"""Those that have a law of their own."""

NEVER = 2**62


def counting(config: Checks) -> dict[Way, str]:
    """Mistakes in counting, which others must not be taken for."""
    fall, rise = config.fall, config.rise
    falls = [Way(fall=one) for one in (fall + 1, fall - 1 or 1, 1, NEVER)]
    rises = [Way(rise=one) for one in (rise + 1, rise - 1 or 1, 1, NEVER)]
    boths = [Way(fall=rise, rise=fall), Way(fall=1, rise=1), Way(lasting=(True, False))]
    return {
        **dict.fromkeys([*falls, Way(turned=None), Way(lasting=(False,))], FALL),
        **dict.fromkeys([*rises, Way(lasting=(True,))], RISE),
        **dict.fromkeys(boths, BOTH),
    }
