"""Balancers in memory that go by how long answers took, or since when a backend has been up."""

from typing import Any

from impls.load_balancing.picking.memory import LeastConnections, RoundRobin
from impls.load_balancing.picking.memory_base import InMemory, Slot, in_memory


@in_memory("least_response_time")
class LeastResponseTime(InMemory):
    """The lowest product of average latency and requests. O(n), as what is known is forgotten with time.

    What a slot keeps: its average and when the latest answer came; None: it never did.
    """

    def _choose(self) -> Slot:
        eligible = self._eligible
        if len(eligible) == 1:
            return eligible[0]
        since = self._now() - self._config.forget
        best, least, fallback = None, 0.0, eligible[0]
        for slot in eligible:
            known = slot.data
            if known is None or known[1] <= since:
                if not slot.in_flight:
                    return slot
                continue
            score = known[0] * (slot.in_flight + 1)
            if best is None or score < least:
                best, least = slot, score
        return best or fallback

    def _answered(self, slot: Slot, ok: bool, latency: int) -> None:
        now, known = self._now(), slot.data
        if known is not None and now - known[1] >= self._config.forget:
            known = None
        sample = float(latency)
        if not ok:
            sample = max(sample, self._config.failure, known[0] if known else 0.0)
        average = known[0] + (sample - known[0]) / self._config.smoothing if known else sample
        slot.data = average, now


@in_memory("slow_start")
class SlowStart(InMemory):
    """The least loaded for the part of its weight that it has. O(n), as that grows with time."""

    def __init__(self, config: Any, *more: Any) -> None:
        super().__init__(config, *more)
        for slot in self._slots.values():
            slot.since -= config.ramp  # those that are there at the start have all at once

    def _choose(self) -> Slot:
        now, ramp = self._now(), self._config.ramp
        best, least = self._eligible[0], None
        for slot in self._eligible:
            part = min(ramp, max(ramp / 10, now - slot.since))
            load = (slot.in_flight + 1) / (slot.weight * part)
            if least is None or load < least:
                best, least = slot, load
        return best


@in_memory("draining", name="memory-round-robin")
class DrainingInTurns(RoundRobin):
    """By turns."""


@in_memory("draining", name="memory-least-connections")
class DrainingByLoad(LeastConnections):
    """By load."""
