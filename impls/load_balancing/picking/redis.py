"""Balancers on Redis or Valkey: one round trip for a call, exact for any number of clients."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import redis
from redis.exceptions import NoScriptError

from impls.load_balancing.picking.server_base import Answer, OnServer, read, written
from impls.registry import Factory, implementation
from spec.environment import Environment
from spec.load_balancing.picking.types import Backends, Pool

KEPT = 3_600_000
"""For how long a balancer is kept after a call, in milliseconds: then the next begins anew, with nothing in flight."""


class OnRedis(OnServer):
    """A balancer in one Redis key, `<prefix>:<policy>`, changed by one script. It is forgotten an hour after the last
    call. A call takes time in proportion to the number of members; `set_backends` without one, also to that of tickets.
    """

    heaviest = 2**31 - 1

    def __init__(self, config: Pool, client: "redis.Redis", prefix: str) -> None:
        super().__init__(config)
        self._client: Any = client
        self._script = client.register_script(_source())
        self._name = written(f"{prefix}:{self.policy}")
        self._constant = self.policy, _json(self._first), KEPT

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _ask(self, call: str, name: str = "", number: int = 0, backends: Backends = ()) -> Answer:
        given = written(name), number, _json(backends)
        asked = "EVALSHA", self._script.sha, 1, self._name, *self._constant, call, *given
        try:
            found = self._client.execute_command(*asked, NEVER_DECODE=True)
        except NoScriptError:  # a new server, or one that was told to forget its scripts
            self._client.script_load(self._script.script)
            found = self._client.execute_command(*asked, NEVER_DECODE=True)
        return found and (read(found[0]), found[1])


class RoundRobin(OnRedis):
    """Goes on after whoever was picked last, in the order of the members."""

    policy = "round_robin"


class Smooth(OnRedis):
    """As nginx does: each earns its weight, who has most is picked and pays what all have earned."""

    policy = "smooth"


class LeastConnections(OnRedis):
    """Who has the fewest in flight; of equals, who was picked longest ago."""

    policy = "least_connections"


class WeightedLeastConnections(OnRedis):
    """Who has the fewest in flight for its weight; of equals, who was picked longest ago."""

    policy = "weighted_least_connections"


@cache
def _source() -> str:
    return Path(__file__).with_name("picking.lua").read_text()


def _json(backends: Backends) -> bytes:
    return written(json.dumps([(*one[:2], one.max_inflight or 0) for one in backends], ensure_ascii=False))


def _factory(specification: str, on_redis: type[OnRedis], *capabilities: str) -> Factory:
    """Register a class for a specification; the factory."""

    known = {"limits", "shared", "no_large_weights", *capabilities}

    @implementation(f"load_balancing.{specification}", "redis", backend="redis", capabilities=known)
    def make(config: Pool, env: Environment) -> OnRedis:
        return on_redis(config, redis.Redis.from_url(env.redis_url), env.namespace)

    return make


round_robin = _factory("round_robin", RoundRobin)
smooth = _factory("weighted_round_robin", Smooth, "smooth")
least_connections = _factory("least_connections", LeastConnections)
weighted_least_connections = _factory("weighted_least_connections", WeightedLeastConnections)
