"""What limiters in memory have in common: a table of keys under one lock, and the forgetting of idle ones."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

from impls.clock import SystemClock
from impls.registry import Factory, implementation
from spec.environment import Clock, Environment
from spec.rate_limiting.types import Decision, checked

Config = TypeVar("Config")
State = TypeVar("State")


class InMemory(Generic[Config, State]):
    """Safe for threads; constant time for a call. A key that is as good as new is forgotten within the next few calls
    that take something, since these look at the keys that were least recently taken from.

    Subclasses decide: from a state (None: never used) to the decision and the state after it, None if there is none.
    """

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        self._config = config
        self._clock = clock or SystemClock()
        self._states: OrderedDict[str, State] = OrderedDict()  # the least recently taken from first
        self._lock = Lock()

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._states)

    def acquire(self, key: str, cost: int = 1) -> Decision:
        """Take `cost` units if there are that many; see `spec.rate_limiting.RateLimiter`."""
        checked(key, cost)
        with self._lock:
            now, state = self._clock.now(), self._states.get(key)
            decision, after = self._decide(state, now, cost, take=True)
            if after is not None and cost and decision.allowed:
                self._states[key] = after
                self._states.move_to_end(key)
                self._forget(now)
        return decision

    def peek(self, key: str) -> Decision:
        """What `acquire(key)` would be answered, taking nothing."""
        checked(key)
        with self._lock:
            return self._decide(self._states.get(key), self._clock.now(), 1, take=False)[0]

    def reset(self, key: str) -> None:
        """Forget the key."""
        checked(key)
        with self._lock:
            self._states.pop(key, None)

    def _decide(self, state: State | None, now: int, cost: int, *, take: bool) -> tuple[Decision, State | None]:
        raise NotImplementedError

    def _is_over(self, state: State, now: int) -> bool:
        """Whether the key is as good as new at that instant."""
        raise NotImplementedError

    def _forget(self, now: int) -> None:
        for _ in range(2):  # one call adds at most one key, so two are enough to catch up
            key, state = next(iter(self._states.items()))
            if not self._is_over(state, now):
                return
            del self._states[key]


def in_memory(
    specification: str, limiter: Callable[[Any, Clock], Any], name: str = "memory", *declared: str
) -> Factory:
    """Register a class for a specification; the factory."""

    @implementation(f"rate_limiting.{specification}", name, capabilities=declared)
    def make(config: Any, env: Environment) -> Any:
        return limiter(config, env.clock)

    return make
