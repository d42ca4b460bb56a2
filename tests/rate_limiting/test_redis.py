"""The token bucket on Redis, beyond what the laws say."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from conformance.environment import VirtualClock, World
from impls.rate_limiting.redis import SlidingCounter, TokenBucket
from impls.rate_limiting.redis_base import HOUR
from spec.rate_limiting.types import SECOND, Limit, Window
from tests.commands import calls, grown

LIMIT = Limit(1, SECOND, 2)


@pytest.fixture
def client(world: World) -> Iterator[Any]:
    with redis.Redis.from_url(world.url("redis")) as client:
        yield client
        for key in client.scan_iter("test-redis:*"):
            client.delete(key)


def test_a_decision_is_one_evalsha_and_nothing_else(client: Any) -> None:
    bucket = TokenBucket(LIMIT, client, "test-redis", VirtualClock())
    bucket.acquire("key")
    before = calls(client)
    bucket.acquire("key")
    bucket.acquire("key")
    bucket.peek("key")
    # What the script calls inside the server is counted too; from outside came three EVALSHA.
    assert grown(before, calls(client)) == {"cmdstat_evalsha": 3, "cmdstat_get": 3, "cmdstat_set": 1}


def test_a_server_that_lost_its_scripts_is_given_them_again(client: Any) -> None:
    bucket = TokenBucket(LIMIT, client, "test-redis", VirtualClock())
    assert bucket.acquire("key").remaining == 1
    client.script_flush()
    assert bucket.acquire("key").remaining == 0


@pytest.mark.parametrize(("kind", "config"), [(TokenBucket, LIMIT), (SlidingCounter, Window(2, SECOND))])
def test_a_client_that_decodes_will_do(client: Any, world: World, kind: Any, config: Any) -> None:
    with redis.Redis.from_url(world.url("redis"), decode_responses=True) as decoding:
        assert kind(config, decoding, "test-redis", VirtualClock()).acquire("key").remaining == 1


def test_in_production_a_key_expires_as_soon_as_it_is_full_and_not_before(client: Any) -> None:
    bucket = TokenBucket(LIMIT, client, "test-redis")
    until_full = bucket.acquire("key", 2).reset_after / 1000
    (name,) = client.scan_iter("test-redis:*")
    assert until_full - 1000 < client.pttl(name) <= until_full + 2
    assert until_full == 2000


def test_under_an_injected_clock_a_key_outlives_any_pause_of_the_test(client: Any) -> None:
    TokenBucket(LIMIT, client, "test-redis", VirtualClock()).acquire("key")
    (name,) = client.scan_iter("test-redis:*")
    assert HOUR - 10_000 < client.pttl(name) <= HOUR


def test_a_refusal_stores_nothing(client: Any) -> None:
    bucket = TokenBucket(LIMIT, client, "test-redis", VirtualClock())
    bucket.acquire("key", 3)
    bucket.peek("key")
    bucket.acquire("key", 0)
    assert list(client.scan_iter("test-redis:*")) == []


def test_limits_of_different_configuration_share_a_prefix_without_harm(client: Any) -> None:
    small = TokenBucket(Limit(1, SECOND, 1), client, "test-redis", VirtualClock())
    large = TokenBucket(Limit(1, SECOND, 9), client, "test-redis", VirtualClock())
    assert small.acquire("key").remaining == 0
    assert large.acquire("key").remaining == 8


@pytest.mark.parametrize("limit", [Limit(2**53 - 1, 1, 1), Limit(3, 1, 2**53 - 1), Limit(1, 2**53 - 1, 1)])
def test_the_largest_numbers_are_exact(client: Any, limit: Limit) -> None:
    clock = VirtualClock()
    bucket = TokenBucket(limit, client, "test-redis", clock)
    assert bucket.acquire("key", limit.burst).remaining == 0
    wait = bucket.acquire("key", limit.burst).retry_after
    assert wait == limit.fill_time
    clock.move(wait - 1)
    assert not bucket.acquire("key", limit.burst).allowed
    clock.move(1)
    assert bucket.acquire("key", limit.burst).allowed
    clock.move(2**52)
    assert bucket.peek("key").remaining == min(limit.burst, 2**52 * limit.limit // limit.period)
