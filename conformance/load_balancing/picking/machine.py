"""The machines of balancers that pick; those of chance begin with a long run, for the laws that need one."""

from typing import Any

from conformance.load_balancing.picking.picking import Picking
from conformance.load_balancing.picking.strategies import LARGE, WEIGHTED, WEIGHTED_LIMITED, equal, weighing
from spec.load_balancing.picking.laws_policy import ROUNDS
from spec.load_balancing.picking.laws_statistics import MANY
from spec.load_balancing.picking.types import Pool


class Weighing(Picking):
    """Of a balancer in which weights have a say."""

    configs = WEIGHTED
    limited = WEIGHTED_LIMITED
    example_config = Pool(weighing(5, 1, 1))
    weighted = True


class Drawing(Picking):
    """Of a balancer that draws at random, all alike."""

    long_config = Pool(equal(4))

    def long_run(self) -> None:
        """Each is over before the next one comes."""
        for _ in range(MANY):
            if self.pick() is None:
                return
            self.end(0)


class WeighedDrawing(Drawing, Weighing):
    """As that, by weight."""

    long_config = Pool(weighing(5, 0, 3, 1, 1))


class Sharing(Picking):
    """Of a balancer that picks the least loaded."""

    long_config = Pool(equal(3))

    def long_run(self) -> None:
        """All are idle whenever one is picked."""
        for _ in range(2 * ROUNDS * len(self.members)):
            if self.pick() is None:
                return
            self.end(0)


class WeighedSharing(Sharing, Weighing):
    """As that, by weight."""

    configs = WEIGHTED + LARGE
    long_config = Pool(weighing(2, 2, 2))


class Choosing(Picking):
    """Of a balancer that draws two."""

    long_config = Pool(equal(4))

    def long_run(self) -> None:
        """All have different numbers in flight, and keep them."""
        loads: dict[Any, int] = {}
        for _ in range(200):
            picked = self.pick()
            if picked is None:
                return
            loads[picked.backend] = loads.get(picked.backend, 0) + 1
        self.settle(loads)
        for _ in range(MANY):
            if self.pick() is None:
                return
            self.end(-1)

    def settle(self, loads: dict[Any, int]) -> None:
        """Let requests end until the members have 8, 6, 4 and 2 in flight, whichever way round."""
        answers = self.run.answers if self.run else {}
        wanted = {name: 2 + 2 * at for at, name in enumerate(sorted(loads))}
        for step in tuple(self.open_picks):
            name = answers[step].backend
            if loads[name] > wanted[name]:
                loads[name] -= 1
                self.open_picks.remove(step)
                self.done(step)


MACHINES = {
    "round_robin": Picking,
    "weighted_round_robin": Weighing,
    "random": Drawing,
    "weighted_random": WeighedDrawing,
    "least_connections": Sharing,
    "weighted_least_connections": WeighedSharing,
    "two_choices": Choosing,
}
