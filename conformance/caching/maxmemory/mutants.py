"""Servers that count bytes with one mistake each."""

from typing import Any

from conformance.mutants import mutant
from impls.caching.maxmemory.memory import Memory
from spec.caching.eviction.types import Hit
from spec.caching.maxmemory.types import Maxmemory
from spec.environment import Environment


def planted(killed_by: str) -> Any:
    """Plant a mistake."""
    return mutant("caching.maxmemory", killed_by)


@planted("never_above_maxmemory")
class OverwritesAreFree(Memory):
    """Only a put of a new key is checked against the limit, so what is there may grow without end."""

    def make_room(self, size: int, key: str) -> bool:
        return key in self.stored or super().make_room(size, key)


@planted("finds_no_more_than_fits")
class CountsTheFirstSize(Memory):
    """A value that is overwritten is counted with the size of the first one, also in what the server says it uses."""

    def __init__(self, config: Maxmemory, env: Environment) -> None:
        super().__init__(config, env)
        self.first: dict[str, int] = {}

    def put(self, key: str, value: int, size: int, ttl: int | None = None) -> bool:
        counted = self.first[key] if key in self.stored else size
        accepted = super().put(key, value, counted, ttl)
        if accepted:
            self.first[key] = counted
        return accepted


@planted("hit_returns_last_put_value")
class WritesBeforeItRefuses(Memory):
    """A put that is refused has overwritten the value before it was."""

    def make_room(self, size: int, key: str) -> bool:
        made = super().make_room(size, key)
        if not made and key in self.stored:
            self.stored[key] = self.stored[key]._replace(value=-1)
        return made


@planted("expired_is_gone")
class ExpiresWhenFull(Memory):
    """What is over goes only when room is needed."""

    def drop_expired(self) -> None:
        if self.used() > self.config.bytes // 2:
            super().drop_expired()


@planted("volatile_spares_what_never_expires")
class TakesAnythingAtLast(Memory):
    """When no key has a ttl any more, any other is evicted."""

    def may_go(self) -> list[str]:
        return super().may_go() or list(self.stored)


@planted("volatile_spares_what_never_expires")
class KeepsTheOldDeadline(Memory):
    """A put without a ttl leaves the deadline as it was, so its key may be evicted, and expires."""

    def put(self, key: str, value: int, size: int, ttl: int | None = None) -> bool:
        before = self.stored.get(key)
        accepted = super().put(key, value, size, ttl)
        if accepted and before and ttl is None:
            self.stored[key] = self.stored[key]._replace(deadline=before.deadline)
        return accepted


@planted("noeviction_loses_nothing")
class RefusalForgets(Memory):
    """A put that is refused has deleted the old value before it was."""

    def make_room(self, size: int, key: str) -> bool:
        made = super().make_room(size, key)
        if not made:
            self.stored.pop(key, None)
        return made


@planted("evicts_only_when_full")
class CountsAllThatWasPut(Memory):
    """What is deleted or expires is still counted, so there seems to be ever less room."""

    def __init__(self, config: Maxmemory, env: Environment) -> None:
        super().__init__(config, env)
        self.lost = 0

    def delete(self, key: str) -> bool:
        self.lost += self.freed(key)
        return super().delete(key)

    def drop_expired(self) -> None:
        before = super().used()
        super().drop_expired()
        self.lost += before - super().used()

    def make_room(self, size: int, key: str) -> bool:
        return super().make_room(size + min(self.lost, self.config.bytes * 3 // 4), key)


@planted("refuses_only_when_nothing_may_go")
class EvictsOne(Memory):
    """One key is evicted for a put; if that does not make room enough, the put is refused."""

    def make_room(self, size: int, key: str) -> bool:
        if self.used() - self.freed(key) + size > self.config.bytes and (victim := self.victim()):
            del self.stored[victim]
        return self.used() - self.freed(key) + size <= self.config.bytes


@planted("refuses_only_when_nothing_may_go")
class SparesTheLastVolatile(Memory):
    """The only key that has a ttl is not evicted."""

    def victim(self) -> str | None:
        if self.config.scope == "volatile" and len(self.may_go()) == 1:
            return None
        return super().victim()


@planted("popular_half_survives")
class ReadsAreNoUse(Memory):
    """Only puts count as uses: what was put first goes."""

    def get(self, key: str) -> Hit | None:
        before = self.stored.get(key)
        hit = super().get(key)
        if hit and before:
            self.stored[key] = before
        return hit


@planted("popular_half_survives")
class LruIsRandom(Memory):
    """Under `lru` the keys that are looked at are not compared."""

    def rank(self, key: str) -> int:
        return 0 if self.config.order == "lru" else super().rank(key)


@planted("popular_half_survives")
class LfuIsMfu(Memory):
    """Under `lfu` what was used most often goes."""

    def rank(self, key: str) -> int:
        return -super().rank(key) if self.config.order == "lfu" else super().rank(key)


@planted("soonest_to_expire_goes_first")
class TtlIsRandom(Memory):
    """Under `volatile-ttl` the keys that are looked at are not compared."""

    def rank(self, key: str) -> int:
        return 0 if self.config.order == "ttl" else super().rank(key)


@planted("answers_every_call")
class RaisesWhenFull(Memory):
    """A put for which there is no room raises, and room is not made."""

    def make_room(self, size: int, key: str) -> bool:
        if self.used() - self.freed(key) + size > self.config.bytes:
            raise MemoryError
        return True


@planted("rejects_bad_input")
class ZeroIsForEver(Memory):
    """A ttl of zero is taken for none."""

    def put(self, key: str, value: int, size: int, ttl: int | None = None) -> bool:
        return super().put(key, value, size, ttl or None)
