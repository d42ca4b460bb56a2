"""What a workload is, and what all of them need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.world import Servers


@dataclass
class State:
    """What is ready to be measured: `call` does the n-th operation."""

    call: Callable[[int], object]
    close: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Workload:
    """One thing to do, for several implementations, in several sizes.

    name:       `<block>.<what>`.
    version:    another one where what is done changes, so that figures are not compared that cannot be.
    make:       of an implementation, a size and the servers; NotImplementedError where there is no such thing.
    operations: how many calls `run` makes.
    counters:   noise-free figures by name: of the workload, an implementation, a size and the servers.
    """

    name: str
    version: int
    implementations: tuple[str, ...]
    size: str
    sizes: tuple[int, ...]
    make: Callable[[str, int, Servers], State]
    operations: int
    counters: Mapping[str, "Counter"] = field(default_factory=dict)

    @property
    def block(self) -> str:
        return self.name.partition(".")[0]

    @property
    def short(self) -> str:
        return self.name.partition(".")[2]

    def run(self, state: State) -> None:
        """What is timed."""
        call = state.call
        for number in range(self.operations):
            call(number)


Counter = Callable[[Workload, str, int, Servers], float]


def implementation(specification: str, name: str) -> Any:
    """The factory that is registered; NotImplementedError if none is."""
    from impls.registry import implementations

    try:
        found = implementations(specification, libraries=True)
    except TypeError:  # before there were any
        found = implementations(specification)
    for one in found:
        if one.name == name:
            return one.factory
    raise NotImplementedError(f"{specification} has no implementation {name!r} here")


def closing(made: Any) -> Callable[[], object]:
    """What closes it, if anything does."""
    close: Callable[[], object] = getattr(made, "close", lambda: None)
    return close
