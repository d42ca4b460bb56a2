"""limits by Ali-Akber Saifee, on Redis: https://limits.readthedocs.io"""

from limits import strategies
from limits.storage import RedisStorage, redis

from impls.frozen import FrozenValkey
from impls.rate_limiting.third_party.limits import BAD_INPUT, Adapter, whole_seconds
from impls.registry import implementation
from spec.environment import Environment
from spec.rate_limiting.types import Window


class OnRedis(Adapter):
    """On a server of its own, which is told the time before each call. Windows are keys that expire."""

    def __init__(self, strategy: type[strategies.RateLimiter], window: Window, env: Environment) -> None:
        whole_seconds(window)
        self._server = FrozenValkey(env.clock)
        self._storage = RedisStorage(self._server.url)
        super().__init__(strategy, self._storage, redis, window, env.clock)

    def acquire(self, key: str, cost: int = 1) -> bool:
        self._server.tell()
        return super().acquire(key, cost)

    def peek(self, key: str) -> bool:
        self._server.tell()
        return super().peek(key)

    def reset(self, key: str) -> None:
        self._server.tell()
        super().reset(key)

    def close(self) -> None:
        self._storage.storage.close()
        self._server.close()


COUNTER = BAD_INPUT | {
    "answers_every_call": "as costs are not checked, half a unit is added up, and the counter is none any more",
    "conforming_traffic_is_admitted": "reports/findings/005-limits-expiring-window.md",
}


def _adapted(
    specification: str,
    strategy: type[strategies.RateLimiter],
    capabilities: set[str],
    deviations: dict[str, str] = BAD_INPUT,
) -> None:
    @implementation(
        f"rate_limiting.{specification}",
        "limits-redis",
        backend="redis",
        library="limits",
        capabilities={"boolean", *capabilities},
        deviations=deviations,
    )
    def make(window: Window, env: Environment) -> OnRedis:
        return OnRedis(strategy, window, env)


_adapted("fixed_window", strategies.FixedWindowRateLimiter, {"anchored", "refusals_count", "milliseconds"})
_adapted("sliding_window_log", strategies.MovingWindowRateLimiter, set())
_adapted(
    "sliding_window_counter",
    strategies.SlidingWindowCounterRateLimiter,
    {"rounds_down", "anchored", "milliseconds"},
    COUNTER,
)
