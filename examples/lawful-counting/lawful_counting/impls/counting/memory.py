"""A counter in memory."""

from collections import defaultdict
from threading import Lock

from impls.registry import implementation
from lawful_counting.spec.counting import Start
from spec.environment import Environment


@implementation("counting.counter", "memory")
class Memory:
    """A dictionary behind a lock."""

    def __init__(self, config: Start, env: Environment) -> None:
        self.counts: defaultdict[str, int] = defaultdict(lambda: config.value)
        self.lock = Lock()

    def add(self, name: str, amount: int = 1) -> int:
        if amount < 0:
            raise ValueError("an amount is at least 0")
        with self.lock:
            self.counts[name] += amount
            return self.counts[name]
