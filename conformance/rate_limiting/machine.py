"""Rules that drive a rate limiter to where mistakes show: the very instants it names, bursts, pauses, odd keys."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from conformance.machine import Machine, all_in_turn, can
from conformance.rate_limiting.strategies import (
    BACK,
    BAD_COSTS,
    BAD_KEYS,
    COSTS,
    KEY_SETS,
    KEYS,
    LIMITS,
    PAUSES,
    QUEUES,
    WINDOWS,
)
from conformance.trace import HELD
from spec.rate_limiting.types import SECOND, Decision, Limit, Queue, Window


class RateLimiting(Machine):
    """Exercises any rate limiter. Subclasses say how it is configured."""

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

    @initialize(config=st.integers(0, 1023), back=BACK)
    def open(self, config: int, back: str) -> None:
        self.back = back
        self.config = self.start_one_of(all_in_turn(self.configs, config, self.number))
        self.every = KEY_SETS[self.number % len(KEY_SETS)]
        # Or else the others are new at the end.
        self.keys = self.every if self.number % 2 else self.every[:1] * 3
        # In few examples, as most laws judge only up to the first step back.
        self.unsteady = self.number % 7 == 0
        self.asked_at: list[int] = []
        self.states: dict[str, Any] = {}
        self.first: tuple[str, dict[str, Any]] | None = None

    def cost(self, how: str) -> int:
        named = {"burst": self.config.capacity, "burst + 1": self.config.capacity + 1}
        return named[how] if how in named else int(how)

    def pause(self, how: str) -> int:
        period, token = self.config.period, -(-self.config.period // self.config.limit)
        full = getattr(self.config, "fill_time", period)
        echo = self.echo() if how.startswith("echo") else 0
        named = {
            "token": token,
            "token - 1": token - 1,
            "half token": token // 2,
            "full": full,
            "full - 1": full - 1,
            "boundary": period - self.now() % period,
            "boundary - 1": period - 1 - self.now() % period,
            "echo": echo,
            "echo - 1": max(0, echo - 1),
            "back": -token if self.unsteady else 0,
            "long": 1000 * full + 86_400 * SECOND,
        }
        return named[how] if how in named else int(how)

    def echo(self) -> int:
        """Until an earlier call is a period ago; 0 if none is to be."""
        past = self.now() - self.config.period
        return min((at - past for at in self.asked_at if at > past), default=0)

    def ask(self, name: str, key: str, **args: Any) -> Decision | None:
        """The decision; None where there was none. Of what says only yes or no, what the model would have said."""
        self.asked_at.append(self.now())
        self.first = self.first or (name, args)
        result = self.call(name, self.client, key=key, **args)
        if isinstance(result, bool):
            return self.foretold(name, key, args.get("cost", 1))
        return result if isinstance(result, Decision) else None

    def foretold(self, name: str, key: str, cost: int) -> Decision:
        """The model's decision."""
        model: Any = self.target.specification.model
        state, take = self.states.get(key), name == "acquire"
        self.states[key], decision = model.exact.decide(self.config, state, self.now(), cost, take=take)
        return decision  # type: ignore[no-any-return]

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

    @rule(back=BACK, key=KEYS, forward=st.booleans())
    def step_back(self, back: str, key: int, forward: bool) -> None:
        """The clock steps back, perhaps forward again."""
        if not self.unsteady:
            return
        self.ask("acquire", self.keys[key], cost=self.config.capacity)
        self.advance(-self.pause(back))
        self.ask("acquire", self.keys[key], cost=1)
        if forward:
            self.advance(self.pause(back))
            self.ask("acquire", self.keys[key], cost=1)

    def finish(self) -> None:
        """At the end of every example."""
        self.ask_new_keys()
        self.ask_for_the_ttl()
        self.step_back_from_a_used_up_key()
        if {"shared", "on_server"} <= self.capabilities:
            for hold in (2, (1, 3, 4)[self.number % 3]):
                self.ask_at_once(hold)

    def ask_new_keys(self) -> None:
        """While one key is used up, every other is asked what the first was asked: so the answers to those never used
        can be compared. And one is asked by both clients."""
        if self.first:
            name, args = self.first
            self.advance(self.pause("full"))
            self.ask("acquire", self.keys[0], cost=self.config.capacity)
            for key in self.every:
                self.ask(name, key, **args)
        for client in ("main", "other") if "shared" in self.capabilities else ():
            self.client = client
            self.ask("acquire", self.keys[0], cost=1)

    def ask_for_the_ttl(self) -> None:
        """Of a key that is used up."""
        if "ttl" in self.capabilities:
            self.advance(self.pause("long"))
            self.ask("acquire", self.keys[0], cost=self.config.capacity)
            self.call("ttl", key=self.keys[0])

    def step_back_from_a_used_up_key(self) -> None:
        """And forward again."""
        key, back = self.keys[0], self.pause(self.back)
        for cost, pause in ((self.config.capacity, 0), (1, 0), (1, -back), (1, back), (1, self.pause("full"))):
            self.advance(pause)
            self.ask("acquire", key, cost=cost)

    def ask_at_once(self, hold: int) -> None:
        """Two calls that overlap ask for the last unit. The first call of the client warms up its connection."""
        key = self.keys[0]
        self.advance(self.pause("long"))
        left = self.call("acquire", HELD, key=key, cost=0)
        if isinstance(left, Decision) and left.remaining > 1:
            self.call("acquire", key=key, cost=left.remaining - 1)
        self.call("acquire", HELD, hold, key=key, cost=1)
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
    @rule(key=KEYS, used_up=st.booleans(), by=st.sampled_from(["main", "other"]))
    def reset(self, key: int, used_up: bool, by: str) -> None:
        """Of one key, perhaps while all of them are used up; then they are asked what the first was asked, and once
        more."""
        if used_up:
            self.advance(self.pause("full"))
            for one, cost in product(self.keys, (self.config.capacity, 1)):
                self.ask("acquire", one, cost=cost)
        self.call("reset", by if "shared" in self.capabilities else "main", key=self.keys[key])
        for one in self.keys if used_up else self.keys[key : key + 1]:
            if self.first:
                self.ask(self.first[0], one, **self.first[1])
            self.ask("acquire", one, cost=1)

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
