"""limits by Ali-Akber Saifee, in memory: https://limits.readthedocs.io"""

from types import ModuleType

from limits import RateLimitItemPerSecond, strategies
from limits.storage import MemoryStorage, Storage, memory

from impls.library_clock import reading
from impls.rate_limiting.third_party import asks_for_nothing
from impls.registry import implementation
from spec.environment import Clock, Environment
from spec.rate_limiting.types import SECOND, Window

BAD_INPUT = {"rejects_bad_input": "types are annotated, not checked: it takes any identifier and any cost"}
NAN = {"answers_every_call": "as costs are not checked, NaN is added up, and nothing fits any more"}


class Adapter:
    """A strategy on a storage, which reads the module `time` in its own module. Periods are whole seconds. Of a cost
    of 0 nothing is asked."""

    def __init__(
        self, strategy: type[strategies.RateLimiter], storage: Storage, module: ModuleType, window: Window, clock: Clock
    ) -> None:
        self._limiter, self._module, self._clock = strategy(storage), module, clock
        self._item = RateLimitItemPerSecond(window.limit, window.period // SECOND)

    def acquire(self, key: str, cost: int = 1) -> bool:
        if asks_for_nothing(key, cost):
            return True
        with reading(self._module, self._clock):
            return self._limiter.hit(self._item, key, cost=cost)

    def peek(self, key: str) -> bool:
        with reading(self._module, self._clock):
            return self._limiter.test(self._item, key)

    def reset(self, key: str) -> None:
        with reading(self._module, self._clock):
            self._limiter.clear(self._item, key)


def whole_seconds(window: Window) -> None:
    """NotImplementedError if the period is none."""
    if window.period % SECOND:
        raise NotImplementedError("periods are whole seconds")


class InMemory(MemoryStorage):
    """Without its thread, which removes by the machine's time what is over. It is not needed for right answers."""

    def _MemoryStorage__expire_events(self) -> None:  # noqa: N802
        pass

    _MemoryStorage__schedule_expiry = _MemoryStorage__expire_events


def _adapted(
    specification: str,
    strategy: type[strategies.RateLimiter],
    capabilities: set[str],
    deviations: dict[str, str] = BAD_INPUT,
) -> None:
    @implementation(
        f"rate_limiting.{specification}",
        "limits",
        library="limits",
        capabilities={"boolean", *capabilities},
        deviations=deviations,
    )
    def make(window: Window, env: Environment) -> Adapter:
        whole_seconds(window)
        return Adapter(strategy, InMemory(), memory, window, env.clock)


_adapted("fixed_window", strategies.FixedWindowRateLimiter, {"anchored", "refusals_count"})
_adapted("sliding_window_log", strategies.MovingWindowRateLimiter, set())
_adapted("sliding_window_counter", strategies.SlidingWindowCounterRateLimiter, {"rounds_down"}, BAD_INPUT | NAN)
