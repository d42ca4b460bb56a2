"""Rate limiters on PostgreSQL: one statement for a decision, right at READ COMMITTED for any number of clients."""

from typing import Any

from sqlalchemy import Engine, Row, text

from impls.backends import autocommit_engine
from impls.rate_limiting.answers import counter_decision, decision, log_decision, queue_decision, window_decision
from impls.rate_limiting.postgres_base import OnPostgres
from impls.registry import Factory, implementation
from spec.environment import Clock, Environment
from spec.rate_limiting.types import Decision, Queue, checked


class TokenBucket(OnPostgres):
    """A token bucket: what is missing, and since when."""

    table = "token_bucket"

    def _decision(self, row: Row[Any] | None, cost: int, *, take: bool) -> Decision:
        missing = 0 if row is None else row.missing
        if take and row is not None:
            return decision(self._config, missing, cost, fits=row.fits, take=True)
        fits = cost == 0 or missing <= (self._config.burst - cost) * self._config.period
        return decision(self._config, missing, cost, fits=fits, take=False)


class LeakyBucket(TokenBucket):
    """As a meter: what is missing in the token bucket is what is in this one."""

    variant = 1


class Gcra(TokenBucket):
    """The generic cell rate algorithm, told from the same two numbers: what is missing, and since when."""

    variant = 2


class LeakyQueue(TokenBucket):
    """As a queue: what is missing in the token bucket is what waits."""

    variant = 3

    def __init__(self, config: Queue, engine: Engine, namespace: str = "", clock: Clock | None = None) -> None:
        super().__init__(config.meter, engine, namespace, clock)

    def _decision(self, row: Row[Any] | None, cost: int, *, take: bool) -> Decision:
        answer = super()._decision(row, cost, take=take)
        backlog = 0 if row is None else row.missing
        return queue_decision(self._config, backlog, cost, fits=answer.allowed, take=take)


class FixedWindow(OnPostgres):
    """One counter for a key, beside the beginning of its window."""

    table = "fixed_window"

    def _decision(self, row: Row[Any] | None, cost: int, *, take: bool) -> Decision:
        units, ends_in = (0, 0) if row is None else (row.units, row.ends_in)
        fits = row.fits if take and row is not None else units + cost <= self._config.limit
        return window_decision(self._config, units, ends_in, cost, fits=fits)


class AnchoredWindow(FixedWindow):
    """A fixed window that begins with the first call in it."""

    variant = 1


class SlidingLog(OnPostgres):
    """What still counts, in two arrays: at most `limit` entries for a key."""

    table = "sliding_log"

    def stored(self, key: str) -> int:
        """How many entries are stored for the key."""
        checked(key)
        statement = text(
            "select cardinality(instants) from lawful_sliding_log where namespace = :namespace and key = :key"
        )
        with self._engine.connect() as connection:
            return connection.execute(statement, self._values(key)).scalar() or 0

    def _decision(self, row: Row[Any] | None, cost: int, *, take: bool) -> Decision:
        units, wait, over_in = (0, 0, 0) if row is None else (int(row.counted), row.wait, row.over_in)
        fits = row.fits if take and row is not None else units + cost <= self._config.limit
        return log_decision(self._config, units, wait, over_in, cost, fits=fits)


class SlidingCounter(OnPostgres):
    """Two counters for a key, beside the beginning of the current window."""

    table = "sliding_counter"

    def _decision(self, row: Row[Any] | None, cost: int, *, take: bool) -> Decision:
        begin, current, previous, now = (0, 0, 0, 0) if row is None else tuple(row)[:4]
        if now >= begin + self._config.period:  # a peek finds the row as it was left
            elapsed = (now - begin) // self._config.period
            begin, current, previous = begin + elapsed * self._config.period, 0, current if elapsed == 1 else 0
        return counter_decision(self._config, begin, current, previous, now, cost, take=take)[1]


def _factory(specification: str, limiter: type[OnPostgres], name: str = "postgres", *declared: str) -> Factory:
    """Register a class for a specification; the factory."""

    @implementation(f"rate_limiting.{specification}", name, backend="postgres", capabilities={"shared", *declared})
    def make(config: Any, env: Environment) -> OnPostgres:
        return limiter(config, autocommit_engine(env.postgres_url), env.namespace, env.clock)

    return make


token_bucket = _factory("token_bucket", TokenBucket)
leaky_bucket = _factory("leaky_bucket", LeakyBucket)
gcra = _factory("gcra", Gcra)
leaky_queue = _factory("leaky_bucket_queue", LeakyQueue)
fixed_window = _factory("fixed_window", FixedWindow)
anchored_window = _factory("fixed_window", AnchoredWindow, "postgres-anchored", "anchored")
sliding_log = _factory("sliding_window_log", SlidingLog)
sliding_counter = _factory("sliding_window_counter", SlidingCounter)
