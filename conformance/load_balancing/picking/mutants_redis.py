"""Balancers on Redis with one mistake each: in the script, in using two, or in what an instance keeps for itself."""

from collections import Counter
from itertools import count
from typing import Any, ClassVar

import redis

from conformance.mutants import mutant
from impls.load_balancing.picking.redis import LeastConnections, OnRedis, RoundRobin, Smooth, WeightedLeastConnections
from spec.environment import Environment
from spec.load_balancing.picking.types import Pick

ROUND_ROBIN, LEAST = "load_balancing.round_robin", "load_balancing.least_connections"
WEIGHTED, WEIGHTED_LEAST = "load_balancing.weighted_round_robin", "load_balancing.weighted_least_connections"
ALL = frozenset({"limits", "shared", "no_large_weights"})


class Slip(OnRedis):
    """Goes before a correct balancer. `slip`: passages of the script, and what stands there instead."""

    slip: ClassVar[dict[str, str]] = {}

    def __init__(self, config: Any, env: Environment) -> None:
        super().__init__(config, redis.Redis.from_url(env.redis_url), env.namespace)
        script = str(self._script.script)
        for passage, instead in self.slip.items():
            if passage not in script:
                raise ValueError(f"{passage!r} is not in picking.lua")
            script = script.replace(passage, instead)
        self._script = self._client.register_script(script)


class Looking(Slip):
    """One script says who comes next, a second one gives it the request."""

    slip: ClassVar = {
        "  if not best then": '  if best and name == "" then\n    return { best.name, 0 }\n  end\n'
        "  best = best and find(name)\n  if not best then"
    }

    def pick(self) -> Pick | None:
        found = self._ask("pick")
        taken = found and self._ask("pick", found[0])
        return taken and Pick(*taken)


@mutant(ROUND_ROBIN, killed_by="concurrent_calls_follow_one_another", capabilities=ALL)
class LooksThenTakes(Looking, RoundRobin):
    """One script says whose turn it is, a second one gives it the request: whoever asks in between is sent there as
    well."""


@mutant(WEIGHTED, killed_by="concurrent_calls_follow_one_another", capabilities=ALL | {"smooth"})
class LooksThenPays(Looking, Smooth):
    """One script says who has earned most, a second one lets it pay: it is picked twice with credit for one."""


@mutant(LEAST, killed_by="concurrent_calls_follow_one_another", capabilities=ALL)
class LooksThenLoads(Looking, LeastConnections):
    """One script says who is least loaded, a second one adds to its load: meanwhile another is sent there as well."""


@mutant(WEIGHTED_LEAST, killed_by="concurrent_calls_follow_one_another", capabilities=ALL)
class LooksThenLoadsByWeight(Looking, WeightedLeastConnections):
    """One script says who is least loaded for its weight, a second one adds to its load."""


@mutant(LEAST, killed_by="concurrent_calls_are_all_counted", capabilities=ALL)
class WritesTheCountItRead(Slip, LeastConnections):
    """What is in flight is read by one script and written, one more, by a second: of two picks at once one is lost."""

    slip: ClassVar = {
        "  if not best then": '  if best and name == "" then\n    return { best.name, best.in_flight + 1 }\n  end\n'
        "  best = best and find(name)\n  if not best then",
        "best.in_flight = best.in_flight + 1": "best.in_flight = tonumber(number)",
    }

    def pick(self) -> Pick | None:
        found = self._ask("pick")
        taken = found and self._ask("pick", *found)
        return taken and Pick(*taken)


@mutant(LEAST, killed_by="concurrent_calls_are_all_counted", capabilities=ALL)
class LooksUpTheTicketFirst(Slip, LeastConnections):
    """One command looks up whose the ticket is, the script then counts down: two that come at once count twice."""

    slip: ClassVar = {'find(redis.call("HGET", balancer, number))': "find(name)"}

    def done(self, ticket: int | str, ok: bool = True, latency: int = 0) -> None:
        name = self._client.hget(self._name, str(ticket))
        if name is not None:
            self._ask("done", name.decode(), int(ticket))


@mutant(ROUND_ROBIN, killed_by="rotates_exactly", capabilities=ALL)
class TurnOfTheInstance(Slip, RoundRobin):
    """Each instance remembers for itself whom it picked last: with as many instances as backends, all send to one."""

    slip: ClassVar = {"if member.latest > latest then": "if member.name == name then"}
    latest = ""

    def pick(self) -> Pick | None:
        found = self._ask("pick", self.latest)
        if found is None:
            return None
        self.latest = found[0]
        return Pick(*found)


@mutant(LEAST, killed_by="in_flight_counts_open_requests", capabilities=ALL)
class CountsOfTheInstance(Slip, LeastConnections):
    """Each instance tells what it sent there itself, not what all did."""

    def __init__(self, config: Any, env: Environment) -> None:
        super().__init__(config, env)
        self.open: dict[int | str, str] = {}

    def pick(self) -> Pick | None:
        picked = super().pick()
        if picked:
            self.open[picked.ticket] = picked.backend
        return picked

    def done(self, ticket: int | str, ok: bool = True, latency: int = 0) -> None:
        self.open.pop(ticket, None)
        super().done(ticket, ok, latency)

    def in_flight(self, name: str) -> int:
        super().in_flight(name)
        return Counter(self.open.values())[name]


@mutant(LEAST, killed_by="tickets_tell_picks_apart", capabilities=ALL)
class TicketsOfTheInstance(Slip, LeastConnections):
    """Each instance numbers its tickets itself, from 1 on."""

    slip: ClassVar = {"state.ticket = state.ticket + 1": "state.ticket = tonumber(number)"}

    def __init__(self, config: Any, env: Environment) -> None:
        super().__init__(config, env)
        self.numbers = count(1)

    def pick(self) -> Pick | None:
        found = self._ask("pick", number=next(self.numbers))
        return found and Pick(*found)


@mutant(ROUND_ROBIN, killed_by="agrees_with_model", capabilities=ALL)
class SetsTheMembersAsItStarts(Slip, RoundRobin):
    """Each instance that starts sets the members of its configuration, over what was changed since the first did."""

    def __init__(self, config: Any, env: Environment) -> None:
        super().__init__(config, env)
        self.set_backends(config.backends)


@mutant(WEIGHTED, killed_by="survivors_keep_in_flight", capabilities=ALL | {"smooth"})
class UpdateStartsAnew(Slip, Smooth):
    """New members replace the old ones as they are written in the configuration, with nothing in flight."""

    slip: ClassVar = {"before[name] or {": "{"}
