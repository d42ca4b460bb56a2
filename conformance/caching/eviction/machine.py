"""The machines of caches that evict; those of two policies begin with a long run, for the laws that need one."""

import random
from typing import Any

from conformance.caching.eviction.evicting import Evicting
from conformance.caching.eviction.strategies import AGING, SMALL
from spec.caching.eviction.laws_statistics import FOR_EACH, MANY
from spec.caching.eviction.types import Aging, Capacity


class AgingOnes(Evicting):
    """What is configured by an `Aging`."""

    configs = AGING
    example_config = Aging(10)


class Choosing(Evicting):
    """Of a cache that may choose: with little room, or else there are too many ways it may have chosen."""

    configs = SMALL
    long_config = Capacity(8)

    def long_run(self) -> None:
        """A full cache, and one more key a thousand times over, each time one that is not there."""
        if "keys" not in self.capabilities:
            return
        keys = [f"k{number}" for number in range(self.config.capacity + 2)]
        held: Any = ()
        for number in range(self.config.capacity + 2 * FOR_EACH * self.config.capacity):
            key = next(key for key in keys[number % len(keys) :] + keys if key not in held)
            self.call("put", key=key, value=number)
            held = self.call("keys")
            if not isinstance(held, tuple):
                return


class Admitting(Evicting):
    """Of a cache that lets in what was asked for often."""

    long_config = Capacity(20)

    def long_run(self) -> None:
        """Some keys are asked for often, and many once each; what is missed is put."""
        chance = random.Random(self.number)
        often = range(60)
        weights = [1 / (rank + 1) for rank in often]
        for number in range(MANY + 500):
            key: Any = chance.choices(often, weights)[0] if number % 5 < 3 else 1000 + number
            key = key if "integer_keys" in self.capabilities else str(key)
            if self.call("get", key=key) is None:
                self.call("put", key=key, value=number)


MACHINES = {
    "lru": Evicting,
    "fifo": Evicting,
    "lfu": Evicting,
    "lfu_aging": AgingOnes,
    "random": Choosing,
    "ttl": Evicting,
    "sieve": Evicting,
    "s3_fifo": Evicting,
    "w_tinylfu": Admitting,
}
