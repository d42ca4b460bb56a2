"""Limiters in memory: idle keys are forgotten, busy ones are not."""

from typing import Any

import pytest

from conformance.environment import VirtualClock
from impls.rate_limiting.memory import Gcra, LeakyBucket, LeakyQueue, TokenBucket
from impls.rate_limiting.memory_windows import AnchoredWindow, FixedWindow, SlidingCounter, SlidingLog
from spec.rate_limiting.types import SECOND, Limit, Queue, Window

limiters = pytest.mark.parametrize(
    "make",
    [
        lambda clock: TokenBucket(Limit(1, SECOND, 2), clock),
        lambda clock: LeakyBucket(Limit(1, SECOND, 2), clock),
        lambda clock: Gcra(Limit(1, SECOND, 2), clock),
        lambda clock: LeakyQueue(Queue(1, SECOND, 1), clock),
        lambda clock: FixedWindow(Window(2, 2 * SECOND), clock),
        lambda clock: AnchoredWindow(Window(2, 2 * SECOND), clock),
        lambda clock: SlidingLog(Window(2, 2 * SECOND), clock),
        lambda clock: SlidingCounter(Window(2, SECOND), clock),
    ],
)
"""Each with a lifetime of two seconds."""


@limiters
def test_idle_keys_are_forgotten(make: Any) -> None:
    clock = VirtualClock()
    limiter = make(clock)
    for number in range(100_000):
        limiter.acquire(f"key {number}", 2)
    assert len(limiter) == 100_000
    clock.move(4 * SECOND)
    limiter.acquire("busy", 2)
    assert len(limiter) == 1


@limiters
def test_keys_in_use_are_not_forgotten(make: Any) -> None:
    clock = VirtualClock()
    limiter = make(clock)
    clock.move(SECOND)
    limiter.acquire("other")
    clock.move(SECOND)
    limiter.acquire("busy", 2)
    clock.move(SECOND)
    limiter.acquire("other")
    clock.move(SECOND - 1)
    assert not limiter.acquire("busy", 2).allowed
    clock.move(1)
    assert limiter.acquire("busy", 2).allowed


@limiters
def test_many_keys_after_one_another_do_not_pile_up(make: Any) -> None:
    clock = VirtualClock()
    limiter = make(clock)
    for number in range(10_000):
        clock.move(SECOND // 10)
        limiter.acquire(f"key {number}")
        assert len(limiter) <= 40
