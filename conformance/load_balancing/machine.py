"""The machines of the block: each room has its own."""

from conformance.load_balancing.picking.machine import MACHINES as PICKING

MACHINES = {**PICKING}
