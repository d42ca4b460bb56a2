"""Balancers in memory: by turns, by chance, by load."""

from bisect import bisect
from collections import OrderedDict
from heapq import heapify, heappop, heappush
from itertools import accumulate, count, cycle
from math import gcd, lcm
from typing import Any

from impls.load_balancing.picking.memory_base import InMemory, Slot, in_memory


@in_memory("round_robin")
class RoundRobin(InMemory):
    """Goes on after whoever was picked last, in the order of the members. O(1)."""

    _latest: Slot | None = None

    def _choose(self) -> Slot:
        slot = self._latest = next(self._turns)
        return slot

    def _changed(self) -> None:
        following = 0
        members = list(self._slots.values())
        if self._latest in members:
            passed = set(members[: members.index(self._latest) + 1])
            following = next((at for at, slot in enumerate(self._eligible) if slot not in passed), 0)
        self._turns = cycle(self._eligible[following:] + self._eligible[:following])


@in_memory("weighted_round_robin", "smooth")
class Smooth(InMemory):
    """As nginx does: each earns its weight, who has most is picked and pays what all have earned. O(n).

    nginx, commit 52327e0, 2012.
    """

    def _choose(self) -> Slot:
        best, most, total = self._eligible[0], None, 0
        for slot in self._eligible:
            total += slot.weight
            slot.data += slot.weight
            if most is None or slot.data > most:
                best, most = slot, slot.data
        best.data -= total
        return best

    def _changed(self) -> None:
        for slot in self._slots.values():
            slot.data = slot.data or 0


@in_memory("weighted_round_robin", "smooth", "resets_on_change", name="memory-resets")
class SmoothResetting(Smooth):
    """As that, but it begins anew when the eligible or a weight changes, so no credit of before makes a burst."""

    _weights: tuple[tuple[Slot, int], ...] = ()

    def _changed(self) -> None:
        weights = tuple((slot, slot.weight) for slot in self._eligible)
        if set(weights) != set(self._weights):
            for slot in self._slots.values():
                slot.data = 0
        self._weights = weights
        super()._changed()


@in_memory("weighted_round_robin", "earliest_deadline_first", name="memory-edf")
class EarliestDeadline(InMemory):
    """A heap of deadlines, in whole numbers: 1 / weight becomes lcm / weight. O(log n)."""

    _weights: frozenset[tuple[Slot, int]] = frozenset()
    _heap: list[tuple[int, int, Slot]]

    def _choose(self) -> Slot:
        deadline, order, slot = heappop(self._heap)
        heappush(self._heap, (deadline + slot.data, order, slot))
        return slot

    def _changed(self) -> None:
        weights = frozenset((slot, slot.weight) for slot in self._eligible)
        if weights == self._weights:
            return
        self._weights = weights
        every = lcm(*(slot.weight for slot in self._eligible))
        for slot in self._eligible:
            slot.data = every // slot.weight
        self._heap = [(slot.data, order, slot) for order, slot in enumerate(self._eligible)]
        heapify(self._heap)


