"""Rules that drive a rate limiter to where mistakes show: the very instants it names, bursts, pauses, odd keys."""

from collections.abc import Iterator
from itertools import product
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from conformance.machine import Machine, can
from conformance.trace import HELD
from spec.rate_limiting.types import SECOND, Decision, Limit, Queue, Window

PERIODS = st.sampled_from([SECOND, SECOND, 3 * SECOND, 60 * SECOND, 700_001, 999, 1])
LIMITS = st.builds(
    Limit,
    limit=st.sampled_from([1, 1, 2, 3, 7, 10, 1000]),
    period=PERIODS,
    burst=st.sampled_from([1, 2, 2, 3, 3, 5, 20]),
)
WINDOWS = st.builds(Window, limit=st.sampled_from([1, 2, 2, 3, 3, 5, 10, 20]), period=PERIODS)
QUEUES = st.builds(
    Queue, limit=st.sampled_from([1, 1, 2, 3, 7, 10, 1000]), period=PERIODS, size=st.sampled_from([1, 1, 2, 2, 4, 19])
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
PAUSES = st.sampled_from(
    ["0"] * 7
    + [
        "back",
        "token",
        "token - 1",
        "half token",
        "full",
        "full - 1",
        "1",
        "long",
        "boundary",
        "boundary - 1",
        "echo",
        "echo - 1",
    ]
)

BACK = st.sampled_from(["token", "full", "half token", "1", "boundary"])


class RateLimiting(Machine):
    """Exercises any rate limiter. Subclasses say how it is configured."""

    configs: ClassVar[st.SearchStrategy[Any]]
    unsteady = False
    client = "main"

    @staticmethod
    def simpler(config: Any) -> Iterator[Any]:
        def rank(one: Any) -> tuple[bool, int, int]:
            rest = sum(getattr(one, name) for name in one.__slots__ if name != "period")
            return one.period != SECOND, rest, one.period

        def choices(name: str) -> tuple[int, ...]:
            own = getattr(config, name)
            return (SECOND, own) if name == "period" else (1, 2, 3, own)

        every = [type(config)(*values) for values in product(*map(choices, config.__slots__))]
        yield from sorted((one for one in every if rank(one) < rank(config)), key=rank)

    @initialize(
        config=st.runner().flatmap(lambda machine: machine.configs),
        keys=st.sampled_from(ALIKE),
        plain=st.sampled_from([False, False, True]),
        unsteady=st.sampled_from([False, False, False, True]),
        back=BACK,
        hold=st.sampled_from([1, 2, 2, 3, 3, 4, 5]),
    )
    def open(self, config: Any, keys: tuple[str, ...], plain: bool, unsteady: bool, back: str, hold: int) -> None:
        self.start(config)
        self.unsteady, self.back, self.hold = unsteady, back, hold
        self.asked_at: list[int] = []
        self.config, self.keys = config, ("a", "b", "c") if plain else keys

    def cost(self, how: str) -> int:
        named = {"burst": self.config.capacity, "burst + 1": self.config.capacity + 1}
        return named[how] if how in named else int(how)

    def pause(self, how: str) -> int:
        period, token = self.config.period, -(-self.config.period // self.config.limit)
        full = getattr(self.config, "fill_time", period)
        named = {
            "token": token,
            "token - 1": token - 1,
            "half token": token // 2,
            "full": full,
            "full - 1": full - 1,
            "boundary": period - self.now() % period,
            "boundary - 1": period - 1 - self.now() % period,
            "echo": self.echo(),
            "echo - 1": max(0, self.echo() - 1),
            "back": -token if self.unsteady else 0,
            "long": 1000 * full + 86_400 * SECOND,
        }
        return named[how] if how in named else int(how)

    def echo(self) -> int:
        """Until an earlier call is a period ago; 0 if none is to be."""
        waits = [at + self.config.period - self.now() for at in self.asked_at]
        return min((wait for wait in waits if wait > 0), default=0)

    def ask(self, name: str, key: str, **args: Any) -> Decision | None:
        """The decision; None where there was none."""
        self.asked_at.append(self.now())
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
        self.ask("acquire", self.keys[key], cost=self.config.capacity)
        self.ask("acquire", self.keys[key], cost=1)

    @rule(key=KEYS, again=st.booleans())
    def straddle(self, key: int, again: bool) -> None:
        """The whole capacity just before a window of the clock turns, once more just after, and one more soon."""
        if again:
            self.advance(self.pause("full"))
        for pause in ("boundary - 1", "1"):
            self.advance(self.pause(pause))
            self.ask("acquire", self.keys[key], cost=self.config.capacity)
            self.ask("acquire", self.keys[key], cost=1)
        self.advance(self.pause("token"))
        self.ask("acquire", self.keys[key], cost=1)

    @rule(key=KEYS, gap=PAUSES, early=st.sampled_from([0, 0, 1]))
    def stagger(self, key: int, gap: str, early: int) -> None:
        """The capacity in two parts; then one more, just when the first part is a period ago."""
        first = self.now()
        self.ask("acquire", self.keys[key], cost=1)
        self.advance(max(0, self.pause(gap)))
        for cost in (max(1, self.config.capacity - 1), 1):
            self.ask("acquire", self.keys[key], cost=cost)
        self.advance(max(0, first + self.config.period - early - self.now()))
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
            self.ask("acquire", self.keys[key], cost=self.config.capacity)

    @precondition(lambda self: self.unsteady)
    @rule(back=BACK, key=KEYS, forward=st.booleans())
    def step_back(self, back: str, key: int, forward: bool) -> None:
        """In few examples, as most laws judge only up to here: the clock steps back, perhaps forward again."""
        self.ask("acquire", self.keys[key], cost=self.config.capacity)
        self.advance(-self.pause(back))
        self.ask("acquire", self.keys[key], cost=1)
        if forward:
            self.advance(self.pause(back))
            self.ask("acquire", self.keys[key], cost=1)

    def finish(self) -> None:
        """At the end of every example the clock steps back from a key that is used up, and forward again. Then two
        calls at once ask for the last unit."""
        key, back = self.keys[0], self.pause(self.back)
        for cost, pause in ((self.config.capacity, 0), (1, 0), (1, -back), (1, back), (1, self.pause("full"))):
            self.advance(pause)
            self.ask("acquire", key, cost=cost)
        if "shared" in self.capabilities:
            self.advance(self.pause("long"))
            left = self.call("acquire", HELD, key=key, cost=0)
            if isinstance(left, Decision) and left.remaining > 1:
                self.call("acquire", key=key, cost=left.remaining - 1)
            self.call("acquire", HELD, self.hold, key=key, cost=1)
            self.call("acquire", key=key, cost=1)

    @rule(key=KEYS, later=PAUSES, more=st.booleans())
    def refused_at_rest(self, key: int, later: str, more: bool) -> None:
        """A call that can never be admitted, on a key that is as good as new; it must leave no trace."""
        self.advance(self.pause("full"))
        self.ask("acquire", self.keys[key], cost=self.config.capacity + 1)
        self.advance(self.pause(later))
        self.ask("acquire", self.keys[key], cost=self.config.capacity if more else 1)

    @precondition(can("peek"))
    @rule(pause=PAUSES, key=KEYS)
    def peek(self, pause: str, key: int) -> None:
        self.advance(self.pause(pause))
        self.ask("peek", self.keys[key])

    @precondition(can("reset"))
    @rule(key=KEYS)
    def reset(self, key: int) -> None:
        self.call("reset", key=self.keys[key])

    @precondition(can("ttl"))
    @rule(key=KEYS, cost=COSTS)
    def ttl(self, key: int, cost: str) -> None:
        self.ask("acquire", self.keys[key], cost=self.cost(cost))
        self.call("ttl", self.client, key=self.keys[key])

    @precondition(can("stored"))
    @rule(key=KEYS)
    def stored(self, key: int) -> None:
        """After a call that is sure to be refused."""
        for cost in (self.config.capacity, 1):
            self.ask("acquire", self.keys[key], cost=cost)
        self.call("stored", self.client, key=self.keys[key])

    @rule(bad=st.sampled_from(BAD_COSTS), key=KEYS)
    def bad_cost(self, bad: Any, key: int) -> None:
        self.call("acquire", key=self.keys[key], cost=bad)

    @rule(bad=st.sampled_from(BAD_KEYS))
    def bad_key(self, bad: Any) -> None:
        self.call("acquire", key=bad, cost=1)


class Buckets(RateLimiting):
    """What is configured by a `Limit`."""

    configs = LIMITS
    example_config = Limit(10, SECOND, 10)


class Windows(RateLimiting):
    """What is configured by a `Window`."""

    configs = WINDOWS
    example_config = Window(10, SECOND)


class Queues(RateLimiting):
    """What is configured by a `Queue`."""

    configs = QUEUES
    example_config = Queue(10, SECOND, 9)


MACHINES = {
    "token_bucket": Buckets,
    "leaky_bucket": Buckets,
    "gcra": Buckets,
    "leaky_bucket_queue": Queues,
    "fixed_window": Windows,
    "sliding_window_log": Windows,
    "sliding_window_counter": Windows,
}
