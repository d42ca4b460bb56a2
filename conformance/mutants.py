"""Mutants: implementations with one planted mistake. They test the suite: each must be killed by the law it names."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from impls.backends import NAMES
from impls.registry import Factory
from spec.rooms import homes
from spec.specification import Specification


@dataclass(frozen=True)
class Mutant:
    """One mistake. `mistake` is a sentence; `killed_by` the law that must refuse it."""

    name: str
    specification: str
    mistake: str
    killed_by: str
    factory: Factory
    capabilities: frozenset[str] = frozenset()

    @property
    def backend(self) -> str:
        """The server it stands on, by the module it is planted in: `mutants_redis` or `mutants_postgres`."""
        server = self.factory.__module__.rpartition("_")[2]
        return server if server in NAMES else "memory"


_PLANTED: dict[tuple[str, str], Mutant] = {}


def mutant(specification: str, killed_by: str, capabilities: Iterable[str] = ()) -> Callable[[type], type]:
    """Class decorator: plant a mistake. The class is the factory, its docstring says what is wrong.

    capabilities: those the mutant pretends to have.
    """

    def plant(cls: Any) -> type:
        name = "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("_")
        if not cls.__doc__:
            raise TypeError(f"{cls.__name__} needs a docstring that says what is wrong with it")
        _PLANTED[specification, name] = Mutant(
            name, specification, cls.__doc__.strip(), killed_by, cls, frozenset(capabilities)
        )
        return cls  # type: ignore[no-any-return]

    return plant


def mutants(specification: Specification) -> list[Mutant]:
    """Those of a specification, from the modules `mutants*.py` in `conformance/<block>` and its rooms, in the order of
    these and as they are planted in each, whatever was imported first."""
    for home in homes("conformance", specification.block):
        for module in pkgutil.walk_packages(home.__path__, f"{home.__name__}."):
            if module.name.rpartition(".")[2].startswith("mutants"):
                importlib.import_module(module.name)
    found = [one for one in _PLANTED.values() if one.specification == specification.name]
    return sorted(found, key=lambda one: one.factory.__module__)
