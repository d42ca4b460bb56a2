"""Token buckets with one mistake each, all of them seen in real limiters or one slip of the pen away."""

from threading import Lock

from conformance.mutants import mutant
from spec.environment import Environment
from spec.rate_limiting.types import Decision, Limit, checked

TOKEN_BUCKET = "rate_limiting.token_bucket"


class Bucket:
    """A correct token bucket in small pieces, each for a mutant to get wrong. Levels count 1/period of a token."""

    def __init__(self, limit: Limit, env: Environment) -> None:
        self.limit, self.clock, self.lock = limit, env.clock, Lock()
        self.levels: dict[str, tuple[int, int]] = {}

    def capacity(self) -> int:
        return self.limit.burst * self.limit.period

    def first(self) -> int:
        return self.capacity()

    def name(self, key: str) -> str:
        return key

    def now(self) -> int:
        return self.clock.now()

    def elapsed(self, then: int, now: int) -> int:
        return max(0, now - then)

    def refilled(self, level: int, elapsed: int) -> int:
        return min(self.capacity(), level + elapsed * self.limit.limit)

    def level(self, key: str) -> tuple[int, int]:
        """The level now, and the instant up to which it counts what flowed in."""
        now = self.now()
        level, then = self.levels.get(self.name(key), (self.first(), now))
        return self.refilled(level, self.elapsed(then, now)), max(then, now)

    def admits(self, level: int, price: int) -> bool:
        return level >= price

    def left(self, level: int, price: int, allowed: bool) -> int:
        return level - price if allowed else level

    def retry_after(self, level: int, price: int) -> int | None:
        return -((level - price) // self.limit.limit) if price <= self.capacity() else None

    def reset_after(self, level: int) -> int:
        return max(0, -((level - self.capacity()) // self.limit.limit))

    def reported(self, before: int, after: int) -> int:
        return after // self.limit.period

    def acquire(self, key: str, cost: int = 1) -> Decision:
        price = checked(key, cost) * self.limit.period
        with self.lock:
            level, then = self.level(key)
            allowed = self.admits(level, price)
            after = self.left(level, price, allowed)
            self.levels[self.name(key)] = after, then
            wait = 0 if allowed else self.retry_after(level, price)
            return Decision(allowed, self.reported(level, after), wait, self.reset_after(after))

    def peek(self, key: str) -> Decision:
        checked(key)
        with self.lock:
            level, _ = self.level(key)
            allowed = self.admits(level, self.limit.period)
            wait = 0 if allowed else self.retry_after(level, self.limit.period)
            return Decision(allowed, self.reported(level, level), wait, self.reset_after(level))

    def reset(self, key: str) -> None:
        checked(key)
        with self.lock:
            self.levels.pop(self.name(key), None)


@mutant(TOKEN_BUCKET, killed_by="idle_restores_exactly_the_burst")
class RefillNotCapped(Bucket):
    """What flows in is added without a cap, so a pause saves up more than the burst."""

    def refilled(self, level: int, elapsed: int) -> int:
        return level + elapsed * self.limit.limit


@mutant(TOKEN_BUCKET, killed_by="conforming_traffic_is_admitted")
class GreaterInsteadOfAtLeast(Bucket):
    """A call that takes the last token is refused: `>` for `>=`."""

    def admits(self, level: int, price: int) -> bool:
        return level > price or not price


@mutant(TOKEN_BUCKET, killed_by="refusal_consumes_nothing")
class RefusalConsumes(Bucket):
    """A refused call takes its cost too."""

    def left(self, level: int, price: int, allowed: bool) -> int:
        return level - price if allowed else max(0, level - price)


@mutant(TOKEN_BUCKET, killed_by="conforming_traffic_is_admitted")
class StartsEmpty(Bucket):
    """A key that was never used has no tokens yet."""

    def first(self) -> int:
        return 0


@mutant(TOKEN_BUCKET, killed_by="retry_after_is_exact")
class RetryAfterFloored(Bucket):
    """`retry_after` is rounded down to whole milliseconds: clients come a moment too early."""

    def retry_after(self, level: int, price: int) -> int | None:
        wait = super().retry_after(level, price)
        return wait and max(1, wait // 1000 * 1000)


@mutant(TOKEN_BUCKET, killed_by="retry_after_is_exact")
class RetryAfterOneTooLarge(Bucket):
    """`retry_after` is a microsecond too large."""

    def retry_after(self, level: int, price: int) -> int | None:
        wait = super().retry_after(level, price)
        return wait and wait + 1


@mutant(TOKEN_BUCKET, killed_by="retry_after_is_exact")
class RetryAfterForOne(Bucket):
    """`retry_after` tells when a call of cost 1 would be admitted, whatever the cost was."""

    def retry_after(self, level: int, price: int) -> int | None:
        wait = super().retry_after(level, price)
        return wait and max(1, -((level - self.limit.period) // self.limit.limit))


@mutant(TOKEN_BUCKET, killed_by="agrees_with_model")
class CapIsLimit(Bucket):
    """The bucket holds `limit` tokens instead of `burst`."""

    def capacity(self) -> int:
        return self.limit.limit * self.limit.period


@mutant(TOKEN_BUCKET, killed_by="clock_stepping_back_grants_nothing")
class StepBackRefunds(Bucket):
    """Time that passed is taken without its sign, so a clock stepping back fills the bucket."""

    def elapsed(self, then: int, now: int) -> int:
        return abs(now - then)


@mutant(TOKEN_BUCKET, killed_by="remaining_is_truthful")
class RemainingBeforeTheCall(Bucket):
    """`remaining` is what was there before the call took its cost."""

    def reported(self, before: int, after: int) -> int:
        return before // self.limit.period


@mutant(TOKEN_BUCKET, killed_by="keys_are_independent")
class KeysFolded(Bucket):
    """Keys are trimmed, lowered and cut to 255 characters on their way into the table."""

    def name(self, key: str) -> str:
        return key.strip().lower()[:255]


@mutant(TOKEN_BUCKET, killed_by="agrees_with_model")
class MillisecondGranularity(Bucket):
    """The clock is read in whole milliseconds."""

    def now(self) -> int:
        return self.clock.now() // 1000 * 1000


@mutant(TOKEN_BUCKET, killed_by="never_exceeds_burst")
class Overdraft(Bucket):
    """A call of any cost is admitted as long as one token is left."""

    def admits(self, level: int, price: int) -> bool:
        return level >= min(price, self.limit.period)


@mutant(TOKEN_BUCKET, killed_by="peeking_changes_nothing")
class PeekConsumes(Bucket):
    """Peeking takes a token."""

    def peek(self, key: str) -> Decision:
        decision = super().peek(key)
        self.acquire(key, 1)
        return decision


@mutant(TOKEN_BUCKET, killed_by="reset_after_is_truthful")
class ResetAfterIsRetryAfter(Bucket):
    """`reset_after` tells when the next token arrives, not when the bucket is full."""

    def reset_after(self, level: int) -> int:
        return min(super().reset_after(level), -(-self.limit.period // self.limit.limit))


@mutant(TOKEN_BUCKET, killed_by="reset_forgets")
class ResetEmpties(Bucket):
    """`reset` starts the key anew with nothing in it."""

    def reset(self, key: str) -> None:
        checked(key)
        with self.lock:
            self.levels[self.name(key)] = 0, self.now()


@mutant(TOKEN_BUCKET, killed_by="answers_every_call")
class TooCostlyRaises(Bucket):
    """A call that can never be admitted raises instead of being refused."""

    def acquire(self, key: str, cost: int = 1) -> Decision:
        if checked(key, cost) > self.limit.burst:
            raise OverflowError(f"{cost} is more than {self.limit.burst}")
        return super().acquire(key, cost)


@mutant(TOKEN_BUCKET, killed_by="rejects_bad_input")
class NegativeCostRefunds(Bucket):
    """A negative cost is admitted, and gives tokens back."""

    def acquire(self, key: str, cost: int = 1) -> Decision:
        if type(cost) is int and cost < 0 and isinstance(key, str) and key:
            with self.lock:
                level, then = self.level(key)
                level = min(self.capacity(), level - cost * self.limit.period)
                self.levels[self.name(key)] = level, then
                return Decision(True, level // self.limit.period, 0, self.reset_after(level))
        return super().acquire(key, cost)


@mutant(TOKEN_BUCKET, killed_by="clock_stepping_back_grants_nothing")
class SecondsEarnedTwice(Bucket):
    """After a step back the bucket counts from the earlier reading, so the same second flows in again."""

    def level(self, key: str) -> tuple[int, int]:
        return super().level(key)[0], self.now()


@mutant(TOKEN_BUCKET, killed_by="clock_stepping_back_grants_nothing")
class LockedOutByStepBack(Bucket):
    """A step back is counted as time that has still to pass, twice over."""

    def elapsed(self, then: int, now: int) -> int:
        return now - then if now >= then else 100 * (now - then)


@mutant(TOKEN_BUCKET, killed_by="instances_act_as_one", capabilities={"shared"})
class CountedPerInstance(Bucket):
    """Every instance keeps an account of its own, so the limit grows with the number of machines."""
