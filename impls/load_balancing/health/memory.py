"""A health checker in memory: heaps of deadlines, so that nobody is looked at for whom it is not time."""

from heapq import heapify, heappop, heappush
from itertools import count
from threading import Lock
from time import monotonic_ns

from impls.registry import implementation
from spec.environment import Clock, Environment
from spec.load_balancing.health.types import CHECKING, UP, Checks, Names, checked


def _monotonic() -> int:
    """The time since some moment, which nobody sets back, in microseconds."""
    return monotonic_ns() // 1_000


class Slot:
    """A member. `left` is how many more results against what it is make it the other.

    probe: the number of the probe that is under way; 0: none is.
    """

    __slots__ = ("gone", "left", "name", "probe", "up")

    def __init__(self, name: str, up: bool, left: int) -> None:
        self.name, self.up, self.left, self.probe, self.gone = name, up, left, 0, False


class InMemory:
    """Safe for threads. O(log n) for each probe, whatever number of members is not due."""

    def __init__(self, config: Checks, clock: Clock | None = None) -> None:
        self._now = clock.now if clock else _monotonic
        self._interval, self._timeout, self._initial = config.interval, config.timeout, config.initial
        self._needed = {True: config.fall, False: config.rise}
        self._lock = Lock()
        self._order = count(1)
        self._slots: dict[str, Slot] = {}
        self._up: set[str] = set()
        self._next: list[tuple[int, int, Slot]] = []
        self._overdue: list[tuple[int, int, Slot]] = []
        self._new: list[Slot] = []
        self.set_members(config.members)

    def due(self) -> frozenset[str]:
        """Whom to probe now; see `spec.load_balancing.health.types.HealthChecker`."""
        with self._lock:
            now = self._settle()
            slots, self._new = self._new, []
            while self._next and self._next[0][0] <= now:
                slots.append(heappop(self._next)[2])
            for slot in slots:
                slot.probe = next(self._order)
                heappush(self._next, (now + self._interval, slot.probe, slot))
                heappush(self._overdue, (now + self._timeout, slot.probe, slot))
            return frozenset([slot.name for slot in slots])

    def report(self, name: str, ok: bool) -> None:
        """The outcome of the probe that is under way."""
        with self._lock:
            self._settle()
            slot = self._slots[name]
            if slot.probe:
                self._count(slot, ok)

    def is_up(self, name: str) -> bool:
        """Whether the member is up."""
        with self._lock:
            self._settle()
            return self._slots[name].name in self._up

    def up(self) -> frozenset[str]:
        """The members that are up."""
        with self._lock:
            self._settle()
            return frozenset(self._up)

    def set_members(self, names: Names) -> None:
        """From now on these are the members."""
        given = checked(names)
        with self._lock:
            self._settle()
            before, self._slots = self._slots, {}
            for name in given:
                self._slots[name] = before.pop(name) if name in before else self._begin(name)
            for slot in before.values():
                slot.gone = True
                self._up.discard(slot.name)
            if before:
                self._new = [slot for slot in self._new if not slot.gone]
                for heap in (self._next, self._overdue):
                    heap[:] = [entry for entry in heap if not entry[2].gone]
                    heapify(heap)

    def _begin(self, name: str) -> Slot:
        """A new member. While it is checking it is down, and the first result is enough."""
        up = self._initial == UP
        slot = Slot(name, up, 1 if self._initial == CHECKING else self._needed[up])
        if up:
            self._up.add(name)
        self._new.append(slot)
        return slot

    def _settle(self) -> int:
        """Count the probes that are overdue; what time it is."""
        now = self._now()
        while self._overdue and self._overdue[0][0] <= now:
            _, probe, slot = heappop(self._overdue)
            if slot.probe == probe:
                self._count(slot, False)
        return now

    def _count(self, slot: Slot, ok: bool) -> None:
        slot.probe = 0
        if ok is slot.up:
            slot.left = self._needed[ok]
            return
        slot.left -= 1
        if not slot.left:
            slot.up, slot.left = ok, self._needed[ok]
            (self._up.add if ok else self._up.discard)(slot.name)


@implementation("load_balancing.health_checker", "memory")
def make(config: Checks, environment: Environment) -> InMemory:
    """As it is made under test."""
    return InMemory(config, environment.clock)
