"""What a server with `maxmemory` is configured with, asked, and answers."""

from dataclasses import dataclass
from typing import Protocol

from spec.caching.eviction.types import Hit
from spec.encoding import encodable

DOCUMENTATION = "Redis documentation, Key eviction, redis.io/docs/latest/develop/reference/eviction"
"""Where the promises come from."""

POLICIES = (
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
)

LEAST = 16 * 1024
"""The smallest limit that makes sense: a server has use for some memory beside what it keeps."""


@encodable
@dataclass(frozen=True, slots=True)
class Maxmemory:
    """At most `bytes` bytes, beyond those that an empty server uses. When there are more, keys go as the policy says.

    samples: how many keys are looked at to find the best one to evict.

    Raises:
        TypeError: bytes or samples is not an integer.
        ValueError: one of them is too low, or there is no such policy.
    """

    bytes: int
    policy: str
    samples: int = 5

    def __post_init__(self) -> None:
        for name, value, least in (("bytes", self.bytes, LEAST), ("samples", self.samples, 1)):
            if type(value) is not int:
                raise TypeError(f"{name} must be an integer, not {value!r}")
            if value < least:
                raise ValueError(f"{name} must be at least {least}, not {value}")
        if self.policy not in POLICIES:
            raise ValueError(f"policy must be one of {', '.join(POLICIES)}, not {self.policy!r}")

    @property
    def scope(self) -> str:
        """Which keys may be evicted: "allkeys", "volatile" (those with a ttl) or "noeviction" (none)."""
        return self.policy.partition("-")[0]

    @property
    def order(self) -> str:
        """Which of those go first: "lru", "lfu", "random", "ttl", or "" where none may go."""
        return self.policy.partition("-")[2]

    def __str__(self) -> str:
        return f"Maxmemory(bytes={self.bytes}, policy={self.policy}, samples={self.samples})"


class KeptInMemory(Protocol):
    """What a server that may be full is asked."""

    def put(self, key: str, value: int, size: int, ttl: int | None = None) -> bool:
        """Store the value, as `size` bytes, for ttl microseconds; None: for ever. Whether it was accepted.

        It is refused only for want of memory. Then what was stored under the key before stays.

        Raises:
            ValueError: size or ttl is below 1. Nothing changes.
        """
        ...

    def get(self, key: str) -> Hit | None:
        """The value, which counts as used; None if there is none."""
        ...

    def delete(self, key: str) -> bool:
        """Forget the key; whether it was there."""
        ...

    def __contains__(self, key: str) -> bool:
        """Whether the key is there. It does not count as used."""
        ...

    def used(self) -> int:
        """The bytes that count against the limit, beyond those that an empty server uses."""
        ...


def checked(size: int, ttl: int | None) -> None:
    """Whether those are what `put` takes.

    Raises:
        ValueError: saying which is too low.
    """
    for name, value in (("size", size), ("ttl", ttl)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
