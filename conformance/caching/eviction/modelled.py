"""A correct cache in small pieces, each for a mutant to get wrong. The policy is the reference's own."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from spec.caching.eviction.policies import Entry, Policy
from spec.caching.eviction.types import DEFAULT, Default, Hit, Key, checked
from spec.environment import Environment

T = TypeVar("T")


def telling(call: Callable[..., T]) -> Callable[..., T]:
    """Decorator of a call: once all is done, the listener is told what left."""

    @wraps(call)
    def told(self: "Cache", *args: Any, **more: Any) -> T:
        self.depth += 1
        try:
            return call(self, *args, **more)
        finally:
            self.depth -= 1
            if not self.depth:
                left, self.left = self.left, []
                for place, value, reason in left:
                    self.config.on_removal(place, value, reason)

    return told


class Cache:
    """Slow and plain: it looks at every entry, on every call."""

    policy: Policy

    def __init__(self, config: Any, env: Environment) -> None:
        self.config, self.env, self.clock = config, env, env.clock
        self.entries: dict[Key, Entry] = {}
        self.state = self.policy.initial(config)
        self.left: list[tuple[Key, Any, str]] = []
        self.depth = 0

    # The calls

    @telling
    def put(self, key: Key, value: Any, weight: int = 1, ttl: int | Default | None = DEFAULT) -> bool:
        self.check(key, weight, ttl)
        self.drop_expired()
        place = self.place(key)
        if weight > self.config.capacity:
            self.refuse(place)
            return False
        if place in self.entries:
            self.overwrite(place, value, weight, ttl)
        else:
            self.make_room(weight, None)
            self.entries[place] = Entry(value, weight, self.deadline(ttl))
            self.inserted(place)
        return True

    @telling
    def get(self, key: Key) -> Hit | None:
        self.drop_expired()
        place = self.place(key)
        if place not in self.entries:
            self.missed(place)
            return None
        self.used(place, put=False)
        return Hit(self.entries[place].value)

    @telling
    def peek(self, key: Key) -> Hit | None:
        self.drop_expired()
        entry = self.entries.get(self.place(key))
        return None if entry is None else Hit(entry.value)

    @telling
    def delete(self, key: Key) -> bool:
        self.drop_expired()
        there = self.place(key) in self.entries
        if there:
            self.remove(self.place(key), "deleted")
        return there

    @telling
    def clear(self) -> None:
        self.drop_expired()
        for place in list(self.entries):
            self.remove(place, "cleared")
        self.state = self.policy.initial(self.config)

    @telling
    def keys(self) -> Any:
        self.drop_expired()
        return list(self.entries)

    @telling
    def weight(self) -> int:
        self.drop_expired()
        return sum(entry.weight for entry in self.entries.values())

    @telling
    def __len__(self) -> int:
        self.drop_expired()
        return len(self.entries)

    @telling
    def __contains__(self, key: Key) -> bool:
        self.drop_expired()
        return self.place(key) in self.entries

    # The pieces

    def check(self, key: Key, weight: int, ttl: int | Default | None) -> None:
        checked(key, weight, ttl)

    def place(self, key: Key) -> Any:
        """Under which key it is kept."""
        return key

    def now(self) -> int:
        return self.clock.now()

    def lasts(self, ttl: int | Default | None) -> int | None:
        return self.config.ttl if isinstance(ttl, Default) else ttl

    def deadline(self, ttl: int | Default | None) -> int | None:
        lasts = self.lasts(ttl)
        return None if lasts is None else self.now() + lasts

    def is_over(self, deadline: int) -> bool:
        return self.now() >= deadline

    def drop_expired(self) -> None:
        for place, entry in list(self.entries.items()):
            if entry.deadline is not None and self.is_over(entry.deadline):
                self.remove(place, "expired")

    def overwrite(self, place: Key, value: Any, weight: int, ttl: int | Default | None) -> None:
        self.tell(place, self.entries[place], "replaced")
        self.entries[place] = Entry(value, weight, self.new_deadline(place, ttl))
        self.used(place, put=True)
        self.make_room(0, place)

    def new_deadline(self, place: Key, ttl: int | Default | None) -> int | None:
        """Of a key that is put again."""
        return self.deadline(ttl)

    def refuse(self, place: Key) -> None:
        """What is too heavy was to overwrite what is there."""
        if place in self.entries:
            self.remove(place, "replaced")

    def is_full(self, more: int) -> bool:
        held = sum(entry.weight for entry in self.entries.values())
        return held + more > int(self.config.capacity)

    def make_room(self, more: int, spared: Key | None) -> None:
        while self.is_full(more):
            self.evict(spared)

    def evict(self, spared: Key | None) -> None:
        choices = list(self.policy.victims(self.config, self.state, self.entries, spared))
        place, self.state = self.env.random.choice(choices)
        self.tell(place, self.entries.pop(place), "evicted")

    def inserted(self, place: Key) -> None:
        self.state = self.policy.inserted(self.config, self.state, place, self.entries)

    def used(self, place: Key, *, put: bool) -> None:
        self.state = self.policy.touched(self.config, self.state, place, self.entries, put=put)

    def missed(self, place: Key) -> None:
        self.state = self.policy.missed(self.config, self.state, place)

    def remove(self, place: Key, reason: str) -> None:
        entry = self.entries.pop(place)
        self.state = self.policy.removed(self.state, place)
        self.tell(place, entry, reason)

    def tell(self, place: Key, entry: Entry, reason: str) -> None:
        self.left.append((place, entry.value, reason))
