"""Load balancing: which of many servers does the work."""

from spec.load_balancing.hashing import SPECIFICATIONS as HASHING
from spec.load_balancing.hashing.types import Bounded, Hashed
from spec.load_balancing.health import SPECIFICATIONS as HEALTH
from spec.load_balancing.health.types import Checks
from spec.load_balancing.picking import SPECIFICATIONS as PICKING
from spec.load_balancing.picking.types import Backend, Pick, Pool, Ramp, Timed

__all__ = ["SPECIFICATIONS", "Backend", "Bounded", "Checks", "Hashed", "Pick", "Pool", "Ramp", "Timed"]

SPECIFICATIONS = (*PICKING, *HASHING, *HEALTH)
