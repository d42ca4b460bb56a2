"""Limiters in memory: idle keys are forgotten, busy ones are not."""

from typing import Any

import pytest

from conformance.environment import VirtualClock
from impls.rate_limiting.memory import Gcra, LeakyBucket, LeakyQueue, TokenBucket
from impls.rate_limiting.memory_windows import AnchoredWindow, FixedWindow, SlidingCounter, SlidingLog
from spec.rate_limiting.types import SECOND, Limit, Queue, Window


@pytest.mark.parametrize(
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
def test_idle_keys_are_forgotten_and_busy_ones_are_not(make: Any) -> None:
    clock = VirtualClock()
    limiter = make(clock)
    for number in range(100_000):
        limiter.acquire(f"key {number}", 2)
    assert len(limiter) == 100_000
    clock.move(2 * SECOND)
    limiter.acquire("busy", 2)
    for number in range(50_000):
        limiter.acquire(f"new {number}")
        limiter.reset(f"new {number}")
    assert not limiter.acquire("busy", 2).allowed
    assert len(limiter) == 1
