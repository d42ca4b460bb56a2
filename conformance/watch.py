"""Watches over the calls of the main thread: those that never return are given up, and Ctrl-C is always heard.

Signals are what can interrupt a call, wherever it is: in a loop, asleep, waiting for a lock or for a server. But an
exception out of a signal handler can be lost, in a callback or in an `except` of the subject's. So Ctrl-C is noted and
acted upon before the next call; only if none comes is it raised where the program is, and again until it is heard.
"""

import signal
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

TICK = 0.1
"""Seconds. Calls are timed by the ticks that arrive, so that a machine that stands still makes no call look slow."""

PATIENCE = 50
"""Ticks that a call may take, until one has taken more."""

IMPATIENCE = 5
"""Ticks that calls may take from then on."""

UNHEARD = 3
"""Ticks after which Ctrl-C is raised wherever the program is."""


class Hangs(BaseException):
    """The call did not return. No `except Exception` of the subject's may take it."""


class Watch:
    """The watch of this process, on duty while it is entered. Elsewhere than in the main thread it sees nothing."""

    def __init__(self) -> None:
        self.stopped = self.hung_before = False
        self._depth = 0
        self._calling = self._hanging = False
        self._ticks = self._unheard = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth > 1 or threading.current_thread() is not threading.main_thread():
            return
        self.hung_before, self.stopped, self._unheard = False, False, 0
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is signal.default_int_handler:
                self._before[number] = signal.signal(number, self._stop)
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._tick)
        signal.setitimer(signal.ITIMER_REAL, TICK, TICK)

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        self._depth -= 1
        if self._depth or not self._before:
            return
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
        if self.stopped and kind is None:
            raise KeyboardInterrupt

    def call(self, call: Callable[[], T]) -> T:
        """What the call returns.

        Raises:
            Hangs: it does not return.
            KeyboardInterrupt: Ctrl-C was pressed before.
        """
        if self.stopped:
            raise KeyboardInterrupt
        self._ticks, self._calling = 0, True
        try:
            return call()
        finally:
            self._calling = False
            self.hung_before |= self._hanging
            self._hanging = False

    def _stop(self, number: int, frame: object) -> None:
        self.stopped = True

    def _tick(self, number: int, frame: object) -> None:
        self._ticks += 1
        if self.stopped:
            self._unheard += 1
            if self._unheard >= UNHEARD:
                raise KeyboardInterrupt
        if self._calling and (self._hanging or self._ticks > (IMPATIENCE if self.hung_before else PATIENCE)):
            self._hanging = True  # it may take the exception for its own, and so gets another at every tick
            raise Hangs


WATCH = Watch()
