"""jump-consistent-hash by Peter Lithammer: https://github.com/lithammer/python-jump-consistent-hash"""

from collections.abc import Sequence
from hashlib import md5

import jump

from impls.registry import implementation
from spec.environment import Environment
from spec.load_balancing.hashing.types import Hashed


@implementation(
    "load_balancing.consistent_hashing",
    "jump-consistent-hash",
    library="jump-consistent-hash",
    capabilities={"jump"},
)
class Jump:
    """`jump.hash` of a key's MD5, as in its documentation. It refuses to choose of nothing."""

    def __init__(self, config: Hashed, env: Environment) -> None:
        self._names = [backend.name for backend in config.backends]

    def assign(self, keys: Sequence[str]) -> list[str | None]:
        return [self._name(key) if self._names else None for key in keys]

    def _name(self, key: str) -> str:
        return self._names[jump.hash(int(md5(key.encode()).hexdigest(), 16), len(self._names))]
