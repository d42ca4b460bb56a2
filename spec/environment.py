"""What an implementation is given beside its configuration: everything it may know of the world."""

import random
from typing import Any, Protocol


class Clock(Protocol):
    """What tells an implementation the time, and lets it wait."""

    def now(self) -> int:
        """Microseconds since the epoch. It may step backwards, as wall clocks do."""
        ...

    def sleep(self, microseconds: int) -> None:
        """Return when that many microseconds have passed on this clock; at once for zero or less."""
        ...


class Collaborators(Protocol):
    """What a subject calls, as one who watches over it plays it. A configuration that has a method `bound` is given
    them there, and hands the subject those of its own."""

    def called(self, name: str, **args: Any) -> Any:
        """Note that the subject called the collaborator of that name; what it is answered."""
        ...


class Environment(Protocol):
    """The world of one subject."""

    @property
    def clock(self) -> Clock:
        """The only source of time."""
        ...

    @property
    def random(self) -> random.Random:
        """The only source of chance."""
        ...

    @property
    def namespace(self) -> str:
        """Unique for every example. On a shared server all state is kept under it, and nothing else is touched."""
        ...

    @property
    def redis_url(self) -> str:
        """Of a Redis or Valkey, started when first asked for. Keys must begin with the namespace."""
        ...

    @property
    def postgres_url(self) -> str:
        """Of a PostgreSQL, for SQLAlchemy, started when first asked for. Its search path is a schema of the run's own,
        so tables may be made without a thought."""
        ...
