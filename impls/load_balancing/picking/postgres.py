"""Balancers on PostgreSQL: one statement for a call, exact at READ COMMITTED for any number of clients."""

import json
from pathlib import Path

from sqlalchemy import Engine, text

from impls.backends import autocommit_engine
from impls.load_balancing.picking.server_base import Answer, OnServer, read, written
from impls.made_once import make_once
from impls.registry import Factory, implementation
from spec.environment import Environment
from spec.load_balancing.picking.types import Backends, Pool

FUNCTION = "lawful_balancer"
"""The name of the function, and how those of its tables begin."""


class OnPostgres(OnServer):
    """A balancer whose state is a row for each member, and for each ticket in flight. A call is one statement, which
    asks one function, that is made on first use together with its tables, and locks the row of this balancer only.

    The tables are not logged: after a crash of the server the balancer begins anew, with nothing in flight. What is
    kept of a balancer goes with its row of `lawful_balancer`, once that is deleted.

    engine:    should be in AUTOCOMMIT: a transaction around a call holds the balancer's lock.
    namespace: balancers of one policy and namespace are one balancer.
    """

    heaviest = 2**63 - 1

    function = FUNCTION

    def __init__(self, config: Pool, engine: Engine, namespace: str = "") -> None:
        super().__init__(config)
        self._engine = engine
        self._constant = {
            "namespace": f"{namespace}:{self.policy}",
            "policy": self.policy,
            "initial": _json(self._first),
        }
        self._statement = text(
            f"select * from {self.function}"
            "(:namespace, :policy, cast(:initial as jsonb), :call, :name, :number, cast(:backends as jsonb))"
        )
        make_once(engine, self.function, self._source())

    def _ask(self, call: str, name: str = "", number: int = 0, backends: Backends = ()) -> Answer:
        asked = {"call": call, "name": written(name), "number": number, "backends": _json(backends)}
        with self._engine.connect() as connection:
            found = connection.execute(self._statement, self._constant | asked).first()
        return found and (read(found.which), found.number)

    def _source(self) -> str:
        """The statements that make the tables and the function."""
        return Path(__file__).with_name("picking.sql").read_text()


class RoundRobin(OnPostgres):
    """Goes on after whoever was picked last, in the order of the members."""

    policy = "round_robin"


class Smooth(OnPostgres):
    """As nginx does: each earns its weight, who has most is picked and pays what all have earned."""

    policy = "smooth"


class LeastConnections(OnPostgres):
    """Who has the fewest in flight; of equals, who was picked longest ago."""

    policy = "least_connections"


class WeightedLeastConnections(OnPostgres):
    """Who has the fewest in flight for its weight; of equals, who was picked longest ago."""

    policy = "weighted_least_connections"


def _json(backends: Backends) -> str:
    return json.dumps([(written(name).hex(), weight, limit) for name, weight, limit in backends])


def _factory(specification: str, on_postgres: type[OnPostgres], *capabilities: str) -> Factory:
    """Register a class for a specification; the factory."""

    @implementation(
        f"load_balancing.{specification}",
        "postgres",
        backend="postgres",
        capabilities={"limits", "shared", *capabilities},
    )
    def make(config: Pool, env: Environment) -> OnPostgres:
        return on_postgres(config, autocommit_engine(env.postgres_url), env.namespace)

    return make


round_robin = _factory("round_robin", RoundRobin)
smooth = _factory("weighted_round_robin", Smooth, "smooth")
least_connections = _factory("least_connections", LeastConnections)
weighted_least_connections = _factory("weighted_least_connections", WeightedLeastConnections)
