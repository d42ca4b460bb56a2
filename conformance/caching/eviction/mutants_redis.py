"""Caches on Redis with one mistake each, in the script."""

from typing import Any, ClassVar

import redis

from conformance.mutants import mutant
from impls.caching.eviction.redis import Lfu, Lru, OnRedis
from spec.environment import Environment

LRU, LFU = "caching.lru", "caching.lfu"
ALL = frozenset({"weights", "entry_ttl", "listener"})


class Slip(OnRedis):
    """Goes before a correct cache. `slip`: passages of the script, and what stands there instead."""

    slip: ClassVar[dict[str, str]] = {}

    def __init__(self, config: Any, env: Environment) -> None:
        super().__init__(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)
        script = str(self._script.script)
        for passage, instead in self.slip.items():
            if passage not in script:
                raise ValueError(f"{passage!r} is not in evicting.lua")
            script = script.replace(passage, instead)
        self._script = self._client.register_script(script)


@mutant(LRU, killed_by="evicts_the_policys_victim", capabilities=ALL)
class OrderedByClock(Slip, Lru):
    """The order is that of the clock, not of a counter: of two uses at one instant none is known to be the later."""

    slip: ClassVar = {
        'entry.number = redis.call("HINCRBY", entries, "number", 1)': 'redis.call("HINCRBY", entries, "number", 1)\n'
        "entry.number = now",
        "if before then": "if before and before ~= member(key, now) then",
    }


@mutant(LRU, killed_by="never_serves_expired", capabilities=ALL)
class DeadlinesInMilliseconds(Slip, Lru):
    """Deadlines are whole milliseconds, as those of PEXPIRE are, so an entry is served until the one that began is
    over."""

    slip: ClassVar = {"math.min(now + lasts, LATEST)": "math.ceil((now + lasts) / 1000) * 1000"}


@mutant(LFU, killed_by="views_agree", capabilities=ALL)
class OverwriteAddsItsWeight(Slip, Lfu):
    """What is put again adds its weight to that of all, from which the old one is not taken away."""

    slip: ClassVar = {"weight - (old and old.weight or 0)": "weight"}
