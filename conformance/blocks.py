"""Finds what a block brings: no file lists them all."""

import importlib
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from conformance.machine import Machine
from conformance.trace import Trace
from spec.rooms import homes
from spec.specification import Specification


def machine_of(specification: Specification) -> type[Machine]:
    """The machine that exercises a specification: `MACHINES[its short name]` in `conformance/<block>/machine.py`."""
    home = homes("conformance", specification.block)[0]
    module: Any = importlib.import_module(f"{home.__name__}.machine")
    machine: type[Machine] = module.MACHINES[specification.short]
    return machine


def needs(specification: Specification, trace: Trace) -> set[str]:
    """The capabilities without which a trace cannot be played, or asks for more than was promised."""
    return trace.needs(specification) | machine_of(specification).needs(trace)


def figures(specification: Specification) -> Mapping[str, int]:
    """What the block measures of it: `figures` in `conformance/<block>/figures.py`; nothing if there is none."""
    home = homes("conformance", specification.block)[0]
    if find_spec(f"{home.__name__}.figures") is None:
        return {}
    module: Any = importlib.import_module(f"{home.__name__}.figures")
    found: Mapping[str, int] = module.figures(specification)
    return found
