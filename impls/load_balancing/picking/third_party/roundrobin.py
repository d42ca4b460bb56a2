"""roundrobin by Vladimir Kryachko: https://github.com/linnik/roundrobin"""

from collections.abc import Callable
from typing import Any

import roundrobin

from impls.registry import implementation
from spec.environment import Environment
from spec.load_balancing.picking.types import Pick, Pool

WEIGHTED = "load_balancing.weighted_round_robin"
ZERO = dict.fromkeys(
    ("zero_weight_gets_nothing", "agrees_with_model"), "where all that are left have weight 0, it picks one of them"
)


class Function:
    """A function that returns the next key."""

    make: Callable[[Any], Callable[[], str | None]]

    def __init__(self, config: Pool, env: Environment) -> None:
        self._next = type(self).make([(backend.name, backend.weight) for backend in config.backends])

    def pick(self) -> Pick | None:
        name = self._next()
        return None if name is None else Pick(name)


@implementation("load_balancing.round_robin", "roundrobin-basic", library="roundrobin")
class Basic(Function):
    """`basic`."""

    make = staticmethod(lambda pairs: roundrobin.basic([name for name, _ in pairs]))


@implementation(WEIGHTED, "roundrobin-weighted", library="roundrobin", capabilities={"cyclic"}, deviations=ZERO)
class Weighted(Function):
    """`weighted`: as the Linux Virtual Server does. That it picks where all weights are 0 is in its documentation."""

    make = staticmethod(roundrobin.weighted)


@implementation(WEIGHTED, "roundrobin-smooth", library="roundrobin", capabilities={"smooth"}, deviations=ZERO)
class Smooth(Function):
    """`smooth`: as nginx does."""

    make = staticmethod(roundrobin.smooth)


@implementation(WEIGHTED, "roundrobin-stateful", library="roundrobin", deviations=ZERO)
class Stateful(Function):
    """`smooth_stateful`, whose backends may be disabled. What they had earned is lost then, so it is no `smooth`."""

    make = staticmethod(roundrobin.smooth_stateful)

    def set_health(self, name: str, up: bool) -> None:
        balancer: Any = self._next
        (balancer.enable if up else balancer.disable)(name)
