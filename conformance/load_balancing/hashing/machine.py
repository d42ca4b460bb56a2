"""The machines of what maps keys to backends."""

from conformance.load_balancing.hashing.hashing import Hashing

MACHINES = {
    "ip_hash": Hashing,
}
