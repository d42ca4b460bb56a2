"""hrw by k98kurz: https://github.com/k98kurz/hrw"""

from collections.abc import Sequence

from hrw import sort

from impls.registry import implementation
from spec.environment import Environment
from spec.load_balancing.hashing.types import Hashed


@implementation("load_balancing.consistent_hashing", "hrw", library="hrw", capabilities={"weights"})
class Hrw:
    """`sort`. For each further unit of weight a backend has another name, as the documentation advises.

    It refuses to sort nothing, so who has no backends does not ask.
    """

    def __init__(self, config: Hashed, env: Environment) -> None:
        self._names = {
            f"{number}:{backend.name}".encode(): backend.name
            for backend in config.backends
            for number in range(backend.weight)
        }

    def _sorted(self, key: str) -> list[str]:
        """All names, each once."""
        if not self._names:
            return []
        return list(dict.fromkeys(self._names[name] for name in sort(key.encode(), list(self._names))))

    def assign(self, keys: Sequence[str]) -> list[str | None]:
        return [next(iter(self._sorted(key)), None) for key in keys]

    def preference(self, key: str, count: int) -> list[str]:
        return self._sorted(key)[:count]
