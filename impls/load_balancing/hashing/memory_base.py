"""What mappers in memory have in common: the hash, and the backends that may get keys."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, TypeVar

from impls.registry import implementation
from spec.environment import Environment
from spec.load_balancing.picking.types import Backend, Backends, checked

MASK = 2**64 - 1


def digest(text: str) -> int:
    """64 bits that look random, the same on every machine. Not `hash()`, that differs from process to process."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


class Mapped:
    """Safe for threads: a change puts something new in place at once, and each call looks at one state.

    Subclasses build what they look keys up in.
    """

    def __init__(self, config: Any) -> None:
        self._config = config
        self.set_backends(config.backends)

    def set_backends(self, backends: Backends) -> None:
        """From now on these are the backends; see `spec.load_balancing.hashing.types.Mapper`."""
        self._state = self._built([backend for backend in checked(backends) if backend.weight])

    def _built(self, backends: list[Backend]) -> Any:
        """What keys are looked up in, for those that may get any; there may be none."""
        raise NotImplementedError


M = TypeVar("M")


def in_memory(specification: str, *capabilities: str, name: str = "memory") -> Callable[[type[M]], type[M]]:
    """Class decorator: register a mapper in memory."""

    def register(cls: type[M]) -> type[M]:
        make: Any = cls

        @implementation(f"load_balancing.{specification}", name, capabilities=capabilities)
        def made(config: Any, environment: Environment) -> Any:
            return make(config)

        return cls

    return register
