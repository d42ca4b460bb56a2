"""What limiters on Redis or Valkey have in common: one key, one script, one round trip."""

from functools import cache
from pathlib import Path
from struct import pack
from typing import Any

import redis
from redis.exceptions import NoScriptError

from spec.environment import Clock
from spec.rate_limiting.types import Decision, checked

HOUR = 3_600_000
"""How long a key is kept at least under an injected clock, in milliseconds: its time to live runs on real time."""


class OnRedis:
    """A limiter whose state is one Redis key for each of its keys, changed by one script.

    Without a clock the server's own is used, the same for all clients. With one, the time is sent along.

    Redis keys are `<prefix>:<script>.<variant>:<numbers of the configuration>:<key>`: limiters of different kind or
    configuration do not disturb each other. A script touches one key only, so any cluster slot will do. Keys expire
    once they are as good as new.
    """

    script: str
    """The name of the script's file, without .lua."""

    variant = 0
    """Which variant of its algorithm the script is to follow."""

    def __init__(self, config: Any, client: "redis.Redis", prefix: str, clock: Clock | None = None) -> None:
        self._config, self._clock = config, clock
        self._client: Any = client
        numbers = [getattr(config, name) for name in config.__slots__]
        self._prefix = f"{prefix}:{self.script}.{self.variant}:{'-'.join(map(str, numbers))}:"
        self._script = client.register_script(_source("asked") + _source(self.script))
        burst = getattr(config, "burst", 0)
        shortest = 0 if clock is None else HOUR
        self._constant = pack("<5q", config.limit, config.period, burst, shortest, self.variant)

    def acquire(self, key: str, cost: int = 1) -> Decision:
        """Take `cost` units if there are that many; see `spec.rate_limiting.RateLimiter`."""
        return self._ask(key, checked(key, cost), take=True)

    def peek(self, key: str) -> Decision:
        """What `acquire(key)` would be answered, taking nothing."""
        return self._ask(key, checked(key), take=False)

    def reset(self, key: str) -> None:
        """Forget the key."""
        checked(key)
        self._client.delete(self._name(key))

    def ttl(self, key: str) -> int:
        """Microseconds until Redis forgets the key; 0 if it has none."""
        checked(key)
        left = int(self._client.pttl(self._name(key)))  # milliseconds; -1 is never, -2 no such key
        return {-1: -1, -2: 0}.get(left, 1000 * left)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _decision(self, reply: Any, cost: int, *, take: bool) -> Decision:
        """The answer, from what the script returns."""
        raise NotImplementedError

    def _name(self, key: str) -> bytes:
        return (self._prefix + key).encode("utf-8", "surrogatepass")

    def _ask(self, key: str, cost: int, *, take: bool) -> Decision:
        now = -1 if self._clock is None else self._clock.now()
        asked = min(cost, self._config.capacity + 1)  # what can never fit need not be sent exactly
        call = "EVALSHA", self._script.sha, 1, self._name(key), self._constant + pack("<3q", asked, take, now)
        try:
            reply = self._client.execute_command(*call, NEVER_DECODE=True)
        except NoScriptError:  # a new server, or one that was told to forget its scripts
            self._client.script_load(self._script.script)
            reply = self._client.execute_command(*call, NEVER_DECODE=True)
        return self._decision(reply, cost, take=take)


@cache
def _source(name: str) -> str:
    return Path(__file__).with_name(f"{name}.lua").read_text()
