"""Correct limiters for mutants to bend."""

from typing import Any

from spec.environment import Environment
from spec.rate_limiting.types import Decision, checked


class Asked:
    """Its methods all come down to `ask`, and a state for each key."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.config, self.clock = config, env.clock
        self.states: dict[str, Any] = {}

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        raise NotImplementedError

    def acquire(self, key: str, cost: int = 1) -> Decision:
        return self.ask(key, checked(key, cost), take=True)

    def peek(self, key: str) -> Decision:
        return self.ask(key, checked(key), take=False)

    def reset(self, key: str) -> None:
        checked(key)
        self.states.pop(key, None)


class Modelled(Asked):
    """Correct by construction: it asks the reference model. Mutants change what goes in or comes out."""

    model: Any

    def __init__(self, config: Any, env: Environment) -> None:
        super().__init__(config, env)
        self.latest = 0

    def now(self) -> int:
        """The clock, standing still where it steps back."""
        self.latest = max(self.latest, self.clock.now())
        return self.latest

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        state, decision = self.model.decide(self.config, self.states.get(key), self.now(), cost, take=take)
        if take:
            self.states[key] = state
        return decision  # type: ignore[no-any-return]
