"""What a decision costs: asv's benchmarks of rate limiters, made from the registry of workloads."""

import tracemalloc

from benchmarks.as_asv import Base, classes
from benchmarks.workloads import limiter
from benchmarks.world import Servers

globals().update(classes("rate_limiting"))


class Keys(Base):
    """What keys take of memory: of this process, or of Redis."""

    params = (["memory", "redis"], [1000, 10_000])
    param_names = ("implementation", "keys")
    version = "1"

    def track_bytes_per_key(self, servers: Servers, name: str, keys: int) -> float:
        """On Redis the mean of what it says itself, name and expiry included."""
        if name == "redis":
            return _on_redis(servers, keys)
        made = limiter("token_bucket", name, servers)
        names = [f"key {number}" for number in range(keys)]
        tracemalloc.start()
        try:
            for key in names:
                made.acquire(key)
            return tracemalloc.get_traced_memory()[0] / keys
        finally:
            tracemalloc.stop()

    def peakmem_keys(self, servers: Servers, name: str, keys: int) -> None:
        made = limiter("token_bucket", name, servers)
        for number in range(keys):
            made.acquire(f"key {number}")

    track_bytes_per_key.unit = "bytes/key"  # type: ignore[attr-defined]


def _on_redis(servers: Servers, keys: int) -> float:
    import redis

    made = limiter("token_bucket", "redis", servers)
    with redis.Redis.from_url(servers.redis) as client:
        before = set(client.scan_iter(count=1000))
        for number in range(min(keys, 1000)):
            made.acquire(f"key {number}")
        new = [key for key in client.scan_iter(count=1000) if key not in before]
        taken = [client.memory_usage(key) or 0 for key in new]
    return sum(taken) / len(taken)
