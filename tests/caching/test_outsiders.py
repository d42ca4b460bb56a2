"""Caches that offer less are asked for no more, and whoever keeps his promises is told of no mistake."""

from collections import OrderedDict
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.environment import World
from conformance.judge import Budget, Outcome, check
from conformance.trace import Step, Target, Trace
from spec.caching import Capacity
from spec.specification import specifications

LRU = specifications()["caching.lru"]


class Plain:
    """The least that a cache can offer, and right."""

    def __init__(self, config: Any, env: Any) -> None:
        self.config, self.clock = config, env.clock
        self.entries: OrderedDict[Any, Any] = OrderedDict()

    def put(self, key: Any, value: Any) -> bool:
        self.drop()
        if key not in self.entries and len(self.entries) == self.config.capacity:
            self.entries.popitem(last=False)
        deadline = None if self.config.ttl is None else self.clock.now() + self.config.ttl
        self.entries[key] = SimpleNamespace(value=value), deadline
        self.entries.move_to_end(key)
        return True

    def get(self, key: Any) -> Any:
        self.drop()
        if key not in self.entries:
            return None
        self.entries.move_to_end(key)
        return self.entries[key][0]

    def drop(self) -> None:
        now = self.clock.now()
        for key in [key for key, (_, deadline) in self.entries.items() if deadline is not None and deadline <= now]:
            del self.entries[key]


class ForStrings(Plain):
    """It knows no other keys, and no time."""

    def __init__(self, config: Any, env: Any) -> None:
        super().__init__(config, env)
        if config.ttl is not None:
            raise NotImplementedError("nothing expires")

    def put(self, key: Any, value: Any) -> bool:
        if not isinstance(key, str):
            raise TypeError(f"a key must be a string, not {key!r}")
        return super().put(key, value)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("factory", "declared"), [(Plain, ()), (ForStrings, ("no_ttl", "no_integer_keys"))])
def test_one_that_can_do_little_keeps_every_law_that_applies(factory: Any, declared: Any, seed: int) -> None:
    result = check(Target(LRU, factory, World()), Budget(seed=seed), declared)
    assert {verdict.outcome for verdict in result.verdicts} == {Outcome.HOLDS, Outcome.NOT_APPLICABLE}


def test_a_trace_needs_what_its_listener_calls() -> None:
    back: tuple[tuple[str, dict[str, Any]], ...] = (("weight", {}), ("get", {"key": "a"}))
    trace = Trace(Capacity(1), (Step(0, "put", {"key": "a", "value": 1}, back=back),))
    assert trace.needs(LRU) == {"weight"}
