"""uhashring by Ultrabug: https://github.com/ultrabug/uhashring"""

from collections.abc import Sequence
from typing import Any

from uhashring import HashRing

from impls.registry import implementation
from spec.environment import Environment
from spec.load_balancing.hashing.types import Hashed
from spec.load_balancing.picking.types import Backends, checked

CONSISTENT = "load_balancing.consistent_hashing"
REPLICAS = 4
"""Points that ketama takes from one hash."""
KETAMA = dict.fromkeys(
    (
        "only_removed_keys_move",
        "added_takes_only_for_itself",
        "weight_up_only_attracts",
        "preference_list_is_stable",
    ),
    "as with ketama, how many points a backend has depends on the number and the weights of all",
)


class Adapter:
    """A `HashRing`. Its own updates are used, one for each backend that comes, goes, or has another weight."""

    def __init__(self, config: Hashed, **options: Any) -> None:
        self._ring = HashRing({one.name: one.weight for one in config.backends}, **options)

    def assign(self, keys: Sequence[str]) -> list[str | None]:
        return [self._ring.get_node(key) for key in keys]

    def set_backends(self, backends: Backends) -> None:
        weights = {one.name: one.weight for one in checked(backends)}
        for name in [*self._ring.get_nodes()]:
            if name not in weights:
                self._ring.remove_node(name)
        for name, weight in weights.items():
            self._ring.add_node(name, {"weight": weight})

    def preference(self, key: str, count: int) -> list[str]:
        return [node["nodename"] for node in self._ring.range(key, size=count)]


@implementation(
    CONSISTENT,
    "uhashring",
    library="uhashring",
    capabilities={"ring", "weights"},
    deviations={"answers_every_call": "reports/findings/012-uhashring-weight-zero.md"},
)
class Default(Adapter):
    """With MD5 and `vnodes` points for each unit of weight."""

    def __init__(self, config: Hashed, env: Environment) -> None:
        super().__init__(config, vnodes=config.points)


@implementation(CONSISTENT, "uhashring-ketama", library="uhashring", capabilities={"ring"})
class Ketama(Adapter):
    """As ketama does, for backends of equal weight: each has `vnodes` times `replicas` points."""

    def __init__(self, config: Hashed, env: Environment) -> None:
        replicas = 1 if config.points % REPLICAS else REPLICAS
        super().__init__(config, hash_fn="ketama", vnodes=config.points // replicas, replicas=replicas)


@implementation(
    CONSISTENT,
    "uhashring-ketama-weighted",
    library="uhashring",
    capabilities={"weights"},
    deviations={
        **KETAMA,
        "same_membership_same_mapping": "those of weight 0, which ketama refuses, are among the number",
        "answers_every_call": "reports/findings/013-uhashring-ketama-no-weight-left.md",
    },
)
class KetamaWeighted(Adapter):
    """As ketama does, with its 160 points on the average, of which each backend gets its share by weight."""

    def __init__(self, config: Hashed, env: Environment) -> None:
        if config.backends and not any(one.weight for one in config.backends):
            raise NotImplementedError("of the nodes that a ring is made with, one must have a weight")
        super().__init__(config, hash_fn="ketama")
