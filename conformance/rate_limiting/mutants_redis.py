"""Rate limiters on Redis with one mistake each: in the script, or in doing without one."""

from struct import pack, unpack
from typing import Any, ClassVar
from uuid import uuid4

import redis

from conformance.mutants import mutant
from impls.rate_limiting.answers import decision, log_decision, window_decision
from impls.rate_limiting.redis import FixedWindow, SlidingCounter, SlidingLog, TokenBucket
from impls.rate_limiting.redis_base import HOUR, OnRedis
from spec.environment import Environment
from spec.rate_limiting.types import Decision, checked

TOKEN_BUCKET, FIXED = "rate_limiting.token_bucket", "rate_limiting.fixed_window"
LOG, COUNTER = "rate_limiting.sliding_window_log", "rate_limiting.sliding_window_counter"


class Slip(OnRedis):
    """Goes before a correct limiter. `slip`: passages of its script, and what stands there instead."""

    slip: ClassVar[dict[str, str]] = {}

    def __init__(self, config: Any, env: Environment) -> None:
        super().__init__(config, redis.Redis.from_url(env.redis_url), env.namespace, env.clock)
        script = str(self._script.script)
        for passage, instead in self.slip.items():
            if passage not in script:
                raise ValueError(f"{passage!r} is not in {self.script}.lua")
            script = script.replace(passage, instead)
        self._script = self._client.register_script(script)

    def now(self) -> int:
        assert self._clock is not None
        return self._clock.now()


@mutant(TOKEN_BUCKET, killed_by="concurrent_calls_share_what_is_left", capabilities={"shared"})
class ReadThenWrite(Slip, TokenBucket):
    """The bucket is read, then written: whoever reads in between takes the same tokens again."""

    def acquire(self, key: str, cost: int = 1) -> Decision:
        limit, name, now = self._config, self._name(key), self.now()
        price = checked(key, cost) * limit.period
        stored = self._client.get(name)
        missing, at = unpack("<2q", stored) if stored else (0, now)
        missing, at = max(0, missing - max(0, now - at) * limit.limit), max(now, at)
        fits = missing + price <= limit.burst * limit.period
        if fits and cost:
            self._client.set(name, pack("<2q", missing + price, at), px=HOUR)
        return decision(limit, missing, cost, fits=fits, take=True)


@mutant(FIXED, killed_by="concurrent_calls_share_what_is_left", capabilities={"shared"})
class CheckThenIncrement(Slip, FixedWindow):
    """The counter is looked at before it is incremented, not after."""

    def acquire(self, key: str, cost: int = 1) -> Decision:
        limit, now = self._config, self.now()
        begin = now - now % limit.period
        name = f"{self._prefix}{begin}:".encode() + self._name(key)
        units = int(self._client.get(name) or 0)
        fits = units + checked(key, cost) <= limit.limit
        if fits and cost:
            units = self._client.incrby(name, cost)
            self._client.pexpire(name, HOUR)
        return window_decision(limit, min(units, limit.limit), begin + limit.period - now, cost, fits=fits)


@mutant(LOG, killed_by="concurrent_calls_share_what_is_left", capabilities={"shared"})
class CountThenAdd(Slip, SlidingLog):
    """A sorted set is trimmed and counted in one transaction, and added to in another."""

    def acquire(self, key: str, cost: int = 1) -> Decision:
        limit, name, now = self._config, self._name(key), self.now()
        checked(key, cost)
        with self._client.pipeline() as transaction:
            transaction.zremrangebyscore(name, "-inf", now - limit.period)
            transaction.zrange(name, 0, -1, withscores=True)
            _, entries = transaction.execute()
        fits = len(entries) + cost <= limit.limit
        if fits and cost:
            entries += [(uuid4().hex, now)] * cost
            self._client.zadd(name, {uuid4().hex: now for _ in range(cost)})
            self._client.pexpire(name, HOUR)
        over_in = int(entries[-1][1]) + limit.period - now if entries else 0
        free = len(entries) + cost - limit.limit
        wait = 0 if fits or cost > limit.limit else int(entries[free - 1][1]) + limit.period - now
        return log_decision(limit, len(entries), wait, over_in, cost, fits=fits)


