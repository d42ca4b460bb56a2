"""The clock implementations use in production."""

import time


class SystemClock:
    """The wall clock of this machine, in microseconds. NTP and operators may set it back."""

    def now(self) -> int:
        return time.time_ns() // 1_000

    def sleep(self, microseconds: int) -> None:
        if microseconds > 0:
            time.sleep(microseconds / 1_000_000)
