"""What recording and judging cost beside driving, and how the cost of a check grows with its steps.

    python -m benchmarks.rate_limiting_overhead

Each specification in memory is checked with the default budget, and exercised by the same rules in plain Hypothesis:
calls go straight to the limiter, nothing is recorded, no law is asked. Then one history is played and judged that is
ten times as long as another. Best of some rounds, as whatever else the machine does only adds.
"""

import random
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from conformance.blocks import machine_of
from conformance.environment import VirtualClock, World
from conformance.judge import Budget, Judge, capabilities, exercise
from conformance.machine import Machine
from conformance.trace import Step, Target, Trace
from impls.registry import Implementation, implementations
from spec.law import Law
from spec.specification import Specification, specifications

ROUNDS = 5


def best(*measured: Callable[[], object]) -> list[float]:
    """Of each the seconds of its fastest round; they are measured in turn."""
    taken: list[list[float]] = [[] for _ in measured]
    for _ in range(ROUNDS):
        for one, seconds in zip(measured, taken, strict=True):
            began = time.perf_counter()
            one()
            seconds.append(time.perf_counter() - began)
    return [min(seconds) for seconds in taken]


def plain(base: type[Machine]) -> type[Machine]:
    """The machine as one writes it by hand: it makes the calls and forgets the answers."""

    class Plain(base):  # type: ignore[misc, valid-type]
        calls: ClassVar[int] = 0

        def start(self, config: Any) -> None:
            self.clock = VirtualClock()
            self.subject = self.target.factory(config, World().environment(self.clock))

        def start_one_of(self, configs: Iterable[Any]) -> Any:
            config = next(iter(configs))
            self.start(config)
            return config

        def call(self, name: str, client: str = "main", hold: int = 0, **args: Any) -> Any:
            type(self).calls += 1
            try:
                return getattr(self.subject, name)(**args)
            except Exception as error:
                return error

        def advance(self, microseconds: int) -> None:
            self.clock.move(microseconds)

        def now(self) -> int:
            return self.clock.now()

        def teardown(self) -> None:
            self.finish()

    return Plain


def target_of(specification: Specification) -> tuple[Target, frozenset[str], tuple[Law, ...]]:
    """The memory implementation, what it can, and the laws that are asked about it."""
    one: Implementation = implementations(specification.name)[0]
    target = Target(specification, one.factory)
    can = capabilities(target, one.capabilities)
    return target, can, tuple(law for law in specification.laws if law.needs <= can)


def overhead(specification: Specification, budget: Budget) -> list[float]:
    """Seconds with recording and judging, and without."""
    target, can, laws = target_of(specification)
    bare = plain(machine_of(specification))
    return best(
        lambda: exercise(target, can, Judge(laws), budget),
        lambda: exercise(target, can, Judge(()), budget, bare),
    )


def growth(specification: Specification, calls: int) -> list[float]:
    """Seconds to play and judge so many calls, and ten times as many."""
    target, _, laws = target_of(specification)
    config = machine_of(specification).example_config
    chance = random.Random(0)
    asked = [{"key": chance.choice("abc"), "cost": chance.choice([1, 1, 3])} for _ in range(10 * calls)]
    steps = [Step(chance.choice([0, 0, 1, 100_000]), "acquire", args) for args in asked]

    def judged(count: int) -> None:
        judge = Judge(laws)
        target.play(Trace(config, tuple(steps[:count])), judge)
        assert not judge.violations

    return best(lambda: judged(calls), lambda: judged(10 * calls))


def main() -> None:
    """Print both for each specification in memory."""
    write = sys.stdout.write
    write(f"{'':40}{'check':>8}{'plain':>8}{'ratio':>7}   {'300':>8}{'3000 calls':>12}{'ratio':>7}\n")
    for specification in specifications().values():
        checked, bare = overhead(specification, Budget())
        few, many = growth(specification, 300)
        write(f"{specification.name:40}{checked:7.2f}s{bare:7.2f}s{checked / bare:7.2f}   ")
        write(f"{1000 * few:6.1f}ms{1000 * many:10.1f}ms{many / few:7.1f}\n")


if __name__ == "__main__":
    main()
