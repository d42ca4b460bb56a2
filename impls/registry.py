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
    """

    specification: str
    name: str
    factory: Factory
    backend: str = "memory"
    capabilities: frozenset[str] = frozenset()
    deviations: Mapping[str, str] = field(default_factory=dict)


_REGISTERED: dict[tuple[str, str], Implementation] = {}


def implementation(
    specification: str,
    name: str,
    *,
    backend: str = "memory",
    capabilities: Iterable[str] = (),
    deviations: Mapping[str, str] | None = None,
) -> Callable[[Factory], Factory]:
    """Register a factory. The arguments are the fields of `Implementation`."""

    def register(factory: Factory) -> Factory:
        _REGISTERED[specification, name] = Implementation(
            specification, name, factory, backend, frozenset(capabilities), dict(deviations or {})
        )
        return factory

    return register


def implementations(specification: str) -> list[Implementation]:
    """What is registered for a specification, memory first, else by name. A block is a package in a room `impls`."""
    for home in homes("impls", specification.partition(".")[0]):
        for module in pkgutil.walk_packages(home.__path__, f"{home.__name__}."):
            importlib.import_module(module.name)
    found = [one for one in _REGISTERED.values() if one.specification == specification]
    return sorted(found, key=lambda one: (one.backend != "memory", one.name))
