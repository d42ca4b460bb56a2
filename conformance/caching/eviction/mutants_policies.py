"""Caches whose policy has one mistake each."""

import random
from collections.abc import Iterable
from typing import Any

from conformance.caching.eviction.modelled import Cache
from conformance.mutants import mutant
from spec.caching.eviction import policies, policies_queues
from spec.caching.eviction.policies import Aged, Counted, Entries, Policy, Ranked, State
from spec.caching.eviction.policies_queues import Mark, Queues, Sifted
from spec.caching.eviction.types import Hit, Key

ALL = frozenset({"weights", "entry_ttl", "listener"})
VICTIM = "evicts_the_policys_victim"

POLICIES: dict[str, Policy] = {
    "lru": policies.Lru(),
    "fifo": Policy(),
    "lfu": policies.Lfu(),
    "lfu_aging": policies.LfuHalving(),
    "random": policies.Anyone(),
    "ttl": policies.Soonest(),
    "sieve": policies_queues.Sieve(),
    "s3_fifo": policies_queues.S3Fifo(),
    "w_tinylfu": policies_queues.WTinyLfu(),
}


def made(name: str, base: type[Cache], policy: Policy, mistake: str | None) -> type[Cache]:
    """A cache that can be imported from here by that name."""
    cache = type(name, (base,), {"policy": policy, "__doc__": mistake, "__module__": __name__})
    globals()[name] = cache
    return cache


def planted(short: str, *declared: str, killed_by: str = VICTIM) -> Any:
    """Plant a policy's mistake in the correct cache, which takes its name."""
    can = {*(ALL if short != "w_tinylfu" else ALL - {"weights"}), *declared}

    def plant(wrong: type[Policy]) -> type:
        cache = made(wrong.__name__, Cache, wrong(), wrong.__doc__)
        return mutant(f"caching.{short}", killed_by, can)(cache)

    return plant


def everywhere(killed_by: str, *shorts: str) -> Any:
    """Plant a cache's mistake under several policies, whose names are added to its own."""

    def plant(wrong: type[Cache]) -> type[Cache]:
        for short in shorts:
            can = {*(ALL if short != "w_tinylfu" else ALL - {"weights"})}
            can |= {"exact_sketch"} if short == "w_tinylfu" else set()
            name = wrong.__name__ + "".join(part.capitalize() for part in short.split("_"))
            mutant(f"caching.{short}", killed_by, can)(made(name, wrong, POLICIES[short], wrong.__doc__))
        return wrong

    return plant


@everywhere("reads_that_are_pure", "lru", "lfu", "lfu_aging", "sieve", "s3_fifo", "w_tinylfu")
class PeekCountsAsUse(Cache):
    """`peek` counts as a use."""

    def peek(self, key: Key) -> Hit | None:
        return self.get(key)


@everywhere("reads_that_are_pure", "lru")
class InCountsAsUse(Cache):
    """`in` counts as a use."""

    def __contains__(self, key: Key) -> bool:
        return self.get(key) is not None


@everywhere("agrees_with_model", *POLICIES)
class DeleteTellsNothing(Cache):
    """`delete` answers False after an overwrite: it looks into a list of what was inserted."""

    def overwrite(self, place: Key, value: Any, weight: int, ttl: Any) -> None:
        super().overwrite(place, value, weight, ttl)
        self.overwritten = place

    overwritten: Any = None

    def delete(self, key: Key) -> bool:
        return super().delete(key) and key != self.overwritten


@planted("lru")
class HitsAreNotNoted(policies.Reinserting):
    """A hit does not count as a use; only a put does."""


@planted("fifo")
class HitMovesToTheEnd(policies.Lru):
    """A hit moves the entry to the end of the queue."""


@planted("fifo", "reinserts")
class PutAgainStays(Policy):
    """What is put again stays where it was, though it is declared to move."""


@planted("lfu")
class NewestOfEqualsGoes(policies.Lfu):
    """Of equals, the most recently used goes."""

    def victims(self, config: Any, state: State, entries: Entries, spared: Key | None) -> Iterable[Any]:
        yield from super().victims(config, state[::-1], entries, spared)


