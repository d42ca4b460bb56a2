"""clandestined by Ee Durbin: https://github.com/ewdurbin/clandestined-python"""

from collections.abc import Sequence

from clandestined import Cluster, RendezvousHash

from impls.registry import implementation
from spec.environment import Environment
from spec.load_balancing.hashing.types import Hashed
from spec.load_balancing.picking.types import Backends, checked

CONSISTENT = "load_balancing.consistent_hashing"


@implementation(CONSISTENT, "clandestined", library="clandestined")
class Rendezvous:
    """A `RendezvousHash`."""

    def __init__(self, config: Hashed, env: Environment) -> None:
        self._hash = RendezvousHash([one.name for one in config.backends])

    def assign(self, keys: Sequence[str]) -> list[str | None]:
        return [self._hash.find_node(key) for key in keys]

    def set_backends(self, backends: Backends) -> None:
        names = [one.name for one in checked(backends)]
        for name in [*self._hash.nodes]:
            if name not in names:
                self._hash.remove_node(name)
        for name in names:
            self._hash.add_node(name)


@implementation(
    CONSISTENT,
    "clandestined-cluster",
    library="clandestined",
    deviations=dict.fromkeys(
        ("empty_is_none", "answers_every_call"), "reports/findings/016-clandestined-empty-cluster.md"
    ),
)
class OneZone:
    """A `Cluster` of one zone, which keeps one copy. With more zones a key's zone is a remainder, and a new zone moves
    most keys."""

    def __init__(self, config: Hashed, env: Environment) -> None:
        self._cluster = Cluster({one.name: {} for one in config.backends}, replicas=1)

    def assign(self, keys: Sequence[str]) -> list[str | None]:
        return [self._cluster.find_nodes(key)[0] for key in keys]

    def set_backends(self, backends: Backends) -> None:
        names = [one.name for one in checked(backends)]
        for name in [*self._cluster.nodes]:
            if name not in names:
                self._cluster.remove_node(name)
        for name in names:
            if name not in self._cluster.nodes:
                self._cluster.add_node(name)
