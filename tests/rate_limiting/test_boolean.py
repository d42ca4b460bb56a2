"""Limiters that say only yes or no are judged by that alone, and not for what a floating-point clock may misread."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.environment import World
from conformance.judge import Budget, Outcome, check
from conformance.trace import Target
from impls.rate_limiting import memory, memory_windows
from spec.environment import Environment
from spec.history import History, Operation
from spec.law import Violation
from spec.rate_limiting.boolean import TOLERANCE
from spec.rate_limiting.types import SECOND, Limit, checked
from spec.specification import specifications

SEEDS = (0, 1)
Bucket = dict[str, tuple[float, float]]


def cut_down(kind: Callable[..., Any]) -> Callable[[Any, Environment], Any]:
    """To yes and no."""

    class CutDown:
        def __init__(self, config: Any, env: Environment) -> None:
            self.whole = kind(config, env.clock)

        def acquire(self, key: str, cost: int = 1) -> bool:
            return bool(self.whole.acquire(key, cost).allowed)

        def peek(self, key: str) -> bool:
            return bool(self.whole.peek(key).allowed)

        def reset(self, key: str) -> None:
            self.whole.reset(key)

    return CutDown


class Floating:
    """A token bucket as it is written every day."""

    price_of_refusal = 0
    spare = 0

    def __init__(self, config: Limit, env: Environment) -> None:
        self.config, self.clock = config, env.clock
        self.buckets: Bucket = {}

    def name(self, key: str) -> str:
        return key

    def acquire(self, key: str, cost: int = 1) -> bool:
        checked(key, cost)
        now, rate = self.clock.now() / 1e6, self.config.limit / (self.config.period / 1e6)
        tokens, then = self.buckets.get(self.name(key), (float(self.config.burst), now))
        tokens = min(self.config.burst + self.spare, tokens + (now - then) * rate)
        allowed = tokens >= cost
        self.buckets[self.name(key)] = (tokens - (cost if allowed else self.price_of_refusal), now)
        return allowed


class SavesOneMore(Floating):
    spare = 1


class RefusalsCost(Floating):
    price_of_refusal = 1


class FoldsKeys(Floating):
    def name(self, key: str) -> str:
        return key[:50].strip().lower()


class TakesAnything(Floating):
    def acquire(self, key: Any, cost: Any = 1) -> bool:
        try:
            return super().acquire(key, cost)
        except (TypeError, ValueError):
            return True


class TakesWhole(Floating):
    """What is no integer is taken for what it is worth, as Python does."""

    def acquire(self, key: Any, cost: Any = 1) -> bool:
        return super().acquire(key, int(cost) if isinstance(cost, bool | float) and cost in (1, 0.5) else cost)


class Wordy(Floating):
    def acquire(self, key: str, cost: int = 1) -> Any:
        return "yes" if super().acquire(key, cost) else "no"


def outcomes(name: str, factory: Any, capabilities: set[str], seed: int) -> dict[str, Outcome]:
    with World(seed=seed) as world:
        declared = specifications()[name].declared(capabilities)
        result = check(Target(declared, factory, world), Budget(100, seed=seed), capabilities)
    return {verdict.law: verdict.outcome for verdict in result.verdicts}


@pytest.mark.parametrize(
    ("name", "factory", "more"),
    [
        ("token_bucket", cut_down(memory.TokenBucket), ()),
        ("token_bucket", Floating, ()),
        ("leaky_bucket", cut_down(memory.LeakyBucket), ()),
        ("gcra", cut_down(memory.Gcra), ()),
        ("fixed_window", cut_down(memory_windows.FixedWindow), ()),
        ("fixed_window", cut_down(memory_windows.AnchoredWindow), ("anchored",)),
        ("sliding_window_log", cut_down(memory_windows.SlidingLog), ()),
        ("sliding_window_counter", cut_down(memory_windows.SlidingCounter), ()),
    ],
)
def test_a_correct_limiter_that_says_only_yes_or_no_holds(name: str, factory: Any, more: tuple[str, ...]) -> None:
    found = outcomes(f"rate_limiting.{name}", factory, {"boolean", *more}, 0)
    assert set(found.values()) == {Outcome.HOLDS}
    assert len(found) == 4


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("factory", "law"),
    [
        (SavesOneMore, "never_exceeds_burst"),
        (RefusalsCost, "conforming_traffic_is_admitted"),
        (FoldsKeys, "conforming_traffic_is_admitted"),
        (TakesAnything, "rejects_bad_input"),
        (TakesWhole, "rejects_bad_input"),
        (Wordy, "answers_every_call"),
    ],
)
def test_a_mistake_is_found_by_the_law_it_breaks(factory: Any, law: str, seed: int) -> None:
    found = outcomes("rate_limiting.token_bucket", factory, {"boolean"}, seed)
    assert [name for name, outcome in found.items() if outcome is Outcome.VIOLATED] == [law]


@pytest.mark.parametrize("seed", SEEDS)
def test_windows_taken_for_one_another_are_found(seed: int) -> None:
    anchored = cut_down(memory_windows.AnchoredWindow)
    found = outcomes("rate_limiting.fixed_window", anchored, {"boolean"}, seed)
    assert Outcome.VIOLATED in found.values()
    found = outcomes("rate_limiting.sliding_window_log", anchored, {"boolean"}, seed)
    assert found["never_exceeds_limit_in_a_sliding_window"] is Outcome.VIOLATED


def asked(*calls: tuple[int, bool]) -> History:
    """Unit calls at those microseconds, so answered, of a limit of one in a second."""
    operations = [
        Operation(index, "acquire", {"key": "a", "cost": 1}, SECOND + at, SECOND + at, 2 * index, 2 * index + 1, answer)
        for index, (at, answer) in enumerate(calls)
    ]
    return History(Limit(1, SECOND, 1), tuple(operations))


@pytest.mark.parametrize("off", range(-TOLERANCE, TOLERANCE))
@pytest.mark.parametrize("answer", [True, False])
def test_at_the_very_instant_either_answer_is_right(off: int, answer: bool) -> None:
    laws = specifications()["rate_limiting.token_bucket"].declared({"boolean"}).laws[:2]
    assert [law(asked((0, True), (SECOND + off, answer))) for law in laws] in ([0, 1], [0, 2], [1, 1], [1, 2])


@pytest.mark.parametrize(
    ("off", "answer", "law"),
    [(-2 * TOLERANCE - 1, True, "never_exceeds_burst"), (2 * TOLERANCE, False, "conforming_traffic_is_admitted")],
)
def test_apart_from_it_only_one_is(off: int, answer: bool, law: str) -> None:
    declared = specifications()["rate_limiting.token_bucket"].declared({"boolean"})
    verdict = declared.law(law)(asked((0, True), (SECOND + off, answer)))
    assert isinstance(verdict, Violation)
    assert verdict.operations == (0, 1)


def test_after_either_answer_the_oracle_follows_it() -> None:
    laws = specifications()["rate_limiting.token_bucket"].declared({"boolean"}).laws[:2]
    refused_first = asked((0, True), (SECOND - 1, False), (SECOND + 10, True), (SECOND + 20, False))
    admitted_twice = asked((0, True), (SECOND - 1, True), (SECOND + 10, True))
    assert not [law for law in laws if isinstance(law(refused_first), Violation)]
    assert [law.name for law in laws if isinstance(law(admitted_twice), Violation)] == ["never_exceeds_burst"]
