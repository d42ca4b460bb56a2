"""A specification: one contract of a block, assembled from interface, configuration, model, laws and anomalies."""

import importlib
import pkgutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import UnionType
from typing import Any

from spec.law import Anomaly, Law
from spec.model import Model
from spec.rooms import rooms


@dataclass(frozen=True)
class Specification:
    """One contract.

    name:          `<block>.<contract>`, for instance `rate_limiting.token_bucket`.
    summary:       one sentence for people who choose.
    interface:     the protocol an implementation offers; an optional method is named by the capability it needs.
    configuration: the type of the configuration, which refuses what makes no sense.
    operations:    for each operation the named tuple (or plain type) of its answers; None: it answers nothing.
    optional:      operations that an implementation may lack; each is the capability of that name.
    capabilities:  capabilities that cannot be seen on the object, declared by the implementation: name and meaning.
    anomalies:     behaviour that is permitted, and shown by every implementation to whom looks for it.
    timed:         whether it depends on the clock.
    variants:      what is specified instead for an implementation that declares the capability of that name.
    """

    name: str
    summary: str
    interface: type
    configuration: type
    operations: Mapping[str, type | UnionType | None]
    model: Model
    laws: tuple[Law, ...]
    optional: frozenset[str] = frozenset()
    capabilities: Mapping[str, str] = field(default_factory=dict)
    anomalies: tuple[Anomaly, ...] = ()
    timed: bool = True
    variants: Mapping[str, "Specification"] = field(default_factory=dict)

    @property
    def block(self) -> str:
        """The block's name."""
        return self.name.partition(".")[0]

    @property
    def short(self) -> str:
        """The contract's name without its block."""
        return self.name.partition(".")[2]

    def declared(self, capabilities: Collection[str]) -> "Specification":
        """This specification as it is for an implementation with those capabilities."""
        chosen = self._variant(capabilities)
        return self.variants[chosen].declared(capabilities) if chosen else self

    def variant(self, capabilities: Collection[str]) -> str:
        """Which variant an implementation with those capabilities declares; "" if none. Variants may have their own."""
        chosen = self._variant(capabilities)
        nested = self.variants[chosen].variant(capabilities) if chosen else ""
        return f"{chosen}, {nested}" if nested else chosen

    def _variant(self, capabilities: Collection[str]) -> str:
        return next((name for name in self.variants if name in capabilities), "")

    def law(self, name: str) -> Law:
        """The law of that name; KeyError if there is none."""
        for law in self.laws:
            if law.name == name:
                return law
        raise KeyError(name)


@cache
def specifications() -> Mapping[str, Specification]:
    """Every specification by name. A block is a package in a room `spec` that lists its own as `SPECIFICATIONS`."""
    found: dict[str, Any] = {}
    for room in rooms("spec"):
        for module in sorted(pkgutil.iter_modules(room.__path__), key=lambda module: module.name):
            if module.ispkg:
                block = importlib.import_module(f"{room.__name__}.{module.name}")
                found |= {specification.name: specification for specification in block.SPECIFICATIONS}
    return found
