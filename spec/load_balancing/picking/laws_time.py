"""Laws of balancers that go by how long answers took, and of those that start a backend slowly."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from spec.history import History, Operation
from spec.law import Verdict, Violation, law
from spec.load_balancing.picking.model import Answered
from spec.load_balancing.picking.policies_time import (
    ROUNDING,
    Known,
    SlowStart,
    best,
    load,
    measured,
    part,
    scores,
)
from spec.load_balancing.picking.situation import Member, Situation, calls
from spec.load_balancing.picking.types import INTERFACE, Pick

EWMA = "Twitter Finagle, load balancer Peak EWMA: latency times outstanding requests"
ENVOY = "Envoy documentation, slow start mode"


class Timing(NamedTuple):
    """An answered pick of an eligible member: how things were, what was known, and what if failures were successes."""

    operation: Operation
    before: Situation
    member: Member
    known: tuple[Known, ...]
    naive: tuple[Known, ...]
    ever: frozenset[str]


def _timings(history: History) -> Iterator[Timing]:
    known: tuple[Known, ...] = ()
    naive: tuple[Known, ...] = ()
    ever: frozenset[str] = frozenset()
    for operation, before in calls(history):
        if operation.name == "pick" and isinstance(operation.result, Pick):
            member = before.get(operation.result.backend)
            if member in before.eligible():
                yield Timing(operation, before, member, known, naive, ever)
        elif operation.name == "done" and (name := dict(before.open).get(operation.args["ticket"])):
            ok, latency = operation.args.get("ok", True), operation.args.get("latency", 0)
            request = Answered(name, ok, latency, operation.start)
            known = measured(history.config, known, request)
            naive = measured(history.config, naive, request, failures=False)
            ever |= {name}
        elif operation.name == "set_backends":
            after = before.after(operation)
            known, naive = (tuple(one for one in which if after.get(one.name)) for which in (known, naive))
            ever = frozenset(name for name in ever if after.get(name))


@law(source=EWMA)
def picks_the_fastest(history: History) -> Verdict:
    """While no backend is both unknown and idle, whoever is picked has the lowest product of average latency and
    requests, the new one counted; who is unknown and busy is left alone as long as there are others.

    Latency alone sends all to the fastest until it is the slowest; load alone does not see that a server is slow.
    """
    judged = 0
    for one in _timings(history):
        scored = scores(history.config, one.known, one.before, one.operation.start)
        if any(score.kind == 0 for score, _ in scored):
            continue
        judged += len(scored) > 1
        right = list(best(scored))
        if one.member not in right:
            values = {member.name: score for score, member in scored}
            why = f"{_told(one.member, values[one.member.name].value)}, {_told(right[0], values[right[0].name].value)}"
            if values[one.member.name].kind != values[right[0].name].kind:
                why = f"nothing is known of {one.member.name!r} yet, which has a request already"
            return Violation(why, (one.operation.index,))
    return judged


def _told(member: Member, value: Fraction) -> str:
    return f"{member.name!r} has the score {float(value):.6g}"


@law(source=INTERFACE)
def unknown_are_tried(history: History) -> Verdict:
    """A backend that has never answered and has nothing in flight is picked before those that are known.

    One that is never tried stays unknown, however fast it is.
    """
    return _tried(history, lambda one, member: member.name not in one.ever, "never answered, and is idle")


@law(source=INTERFACE)
def recovers(history: History) -> Verdict:
    """A backend whose latest answer is `forget` microseconds ago or more, and that has nothing in flight, is tried
    again before those that are known.

    One slow answer, say while it warmed up, would keep it from all requests, and so from ever showing that it is fast.
    """
    return _tried(history, lambda one, member: member.name in one.ever, "has not answered for so long, and is idle")


def _tried(history: History, concerned: Callable[[Timing, Member], bool], why: str) -> Verdict:
    judged = 0
    for one in _timings(history):
        kinds = {
            member.name: score.kind
            for score, member in scores(history.config, one.known, one.before, one.operation.start)
        }
        waiting = [member for member in one.before.eligible() if not kinds[member.name] and concerned(one, member)]
        if waiting:
            judged += 1
            if kinds[one.member.name]:
                return Violation(f"{waiting[0].name!r} {why}", (one.operation.index,))
    return judged


@law(source=INTERFACE)
def fast_failures_do_not_attract(history: History) -> Verdict:
    """An answer that failed counts as no faster than `failure` or the average: nobody is picked for failing fast.

    A server that answers every request with an error in a millisecond is the fastest of all, and would get them all.
    """
    judged = 0
    for one in _timings(history):
        if one.known == one.naive:
            continue
        judged += 1
        now = one.operation.start
        right = list(best(scores(history.config, one.known, one.before, now)))
        if one.member in right:
            continue
        if one.member in best(scores(history.config, one.naive, one.before, now)):
            why = f"{one.member.name!r} is ahead of {right[0].name!r} only as its failures were fast"
            return Violation(why, (one.operation.index,))
    return judged


class Weighing(NamedTuple):
    """A pick: the member, the least loaded one, and of each what part of its weight it has, and the load."""

    operation: Operation
    member: Member
    least: Member
    parts: dict[str, Fraction]
    loads: dict[str, Fraction]
    ramped: frozenset[str]

    def wrong(self) -> str:
        """Why another should have been picked; "": none should."""
        own, least = self.loads[self.member.name], self.loads[self.least.name]
        if own <= least * ROUNDING:
            return ""
        return f"{self.member.name!r} would have a load of {float(own):.4g}, {self.least.name!r} of {float(least):.4g}"


def _weighings(history: History) -> Iterator[Weighing]:
    policy = SlowStart()
    situation = Situation.first(history.config)
    since: Any = policy.initial(history.config, situation, 0)
    for operation, before in calls(history):
        now = operation.start
        if operation.name == "pick" and isinstance(operation.result, Pick):
            member = before.get(operation.result.backend)
            if member in before.eligible():
                loads = {one.name: load(history.config, since, one, now) for one in before.eligible()}
                parts = {one.name: part(history.config, since, one.name, now) for one in before.eligible()}
                least = min(before.eligible(), key=lambda one: loads[one.name])
                yield Weighing(operation, member, least, parts, loads, frozenset(name for name, _ in since))
        else:
            [since] = policy.changed(history.config, since, before, before.after(operation), now)


@law(source=ENVOY)
def starts_slowly(history: History) -> Verdict:
    """Who came up less than `ramp` ago is picked only where it is the least loaded, the new request counted, for the
    part of its weight that it has by then: a tenth at first, then as much as has passed of the ramp.

    A new server has cold caches and no connections; with its full share at once it fails, comes up again, and fails.
    """
    judged = 0
    for one in _weighings(history):
        if one.parts[one.member.name] < 1 and len(one.loads) > 1:
            judged += 1
            if why := one.wrong():
                return Violation(f"{why}, as it has {_percent(one, one.member)} of its weight", (one.operation.index,))
    return judged


@law(source=ENVOY)
def never_starves_the_new(history: History) -> Verdict:
    """Who came up less than `ramp` ago is picked where it is the least loaded, the new request counted, for the part of
    its weight that it has.

    With a weight of nothing at first it would get nothing, and where only that tells that time has passed, for ever.
    """
    judged = 0
    for one in _weighings(history):
        if one.parts[one.least.name] < 1 and len(one.loads) > 1:
            judged += 1
            if why := one.wrong():
                return Violation(f"{why} at {_percent(one, one.least)} of its weight", (one.operation.index,))
    return judged


def _percent(one: Weighing, member: Member) -> str:
    return f"{float(one.parts[member.name]):.0%}"


@law(source=ENVOY)
def full_after_the_ramp(history: History) -> Verdict:
    """Who came up `ramp` ago or longer has its whole weight: it is picked where it is the least loaded for that, the
    new request counted.

    A ramp that does not end is a server paid for and not used.
    """
    judged = 0
    for one in _weighings(history):
        if one.least.name in one.ramped and one.parts[one.least.name] == 1 and len(one.loads) > 1:
            judged += 1
            if why := one.wrong():
                return Violation(f"{why}; it came up longer ago than the ramp", (one.operation.index,))
    return judged


@law(source=INTERFACE)
def picks_the_least_loaded_for_its_weight(history: History) -> Verdict:
    """Among those that have their whole weight, whoever is picked has the fewest in flight for its weight, the new
    request counted.

    Apart from the ramp it is least connections by weight.
    """
    judged = 0
    for one in _weighings(history):
        if one.parts[one.member.name] == one.parts[one.least.name] == 1 and len(one.loads) > 1:
            judged += 1
            if why := one.wrong():
                return Violation(why, (one.operation.index,))
    return judged
