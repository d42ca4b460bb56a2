"""Balancers on PostgreSQL with one mistake each: in the function, in the tables, or in using two statements."""

from typing import Any, ClassVar

from conformance.mutants import mutant
from impls.backends import autocommit_engine
from impls.load_balancing.picking.postgres import FUNCTION, LeastConnections, OnPostgres, RoundRobin, Smooth
from spec.environment import Environment
from spec.load_balancing.picking.types import Pick

ROUND_ROBIN, LEAST = "load_balancing.round_robin", "load_balancing.least_connections"
WEIGHTED = "load_balancing.weighted_round_robin"
ALL = frozenset({"limits", "shared"})


class Slip(OnPostgres):
    """Goes before a correct balancer. `slip`: passages of what makes it, and what stands there instead. Its function
    and tables have names of their own, so that they stand beside the correct ones."""

    slip: ClassVar[dict[str, str]] = {}

    def __init__(self, config: Any, env: Environment) -> None:
        self.function = f"{FUNCTION}_{type(self).__name__}".lower()
        super().__init__(config, autocommit_engine(env.postgres_url), env.namespace)

    def _source(self) -> str:
        source = super()._source()
        for passage, instead in {**self.slip, FUNCTION: self.function}.items():
            if passage not in source:
                raise ValueError(f"{passage!r} is not in picking.sql")
            source = source.replace(passage, instead)
        return source


@mutant(LEAST, killed_by="concurrent_calls_are_all_counted", capabilities=ALL)
class SelectThenUpdate(Slip, LeastConnections):
    """One statement selects whom to pick, a second one updates its row by what was selected: of two picks at once one
    is lost."""

    slip: ClassVar = {
        "if policy = 'smooth' then": "if asked = '' then\n"
        "            return query select picked.name, picked.in_flight; return;\n"
        "        end if;\n"
        "        picked.name := asked; picked.in_flight := value;\n"
        "        if policy = 'smooth' then",
        "set in_flight = in_flight + 1": "set in_flight = picked.in_flight + 1",
    }

    def pick(self) -> Pick | None:
        found = self._ask("pick")
        taken = found and self._ask("pick", *found)
        return taken and Pick(*taken)


@mutant(ROUND_ROBIN, killed_by="concurrent_calls_follow_one_another", capabilities=ALL)
class SelectThenInsert(Slip, RoundRobin):
    """One statement says whose turn it is, a second one gives it the request."""

    slip: ClassVar = {
        "if policy = 'smooth' then": "if asked = '' then\n"
        "            return query select picked.name, picked.in_flight; return;\n"
        "        end if;\n"
        "        picked.name := asked;\n"
        "        if policy = 'smooth' then",
    }

    def pick(self) -> Pick | None:
        found = self._ask("pick")
        taken = found and self._ask("pick", found[0])
        return taken and Pick(*taken)


@mutant(LEAST, killed_by="in_flight_counts_open_requests", capabilities=ALL)
class TicketsOutliveTheirMember(Slip, LeastConnections):
    """Tickets do not go with their member: if one of the same name comes, they count down what it has."""

    slip: ClassVar = {
        ",\n    foreign key (namespace, name) references lawful_balancer_member on delete cascade": "",
    }


@mutant(WEIGHTED, killed_by="survivors_keep_in_flight", capabilities=ALL | {"smooth"})
class DeletesAllThenInserts(Slip, Smooth):
    """New members: all rows are deleted, with what is in flight, and inserted anew."""

    slip: ClassVar = {
        "and name not in (select decode(backend ->> 0, 'hex') from jsonb_array_elements(given) as backend)": ""
    }


@mutant(LEAST, killed_by="ties_are_shared", capabilities=ALL)
class EqualsByTheirPlace(Slip, LeastConnections):
    """Of equals, it is always the first that is picked, as the list says."""

    slip: ClassVar = {"            latest,\n": ""}


@mutant(ROUND_ROBIN, killed_by="only_eligible", capabilities=ALL)
class LimitMayBePassedByOne(Slip, RoundRobin):
    """A backend that has as many in flight as it may is sent one more."""

    slip: ClassVar = {"in_flight < max_inflight": "in_flight <= max_inflight"}


@mutant(ROUND_ROBIN, killed_by="unknown_names_are_refused", capabilities=ALL)
class UpdateOfNoRow(Slip, RoundRobin):
    """An update that finds no row is no error: who mistypes a name is told nothing."""

    def _ask_of(self, name: str, call: str, value: bool = False) -> int:
        found = self._ask(call, name, number=int(value))
        return found[1] if found else 0
