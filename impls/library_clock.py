"""The environment's clock for libraries that take no clock, but ask the module `time`."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

from spec.environment import Clock


@contextmanager
def reading(module: ModuleType, clock: Clock) -> Iterator[None]:
    """Within it, the functions of `time` that the module calls tell what the clock does; and sleep on it."""

    def seconds() -> float:
        return clock.now() / 1_000_000

    real = vars(module)["time"]
    vars(module)["time"] = SimpleNamespace(
        time=seconds,
        monotonic=seconds,
        perf_counter=seconds,
        time_ns=lambda: clock.now() * 1000,
        monotonic_ns=lambda: clock.now() * 1000,
        sleep=lambda wait: clock.sleep(round(wait * 1_000_000)),
    )
    try:
        yield
    finally:
        vars(module)["time"] = real
