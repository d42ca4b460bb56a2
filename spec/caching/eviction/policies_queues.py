"""The policies of later years, that are about queues: SIEVE, S3-FIFO and W-TinyLFU, as pure functions over tuples."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from spec.caching.eviction.policies import Entries, Policy, State
from spec.caching.eviction.types import Capacity, Key


class Mark(NamedTuple):
    """A key, and how often it was used since it came to where it is, as far as that is counted."""

    key: Key
    uses: int


def _without(marks: tuple[Mark, ...], key: Key) -> tuple[Mark, ...]:
    return tuple(mark for mark in marks if mark.key != key)


def _used(marks: tuple[Mark, ...], key: Key, most: int) -> tuple[Mark, ...]:
    return tuple(Mark(key, min(most, mark.uses + 1)) if mark.key == key else mark for mark in marks)


class Sifted(NamedTuple):
    """Keys in the order they were put, and the one at which the hand stands; None: at the oldest."""

    marks: tuple[Mark, ...]
    hand: Key | None


class Sieve(Policy):
    """A hand goes from the oldest to the newest and round again; what was used since it passed is spared once.

    Y. Zhang et al., SIEVE is Simpler than LRU, NSDI 2024. Nothing ever moves.
    """

    touches = True

    def initial(self, config: Any) -> State:
        return Sifted((), None)

    def inserted(self, config: Capacity, state: State, key: Key, entries: Entries) -> State:
        return Sifted((*state.marks, Mark(key, 0)), state.hand)

    def touched(self, config: Capacity, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        return Sifted(_used(state.marks, key, 1), state.hand)

    def removed(self, state: State, key: Key) -> State:
        keys = [mark.key for mark in state.marks]
        hand = state.hand
        if hand == key and hand is not None:
            newer = keys[keys.index(key) + 1 :]
            hand = newer[0] if newer else None
        return Sifted(_without(state.marks, key), hand)

    def victims(self, config: Capacity, state: State, entries: Entries, spared: Key | None) -> Iterable[Any]:
        marks = list(state.marks)
        at = 0 if state.hand is None else [mark.key for mark in marks].index(state.hand)
        while marks[at].key == spared or marks[at].uses:
            if marks[at].key != spared:
                marks[at] = Mark(marks[at].key, 0)
            at = (at + 1) % len(marks)
        victim = marks[at].key
        yield victim, self.removed(Sifted(tuple(marks), victim), victim)


class Queues(NamedTuple):
    """Small and main queue, oldest first, and the keys that left the small one for good."""

    small: tuple[Mark, ...]
    main: tuple[Mark, ...]
    ghosts: tuple[Key, ...]


def small_part(capacity: int) -> int:
    """The room that is for newcomers: a tenth, at least 1."""
    return max(1, capacity // 10)


class S3Fifo(Policy):
    """Newcomers wait in a small queue; who was used there more than once moves to the main one, others leave. A key
    that comes back soon after it left goes to the main queue at once.

    J. Yang et al., FIFO queues are all you need for cache eviction, SOSP 2023.
    """

    touches = True

    def initial(self, config: Capacity) -> State:
        return Queues((), (), ())

    def inserted(self, config: Capacity, state: State, key: Key, entries: Entries) -> State:
        if key in state.ghosts:
            ghosts = tuple(ghost for ghost in state.ghosts if ghost != key)
            return Queues(state.small, (*state.main, Mark(key, 0)), ghosts)
        return state._replace(small=(*state.small, Mark(key, 0)))

    def touched(self, config: Capacity, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        return Queues(_used(state.small, key, 3), _used(state.main, key, 3), state.ghosts)

    def removed(self, state: State, key: Key) -> State:
        return Queues(_without(state.small, key), _without(state.main, key), state.ghosts)

    def victims(self, config: Capacity, state: State, entries: Entries, spared: Key | None) -> Iterable[Any]:
        small, main, ghosts = state
        room = small_part(config.capacity)
        while True:
            newcomer = next((mark for mark in small if mark.key != spared), None)
            oldest = next((mark for mark in main if mark.key != spared), None)
            crowded = sum(entries[mark.key].weight for mark in small) >= room
            if newcomer and (crowded or not oldest):
                small = _without(small, newcomer.key)
                if newcomer.uses > 1:
                    main = (*main, Mark(newcomer.key, 0))
                    continue
                most = config.capacity - room
                yield newcomer.key, Queues(small, main, (*ghosts, newcomer.key)[-most:] if most else ())
                return
            assert oldest is not None
            main = _without(main, oldest.key)
            if not oldest.uses:
                yield oldest.key, Queues(small, main, ghosts)
                return
            main = (*main, Mark(oldest.key, oldest.uses - 1))


class Admitting(NamedTuple):
    """Window, probation and protected part, each the least recently used first; how often keys were asked for, and how
    many asked since these were halved."""

    window: tuple[Key, ...]
    probation: tuple[Key, ...]
    protected: tuple[Key, ...]
    asked: tuple[Mark, ...]
    since: int


MOST_COUNTED = 15
"""Up to what a key is counted: four bits."""


class WTinyLfu(Policy):
    """Newcomers wait in a window; who leaves it is let in only if it was asked for more often than who would have to
    go for it. Every key that was asked for is counted, held or not.

    G. Einziger et al., TinyLFU: A highly efficient cache admission policy, ACM Transactions on Storage, 2017.
    """

    touches = True

    def initial(self, config: Capacity) -> State:
        return Admitting((), (), (), (), 0)

    def inserted(self, config: Capacity, state: State, key: Key, entries: Entries) -> State:
        window = (*state.window, key)
        if len(window) <= window_part(config.capacity):
            return state._replace(window=window)
        return state._replace(window=window[1:], probation=(*state.probation, window[0]))

    def touched(self, config: Capacity, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        state = self.missed(config, state, key)
        window, probation, protected = state.window, state.probation, state.protected
        if key in window:
            return state._replace(window=_last(window, key))
        probation, protected = _rest(probation, key), _last(protected, key)
        if len(protected) > protected_part(config.capacity):
            probation, protected = (*probation, protected[0]), protected[1:]
        return state._replace(probation=probation, protected=protected)

    def missed(self, config: Capacity, state: State, key: Key) -> State:
        asked = {mark.key: mark.uses for mark in state.asked}
        asked[key] = min(MOST_COUNTED, asked.get(key, 0) + 1)
        if state.since + 1 < 10 * config.capacity:
            return state._replace(asked=tuple(Mark(*one) for one in asked.items()), since=state.since + 1)
        halved = tuple(Mark(one, uses // 2) for one, uses in asked.items() if uses > 1)
        return state._replace(asked=halved, since=0)

    def removed(self, state: Admitting, key: Key) -> Admitting:
        window, probation, protected = (_rest(part, key) for part in state[:3])
        return state._replace(window=window, probation=probation, protected=protected)

    def victims(self, config: Capacity, state: State, entries: Entries, spared: Key | None) -> Iterable[Any]:
        asked = {mark.key: mark.uses for mark in state.asked}
        candidate = state.window[0]
        resident = next(iter((*state.probation, *state.protected)), None)
        if resident is None or asked.get(candidate, 0) <= asked.get(resident, 0):
            yield candidate, state._replace(window=state.window[1:])
        else:
            left = self.removed(state, resident)
            yield resident, left._replace(window=left.window[1:], probation=(*left.probation, candidate))


def window_part(capacity: int) -> int:
    """The room of the window: a hundredth, at least 1."""
    return max(1, capacity // 100)


def protected_part(capacity: int) -> int:
    """The room of those that were used again after they were let in: four fifths of the main part."""
    return (capacity - window_part(capacity)) * 4 // 5


def _rest(keys: tuple[Key, ...], key: Key) -> tuple[Key, ...]:
    return tuple(one for one in keys if one != key)


def _last(keys: tuple[Key, ...], key: Key) -> tuple[Key, ...]:
    return (*_rest(keys, key), key)