@planted("lfu")
class OverwriteIsNotCounted(policies.Lfu):
    """A put over a live entry is not counted."""

    def touched(self, config: Any, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        return state if put else super().touched(config, state, key, entries, put=put)


@planted("lfu", "resets")
class PutAgainIsCounted(policies.LfuResetting):
    """What is put again keeps its count, though it is declared to start anew."""

    def touched(self, config: Any, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        return super().touched(config, state, key, entries, put=False)


@planted("lfu_aging")
class NeverHalves(policies.LfuHalving):
    """Counts are never halved."""

    def initial(self, config: Any) -> State:
        return policies.Halved((), 10**9)


@planted("lfu_aging")
class HitsAloneMakeTheWindow(policies.LfuHalving):
    """Puts of new keys are not among the uses after which counts are halved."""

    def inserted(self, config: Any, state: State, key: Key, entries: Entries) -> State:
        return state._replace(counts=(*state.counts, Counted(key, 1)))


@planted("lfu_aging", "dynamic_aging")
class AgeIsNotRaised(policies.LfuDynamicAging):
    """The age of the cache stays what it was at the beginning."""

    def victims(self, config: Any, state: State, entries: Entries, spared: Key | None) -> Iterable[Any]:
        for key, after in super().victims(config, state, entries, spared):
            yield key, after._replace(age=0)


@planted("lfu_aging", "dynamic_aging")
class RankGrowsByOne(policies.LfuDynamicAging):
    """A use raises the rank by one, instead of to the age and the uses together."""

    def touched(self, config: Any, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        old = next(one for one in state.ranks if one.key == key)
        return Aged((*self.removed(state, key).ranks, Ranked(key, old.uses + 1, old.rank + 1)), state.age)


@planted("ttl")
class ForeverGoesFirst(policies.Soonest):
    """What never expires is evicted first: its deadline is stored as 0."""

    def victims(self, config: Any, state: State, entries: Entries, spared: Key | None) -> Iterable[Any]:
        key = min((one for one in state if one != spared), key=lambda one: entries[one].deadline or 0)
        yield key, self.removed(state, key)


@planted("ttl")
class OldestWriteGoes(policies.Reinserting):
    """What was written first goes, whatever its ttl."""


@planted("sieve")
class BeginsVisited(policies_queues.Sieve):
    """A new entry begins as if it had been used."""

    def inserted(self, config: Any, state: State, key: Key, entries: Entries) -> State:
        return Sifted((*state.marks, Mark(key, 1)), state.hand)


@planted("sieve")
class OverwriteMoves(policies_queues.Sieve):
    """A put over a live entry makes it the newest."""

    def touched(self, config: Any, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        if not put:
            return super().touched(config, state, key, entries, put=put)
        return self.inserted(config, self.removed(state, key), key, entries)


@planted("sieve")
class HandStartsAgain(policies_queues.Sieve):
    """The hand begins at the oldest each time."""

    def victims(self, config: Any, state: State, entries: Entries, spared: Key | None) -> Iterable[Any]:
        yield from super().victims(config, state._replace(hand=None), entries, spared)


@planted("sieve")
class DeleteDropsTheHand(policies_queues.Sieve):
    """Where the entry at the hand is deleted, the hand goes back to the oldest."""

    def removed(self, state: State, key: Key) -> State:
        after = super().removed(state, key)
        return after._replace(hand=None) if state.hand == key else after

    def victims(self, config: Any, state: State, entries: Entries, spared: Key | None) -> Iterable[Any]:
        yield from policies_queues.Sieve().victims(config, state, entries, spared)


@planted("s3_fifo")
class OneUseWillDo(policies_queues.S3Fifo):
    """One use in the small queue is enough to move to the main one."""

    def touched(self, config: Any, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        small = tuple(Mark(key, 3) if mark.key == key else mark for mark in state.small)
        return super().touched(config, state._replace(small=small), key, entries, put=put)


@planted("s3_fifo")
class GhostsStay(policies_queues.S3Fifo):
    """A key that comes back remains among those that left."""

    def inserted(self, config: Any, state: State, key: Key, entries: Entries) -> State:
        return super().inserted(config, state, key, entries)._replace(ghosts=state.ghosts)


@planted("s3_fifo")
class GhostsAreForgotten(policies_queues.S3Fifo):
    """A key that comes back begins as any other."""

    def inserted(self, config: Any, state: State, key: Key, entries: Entries) -> State:
        return super().inserted(config, state._replace(ghosts=()), key, entries)


@planted("s3_fifo")
class UsesAreKept(policies_queues.S3Fifo):
    """Who moves to the main queue keeps its uses."""

    def victims(self, config: Any, state: State, entries: Entries, spared: Key | None) -> Iterable[Any]:
        used = {mark.key: mark.uses for mark in state.small if mark.uses > 1}
        for key, after in super().victims(config, state, entries, spared):
            main = tuple(Mark(one.key, used.get(one.key, one.uses)) for one in after.main)
            yield key, Queues(after.small, main, after.ghosts)


@planted("random", killed_by="victims_are_uniform")
class SparesTheNewest(policies.Anyone):
    """Any may go but what was put last."""

    def inserted(self, config: Any, state: State, key: Key, entries: Entries) -> State:
        return (*state, key)

    def victims(self, config: Any, state: State, entries: Entries, spared: Key | None) -> Iterable[Any]:
        chances = [one for one in state if one != spared]
        key = random.Random(str(state)).choice(chances[:-1] or chances)
        yield key, self.removed(state, key)


@planted("random", killed_by="victims_are_uniform")
class FavoursTheOldest(policies.Anyone):
    """The oldest is twice as likely to go as any other: an index is rounded down to it."""

    def inserted(self, config: Any, state: State, key: Key, entries: Entries) -> State:
        return (*state, key)

    def victims(self, config: Any, state: State, entries: Entries, spared: Key | None) -> Iterable[Any]:
        chances = [one for one in state if one != spared]
        key = chances[max(0, random.Random(str(state)).randrange(-1, len(chances)))]
        yield key, self.removed(state, key)


@planted("w_tinylfu", killed_by="hit_ratio_shows_admission")
class LetsEveryoneIn(policies.Lru):
    """Whoever leaves the window is let in: it is the least recently used."""


@planted("w_tinylfu", "exact_sketch")
class MissesAreNotCounted(policies_queues.WTinyLfu):
    """A key is counted only when it is hit or put again."""

    def touched(self, config: Any, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        counted = policies_queues.WTinyLfu().missed(config, state, key)
        before = policies_queues.WTinyLfu().touched(config, state, key, entries, put=put)
        return before._replace(asked=counted.asked, since=counted.since)

    def missed(self, config: Any, state: State, key: Key) -> State:
        return state


@planted("w_tinylfu", "exact_sketch")
class TieIsLetIn(policies_queues.WTinyLfu):
    """A newcomer that was asked for as often as who would have to go is let in."""

    def victims(self, config: Any, state: State, entries: Entries, spared: Key | None) -> Iterable[Any]:
        newcomer = state.window[0]
        asked = tuple(Mark(mark.key, 2 * mark.uses + (mark.key == newcomer)) for mark in state.asked)
        if all(mark.key != newcomer for mark in asked):
            asked = (*asked, Mark(newcomer, 1))
        for key, after in super().victims(config, state._replace(asked=asked), entries, spared):
            yield key, after._replace(asked=state.asked)


@planted("w_tinylfu", "exact_sketch")
class EverythingIsProtected(policies_queues.WTinyLfu):
    """The protected part has no bound, so who was used once there stays for good."""

    def touched(self, config: Any, state: State, key: Key, entries: Entries, *, put: bool) -> State:
        state = self.missed(config, state, key)
        if key in state.window:
            return state._replace(window=(*(one for one in state.window if one != key), key))
        rest = self.removed(state, key)
        return rest._replace(protected=(*rest.protected, key))
