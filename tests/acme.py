"""Implementations of somebody who imports nothing of Lawful but the bucket that is borrowed here."""

# mypy: ignore-errors

from types import SimpleNamespace

from impls.rate_limiting.memory import TokenBucket


def correct(config, env):
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
