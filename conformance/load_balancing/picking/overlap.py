"""Calls that overlap, at the end of an example: two picks, one request that is done twice, two for the last place."""

from typing import TYPE_CHECKING

from conformance.references import Reference
from conformance.trace import HELD
from spec.load_balancing.picking.types import Backend

if TYPE_CHECKING:
    from conformance.load_balancing.picking.driving import Driving

HOLDS = (2, 1, 3, 2, 4)
"""Before which of its round trips the call is held: what reads and then writes in a transaction may take four."""


def overlap(machine: "Driving") -> None:
    """The first call of the client that is held warms up its connection."""
    hold = HOLDS[machine.number % len(HOLDS)]
    machine.call("pick", HELD)
    machine.call("pick", HELD, hold)
    machine.pick()
    machine.look()
    if machine.open_picks and "done" in machine.capabilities:
        ticket = Reference(machine.open_picks.pop(), "ticket")
        machine.call("done", HELD, hold, ticket=ticket)
        machine.call("done", ticket=ticket)
        machine.look()
    if {"limits", "set_backends"} <= machine.capabilities:
        machine.give((Backend("last", 1, 2),))
        machine.pick()
        machine.call("pick", HELD, hold)
        machine.pick()
        machine.look()
