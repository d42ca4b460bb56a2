"""Windows in the memory of one process."""

from impls.rate_limiting.answers import window_decision
from impls.rate_limiting.memory_base import InMemory
from impls.registry import implementation
from spec.environment import Environment
from spec.rate_limiting.types import Decision, Window


class FixedWindow(InMemory[Window, tuple[int, int]]):
    """One counter for a key: (begin of its window, units in it). A clock that steps back stays in the window."""

    anchored = False

    def _decide(
        self, state: tuple[int, int] | None, now: int, cost: int, *, take: bool
    ) -> tuple[Decision, tuple[int, int] | None]:
        limit, period = self._config.limit, self._config.period
        if state is not None and now < state[0] + period:
            begin, units = state
        else:
            begin, units = now if self.anchored else now - now % period, 0
        fits = units + cost <= limit
        if fits and take and cost:
            units += cost
            state = begin, units
        return window_decision(self._config, units, begin + period - now, cost, fits=fits), state

    def _is_over(self, state: tuple[int, int], now: int) -> bool:
        return now >= state[0] + self._config.period


class AnchoredWindow(FixedWindow):
    """A fixed window that begins with the first call in it."""

    anchored = True


@implementation("rate_limiting.fixed_window", "memory")
def fixed_window(config: Window, env: Environment) -> FixedWindow:
    return FixedWindow(config, env.clock)


@implementation("rate_limiting.fixed_window", "memory-anchored", capabilities={"anchored"})
def anchored_window(config: Window, env: Environment) -> FixedWindow:
    return AnchoredWindow(config, env.clock)
