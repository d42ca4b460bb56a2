"""Where blocks are: in this distribution, and in packages that others publish.

A room is a package `spec`, `impls` or `conformance` with a package for each block. Whoever publishes has those of the
three that he needs in a package of his own, and names it in the entry-point group `lawful`.
"""

import importlib
import warnings
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from types import ModuleType

GROUP = "lawful"


@cache
def rooms(name: str) -> list[ModuleType]:
    """The packages that are that room: ours, then those of others by the names they are published under.

    One that does not import is left out, with a warning: it must not keep others from being checked.
    """
    found = [importlib.import_module(name)]
    for published in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        place = f"{published.value}.{name}"
        try:
            if find_spec(place):
                found.append(importlib.import_module(place))
        except Exception as error:
            told = f"{published.value}, published as {published.name!r}, does not import"
            warnings.warn(f"{told}: {type(error).__name__}: {error}; mend or uninstall it", stacklevel=2)
    return found


@cache
def homes(name: str, block: str) -> list[ModuleType]:
    """The packages of a block in that room: several may have implementations of one."""
    places = [f"{room.__name__}.{block}" for room in rooms(name)]
    return [importlib.import_module(place) for place in places if find_spec(place)]