@mutant(TOKEN_BUCKET, killed_by="idle_keys_expire", capabilities={"shared"})
class ExpireMissing(Slip, TokenBucket):
    """Keys stay for ever."""

    slip: ClassVar = {', "PX", math.max(lasts, shortest))': ")"}


@mutant(TOKEN_BUCKET, killed_by="idle_keys_expire", capabilities={"shared"})
class ExpiresWithTheNextToken(Slip, TokenBucket):
    """Keys live until the next token, not until the bucket is full."""

    slip: ClassVar = {"after / limit": "period / limit", "math.max(lasts, shortest)": "lasts"}


@mutant(COUNTER, killed_by="idle_keys_expire", capabilities={"shared"})
class ExpiresWithTheWindow(Slip, SlidingCounter):
    """Keys live to the end of the window, though they count in the next one too."""

    slip: ClassVar = {"2 * period": "period", "), shortest)": "), 0)"}


@mutant(FIXED, killed_by="conforming_traffic_is_admitted", capabilities={"shared", "anchored"})
class EndMovesWithEveryHit(Slip, FixedWindow):
    """The time that the window has left is renewed by every call in it, as by an EXPIRE after each INCR."""

    variant = 1
    slip: ClassVar = {'struct.pack("<i8i8", begin, units)': 'struct.pack("<i8i8", now, units)'}


@mutant(TOKEN_BUCKET, killed_by="agrees_with_model", capabilities={"shared"})
class FourteenDigits(Slip, TokenBucket):
    """Numbers are written as Lua does by itself, in 14 digits: of the instant, that leaves out the microseconds."""

    slip: ClassVar = {
        'struct.pack("<i8i8", after, at)': 'after .. ":" .. at',
        'missing, at = struct.unpack("<i8i8", stored)': 'missing, at = stored:match("(.+):(.+)")\n'
        "missing, at = tonumber(missing), tonumber(at)",
    }


@mutant(TOKEN_BUCKET, killed_by="keys_are_independent", capabilities={"shared"})
class NamedByHashTag(Slip, TokenBucket):
    """Of a key with braces only what is between them becomes part of the name, as if a slot were a name."""

    def _name(self, key: str) -> bytes:
        begin, end = key.find("{"), key.find("}")
        return super()._name(key[begin + 1 : end] if 0 <= begin < end else key)


@mutant(TOKEN_BUCKET, killed_by="never_exceeds_burst", capabilities={"shared"})
class ResetByPattern(Slip, TokenBucket):
    """`reset` deletes every name that begins like that of the key."""

    def reset(self, key: str) -> None:
        checked(key)
        for name in self._client.scan_iter(self._name(key) + b"*"):
            self._client.delete(name)


@mutant(TOKEN_BUCKET, killed_by="reset_forgets", capabilities={"shared"})
class RefusalsCachedLocally(Slip, TokenBucket):
    """An instance that was refused refuses by itself until `retry_after`, even after another has reset the key."""

    def __init__(self, config: Any, env: Environment) -> None:
        super().__init__(config, env)
        self.refused: dict[str, tuple[int, Decision]] = {}

    def acquire(self, key: str, cost: int = 1) -> Decision:
        until, cached = self.refused.get(key, (0, None))
        if cached and self.now() < until:
            return cached
        answer = super().acquire(key, cost)
        if answer.retry_after:
            self.refused[key] = self.now() + answer.retry_after, answer
        return answer


@mutant(TOKEN_BUCKET, killed_by="instances_act_as_one", capabilities={"shared"})
class PrefixOfTheInstance(Slip, TokenBucket):
    """The prefix holds a random number of the process, so keys are shared with nobody and survive no restart."""

    def __init__(self, config: Any, env: Environment) -> None:
        super().__init__(config, env)
        self._prefix = f"{self._prefix}{uuid4().hex}:"
