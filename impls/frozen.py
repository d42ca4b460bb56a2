"""A Valkey that takes the environment's clock for the time of day, for libraries that leave the time to the server."""

import signal
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from impls.embedded import start_valkey
from spec.environment import Clock

LIBFAKETIME = files("libfaketime") / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FrozenValkey:
    """A server of its own, until it is closed. Its time moves only when it is told."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._told = clock, -1
        with ExitStack() as stack:
            self._directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lawful-")))
            self.tell()
            env = {
                "LD_PRELOAD": str(LIBFAKETIME),
                "FAKETIME_TIMESTAMP_FILE": str(self._directory / "now"),
                "FAKETIME_NO_CACHE": "1",
                "TZ": "UTC",
            }
            # Its monotonic clock stands as well, so it would never come to heed another signal.
            self.url = start_valkey(self._directory, stack, signal.SIGKILL, env=env)
            self._stack = stack.pop_all()

    def tell(self) -> None:
        """Tell it the time."""
        if (now := self._clock.now()) != self._told:
            self._told = now
            text = f"{EPOCH + timedelta(microseconds=now):%Y-%m-%d %H:%M:%S.%f}"
            (self._directory / "next").write_text(text)
            (self._directory / "next").replace(self._directory / "now")

    def close(self) -> None:
        """End it, and remove what it left."""
        self._stack.close()
