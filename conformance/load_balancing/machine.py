"""The machines of the block: each room has its own."""

from conformance.load_balancing.hashing.machine import MACHINES as HASHING
from conformance.load_balancing.health.machine import MACHINES as HEALTH
from conformance.load_balancing.picking.machine import MACHINES as PICKING

MACHINES = {**PICKING, **HASHING, **HEALTH}
