"""The token bucket in memory, beyond what the laws say."""

import pytest

from conformance.environment import VirtualClock
from conformance.judge import Budget, Outcome, check
from conformance.rate_limiting.mutants import Bucket
from conformance.trace import Target
from impls.rate_limiting.memory import TokenBucket, token_bucket
from impls.registry import Factory
from spec.rate_limiting.types import SECOND, Limit
from spec.specification import specifications
from tests.rate_limiting.textbook import TextbookBucket

BUCKET = specifications()["rate_limiting.token_bucket"]


@pytest.mark.parametrize("factory", [token_bucket, TextbookBucket, Bucket])
@pytest.mark.parametrize("seed", range(5))
def test_correct_buckets_keep_every_law(factory: Factory, seed: int) -> None:
    verdicts = check(Target(BUCKET, factory), Budget(examples=100, seed=seed)).verdicts
    not_held = {v.law: v.outcome for v in verdicts if v.outcome != Outcome.HOLDS}
    assert not_held == {"instances_act_as_one": Outcome.NOT_APPLICABLE}


def test_idle_keys_are_forgotten_and_busy_ones_are_not() -> None:
    clock = VirtualClock()
    bucket = TokenBucket(Limit(1, SECOND, 2), clock)
    for number in range(100_000):
        bucket.acquire(f"key {number}")
    clock.move(SECOND - 1)
    bucket.acquire("busy", 2)
    assert len(bucket) == 100_001
    clock.move(1)
    for _ in range(60_000):
        bucket.acquire("another", 0)
        bucket.acquire(f"new {_}")
        bucket.reset(f"new {_}")
    assert not bucket.acquire("busy", 2).allowed
    assert len(bucket) == 1
