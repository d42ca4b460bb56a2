"""What a health checker is configured with, asked, and answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from spec.duration import SECOND, duration
from spec.encoding import encodable

INTERFACE = "lawful, spec/load_balancing/health/types.py: what HealthChecker promises"
"""The source of the laws that follow from the interface."""

UP, DOWN, CHECKING = "up", "down", "checking"

Names = tuple[str, ...]


def checked(names: Iterable[Any]) -> Names:
    """Those, if they may be the members.

    Raises:
        TypeError, ValueError: saying what is wrong with which.
    """
    if isinstance(names, str):
        raise TypeError(f"members must be several names, not the one string {names!r}")
    found = tuple(names)
    for name in found:
        if not isinstance(name, str):
            raise TypeError(f"the name of a member must be a string, not {name!r}")
        if not name:
            raise ValueError("a member must have a name")
    if len(set(found)) < len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise ValueError(f"two members are named {twice!r}")
    return found


@encodable
@dataclass(frozen=True, slots=True)
class Checks:
    """Who is checked at first, how often, and what decides.

    members:  their names, each not empty, and no two the same.
    rise:     so many successes in a row take a member that is down up, at least 1.
    fall:     so many failures in a row take a member that is up down, at least 1.
    interval: how long after a probe was sent the next one is due, in microseconds, at least 1.
    timeout:  how long after it was sent a probe that nobody reported has failed, in microseconds, at least 1. At most
              `interval`: so a member never has two probes under way, and a report need not say of which it is.
    initial:  what a new member is: "up", "down", or "checking", which is not up until the first result decides.

    Raises:
        TypeError, ValueError: one of them is not so.
    """

    members: Names
    rise: int = 2
    fall: int = 3
    interval: int = 5 * SECOND
    timeout: int = SECOND
    initial: str = UP

    def __post_init__(self) -> None:
        checked(self.members)
        for what in ("rise", "fall", "interval", "timeout"):
            value = getattr(self, what)
            if type(value) is not int:
                raise TypeError(f"{what} must be an integer, not {value!r}")
            if value < 1:
                raise ValueError(f"{what} must be at least 1, not {value}")
        if self.timeout > self.interval:
            raise ValueError(f"timeout must be at most interval, {self.interval}, not {self.timeout}")
        if self.initial not in (UP, DOWN, CHECKING):
            raise ValueError(f"initial must be {UP!r}, {DOWN!r} or {CHECKING!r}, not {self.initial!r}")

    def __str__(self) -> str:
        every = f"interval={duration(self.interval)}, timeout={duration(self.timeout)}"
        counts = f"rise={self.rise}, fall={self.fall}"
        return f"Checks({', '.join(self.members) or 'nobody'}, {counts}, {every}, initial={self.initial})"


class HealthChecker(Protocol):
    """What an implementation offers: it says whom to probe, is told how that went, and says who is up.

    It sends nothing itself, and nothing happens in it between calls. Its clock must not step back.

    Results count in a row. A member that is up and fails `fall` times in a row is down; one success in between, and it
    is counted from 0 again. A member that is down and succeeds `rise` times in a row is up; one failure in between, and
    it is counted from 0 again. A member that is "checking" is up with its first result if that is a success, and down
    if it is a failure, whatever `rise` and `fall` are. A call that raises changes nothing.
    """

    def due(self) -> frozenset[str]:
        """The members that are to be probed now, each once. To each a probe counts as sent now.

        A member is due at once when it is new, and from then on as soon as `interval` has passed since a probe was last
        sent to it: whether it is up or down, and whatever came of that probe. What is due is said when it is asked for,
        and not before: who asks late sends late, and the next probe is due `interval` after that. Nothing is caught up.
        """
        ...

    def report(self, name: str, ok: bool) -> None:
        """The outcome of the probe of that member that is under way.

        A probe is under way from when it is sent until it is reported, or `timeout` has passed. At that very
        microsecond it has failed, which is a result like any other, and every call from then on sees it. If none is
        under way, as it was reported before, is too late, or was never sent, the report changes nothing. Nobody may
        report a probe once the next one was sent to that member: it would be taken for the outcome of that.

        Raises:
            KeyError: there is no member of that name. ValueError will do.
        """
        ...

    def is_up(self, name: str) -> bool:
        """Whether the member is up, by the results so far.

        Raises:
            KeyError: there is no member of that name. ValueError will do.
        """
        ...

    def set_members(self, names: Names) -> None:
        """From now on these are the members. Optional.

        Those that were members before keep what they are: up or down, how many results in a row they have, and the
        probe that is under way or when the next is due. What is new starts as `initial` says, and is due at once: if it
        had been a member before, that is forgotten, with the probe that was under way.

        Raises:
            ValueError: a name is empty or stands there twice. TypeError will do.
        """
        ...

    def up(self) -> frozenset[str]:
        """The members that are up, each once. Optional."""
        ...
