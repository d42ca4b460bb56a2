"""Implementations of somebody who imports nothing of Lawful but the bucket that is borrowed here."""

# mypy: ignore-errors

import threading
from types import SimpleNamespace

from impls.rate_limiting.memory import TokenBucket


def correct(config, env):
    return TokenBucket(config, env.clock)


def whole_seconds(config, env):
    if config.period % 1_000_000:
        raise NotImplementedError("periods are whole seconds")
    return TokenBucket(config, env.clock)


_shared = {}


def in_process(config, env):
    return _shared.setdefault(env.namespace, TokenBucket(config, env.clock))


class Generous:
    def __init__(self, config, env):
        self.left = config.burst

    def acquire(self, key, cost=1):
        return SimpleNamespace(allowed=True, remaining=self.left, retry_after=0, reset_after=0)


class Wordy:
    def __init__(self, config, env):
        pass

    def acquire(self, key, cost=1):
        return "yes"


def broken(config, env):
    raise OSError("no disk")


def empty(config, env):
    return object()


def needy(config, env):
    return env.redis_url


number = 7


class Deaf:
    """Waits for a clock that does not move while it waits."""

    def __init__(self, config, env):
        self.clock, self.bucket = env.clock, TokenBucket(config, env.clock)

    def acquire(self, key, cost=1):
        decision = self.bucket.acquire(key, cost)
        until = self.clock.now() + (decision.retry_after or 0)
        while self.clock.now() < until:
            pass
        return decision


def asleep(config, env):
    threading.Event().wait()


def hangs_in_close(config, env):
    return SimpleNamespace(acquire=TokenBucket(config, env.clock).acquire, close=threading.Event().wait)


class SeldomWrong(TokenBucket):
    def __init__(self, config, env):
        super().__init__(config, env.clock)
        self.wrong = config.burst == 20

    def acquire(self, key, cost=1):
        decision = super().acquire(key, cost)
        return decision._replace(allowed=True, retry_after=0) if self.wrong else decision
