"""Libraries by others, used as they document it, on the machine's clock: our limiters are measured beside them.

The adapters in `impls` are not: they put a clock of theirs in the place of the machine's, which costs time.
"""

from collections.abc import Callable
from typing import Any

from benchmarks.world import Servers

MILLION = 10**6
ADMITS = 1000
"""Of a log in a second."""

Ask = Callable[[str], object]


def token_bucket(algorithm: str, servers: Servers) -> Ask:
    """https://github.com/falconry/token-bucket"""
    from token_bucket import Limiter, MemoryStorage

    return Limiter(MILLION, MILLION, MemoryStorage()).consume


def limits(algorithm: str, servers: Servers) -> Ask:
    """https://limits.readthedocs.io, in memory"""
    from limits.storage import MemoryStorage

    return _limits(algorithm, MemoryStorage())


def limits_redis(algorithm: str, servers: Servers) -> Ask:
    """https://limits.readthedocs.io, on Redis"""
    from limits.storage import RedisStorage

    return _limits(algorithm, RedisStorage(servers.redis))


def _limits(algorithm: str, storage: Any) -> Ask:
    from limits import RateLimitItemPerSecond, strategies

    kinds: dict[str, Any] = {
        "fixed_window": strategies.FixedWindowRateLimiter,
        "sliding_window_log": strategies.MovingWindowRateLimiter,
        "sliding_window_counter": strategies.SlidingWindowCounterRateLimiter,
    }
    strategy = kinds[algorithm](storage)
    item = RateLimitItemPerSecond(ADMITS if algorithm == "sliding_window_log" else MILLION)
    return lambda key: strategy.hit(item, key)


def throttled(algorithm: str, servers: Servers) -> Ask:
    """https://pypi.org/project/throttled-py, in memory"""
    from throttled import MemoryStore

    return _throttled(algorithm, MemoryStore())


def throttled_redis(algorithm: str, servers: Servers) -> Ask:
    """https://pypi.org/project/throttled-py, on Redis"""
    from throttled import RedisStore

    return _throttled(algorithm, RedisStore(server=servers.redis))


def _throttled(algorithm: str, store: Any) -> Ask:
    from throttled import Throttled, rate_limiter

    using = {"leaky_bucket": "leaking_bucket", "sliding_window_counter": "sliding_window"}.get(algorithm, algorithm)
    return Throttled(using=using, quota=rate_limiter.per_sec(MILLION, burst=MILLION), store=store).limit


def pyrate(algorithm: str, servers: Servers) -> Ask:
    """https://pypi.org/project/pyrate-limiter, in memory"""
    from pyrate_limiter import GCRA, Duration, InMemoryBucket, Limiter, Rate, StateBucket

    if algorithm == "sliding_window_log":
        bucket: Any = InMemoryBucket([Rate(ADMITS, Duration.SECOND)])
    else:
        bucket = StateBucket([Rate(MILLION, Duration.SECOND)], GCRA())
    limiter = Limiter(bucket)
    return lambda key: limiter.try_acquire(key, blocking=False)


PEERS: dict[str, tuple[Callable[[str, Servers], Ask], tuple[str, ...]]] = {
    "limits": (limits, ("fixed_window", "sliding_window_log", "sliding_window_counter")),
    "limits-redis": (limits_redis, ("fixed_window", "sliding_window_log", "sliding_window_counter")),
    "pyrate-limiter": (pyrate, ("token_bucket", "gcra", "sliding_window_log")),
    "throttled": (
        throttled,
        ("token_bucket", "leaky_bucket", "gcra", "fixed_window", "sliding_window_counter"),
    ),
    "throttled-redis": (
        throttled_redis,
        ("token_bucket", "leaky_bucket", "gcra", "fixed_window", "sliding_window_counter"),
    ),
    "token-bucket": (token_bucket, ("token_bucket",)),
}
"""By name: what makes it, and the algorithms that it has."""


def peers(algorithm: str) -> tuple[str, ...]:
    """The names of those that have the algorithm."""
    return tuple(name for name, (_, algorithms) in PEERS.items() if algorithm in algorithms)


def peer(name: str, algorithm: str, servers: Servers) -> Ask:
    """One of them; NotImplementedError if it is not installed."""
    try:
        return PEERS[name][0](algorithm, servers)
    except ImportError as error:
        raise NotImplementedError(f"{error.name} is not installed") from error
