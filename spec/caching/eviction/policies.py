"""Eviction policies as pure functions over tuples: which entry must go when there is too little room."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from spec.caching.eviction.types import Aging, Capacity, Key

State = Any
"""What a policy remembers: hashable, never changed."""


def in_order(keys: Iterable[Key]) -> tuple[Key, ...]:
    """Keys as histories have them where their order is of no account."""
    return tuple(sorted(keys, key=lambda key: (type(key).__name__, key)))


class Entry(NamedTuple):
    """A value that is held, its weight, and from when on it is not live; None: it always is."""

    value: Any
    weight: int
    deadline: int | None

    def live(self, now: int) -> bool:
        """Whether it is live at that instant."""
        return self.deadline is None or now < self.deadline


Entries = Mapping[Key, Entry]


class Policy:
    """A policy whose state is a tuple of keys, the next victim first; it is first in, first out.

    Each method takes what is remembered, and returns what is remembered then. Entries are those that are held, the
    key that is inserted or touched among them.
    """

    touches = False
    """Whether a hit changes what is remembered."""

    chooses = True
    """Whether it says which entry goes."""

    def initial(self, config: Any) -> State:
        """What is remembered of an empty cache."""
        return ()

    def inserted(self, config: Any, state: State, key: Key, entries: Entries) -> State:
        """After a key that was not there is put."""
        return (*state, key)

    def touched(self, config: Any, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        """After a live key is put again, or hit."""
        return state

    def missed(self, config: Any, state: State, key: Key) -> State:
        """After a get that is not answered."""
        return state

    def removed(self, state: State, key: Key) -> State:
        """After a key has left other than by eviction."""
        return tuple(one for one in state if one != key)

    def victims(self, config: Any, state: State, entries: Entries, spared: Key | None) -> Iterable[tuple[Key, State]]:
        """Each key that may be evicted, and what is remembered after that. `spared` is not among them."""
        key = next(one for one in state if one != spared)
        yield key, self.removed(state, key)


class Lru(Policy):
    """The least recently used goes."""

    touches = True

    def touched(self, config: Capacity, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        return (*self.removed(state, key), key)


class Reinserting(Policy):
    """First in, first out, where what is put again counts as put then."""

    def touched(self, config: Capacity, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        return (*self.removed(state, key), key) if put else state


class Soonest(Reinserting):
    """What expires first goes; what never does, last. Of equals, what was written first."""

    def victims(
        self, config: Capacity, state: State, entries: Entries, spared: Key | None
    ) -> Iterable[tuple[Key, State]]:
        def left(key: Key) -> tuple[bool, int]:
            deadline = entries[key].deadline
            return deadline is None, deadline or 0

        key = min((one for one in state if one != spared), key=left)
        yield key, self.removed(state, key)


class Anyone(Policy):
    """Any may go. Whether all go equally often is another matter, so what is remembered has no order."""

    chooses = False

    def inserted(self, config: Any, state: State, key: Key, entries: Entries) -> State:
        return tuple(sorted((*state, key), key=repr))

    def victims(
        self, config: Capacity, state: State, entries: Entries, spared: Key | None
    ) -> Iterable[tuple[Key, State]]:
        for key in state:
            if key != spared:
                yield key, self.removed(state, key)


class Counted(NamedTuple):
    """A key, and how often it was used."""

    key: Key
    uses: int


class Lfu(Policy):
    """The least frequently used goes; of equals, the least recently used. The state is in the order of last use."""

    touches = True

    def inserted(self, config: Any, state: State, key: Key, entries: Entries) -> State:
        return (*state, Counted(key, 1))

    def touched(self, config: Any, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        count = next(one.uses for one in state if one.key == key)
        return (*self.removed(state, key), Counted(key, count + 1))

    def removed(self, state: State, key: Key) -> State:
        return tuple(one for one in state if one.key != key)

    def victims(self, config: Any, state: State, entries: Entries, spared: Key | None) -> Iterable[tuple[Key, State]]:
        key = min((one for one in state if one.key != spared), key=lambda one: one.uses).key
        yield key, self.removed(state, key)


class LfuResetting(Lfu):
    """As that, but what is put again starts anew; and of equals, what was put first goes."""

    def touched(self, config: Any, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        if put:
            return self.inserted(config, self.removed(state, key), key, entries)
        return tuple(Counted(key, one.uses + 1) if one.key == key else one for one in state)


class Halved(NamedTuple):
    """Counts, and how many uses are left until they are halved."""

    counts: tuple[Counted, ...]
    left: int


class LfuHalving(Policy):
    """The least frequently used goes, where all counts are halved, to no less than 1, after every `window` uses."""

    touches = True

    lfu = Lfu()

    def initial(self, config: Aging) -> State:
        return Halved((), config.window)

    def inserted(self, config: Aging, state: State, key: Key, entries: Entries) -> State:
        return self._used(config, state, self.lfu.inserted(config, state.counts, key, entries))

    def touched(self, config: Aging, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        return self._used(config, state, self.lfu.touched(config, state.counts, key, entries, put=put))

    def removed(self, state: State, key: Key) -> State:
        return state._replace(counts=self.lfu.removed(state.counts, key))

    def victims(self, config: Aging, state: State, entries: Entries, spared: Key | None) -> Iterable[tuple[Key, State]]:
        for key, counts in self.lfu.victims(config, state.counts, entries, spared):
            yield key, state._replace(counts=counts)

    def _used(self, config: Aging, state: State, counts: tuple[Counted, ...]) -> State:
        if state.left > 1:
            return Halved(counts, state.left - 1)
        return Halved(tuple(Counted(one.key, max(1, one.uses // 2)) for one in counts), config.window)


class Ranked(NamedTuple):
    """A key, how often it was used, and its rank: that, and the age of the cache at its last use."""

    key: Key
    uses: int
    rank: int


class Aged(NamedTuple):
    """Ranks in the order of last use, and the age: the rank of the latest victim."""

    ranks: tuple[Ranked, ...]
    age: int


class LfuDynamicAging(Policy):
    """The lowest rank goes; of equals, the least recently used. What was popular once is overtaken in time."""

    touches = True

    def initial(self, config: Aging) -> State:
        return Aged((), 0)

    def inserted(self, config: Aging, state: State, key: Key, entries: Entries) -> State:
        return Aged((*state.ranks, Ranked(key, 1, state.age + 1)), state.age)

    def touched(self, config: Aging, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        count = next(one.uses for one in state.ranks if one.key == key) + 1
        return Aged((*self.removed(state, key).ranks, Ranked(key, count, state.age + count)), state.age)

    def removed(self, state: State, key: Key) -> State:
        return state._replace(ranks=tuple(one for one in state.ranks if one.key != key))

    def victims(self, config: Aging, state: State, entries: Entries, spared: Key | None) -> Iterable[tuple[Key, State]]:
        key, _, rank = min((one for one in state.ranks if one.key != spared), key=lambda one: one.rank)
        yield key, Aged(self.removed(state, key).ranks, rank)
