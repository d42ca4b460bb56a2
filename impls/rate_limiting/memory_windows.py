"""Windows in the memory of one process."""

from collections import deque

from impls.rate_limiting.answers import counter_decision, window_decision
from impls.rate_limiting.memory_base import InMemory, in_memory
from spec.rate_limiting.types import Decision, Window, checked


class FixedWindow(InMemory[Window, tuple[int, int]]):
    """One counter for a key: (begin of its window, units in it). A clock that steps back stays in the window."""

    anchored = False

    def _decide(
        self, state: tuple[int, int] | None, now: int, cost: int, take: bool
    ) -> tuple[Decision, tuple[int, int]]:
        limit, period = self._config.limit, self._config.period
        if state is not None and now < state[0] + period:
            begin, units = state
        else:
            begin, units = now if self.anchored else now - now % period, 0
        fits = units + cost <= limit
        if fits and take and cost:
            units += cost
        return window_decision(self._config, units, begin + period - now, cost, fits=fits), (begin, units)

    def _lifetime(self) -> int:
        return self._config.period


class AnchoredWindow(FixedWindow):
    """A fixed window that begins with the first call in it."""

    anchored = True


class Log:
    """Units taken, as (instant, units), the oldest first; and their sum."""

    __slots__ = ("entries", "units")

    def __init__(self) -> None:
        self.entries: deque[tuple[int, int]] = deque()
        self.units = 0


class SlidingLog(InMemory[Window, Log]):
    """Every unit that still counts is remembered, units of one call together: at most `limit` entries for a key.

    A decision costs what is forgotten by it, and a refusal what has to be freed. After the clock stepped back, the
    latest instant in the log is taken for now.
    """

    def stored(self, key: str) -> int:
        """How many entries are stored for the key."""
        checked(key)
        with self._lock:
            log = self._state(key)
            return len(log.entries) if log else 0

    def _decide(self, log: Log | None, now: int, cost: int, take: bool) -> tuple[Decision, Log]:
        limit, period = self._config.limit, self._config.period
        if log is None:
            log = Log()
        entries = log.entries
        latest = max(now, entries[-1][0]) if entries else now
        while entries and entries[0][0] <= latest - period:
            log.units -= entries.popleft()[1]
        fits, wait = log.units + cost <= limit, None
        if fits:
            wait = 0
            if take and cost:
                entries.append((latest, cost))
                log.units += cost
        elif cost <= limit:
            missing = log.units + cost - limit
            for at, units in entries:
                missing -= units
                if missing <= 0:
                    wait = at + period - now
                    break
        return Decision(fits, limit - log.units, wait, entries[-1][0] + period - now if entries else 0), log

    def _lifetime(self) -> int:
        return self._config.period


class SlidingCounter(InMemory[Window, tuple[int, int, int]]):
    """Two counters for a key: (begin of the current window, units in it, units in the one before).

    After the clock stepped back into an earlier window, the current one is taken to have just begun.
    """

    def _decide(
        self, state: tuple[int, int, int] | None, now: int, cost: int, take: bool
    ) -> tuple[Decision, tuple[int, int, int]]:
        period = self._config.period
        begin = now - now % period
        known, current, previous = state or (begin, 0, 0)
        if begin <= known:
            begin = known
        else:
            current, previous = 0, current if begin == known + period else 0
        fits, decision = counter_decision(self._config, begin, current, previous, now, cost, take=take)
        return decision, (begin, current + cost if fits and take else current, previous)

    def _lifetime(self) -> int:
        return 2 * self._config.period


fixed_window = in_memory("fixed_window", FixedWindow)
anchored_window = in_memory("fixed_window", AnchoredWindow, "memory-anchored", "anchored")
sliding_log = in_memory("sliding_window_log", SlidingLog)
sliding_counter = in_memory("sliding_window_counter", SlidingCounter)
