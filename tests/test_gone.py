"""A server that goes away while it is used is not held against anybody."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis

from impls import registry
from impls.embedded import start_valkey
from impls.rate_limiting.redis import token_bucket
from impls.registry import Implementation

NAME = "rate_limiting.token_bucket"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with ExitStack() as stack:
        yield start_valkey(tmp_path, stack)


def breaker(config: Any, env: Any) -> Any:
    """A right limiter, during whose hundredth call in an example the server ends."""
    limiter, asked = token_bucket(config, env), [0]
    acquire = limiter.acquire

    def ask(key: str, cost: int = 1) -> Any:
        asked[0] += 1
        if asked[0] == 100:
            redis.Redis.from_url(env.redis_url).shutdown(nosave=True)
        return acquire(key, cost)

    limiter.acquire = ask
    return limiter


def test_what_was_on_it_is_not_run_and_what_was_finished_is_kept(
    lawful: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {(NAME, one.name): one for one in registry.implementations(NAME) if one.backend != "postgres"}
    known[NAME, "breaker"] = Implementation(NAME, "breaker", breaker, "redis")
    monkeypatch.setattr(registry, "_REGISTERED", known)
    answer = lawful("check", "token_bucket", "--jobs", "1", "--redis-url", url)
    assert answer.status == 2
    for name in ("breaker", "redis"):
        assert f"token_bucket  {name}  NOT RUN  Redis at {url} answers no more" in answer.out
    assert "14 holds, 3 not applicable, 34 not run" in answer.out
    assert "VIOLATED" not in answer.out
    assert answer.err == ""
