"""Rules that fill a server, so that something must go; and long runs in which enough goes to see what is preferred."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from conformance.machine import Machine, all_in_turn
from spec.caching.maxmemory.observe import SLACK, most
from spec.caching.maxmemory.types import POLICIES, Maxmemory
from spec.duration import SECOND

BYTES = (24_000, 40_000)
CONFIGS = tuple(Maxmemory(size, policy, samples) for policy in POLICIES for size in BYTES for samples in (5, 1, 10))
KEYS = tuple(f"k{number}" for number in range(12))
NUMBERS = st.integers(0, len(KEYS) - 1)
SIZES = st.sampled_from([5000, 3000, 1000, 100])
TTLS = st.sampled_from([None, SECOND, 10 * SECOND, 1000 * SECOND])
PAUSES = st.sampled_from([0, 0, 0, SECOND, 3 * SECOND])
BAD = ({"size": 0}, {"size": -1}, {"ttl": 0}, {"ttl": -SECOND})

LONG_POLICIES = ("allkeys-lru", "volatile-ttl", "allkeys-lfu", "volatile-lru", "volatile-lfu")
LONG_BYTES = 216_000
LONG_KEYS = 140
LONG_SIZE = 1400
"""So many keys of that size are what that limit has room for."""

PRESS = (14, 5000)
"""How many keys of which size are put to them, so that about 40 must go."""

ROUNDS = 5
"""How often each popular key is read."""


class KeptInMemory(Machine):
    """Exercises any server with a limit in bytes. One example in ten is long."""

    configs = CONFIGS
    example_config = Maxmemory(BYTES[0], "allkeys-lru")

    @staticmethod
    def simpler(config: Any) -> Iterator[Any]:
        for size in BYTES:
            if size < config.bytes < LONG_BYTES:
                yield replace(config, bytes=size)

    @initialize(config=st.integers(0, 1023))
    def open(self, config: int) -> None:
        turn, self.long = self.number // 10, self.number % 10 == 3
        self.written = 0
        if self.long:
            self.config = self.start_one_of([Maxmemory(LONG_BYTES, LONG_POLICIES[turn % len(LONG_POLICIES)])])
            self.long_run()
        else:
            self.config = self.start_one_of(all_in_turn(self.configs, config, self.number))

    # What the rules are made of

    def put(self, key: str, size: int, ttl: int | None = None) -> Any:
        self.written += 1
        more = {} if ttl is None else {"ttl": ttl}
        return self.call("put", key=key, value=self.written, size=size, **more)

    def look(self, how: str = "__contains__") -> None:
        self.call("used")
        for key in KEYS:
            self.call(how, key=key)

    # Rules

    @rule(pause=PAUSES, key=NUMBERS, size=SIZES, ttl=TTLS, then=st.sampled_from(["get", "__contains__", "used", ""]))
    def write(self, pause: int, key: int, size: int, ttl: int | None, then: str) -> None:
        if self.long:
            return
        self.advance(pause)
        self.put(KEYS[key], size, ttl)
        if then:
            self.call(then, **({} if then == "used" else {"key": KEYS[key]}))

    @rule(pause=PAUSES, key=NUMBERS, how=st.sampled_from(["get", "get", "__contains__"]))
    def read(self, pause: int, key: int, how: str) -> None:
        if not self.long:
            self.advance(pause)
            self.call(how, key=KEYS[key])

    @rule(key=NUMBERS)
    def delete(self, key: int) -> None:
        if not self.long:
            self.call("delete", key=KEYS[key])
            self.call("get", key=KEYS[key])

    @rule(size=st.sampled_from([3000, 1500]), volatile=st.booleans())
    def empty(self, size: int, volatile: bool) -> None:
        """Of everything; then a few values are put for which there is room."""
        if self.long:
            return
        for key in KEYS:
            self.call("delete", key=key)
        for key in KEYS[: (self.config.bytes - SLACK) // most(size)]:
            self.put(key, size, 1000 * SECOND if volatile else None)
        self.look("get")

    @rule(first=NUMBERS, size=SIZES, volatile=st.integers(0, 4), ttl=TTLS, again=SIZES, pause=PAUSES)
    def fill(self, first: int, size: int, volatile: int, ttl: int | None, again: int, pause: int) -> None:
        """Above the limit, where there are keys enough: a few with a ttl among others without. Then some are put
        again, and everything is looked for."""
        if self.long:
            return
        count = min(len(KEYS), self.config.bytes // size + 3)
        keys = [KEYS[(first + number) % len(KEYS)] for number in range(count)]
        for number, key in enumerate(keys):
            self.put(key, size, ttl if number % 5 < volatile else None)
        self.advance(pause)
        for key in keys[:4]:
            self.put(key, again, ttl)
        self.look("get" if volatile == 2 else "__contains__")

    @rule(first=NUMBERS, count=st.integers(2, 8), volatile=st.booleans())
    def grow(self, first: int, count: int, volatile: bool) -> None:
        """Small values, which are then overwritten by large ones."""
        if self.long:
            return
        ttl = 1000 * SECOND if volatile else None
        for size in (100, 5000):
            for number in range(count):
                self.put(KEYS[(first + number) % len(KEYS)], size, ttl)
        self.look("get")

    @rule(key=NUMBERS, size=SIZES, early=st.sampled_from([0, SECOND]), how=st.sampled_from(["get", "__contains__"]))
    def expire(self, key: int, size: int, early: int, how: str) -> None:
        if self.long:
            return
        self.put(KEYS[key], size, 2 * SECOND)
        self.advance(2 * SECOND - early)
        self.call(how, key=KEYS[key])
        self.advance(SECOND)
        self.call(how, key=KEYS[key])

    @rule(key=NUMBERS, bad=st.sampled_from(BAD))
    def bad_put(self, key: int, bad: dict[str, int]) -> None:
        if not self.long:
            self.call("put", **{"key": KEYS[key], "value": 0, "size": 100, **bad})

    def long_run(self) -> None:
        """Every other key is used often, and later than all were put; or expires late. Then others are put."""
        keys = [f"old{number}" for number in range(LONG_KEYS)]
        by_ttl = self.config.order == "ttl"
        ttls = (1000 * SECOND, 100_000 * SECOND) if by_ttl else (1000 * SECOND,) * 2
        for number, key in enumerate(keys):
            self.put(key, LONG_SIZE, ttls[number % 2] if self.config.scope == "volatile" else None)
        for key in keys[::2]:
            self.call("__contains__", key=key)
        self.advance(3 * SECOND)
        for _ in range(1 if by_ttl else ROUNDS):
            for key in keys[1::2]:
                self.call("get", key=key)
            self.advance(SECOND)
        for number in range(PRESS[0]):
            self.put(f"new{number}", PRESS[1])
        for key in keys:
            self.call("__contains__", key=key)

    def finish(self) -> None:
        """What is there."""
        if not self.long:
            self.look("get")


MACHINES = {"maxmemory": KeptInMemory}
