"""What limiters in memory have in common: a table of keys under one lock, and the forgetting of idle ones."""

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
    """Safe for threads; constant time for a call, averaged over many.

    A key from which nothing was taken for its lifetime is as good as new. Keys are kept in two generations: what a call
    takes from is, or becomes, young; once in a lifetime the young become old, and the old are forgotten at one go. So
    idle keys are gone at the first call that takes something after two lifetimes, and no order has to be kept.

    Subclasses decide: from a state (None: never used) to the decision and the state after taking what is asked.
    """

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        self._config = config
        self._now = (clock or SystemClock()).now
        self._lock = Lock()
        self._young: dict[str, State] = {}
        self._old: dict[str, State] = {}
        self._turn = 0  # when the young will be old

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._young.keys() | self._old.keys())

    def acquire(self, key: str, cost: int = 1) -> Decision:
        """Take `cost` units if there are that many; see `spec.rate_limiting.RateLimiter`."""
        if type(key) is not str or not key or type(cost) is not int or cost < 0:
            checked(key, cost)
        with self._lock:
            now = self._now()
            if now >= self._turn:
                self._age(now)
            decision, after = self._decide(self._state(key), now, cost, True)
            if decision.allowed and cost:
                self._young[key] = after
        return decision

    def peek(self, key: str) -> Decision:
        """What `acquire(key)` would be answered, taking nothing."""
        checked(key)
        with self._lock:
            return self._decide(self._state(key), self._now(), 1, False)[0]

    def reset(self, key: str) -> None:
        """Forget the key."""
        checked(key)
        with self._lock:
            self._young.pop(key, None)
            self._old.pop(key, None)

    def _decide(self, state: State | None, now: int, cost: int, take: bool) -> tuple[Decision, State]:
        raise NotImplementedError

    def _lifetime(self) -> int:
        """Microseconds after which a key is as good as new if nothing is taken from it."""
        raise NotImplementedError

    def _state(self, key: str) -> State | None:
        state = self._young.get(key)
        return self._old.get(key) if state is None else state

    def _age(self, now: int) -> None:
        lifetime = self._lifetime()
        self._old = self._young if now < self._turn + lifetime else {}
        self._young = {}
        self._turn = now + lifetime


def in_memory(
    specification: str, limiter: Callable[[Any, Clock], Any], name: str = "memory", *declared: str
) -> Factory:
    """Register a class for a specification; the factory."""

    @implementation(f"rate_limiting.{specification}", name, capabilities=declared)
    def make(config: Any, env: Environment) -> Any:
        return limiter(config, env.clock)

    return make
