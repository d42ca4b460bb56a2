"""Load balancing: which of many servers does the work."""

from spec.load_balancing.picking import SPECIFICATIONS as PICKING
from spec.load_balancing.picking.types import Backend, Pick, Pool, Ramp, Timed

__all__ = ["SPECIFICATIONS", "Backend", "Pick", "Pool", "Ramp", "Timed"]

SPECIFICATIONS = (*PICKING,)
