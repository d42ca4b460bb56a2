"""Balancers with one mistake each in what has nothing to do with whom they pick."""

from typing import Any

from conformance.load_balancing.picking.modelled import LeastConnections, RoundRobin, WeightedLeastConnections
from conformance.mutants import mutant
from spec.load_balancing.picking.types import Backend, Backends, Pick

LEAST = "load_balancing.least_connections"
WEIGHTED = "load_balancing.weighted_least_connections"
TURNS = "load_balancing.round_robin"
LIMITS = frozenset({"limits"})


@mutant(TURNS, "answers_every_call", LIMITS)
class FailsWhenAllAreDown(RoundRobin):
    """With nobody eligible it raises the IndexError of an empty list."""

    def pick(self) -> Pick | None:
        self.eligible()[0]
        return super().pick()


@mutant(TURNS, "only_eligible", LIMITS)
class FailsOpen(RoundRobin):
    """With nobody eligible it picks the first member, in the hope that it is up after all."""

    def eligible(self) -> list[str]:
        return super().eligible() or list(self.members)[:1]


@mutant(TURNS, "only_eligible", LIMITS)
class RepeatsTheLastWhenNoneIsLeft(RoundRobin):
    """With nobody eligible it picks whom it picked last."""

    last: str | None = None

    def pick(self) -> Pick | None:
        picked = super().pick()
        if picked is None and self.last is not None:
            return Pick(self.last, self.ticket(self.last))
        self.last = picked.backend if picked else None
        return picked


@mutant(TURNS, "never_refuses_while_eligible", LIMITS)
class RefusesWhenTheFirstIsDown(RoundRobin):
    """Where the first member is down, it takes the whole pool for down."""

    def eligible(self) -> list[str]:
        first = next(iter(self.members), None)
        return [] if first is not None and not self.up[first] else super().eligible()


@mutant(TURNS, "never_refuses_while_eligible", LIMITS)
class ForgetsToComeBack(RoundRobin):
    """A member that was down is never picked again, so in the end none is left."""

    def set_health(self, name: str, up: bool) -> None:
        super().set_health(name, up and self.up.get(name, True))


@mutant(TURNS, "only_eligible", LIMITS)
class PicksWhoIsDown(RoundRobin):
    """It learns that a member is down only if it has nothing in flight."""

    def set_health(self, name: str, up: bool) -> None:
        super().set_health(name, up or self.load.get(name, 0) > 0)


@mutant(TURNS, "drain_gets_no_new", LIMITS)
class DrainingGetsNew(RoundRobin):
    """A member that is draining gets new requests while it has any."""

    def may_pick(self, name: str) -> bool:
        draining = self.draining[name] and not self.load[name]
        return self.up[name] and not draining and not self.full(name)


@mutant(TURNS, "only_eligible", LIMITS)
class OneAboveTheLimit(RoundRobin):
    """A member may have one request more than its limit."""

    def full(self, name: str) -> bool:
        limit = self.members[name].max_inflight
        return limit is not None and self.load[name] > limit


@mutant(TURNS, "never_refuses_while_eligible", LIMITS)
class OneBelowTheLimit(RoundRobin):
    """A member is full with one request less than its limit."""

    def full(self, name: str) -> bool:
        limit = self.members[name].max_inflight
        return limit is not None and self.load[name] >= max(1, limit - 1)


@mutant(WEIGHTED, "zero_weight_gets_nothing", LIMITS)
class ZeroIsTheDefault(WeightedLeastConnections):
    """A weight of 0 is taken for one that was not given, and so for 1."""

    def weight(self, name: str) -> int:
        return super().weight(name) or 1


@mutant(LEAST, "tickets_tell_picks_apart", LIMITS)
class TicketOfTheBackend(LeastConnections):
    """A ticket is made of the backend's name and load, so two requests have the same after one is done."""

    def ticket(self, name: str) -> Any:
        return f"{name}/{self.load[name]}"


