"""Correct balancers, as plain as can be, in parts that a mistake can be planted in. They are the control as well: what
a law says of them, it says by mistake."""

from fractions import Fraction
from math import gcd
from typing import Any

from spec.environment import Environment
from spec.load_balancing.picking.types import Backend, Backends, Pick, checked


class Balancer:
    """Picks the first that is eligible; subclasses know better.

    members: what was given, in that order.
    open:    for each ticket in flight, whose it is.
    """

    def __init__(self, config: Any, env: Environment) -> None:
        self.config, self.random, self.now = config, env.random, env.clock.now
        self.members: dict[str, Backend] = {}
        self.load: dict[str, int] = {}
        self.up: dict[str, bool] = {}
        self.draining: dict[str, bool] = {}
        self.open: dict[Any, str] = {}
        self.tickets = 0
        self.set_backends(config.backends)

    def pick(self) -> Pick | None:
        eligible = self.eligible()
        if not eligible:
            return None
        name = self.choose(eligible)
        ticket = self.ticket(name)
        self.open[ticket] = name
        self.load[name] += 1
        return Pick(name, ticket)

    def eligible(self) -> list[str]:
        return [name for name in self.members if self.may_pick(name)]

    def may_pick(self, name: str) -> bool:
        return self.up[name] and not self.draining[name] and self.weight(name) > 0 and not self.full(name)

    def full(self, name: str) -> bool:
        limit = self.members[name].max_inflight
        return limit is not None and self.load[name] >= limit

    def weight(self, name: str) -> int:
        return self.members[name].weight

    def ticket(self, name: str) -> Any:
        self.tickets += 1
        return self.tickets

    def choose(self, eligible: list[str]) -> str:
        return eligible[0]

    def done(self, ticket: Any, ok: bool = True, latency: int = 0) -> None:
        name = self.open.pop(ticket, None)
        if name is not None:
            self.released(name, ok, latency)

    def released(self, name: str, ok: bool, latency: int) -> None:
        self.load[name] -= 1

    def set_backends(self, backends: Backends) -> None:
        given = self.accepted(backends)
        self.members = {one.name: one for one in given}
        for name in self.members:
            if name not in self.load:
                self.came(name)
        for name in [name for name in self.load if name not in self.members]:
            self.left(name)

    def accepted(self, backends: Backends) -> Backends:
        return checked(backends)

    def came(self, name: str) -> None:
        self.load[name], self.up[name], self.draining[name] = 0, True, False

    def left(self, name: str) -> None:
        del self.load[name], self.up[name], self.draining[name]
        self.open = {ticket: one for ticket, one in self.open.items() if one != name}

    def set_health(self, name: str, up: bool) -> None:
        self.known(name)
        self.up[name] = up

    def set_draining(self, name: str, on: bool) -> None:
        self.known(name)
        self.draining[name] = on

    def known(self, name: str) -> None:
        if name not in self.members:
            raise KeyError(name)

    def in_flight(self, name: str) -> int:
        self.known(name)
        return self.load[name]

    def drained(self, name: str) -> bool:
        self.known(name)
        return self.draining[name] and self.load[name] == 0


class RoundRobin(Balancer):
    """Who was picked longest ago comes next; who never was, before all others."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.turn = 0
        self.picked: dict[str, int] = {}
        super().__init__(config, env)

    def choose(self, eligible: list[str]) -> str:
        name = min(eligible, key=lambda one: self.picked.get(one, 0))
        self.turn += 1
        self.picked[name] = self.turn
        return name


class Smooth(Balancer):
    """Keeps what each has earned."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.earned: dict[str, int] = {}
        super().__init__(config, env)

    def came(self, name: str) -> None:
        super().came(name)
        self.earned[name] = 0

    def choose(self, eligible: list[str]) -> str:
        for name in eligible:
            self.earned[name] += self.weight(name)
        name = max(eligible, key=lambda one: self.earned[one])
        self.earned[name] -= self.price(eligible, name)
        return name

    def price(self, eligible: list[str], name: str) -> int:
        return sum(self.weight(one) for one in eligible)


