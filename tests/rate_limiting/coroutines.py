"""Limiters whose methods are coroutines: correct ones, and some with mistakes that only these can have."""

import asyncio

from spec.environment import Environment
from spec.rate_limiting.types import SECOND, Decision, Limit
from tests.rate_limiting.textbook import TextbookBucket


class AsyncBucket:
    """The textbook's, behind a lock of asyncio, and giving way to others in the middle of each call."""

    def __init__(self, limit: Limit, env: Environment) -> None:
        self.bucket, self.lock = TextbookBucket(limit, env), asyncio.Lock()

    async def acquire(self, key: str, cost: int = 1) -> Decision:
        async with self.lock:
            await asyncio.sleep(0)
            return self.bucket.acquire(key, cost)

    async def peek(self, key: str) -> Decision:
        return self.bucket.peek(key)

    async def reset(self, key: str) -> None:
        self.bucket.reset(key)


async def made_by_a_coroutine(limit: Limit, env: Environment) -> AsyncBucket:
    await asyncio.sleep(0)
    return AsyncBucket(limit, env)


class NeedsALoop(AsyncBucket):
    """Made where a loop runs, as libraries do that start a task of their own."""

    def __init__(self, limit: Limit, env: Environment) -> None:
        super().__init__(limit, env)
        self.task = asyncio.create_task(asyncio.sleep(3600))

    async def close(self) -> None:
        self.task.cancel()


class RefilledByTimer(AsyncBucket):
    """A mistake: a task refills once in a period, so what came back earlier is refused."""

    def __init__(self, limit: Limit, env: Environment) -> None:
        super().__init__(limit, env)
        self.limit, self.left = limit, dict[str, int]()
        self.task = asyncio.create_task(self.refill())

    async def refill(self) -> None:
        while True:
            await asyncio.sleep(self.limit.period / SECOND)
            self.left = {key: min(self.limit.burst, left + self.limit.limit) for key, left in self.left.items()}

    async def acquire(self, key: str, cost: int = 1) -> Decision:
        decision = await super().acquire(key, cost)
        left = self.left.get(key, self.limit.burst)
        allowed = left >= cost
        self.left[key] = left - cost * allowed
        return decision._replace(allowed=allowed, remaining=self.left[key])


class NeverAnswers(AsyncBucket):
    """Waits for what nobody brings."""

    async def acquire(self, key: str, cost: int = 1) -> Decision:
        await asyncio.get_running_loop().create_future()
        raise AssertionError