@mutant(LEAST, "done_is_idempotent", LIMITS)
class DoneCountsTwice(LeastConnections):
    """A request that is done twice is counted off twice."""

    def __init__(self, config: Any, env: Any) -> None:
        self.whose: dict[Any, str] = {}
        super().__init__(config, env)

    def ticket(self, name: str) -> Any:
        ticket = super().ticket(name)
        self.whose[ticket] = name
        return ticket

    def done(self, ticket: Any, ok: bool = True, latency: int = 0) -> None:
        self.open.pop(ticket, None)
        if (name := self.whose.get(ticket)) in self.load:
            self.load[name] = max(0, self.load[name] - 1)


@mutant(LEAST, "in_flight_is_never_negative", LIMITS)
class LateDoneOfTheRemoved(LeastConnections):
    """A member that is removed and comes back has none in flight, but its old requests still count off when done."""

    def left(self, name: str) -> None:
        del self.load[name], self.up[name], self.draining[name]

    def released(self, name: str, ok: bool, latency: int) -> None:
        if name in self.load:
            super().released(name, ok, latency)


@mutant(LEAST, "survivors_keep_in_flight", LIMITS)
class UpdateForgetsInFlight(LeastConnections):
    """With every update of the members, what is in flight is forgotten."""

    def set_backends(self, backends: Backends) -> None:
        super().set_backends(backends)
        self.load = dict.fromkeys(self.load, 0)
        self.open = {}


@mutant(LEAST, "survivors_keep_in_flight", LIMITS)
class DownForgetsInFlight(LeastConnections):
    """A member that goes down loses what is in flight there, as if it were all over."""

    def set_health(self, name: str, up: bool) -> None:
        super().set_health(name, up)
        if not up:
            self.load[name] = 0
            self.open = {ticket: one for ticket, one in self.open.items() if one != name}


@mutant(LEAST, "in_flight_counts_open_requests", LIMITS)
class FailuresStayInFlight(LeastConnections):
    """A request that fails is never counted off."""

    def released(self, name: str, ok: bool, latency: int) -> None:
        if ok:
            super().released(name, ok, latency)


@mutant(LEAST, "refused_pick_changes_nothing", LIMITS)
class RefusalsCount(LeastConnections):
    """A pick that is refused is counted for the first member."""

    def pick(self) -> Pick | None:
        picked = super().pick()
        if picked is None and self.members:
            self.load[next(iter(self.members))] += 1
        return picked


@mutant(LEAST, "drain_waits_for_in_flight", LIMITS)
class DrainedAtOnce(LeastConnections):
    """A member is drained as soon as it is told to drain, whatever is in flight there."""

    def drained(self, name: str) -> bool:
        self.known(name)
        return self.draining[name]


@mutant(LEAST, "drain_waits_for_in_flight", LIMITS)
class IdleIsDrained(LeastConnections):
    """A member with nothing in flight is said to be drained, though it gets the next request."""

    def drained(self, name: str) -> bool:
        self.known(name)
        return not self.load[name]


@mutant(TURNS, "rejects_bad_backends", LIMITS)
class TakesAnyBackends(RoundRobin):
    """Of two backends with one name the last counts, and no weight or limit is looked at."""

    def accepted(self, backends: Backends) -> Backends:
        return tuple(Backend(one.name, one.weight, one.max_inflight) for one in backends)


@mutant(TURNS, "unknown_names_are_refused", LIMITS)
class UnknownNamesAreIgnored(RoundRobin):
    """Whoever mistypes a name is told that all is well."""

    def set_health(self, name: str, up: bool) -> None:
        if name in self.members:
            super().set_health(name, up)


@mutant(TURNS, "agrees_with_model", LIMITS)
class BackIsDraining(RoundRobin):
    """A member that comes back after it was removed is still draining, as it was then."""

    def __init__(self, config: Any, env: Any) -> None:
        self.once: set[str] = set()
        super().__init__(config, env)

    def left(self, name: str) -> None:
        self.once |= {name} if self.draining[name] else set()
        super().left(name)

    def came(self, name: str) -> None:
        super().came(name)
        self.draining[name] = name in self.once