class Cyclic(Balancer):
    """A list in which each stands as often as its weight says, read round and round."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.list: list[str] = []
        self.shares: dict[str, int] = {}
        self.at = 0
        super().__init__(config, env)

    def choose(self, eligible: list[str]) -> str:
        shares = {name: self.weight(name) for name in eligible}
        if shares != self.shares:
            self.shares, self.list, self.at = shares, self.cycle(shares), 0
        name = self.list[self.at % len(self.list)]
        self.at += 1
        return name

    def cycle(self, shares: dict[str, int]) -> list[str]:
        divisor = gcd(*shares.values())
        return [name for name, weight in shares.items() for _ in range(weight // divisor)]


class EarliestDeadline(Balancer):
    """Who was picked k times is due at k / weight; who is due first comes next."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.shares: dict[str, int] = {}
        self.due: dict[str, Fraction] = {}
        super().__init__(config, env)

    def choose(self, eligible: list[str]) -> str:
        shares = {name: self.weight(name) for name in eligible}
        if shares != self.shares:
            self.shares, self.due = shares, dict.fromkeys(eligible, Fraction(0))
        name = min(eligible, key=lambda one: self.due[one])
        self.due[name] += self.step(name)
        return name

    def step(self, name: str) -> Fraction:
        return Fraction(1, self.weight(name))


class Random(Balancer):
    """Any, by its weight."""

    def choose(self, eligible: list[str]) -> str:
        return self.random.choices(eligible, [self.weight(name) for name in eligible])[0]


class LeastConnections(Balancer):
    """The least loaded; any of equals."""

    def choose(self, eligible: list[str]) -> str:
        least = min(self.compared(name) for name in eligible)
        return self.of_equals([name for name in eligible if self.compared(name) == least])

    def of_equals(self, names: list[str]) -> str:
        return self.random.choice(names)

    def compared(self, name: str) -> Any:
        return self.load[name]


class WeightedLeastConnections(LeastConnections):
    """As that, for its weight."""

    def compared(self, name: str) -> Any:
        return Fraction(self.load[name], self.weight(name))


class LeastResponseTime(Balancer):
    """The lowest product of average latency and requests."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.average: dict[str, Fraction] = {}
        self.answered: dict[str, int] = {}
        super().__init__(config, env)

    def choose(self, eligible: list[str]) -> str:
        return min(eligible, key=self.score)

    def score(self, name: str) -> tuple[int, Fraction]:
        if self.unknown(name):
            return (2 if self.load[name] else 0), Fraction(0)
        return 1, self.average[name] * self.factor(name)

    def factor(self, name: str) -> int:
        return self.load[name] + 1

    def unknown(self, name: str) -> bool:
        return name not in self.answered or self.now() - self.answered[name] >= self.config.forget

    def released(self, name: str, ok: bool, latency: int) -> None:
        super().released(name, ok, latency)
        sample = Fraction(latency) if ok else self.failed(name, latency)
        if self.unknown(name):
            self.average[name] = sample
        else:
            self.average[name] += (sample - self.average[name]) / self.config.smoothing
        self.answered[name] = self.now()

    def failed(self, name: str, latency: int) -> Fraction:
        known = Fraction(0) if self.unknown(name) else self.average[name]
        return max(Fraction(latency), Fraction(self.config.failure), known)

    def left(self, name: str) -> None:
        super().left(name)
        self.answered.pop(name, None)


class SlowStart(Balancer):
    """The least loaded for the part of its weight that it has."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.since: dict[str, int] = {}
        super().__init__(config, env)
        self.since = {}

    def choose(self, eligible: list[str]) -> str:
        return min(eligible, key=lambda name: Fraction(self.load[name] + 1) / (self.weight(name) * self.part(name)))

    def part(self, name: str) -> Fraction:
        if name not in self.since:
            return Fraction(1)
        passed = Fraction(self.now() - self.since[name], self.config.ramp)
        return min(Fraction(1), max(self.floor(), passed))

    def floor(self) -> Fraction:
        return Fraction(1, 10)

    def came(self, name: str) -> None:
        super().came(name)
        self.since[name] = self.now()

    def left(self, name: str) -> None:
        super().left(name)
        self.since.pop(name, None)

    def set_health(self, name: str, up: bool) -> None:
        self.known(name)
        if up and not self.up[name]:
            self.since[name] = self.now()
        self.up[name] = up


class TwoChoices(Balancer):
    """The less loaded of two."""

    def choose(self, eligible: list[str]) -> str:
        if len(eligible) == 1:
            return eligible[0]
        return self.better(*self.two(eligible))

    def two(self, eligible: list[str]) -> list[str]:
        return self.random.sample(eligible, 2)

    def better(self, one: str, other: str) -> str:
        return one if self.load[one] <= self.load[other] else other
