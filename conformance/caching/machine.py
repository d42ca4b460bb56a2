"""The machines of the block: each room has its own."""

from conformance.caching.eviction.machine import MACHINES as EVICTION

MACHINES = {**EVICTION}
