"""How an implementation makes itself known: one decorator over its factory."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spec.environment import Environment
from spec.rooms import homes

Factory = Callable[[Any, Environment], Any]


@dataclass(frozen=True)
class Implementation:
    """A factory for one specification, and what has to be known to judge it.

    specification: its name, for instance `rate_limiting.token_bucket`.
    name:          the report's name for it, unique within the specification.
    factory:       `factory(config, env)` returns an object with the interface's methods.
    backend:       the server it stands on: "memory" (none), "redis" or "postgres".
    capabilities:  those that cannot be seen on the object, for instance `shared`.
    deviations:    laws it is known to break, each with the reason.
    library:       the distribution that it adapts, which need not be installed; "": it is Lawful's own, or a user's.
    """

    specification: str
    name: str
    factory: Factory
    backend: str = "memory"
    capabilities: frozenset[str] = frozenset()
    deviations: Mapping[str, str] = field(default_factory=dict)
    library: str = ""


_REGISTERED: dict[tuple[str, str], Implementation] = {}


def implementation(
    specification: str,
    name: str,
    *,
    backend: str = "memory",
    capabilities: Iterable[str] = (),
    deviations: Mapping[str, str] | None = None,
    library: str = "",
) -> Callable[[Factory], Factory]:
    """Register a factory. The arguments are the fields of `Implementation`."""

    def register(factory: Factory) -> Factory:
        _REGISTERED[specification, name] = Implementation(
            specification, name, factory, backend, frozenset(capabilities), dict(deviations or {}), library
        )
        return factory

    return register


def implementations(specification: str, *, libraries: bool = False) -> list[Implementation]:
    """What is registered for a specification, memory first, else by name. A block is a package in a room `impls`.

    libraries: also the libraries that are installed, last; their adapters are in a package `third_party`. If not, none
               is imported: that takes its time, and some set up what belongs to the whole process.
    """
    for home in homes("impls", specification.partition(".")[0]):
        for module in pkgutil.walk_packages(home.__path__, f"{home.__name__}."):
            adapts = ".third_party." in module.name
            if adapts and not libraries:
                continue
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError:
                if not adapts:
                    raise
    found = [one for one in _REGISTERED.values() if one.specification == specification]
    wanted = [one for one in found if libraries or not one.library]
    return sorted(wanted, key=lambda one: (one.library != "", one.backend != "memory", one.name))
