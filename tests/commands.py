"""How often a Redis server was asked what: by clients, and by scripts inside it."""

from typing import Any


def calls(client: Any) -> dict[str, int]:
    """Of each command so far, but for the one that asks."""
    return {name: stats["calls"] for name, stats in client.info("commandstats").items() if name != "cmdstat_info"}


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """What was asked meanwhile."""
    return {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}
