"""What HTTP tells of a decision is true, and well-formed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.environment import VirtualClock
from conformance.rate_limiting.strategies import LIMITS, WINDOWS
from impls.rate_limiting.headers import rate_limit_headers
from impls.rate_limiting.memory import TokenBucket
from impls.rate_limiting.memory_windows import FixedWindow
from spec.rate_limiting.types import SECOND, Decision, Limit, Window

COSTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3 * SECOND)), min_size=1, max_size=12)
ITEM = r'"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"(;[a-z]+=\d{1,15})+'


@given(st.sampled_from([*LIMITS, *WINDOWS]), COSTS)
def test_fields_are_well_formed_and_a_client_that_obeys_is_admitted(
    limit: Limit | Window, calls: list[tuple[int, int]]
) -> None:
    clock = VirtualClock()
    limiter = TokenBucket(limit, clock) if isinstance(limit, Limit) else FixedWindow(limit, clock)
    for cost, pause in calls:
        clock.move(pause)
        decision = limiter.acquire("key", cost)
        status, headers = rate_limit_headers(decision, limit)
        assert (status == 429) == (not decision.allowed)
        for name in ("RateLimit", "RateLimit-Policy"):
            assert re.fullmatch(ITEM, headers[name])
        assert 0 <= int(headers["X-RateLimit-Remaining"]) <= int(headers["X-RateLimit-Limit"]) == limit.capacity
        assert ("Retry-After" in headers) == (not decision.allowed and cost <= limit.capacity)
        if "Retry-After" in headers:
            wait = int(headers["Retry-After"])
            assert wait >= 1
            assert headers["RateLimit"].endswith(f";t={wait}")
            clock.move(wait * SECOND)
            assert limiter.acquire("key", cost).allowed


def test_an_admitted_call() -> None:
    answer = rate_limit_headers(Decision(True, 7, 0, 2_500_001), Limit(10, 60 * SECOND, 10), policy='a "b"')
    assert answer == (
        200,
        {
            "X-RateLimit-Limit": "10",
            "X-RateLimit-Remaining": "7",
            "X-RateLimit-Reset": "3",
            "RateLimit-Policy": '"a \\"b\\"";q=10;w=60',
            "RateLimit": '"a \\"b\\"";r=7;t=3',
        },
    )


def test_a_refused_call_rounds_up_and_one_that_never_fits_names_no_wait() -> None:
    refused = rate_limit_headers(Decision(False, 0, 1, 9 * SECOND), Window(10, 60 * SECOND))
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    never = rate_limit_headers(Decision(False, 10, None, 0), Window(10, 60 * SECOND))
    assert never.status == 429
    assert "Retry-After" not in never.headers


@pytest.mark.parametrize("policy", ["ü", "a\r\nX-Evil: 1", "\x7f"])
def test_a_policy_that_is_no_structured_string_is_refused(policy: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        rate_limit_headers(Decision(True, 1, 0, 0), Window(1, SECOND), policy=policy)
