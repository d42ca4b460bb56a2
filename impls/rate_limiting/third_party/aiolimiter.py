"""aiolimiter by Martijn Pieters: https://aiolimiter.readthedocs.io"""

from collections import defaultdict

from aiolimiter import AsyncLimiter

from impls.registry import implementation
from spec.environment import Environment
from spec.rate_limiting.types import SECOND, Limit, checked


class TokenBucket:
    """An `AsyncLimiter` for each key, which has none itself. It would wait where it has no room: so it is asked first.
    It reads the clock of the event loop."""

    def __init__(self, limit: Limit, env: Environment) -> None:
        if limit.burst != limit.limit:
            raise NotImplementedError("the burst is the limit")
        self._limiters = defaultdict[str, AsyncLimiter](lambda: AsyncLimiter(limit.limit, limit.period / SECOND))

    async def acquire(self, key: str, cost: int = 1) -> bool:
        checked(key)
        if not self._limiters[key].has_capacity(cost):
            return False
        await self._limiters[key].acquire(cost)
        return True


for algorithm in ("token_bucket", "leaky_bucket", "gcra"):
    implementation(
        f"rate_limiting.{algorithm}",
        "aiolimiter",
        library="aiolimiter",
        capabilities={"boolean"},
        deviations={"rejects_bad_input": "amounts are floats: half a unit is one, and NaN is only never admitted"},
    )(TokenBucket)
