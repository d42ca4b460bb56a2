"""What must be in a PostgreSQL before the first call, such as a function: it is made once for each engine."""

from weakref import WeakKeyDictionary

from sqlalchemy import Engine, text

_MADE: WeakKeyDictionary[Engine, set[str]] = WeakKeyDictionary()
"""The names of what is known to be there."""


def make_once(engine: Engine, name: str, statements: str) -> None:
    """Run the statements, if that was not done for that name; two clients that come first at once do not trip over each
    other."""
    made = _MADE.setdefault(engine, set())
    if name in made:
        return
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection, connection.begin():
        connection.execute(text("select pg_advisory_xact_lock(hashtext('lawful'))"))
        connection.exec_driver_sql(statements)
    made.add(name)
