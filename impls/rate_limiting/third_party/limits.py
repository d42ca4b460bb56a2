"""limits by Ali-Akber Saifee: https://limits.readthedocs.io"""

from limits import RateLimitItemPerSecond, strategies
from limits.storage import MemoryStorage, memory

from impls.rate_limiting.third_party.clock import reading
from impls.registry import implementation
from spec.environment import Environment
from spec.rate_limiting.types import SECOND, Window, checked


class Storage(MemoryStorage):
    """Without its thread, which removes by the machine's time what is over. It is not needed for right answers."""

    def _MemoryStorage__expire_events(self) -> None:  # noqa: N802
        pass

    _MemoryStorage__schedule_expiry = _MemoryStorage__expire_events


class InMemory:
    """A strategy with its storage in memory. Periods are whole seconds. Of a cost of 0 nothing is asked."""

    strategy: type[strategies.RateLimiter]

    def __init__(self, window: Window, env: Environment) -> None:
        if window.period % SECOND:
            raise NotImplementedError("periods are whole seconds")
        self._clock = env.clock
        self._limiter = self.strategy(Storage())
        self._item = RateLimitItemPerSecond(window.limit, window.period // SECOND)

    def acquire(self, key: str, cost: int = 1) -> bool:
        if cost == 0 and type(cost) is int:
            return checked(key, cost) == 0
        with reading(memory, self._clock):
            return self._limiter.hit(self._item, key, cost=cost)

    def peek(self, key: str) -> bool:
        with reading(memory, self._clock):
            return self._limiter.test(self._item, key)

    def reset(self, key: str) -> None:
        with reading(memory, self._clock):
            self._limiter.clear(self._item, key)


BAD_INPUT = {"rejects_bad_input": "types are annotated, not checked: it takes any identifier and any cost"}


@implementation(
    "rate_limiting.fixed_window",
    "limits",
    library="limits",
    capabilities={"boolean", "anchored", "refusals_count"},
    deviations=BAD_INPUT,
)
class FixedWindow(InMemory):
    strategy = strategies.FixedWindowRateLimiter


@implementation(
    "rate_limiting.sliding_window_log", "limits", library="limits", capabilities={"boolean"}, deviations=BAD_INPUT
)
class MovingWindow(InMemory):
    strategy = strategies.MovingWindowRateLimiter


@implementation(
    "rate_limiting.sliding_window_counter",
    "limits",
    library="limits",
    capabilities={"boolean", "rounds_down"},
    deviations=BAD_INPUT
    | {"answers_every_call": "as costs are not checked, NaN is added up, and nothing fits any more"},
)
class SlidingWindowCounter(InMemory):
    strategy = strategies.SlidingWindowCounterRateLimiter
