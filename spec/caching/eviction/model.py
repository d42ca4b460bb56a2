"""The reference cache: one skeleton, and a policy that chooses what is evicted."""

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, NamedTuple

from spec.caching.eviction.policies import Entries, Entry, Policy, State, in_order
from spec.caching.eviction.types import DEFAULT, Capacity, Hit, Key, checked
from spec.history import NO_ANSWER, Operation, Raised

BAD = Raised("ValueError or TypeError", "", "ValueError"), Raised("TypeError", "", "TypeError")
"""What bad input may be answered with."""


class Held(NamedTuple):
    """What is held, in an order that tells nothing, and what the policy remembers."""

    entries: tuple[tuple[Key, Entry], ...]
    policy: State


def held(entries: Entries, policy: State) -> Held:
    """Those."""
    return Held(tuple((key, entries[key]) for key in sorted(entries, key=repr)), policy)


def is_bad(operation: Operation) -> bool:
    """Whether the call's arguments must be refused."""
    args = operation.args
    try:
        checked(args.get("key", ""), args.get("weight", 1), args.get("ttl"))
    except (TypeError, ValueError):
        return True
    return False


class EvictionModel:
    """Follows a cache with that policy, that drops entries the moment they expire."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def partition(self, operation: Operation) -> Hashable:
        return None

    def initial(self, config: Capacity) -> Hashable:
        return Held((), self.policy.initial(config))

    def answers(self, config: Capacity, state: Any, operation: Operation) -> Iterable[tuple[Hashable, Any]]:
        if is_bad(operation):
            return [(state, bad) for bad in BAD]
        args = {name: value for name, value in operation.args.items() if name != "key"}
        key = (operation.args["key"],) if "key" in operation.args else ()
        ask = getattr(self, f"_{operation.name.strip('_')}", None)
        if ask is None:
            return [(state, NO_ANSWER)]
        found: Iterable[tuple[Hashable, Any]] = ask(
            config, self.fresh(state, operation.start), operation.start, *key, **args
        )
        return found

    def fresh(self, state: Held, now: int) -> Held:
        """Without what has expired."""
        if all(entry.live(now) for _, entry in state.entries):
            return state
        policy = state.policy
        for key, entry in state.entries:
            if not entry.live(now):
                policy = self.policy.removed(policy, key)
        return Held(tuple(pair for pair in state.entries if pair[1].live(now)), policy)

    def _put(
        self, config: Capacity, state: Held, now: int, key: Key, value: Any, weight: int = 1, ttl: Any = DEFAULT
    ) -> Iterator[tuple[Held, bool]]:
        entries, known = dict(state.entries), key in dict(state.entries)
        if weight > config.capacity:
            yield self._without(state, key), False
            return
        if known:
            entries[key] = Entry(value, weight, config.deadline(now, ttl))
            policy = self.policy.touched(config, state.policy, key, entries, put=True)
            for left in self._shrunk(config, held(entries, policy), 0, key):
                yield left, True
            return
        for left in self._shrunk(config, state, weight, None):
            entries = {**dict(left.entries), key: Entry(value, weight, config.deadline(now, ttl))}
            yield held(entries, self.policy.inserted(config, left.policy, key, entries)), True

    def _shrunk(self, config: Capacity, state: Held, more: int, spared: Key | None) -> Iterator[Held]:
        """Every way to make room for that much more."""
        if sum([entry.weight for _, entry in state.entries]) + more <= config.capacity:
            yield state
            return
        for victim, policy in self.policy.victims(config, state.policy, dict(state.entries), spared):
            rest = tuple(pair for pair in state.entries if pair[0] != victim)
            yield from self._shrunk(config, Held(rest, policy), more, spared)

    def _without(self, state: Held, key: Key) -> Held:
        if key not in dict(state.entries):
            return state
        rest = tuple(pair for pair in state.entries if pair[0] != key)
        return Held(rest, self.policy.removed(state.policy, key))

    def _get(self, config: Capacity, state: Held, now: int, key: Key) -> list[tuple[Held, Hit | None]]:
        entries = dict(state.entries)
        if key not in entries:
            return [(state._replace(policy=self.policy.missed(config, state.policy, key)), None)]
        policy = self.policy.touched(config, state.policy, key, entries, put=False)
        return [(state._replace(policy=policy), Hit(entries[key].value))]

    def _peek(self, config: Capacity, state: Held, now: int, key: Key) -> list[tuple[Held, Hit | None]]:
        entry = dict(state.entries).get(key)
        return [(state, Hit(entry.value) if entry else None)]

    def _delete(self, config: Capacity, state: Held, now: int, key: Key) -> list[tuple[Held, bool]]:
        return [(self._without(state, key), key in dict(state.entries))]

    def _clear(self, config: Capacity, state: Held, now: int) -> list[tuple[Held, None]]:
        return [(Held((), self.policy.initial(config)), None)]

    def _keys(self, config: Capacity, state: Held, now: int) -> list[tuple[Held, tuple[Key, ...]]]:
        return [(state, in_order(dict(state.entries)))]

    def _weight(self, config: Capacity, state: Held, now: int) -> list[tuple[Held, int]]:
        return [(state, sum(entry.weight for _, entry in state.entries))]

    def _len(self, config: Capacity, state: Held, now: int) -> list[tuple[Held, int]]:
        return [(state, len(state.entries))]

    def _contains(self, config: Capacity, state: Held, now: int, key: Key) -> list[tuple[Held, bool]]:
        return [(state, key in dict(state.entries))]


class AnyCache:
    """Takes any answer for right: where what is evicted is nobody's business, laws judge the rest."""

    def partition(self, operation: Operation) -> Hashable:
        return None

    def initial(self, config: Capacity) -> Hashable:
        return None

    def answers(self, config: Capacity, state: Any, operation: Operation) -> Iterable[tuple[Hashable, Any]]:
        return [(state, NO_ANSWER)]
