"""Rate limiters on PostgreSQL: one statement for a decision, right at READ COMMITTED for any number of clients."""

from functools import lru_cache
from pathlib import Path
from weakref import WeakSet

from sqlalchemy import Engine, create_engine, text

from impls.backends import postgres_dialect
from impls.rate_limiting.answers import decision
from impls.registry import implementation
from spec.environment import Clock, Environment
from spec.rate_limiting.types import Decision, Limit, checked

_TABLE, _ACQUIRE, _PEEK, _RESET, _PURGE = (
    text(statement) for statement in Path(__file__).with_name("token_bucket.sql").read_text().split(";\n")[:5]
)
_READY: WeakSet[Engine] = WeakSet()


class TokenBucket:
    """A token bucket in one row for each key, changed by one statement, which locks that row only.

    Without a clock the server's own is used, the same for all clients; with one, the time is sent along. The table is
    made on first use. `purge` removes the rows of keys that are full again; it may run at any time.

    engine:    should be in AUTOCOMMIT: a transaction around a decision holds the row's lock.
    namespace: limiters of one namespace and configuration are one limiter.
    """

    def __init__(self, limit: Limit, engine: Engine, namespace: str = "", clock: Clock | None = None) -> None:
        self._limit, self._engine, self._clock = limit, engine, clock
        self._namespace = f"{namespace}:{limit.limit}-{limit.period}-{limit.burst}"
        _make_table(engine)

    def acquire(self, key: str, cost: int = 1) -> Decision:
        """Take `cost` units if there are that many; see `spec.rate_limiting.RateLimiter`."""
        cost = checked(key, cost)
        limit = self._limit
        if not 0 < cost <= limit.burst:
            missing = self._missing(key)
            return decision(limit, missing, cost, fits=cost == 0, take=False)
        price = cost * limit.period
        with self._engine.connect() as connection:
            amounts = {"price": price, "room": limit.burst * limit.period - price}
            row = connection.execute(_ACQUIRE, self._row(key) | amounts).one()
        return decision(limit, row.missing - price * row.fits, cost, fits=row.fits, take=True)

    def peek(self, key: str) -> Decision:
        """What `acquire(key)` would be answered, taking nothing."""
        checked(key)
        missing = self._missing(key)
        fits = missing <= (self._limit.burst - 1) * self._limit.period
        return decision(self._limit, missing, 1, fits=fits, take=False)

    def reset(self, key: str) -> None:
        """Forget the key."""
        checked(key)
        with self._engine.connect() as connection:
            connection.execute(_RESET, self._row(key))

    def purge(self) -> int:
        """Remove the rows of keys that are full again; how many there were."""
        with self._engine.connect() as connection:
            return connection.execute(_PURGE, self._row()).rowcount

    def _row(self, key: str = "") -> dict[str, object]:
        now = None if self._clock is None else self._clock.now()
        # Bytes, since PostgreSQL's text has no place for NUL.
        name = key.encode("utf-8", "surrogatepass")
        return {"namespace": self._namespace, "key": name, "now": now, "rate": self._limit.limit}

    def _missing(self, key: str) -> int:
        with self._engine.connect() as connection:
            found = connection.execute(_PEEK, self._row(key)).scalar()
        return int(found or 0)


def _make_table(engine: Engine) -> None:
    """Once for each engine; two clients that come first at once do not trip over each other."""
    if engine in _READY:
        return
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection, connection.begin():
        connection.execute(text("select pg_advisory_xact_lock(hashtext('lawful_token_bucket'))"))
        if connection.execute(text("select to_regclass('lawful_token_bucket')")).scalar() is None:
            connection.execute(_TABLE)
    _READY.add(engine)


@lru_cache(maxsize=16)
def _engine(url: str) -> Engine:
    return create_engine(postgres_dialect(url), isolation_level="AUTOCOMMIT")


@implementation("rate_limiting.token_bucket", "postgres", backend="postgres", capabilities={"shared"})
def token_bucket(config: Limit, env: Environment) -> TokenBucket:
    return TokenBucket(config, _engine(env.postgres_url), env.namespace, env.clock)
