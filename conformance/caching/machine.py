"""The machines of the block: each room has its own."""

from conformance.caching.eviction.machine import MACHINES as EVICTION
from conformance.caching.maxmemory.machine import MACHINES as MAXMEMORY

MACHINES = {**EVICTION, **MAXMEMORY}
