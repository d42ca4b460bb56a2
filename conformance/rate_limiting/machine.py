"""Rules that drive a rate limiter to where mistakes show: the very instants it names, bursts, pauses, odd keys."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from conformance.machine import Machine, can
from spec.rate_limiting.types import SECOND, Decision, Limit

LIMITS = st.builds(
    Limit,
    limit=st.sampled_from([1, 1, 2, 3, 7, 10, 1000]),
    period=st.sampled_from([SECOND, SECOND, 3 * SECOND, 60 * SECOND, 700_001, 999, 1]),
    burst=st.sampled_from([1, 2, 2, 3, 3, 5, 20]),
)

# Keys that careless code takes for one another.
ALIKE = [
    ("a", "A", "a "),
    ("user:1", "user:10", "User:1"),
    ("é", "e\u0301", "É"),
    ("x" * 300, "x" * 299 + "y", "x" * 301),
    ("\x00", "\x00\x00", " "),
    ("*", "a*", "[a]"),
    ("{a}b", "{A}b", "{a}b\n"),
    ("ключ", "Ключ", "ключ "),
]
BAD_KEYS: list[Any] = ["", None, 7, 1.5, ["a"]]
BAD_COSTS: list[Any] = [-1, -(10**9), True, 0.5, float("nan"), float("inf"), "1", None]

# Few keys, the first of them most of the time: an example that spreads out meets nothing.
KEYS = st.sampled_from([0, 0, 0, 0, 1, 2])
COSTS = st.sampled_from(["1", "1", "1", "1", "2", "3", "burst", "burst + 1", "0"])
# Pauses named by what matters to this limit, most of them none.
PAUSES = st.sampled_from(["0"] * 6 + ["back", "token", "token - 1", "half token", "full", "full - 1", "1", "long"])


class RateLimiting(Machine):
    """Exercises any rate limiter that is configured by a `Limit`."""

    example_config = Limit(10, SECOND, 10)
    unsteady = False
    client = "main"

    @staticmethod
    def simpler(config: Limit) -> Iterator[Limit]:
        def rank(one: Limit) -> tuple[bool, int, int]:
            return one.period != SECOND, one.limit + one.burst, one.period

        for limit, period, burst in product((1, config.limit), (SECOND, config.period), (1, 2, 3, config.burst)):
            if rank(simpler := Limit(limit, period, burst)) < rank(config):
                yield simpler

    @initialize(
        limit=LIMITS,
        keys=st.sampled_from(ALIKE),
        plain=st.sampled_from([False, False, True]),
        unsteady=st.sampled_from([False, False, True]),
    )
    def open(self, limit: Limit, keys: tuple[str, ...], plain: bool, unsteady: bool) -> None:
        self.start(limit)
        self.unsteady = unsteady
        self.limit, self.keys = limit, ("a", "b", "c") if plain else keys

    def cost(self, how: str) -> int:
        named = {"burst": self.limit.burst, "burst + 1": self.limit.burst + 1}
        return named[how] if how in named else int(how)

    def pause(self, how: str) -> int:
        token = -(-self.limit.period // self.limit.limit)
        named = {
            "token": token,
            "token - 1": token - 1,
            "half token": token // 2,
            "full": self.limit.fill_time,
            "full - 1": self.limit.fill_time - 1,
            "back": -token if self.unsteady else 0,
            "long": 1000 * self.limit.fill_time + 86_400 * SECOND,
        }
        return named[how] if how in named else int(how)

    def ask(self, name: str, key: str, **args: Any) -> Decision | None:
        """The decision; None where there was none."""
        result = self.call(name, self.client, key=key, **args)
        return result if isinstance(result, Decision) else None

    @rule(pause=PAUSES, key=KEYS, cost=COSTS, again=st.booleans(), other=st.booleans())
    def acquire(self, pause: str, key: int, cost: str, again: bool, other: bool) -> None:
        self.advance(self.pause(pause))
        self.client = "other" if other and "shared" in self.capabilities else "main"
        for _ in range(1 + again):
            self.ask("acquire", self.keys[key], cost=self.cost(cost))

    @rule(pause=PAUSES, key=KEYS)
    def drain(self, pause: str, key: int) -> None:
        """The whole burst at once, then one more."""
        self.advance(self.pause(pause))
        self.ask("acquire", self.keys[key], cost=self.limit.burst)
        self.ask("acquire", self.keys[key], cost=1)

    @rule(pause=PAUSES)
    def every_key(self, pause: str) -> None:
        self.advance(self.pause(pause))
        for key in self.keys:
            self.ask("acquire", key, cost=1)

    @rule(cost=COSTS, key=KEYS, early=st.sampled_from([0, 0, 1]))
    def retry(self, cost: str, key: int, early: int) -> None:
        """A call that is refused, if need be after draining, comes again when told to, or a microsecond early."""
        for ask in (cost, "burst", cost):
            decision = self.ask("acquire", self.keys[key], cost=self.cost(ask))
            if ask == cost and decision and decision.retry_after:
                self.advance(decision.retry_after - early)
                self.ask("acquire", self.keys[key], cost=self.cost(cost))
                return

    @rule(cost=COSTS, key=KEYS, early=st.sampled_from([0, 1]))
    def come_back_when_full(self, cost: str, key: int, early: int) -> None:
        """The key again exactly when it is to be full, or a microsecond early."""
        if decision := self.ask("acquire", self.keys[key], cost=self.cost(cost)):
            self.advance(max(0, decision.reset_after - early))
            self.ask("acquire", self.keys[key], cost=self.limit.burst)

    @precondition(lambda self: self.unsteady)
    @rule(back=st.sampled_from(["token", "full", "half token", "1"]), key=KEYS, forward=st.booleans())
    def step_back(self, back: str, key: int, forward: bool) -> None:
        """In few examples, as most laws judge only up to here: the clock steps back, perhaps forward again."""
        self.ask("acquire", self.keys[key], cost=self.limit.burst)
        self.advance(-self.pause(back))
        self.ask("acquire", self.keys[key], cost=1)
        if forward:
            self.advance(self.pause(back))
            self.ask("acquire", self.keys[key], cost=1)

    @precondition(can("peek"))
    @rule(pause=PAUSES, key=KEYS)
    def peek(self, pause: str, key: int) -> None:
        self.advance(self.pause(pause))
        self.ask("peek", self.keys[key])

    @precondition(can("reset"))
    @rule(key=KEYS)
    def reset(self, key: int) -> None:
        self.call("reset", key=self.keys[key])

    @rule(bad=st.sampled_from(BAD_COSTS), key=KEYS)
    def bad_cost(self, bad: Any, key: int) -> None:
        self.call("acquire", key=self.keys[key], cost=bad)

    @rule(bad=st.sampled_from(BAD_KEYS))
    def bad_key(self, bad: Any) -> None:
        self.call("acquire", key=bad, cost=1)


MACHINES = {"token_bucket": RateLimiting}
