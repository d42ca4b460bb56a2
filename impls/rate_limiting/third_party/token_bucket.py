"""token-bucket by Falcon: https://github.com/falconry/token-bucket"""

from token_bucket import Limiter, MemoryStorage, storage

from impls.library_clock import reading
from impls.rate_limiting.third_party import asks_for_nothing
from impls.registry import implementation
from spec.environment import Environment
from spec.rate_limiting.types import SECOND, Limit


class TokenBucket:
    """`Limiter` with its storage in memory. It has no cost of 0: nothing is asked of it then."""

    def __init__(self, limit: Limit, env: Environment) -> None:
        self._clock = env.clock
        self._limiter = Limiter(limit.limit * SECOND / limit.period, limit.burst, MemoryStorage())

    def acquire(self, key: str, cost: int = 1) -> bool:
        if asks_for_nothing(key, cost):
            return True
        with reading(storage, self._clock):
            return self._limiter.consume(key, cost)


for algorithm in ("token_bucket", "leaky_bucket", "gcra"):
    implementation(
        f"rate_limiting.{algorithm}",
        "token-bucket",
        library="token-bucket",
        capabilities={"boolean"},
        deviations={"rejects_bad_input": "types are annotated, not checked: it takes any true key, and 1.5 tokens"},
    )(TokenBucket)
