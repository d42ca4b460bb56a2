"""An event loop in virtual time: what waits for a timer does not wait, the environment's clock moves on instead."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextlib import suppress
from math import ceil
from typing import Any, TypeVar

from conformance.watch import Hangs
from spec.environment import Clock

T = TypeVar("T")

MICROSECOND, NUDGE = 1e-6, 1e-9
"""Seconds. Who waits again and again for less than floats can tell apart would wait for ever where time stands still
between timers: so where it stood still for some `TURNS` of the loop, the second passes at every further one."""

TURNS = 100

SAME = 2.5e-9
"""Seconds that make no difference: a timer is due that much early, for floats are not exact."""

HOPS = 1000

GRACE = 0.2
"""Real seconds that a server is given to answer while there is a timer too, before time jumps to that."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time is that of the clock, but never steps back, as a monotonic clock does not.

    Where nothing is ready, time jumps to the next timer. Where there is none either, and nobody outside who could
    answer, what is awaited never comes: that raises `Hangs` at once.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock, self._last = clock, clock.now()
        self._elapsed, self._nudged, self._turns, self._working = 0, 0.0, 0, 0
        self._then: int | None = None
        self._hops = 0
        super().__init__(_Selector(self._wait))
        self._clock_resolution = SAME

    def time(self) -> float:
        """Seconds since the loop was made."""
        now = self._clock.now()
        if now > self._last:
            self._elapsed += now - self._last
            self._nudged, self._turns = 0.0, 0
        self._last = now
        return self._elapsed / 1_000_000 + self._nudged

    def complete(self, awaitable: Awaitable[T]) -> T:
        """What the awaitable gives, in however much virtual time."""
        self._turns = 0
        return self.run_until_complete(_awaited(awaitable))

    def advance(self, microseconds: int) -> None:
        """Move the clock, and let every timer on the way fire when it is due; but after `HOPS` of them time leaps to
        the end, as it does where a machine was suspended."""
        then = self._clock.now() + microseconds
        self._then, self._hops = then, HOPS
        self.call_at(self.time() + microseconds / 1_000_000, self.stop)
        self.run_forever()
        self._then = None
        if self._clock.now() < then:
            self._clock.sleep(then - self._clock.now())

    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """Time does not jump while a thread works: nobody knows how long it will."""
        self._working += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._worked)
        return future

    def _worked(self, future: asyncio.Future[Any]) -> None:
        self._working -= 1

    def _wait(self, select: Callable[[float | None], list[Any]], outside: bool, timeout: float | None) -> list[Any]:
        """Instead of waiting for that many seconds."""
        self._turns += 1
        if self._turns > TURNS:
            self._nudged += NUDGE
        if self._nudged >= MICROSECOND:
            self._clock.sleep(1)
        if timeout is not None and timeout <= 0:
            return select(0)
        if self._working:
            return select(None)
        if outside and (found := select(None if timeout is None else GRACE)):
            return found
        if timeout is None:
            raise Hangs
        if (microseconds := ceil((timeout - SAME) / MICROSECOND)) > 0:
            if self._then is not None:
                self._hops -= 1
                microseconds = microseconds if self._hops > 0 else max(microseconds, self._then - self._clock.now())
            self._clock.sleep(microseconds)
        return select(0)

    def end(self) -> None:
        """Cancel what still runs, and close."""
        tasks = asyncio.all_tasks(self)
        for task in tasks:
            task.cancel()
        with suppress(Exception, Hangs):
            self.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self.run_until_complete(self.shutdown_asyncgens())
        with suppress(RuntimeError):  # where a call hung, it counts as running
            self.close()


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


class _Selector(selectors.DefaultSelector):
    """Asks how to wait."""

    def __init__(self, wait: Callable[..., list[Any]]) -> None:
        super().__init__()
        self._how = wait

    def select(self, timeout: float | None = None) -> list[Any]:
        # One of those registered is the loop's own, by which threads wake it.
        return self._how(super().select, len(self.get_map()) > 1, timeout)
