"""Mappers by remainder, each with one mistake."""

from collections.abc import Sequence
from typing import Any

from conformance.load_balancing.hashing.modelled import Modulo
from conformance.mutants import mutant
from spec.environment import Environment
from spec.load_balancing.picking.types import Backend, Backends, checked

IP_HASH = "load_balancing.ip_hash"


def planted(killed_by: str) -> Any:
    """Plant a mistake in one with weights."""
    return mutant(IP_HASH, killed_by, {"weights"})


@planted("deterministic")
class SaltedHash(Modulo):
    """Each process hashes with a salt of its own, as `hash()` does."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.salt = env.random.random()
        super().__init__(config, env)

    def hash(self, *parts: Any) -> int:
        return super().hash(self.salt, *parts)


@planted("deterministic")
class RemembersKeys(Modulo):
    """A key stays where it went first, as long as that is there; another instance does not know of it."""

    def __init__(self, config: Any, env: Environment) -> None:
        self.homes: dict[str, str | None] = {}
        super().__init__(config, env)

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        if self.homes.get(key) not in {one.name for one in eligible}:
            self.homes[key] = super().choose(key, eligible)
        return self.homes[key]


@planted("deterministic")
class RefusesHalfWay(Modulo):
    """Backends that are refused are in force up to the one that was bad."""

    def set_backends(self, backends: Backends) -> None:
        for at in range(len(backends) + 1):
            self.members = checked(backends[:at])


@planted("deterministic")
class AnswersInAnotherOrder(Modulo):
    """Keys are sorted before they are looked up, and the answers stay so."""

    def assign(self, keys: Sequence[str]) -> Any:
        return super().assign(sorted(keys))


@planted("answers_every_call")
class AnswersOncePerKey(Modulo):
    """A key that is asked for twice is answered once."""

    def assign(self, keys: Sequence[str]) -> Any:
        return super().assign(tuple(dict.fromkeys(keys)))


@planted("answers_every_call")
class DividesByNone(Modulo):
    """Where there is no backend the remainder by none raises an error."""

    def nobody(self, key: str) -> str | None:
        return str(self.hash(key) % 0)


@planted("answers_every_call")
class EnglishOnly(Modulo):
    """A key with a letter that is not in ASCII raises an error."""

    def text(self, part: Any) -> str:
        return str(part).encode("ascii").decode()


@planted("only_members")
class KeepsTheRemoved(Modulo):
    """A change that only removes backends is not taken over."""

    def set_backends(self, backends: Backends) -> None:
        if not self.members or not set(self.check(backends)) < set(self.members):
            super().set_backends(backends)


@planted("zero_weight_gets_nothing")
class ZeroIsOne(Modulo):
    """Weight 0 counts as the default, 1."""

    def eligible(self) -> list[Backend]:
        return list(self.members)

    def weight(self, one: Backend) -> int:
        return one.weight or 1


@planted("every_key_has_a_backend")
class EmptyKeyIsNone(Modulo):
    """The empty key counts as no key."""

    def assigned(self, key: str) -> str | None:
        return super().assigned(key) if key else None


@planted("single_backend_takes_all")
class OneIsTooFew(Modulo):
    """Where one backend is left, it gets only what its hash would give it of two, the rest nobody."""

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        if len(eligible) == 1 and self.remainder(key, 2):
            return None
        return super().choose(key, eligible)


@planted("empty_is_none")
class StaysWithTheLast(Modulo):
    """Where the last backend is gone, keys still go to it."""

    last = ""

    def choose(self, key: str, eligible: list[Backend]) -> str | None:
        self.last = eligible[0].name
        return super().choose(key, eligible)

    def nobody(self, key: str) -> str | None:
        return self.last or None


@planted("rejects_bad_backends")
class SecondOfANameCounts(Modulo):
    """Of two backends of one name the second counts; nothing is said."""

    def check(self, backends: Backends) -> Backends:
        return checked({one[0]: one for one in backends}.values())


@planted("share_is_bounded")
class IgnoresWeights(Modulo):
    """All weights count as 1."""

    def weight(self, one: Backend) -> int:
        return 1


@planted("share_is_bounded")
class LastNeverPicked(Modulo):
    """The remainder is one too low to ever reach the last one."""

    def remainder(self, key: str, by: int) -> int:
        return self.hash(key) % max(1, by - 1)


@planted("share_is_bounded")
class HashesTheNetwork(Modulo):
    """Only the first eight characters of a key count: clients of one network go to one backend."""

    def remainder(self, key: str, by: int) -> int:
        return self.hash(key[:8]) % by


@planted("share_is_bounded")
class HashesTheLength(Modulo):
    """The hash of a text is its length."""

    def hash(self, *parts: Any) -> int:
        return sum(len(self.text(part)) for part in parts)


@planted("share_is_bounded")
class ThreeBits(Modulo):
    """The remainder is that of three bits of the hash: of five backends three get twice as many keys as the others."""

    def remainder(self, key: str, by: int) -> int:
        return self.hash(key) % 8 % by
