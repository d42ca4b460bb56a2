"""Rate limiters on PostgreSQL with one mistake each: in the statement, or in using two."""

from typing import Any, ClassVar

from sqlalchemy import text

from conformance.mutants import mutant
from impls.backends import autocommit_engine
from impls.rate_limiting.answers import decision
from impls.rate_limiting.postgres import FixedWindow, SlidingCounter, TokenBucket
from impls.rate_limiting.postgres_base import OnPostgres
from spec.environment import Environment
from spec.rate_limiting.types import Decision, checked

TOKEN_BUCKET, FIXED = "rate_limiting.token_bucket", "rate_limiting.fixed_window"
COUNTER = "rate_limiting.sliding_window_counter"


class Slip(OnPostgres):
    """Goes before a correct limiter. `slip`: passages of its statement `acquire`, and what stands there instead."""

    slip: ClassVar[dict[str, str]] = {}

    def __init__(self, config: Any, env: Environment) -> None:
        super().__init__(config, autocommit_engine(env.postgres_url), env.namespace, env.clock)
        statement = self._acquire.text
        for passage, instead in self.slip.items():
            if passage not in statement:
                raise ValueError(f"{passage!r} is not in {self.table}.sql")
            statement = statement.replace(passage, instead)
        self._acquire = text(statement)


@mutant(TOKEN_BUCKET, killed_by="concurrent_calls_share_what_is_left", capabilities={"shared"})
class SelectThenUpdate(Slip, TokenBucket):
    """The row is selected, and updated in the same transaction: at READ COMMITTED that locks nothing in between."""

    def acquire(self, key: str, cost: int = 1) -> Decision:
        limit, values = self._config, self._values(key, checked(key, cost))
        with self._engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
            row = connection.execute(self._peek, values).first()
            missing = row.missing if row else 0
            fits = missing + cost * limit.period <= limit.burst * limit.period
            if fits and cost:
                connection.execute(
                    text(
                        "insert into lawful_token_bucket values (:namespace, :key, :after, :now, true)"
                        " on conflict (namespace, key) do update"
                        " set missing = excluded.missing, at = greatest(lawful_token_bucket.at, excluded.at)"
                    ),
                    values | {"after": missing + cost * limit.period},
                )
            connection.commit()
        return decision(limit, missing, cost, fits=fits, take=True)


@mutant(TOKEN_BUCKET, killed_by="clock_stepping_back_grants_nothing", capabilities={"shared"})
class InstantOfTheCaller(Slip, TokenBucket):
    """The row takes over the caller's instant, even one before its own: the time between flows in twice."""

    slip: ClassVar = {"greatest(bucket.at, excluded.at)": "excluded.at"}


@mutant(TOKEN_BUCKET, killed_by="keys_are_independent", capabilities={"shared"})
class NulLeftOut(Slip, TokenBucket):
    """NUL is left out of keys, since a text column has no place for it."""

    def _values(self, key: str = "", cost: int = 1) -> dict[str, Any]:
        return super()._values(key.replace("\x00", ""), cost)


@mutant(TOKEN_BUCKET, killed_by="reset_forgets", capabilities={"shared"})
class ResetInTransaction(Slip, TokenBucket):
    """`reset` deletes the row in a transaction that nobody commits."""

    def reset(self, key: str) -> None:
        checked(key)
        with self._engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
            connection.execute(self._reset, self._values(key))


@mutant(FIXED, killed_by="conforming_traffic_is_admitted", capabilities={"shared"})
class WindowClosedAtItsEnd(Slip, FixedWindow):
    """A window still goes on at the instant at which the next one begins: `<=` for `<`."""

    slip: ClassVar = {"excluded.begin < counted.begin": "excluded.begin <= counted.begin"}


@mutant(COUNTER, killed_by="idle_restores_exactly_the_burst", capabilities={"shared"})
class KeptAfterAnIdleWindow(Slip, SlidingCounter):
    """Whatever window was the last counts as the one before, even after idle ones."""

    slip: ClassVar = {"when excluded.begin = counted.begin + :period then": "when true then"}