@in_memory("weighted_round_robin", "cyclic", name="memory-cyclic")
class Cyclic(InMemory):
    """A list in which each stands as often as its weight says, spread out, made anew when a weight changes. O(1), and
    as much memory as all weights together, divided by what divides them all."""

    _weights: frozenset[tuple[Slot, int]] = frozenset()

    def _choose(self) -> Slot:
        return next(self._turns)

    def _changed(self) -> None:
        weights = frozenset((slot, slot.weight) for slot in self._eligible)
        if weights == self._weights or not weights:
            return
        self._weights = weights
        every, divisor = (how(*(slot.weight for slot in self._eligible)) for how in (lcm, gcd))
        places = [
            (turn * (every // slot.weight), order, slot)
            for order, slot in enumerate(self._eligible)
            for turn in range(1, slot.weight // divisor + 1)
        ]
        self._turns = cycle([slot for *_, slot in sorted(places, key=lambda place: place[:2])])


@in_memory("random")
class Random(InMemory):
    """Any. O(1)."""

    def _choose(self) -> Slot:
        return self._eligible[int(self._random.random() * len(self._eligible))]


@in_memory("weighted_random")
class WeightedRandom(InMemory):
    """Any, by the sums of their weights. O(log n)."""

    def _choose(self) -> Slot:
        # Whole numbers, so that no rounding takes from the last one.
        return self._eligible[bisect(self._sums, self._random.randrange(self._sums[-1]))]

    def _changed(self) -> None:
        self._sums = list(accumulate(slot.weight for slot in self._eligible))


@in_memory("least_connections")
class LeastConnections(InMemory):
    """A queue for each number in flight; who came into the first of them first is picked. O(1)."""

    _least = 0

    def _choose(self) -> Slot:
        queue = self._queues[self._least]
        slot, _ = queue.popitem(last=False)
        self._put(slot, slot.in_flight + 1)
        if not queue:
            self._least += 1  # that is where it went
        return slot

    def _put(self, slot: Slot, number: int) -> None:
        queue = self._queues.get(number)
        if queue is None:
            queue = self._queues[number] = OrderedDict()
        queue[slot] = None

    def _answered(self, slot: Slot, ok: bool, latency: int) -> None:
        queue = self._queues.get(slot.in_flight + 1)
        if queue and slot in queue:  # or else it is not eligible
            del queue[slot]
            self._put(slot, slot.in_flight)
            self._least = min(self._least, slot.in_flight)

    def _changed(self) -> None:
        before = getattr(self, "_queues", {})
        order = {slot: at for at, slot in enumerate(slot for queue in before.values() for slot in queue)}
        self._queues: dict[int, OrderedDict[Slot, None]] = {}
        for slot in sorted(self._eligible, key=lambda slot: order.get(slot, len(order))):
            self._put(slot, slot.in_flight)
        self._least = min(self._queues, default=0)


@in_memory("weighted_least_connections")
class WeightedLeastConnections(InMemory):
    """A heap of loads, which are whole numbers: in flight times lcm / weight; of equals, who waits longest. O(log n).

    What is in the heap for a slot that has changed since is passed over.
    """

    counted = 0

    def _choose(self) -> Slot:
        heap = self._heap
        while True:
            _, at, slot = heappop(heap)
            if slot.data[1] == at:
                self._put(slot, slot.in_flight + 1)
                return slot

    def _put(self, slot: Slot, in_flight: int) -> None:
        step = slot.data[0]
        at = next(self._turns)
        slot.data = step, at
        heappush(self._heap, ((in_flight + self.counted) * step, at, slot))

    def _answered(self, slot: Slot, ok: bool, latency: int) -> None:
        if slot.eligible():
            self._put(slot, slot.in_flight)
            if len(self._heap) > 4 * len(self._eligible) + 16:
                self._changed()

    def _changed(self) -> None:
        turns = getattr(self, "_turns", count())
        every = lcm(*(slot.weight for slot in self._eligible))
        before: Any = {slot: slot.data[1] if slot.data else next(turns) for slot in self._eligible}
        self._turns = turns
        for slot, at in before.items():
            slot.data = every // slot.weight, at
        self._heap = [((slot.in_flight + self.counted) * slot.data[0], slot.data[1], slot) for slot in self._eligible]
        heapify(self._heap)


@in_memory("weighted_least_connections", "counts_new", name="memory-counts-new")
class CountingTheNew(WeightedLeastConnections):
    """As that, with the request that is to be placed."""

    counted = 1


@in_memory("two_choices")
class TwoChoices(InMemory):
    """The less loaded of two different ones. O(1)."""

    def _choose(self) -> Slot:
        eligible = self._eligible
        number = len(eligible)
        if number == 1:
            return eligible[0]
        first = int(self._random.random() * number)
        second = int(self._random.random() * (number - 1))
        second += second >= first
        one, other = eligible[first], eligible[second]
        return one if one.in_flight <= other.in_flight else other


@in_memory("two_choices", "with_replacement", name="memory-with-replacement")
class TwoChoicesWithReplacement(InMemory):
    """The less loaded of two that may be the same. O(1)."""

    def _choose(self) -> Slot:
        eligible = self._eligible
        number = len(eligible)
        one = eligible[int(self._random.random() * number)]
        other = eligible[int(self._random.random() * number)]
        return one if one.in_flight <= other.in_flight else other
