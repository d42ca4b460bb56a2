"""What a cache that evicts is configured with, asked, and answers. All times are integer microseconds."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Any, NamedTuple, Protocol, Self

from spec.duration import duration
from spec.encoding import COLLABORATOR, encodable
from spec.environment import Collaborators

INTERFACE = "lawful, spec/caching/eviction/types.py: what Evicting promises"
"""The source of the laws that follow from the interface."""

Key = str | int
"""Two keys are the same if they are equal, whatever their hashes. A bool is no key."""

OnRemoval = Callable[[Key, Any, str], None]
"""Told the key, the value and the reason, one of `REASONS`."""

REASONS = ("replaced", "deleted", "cleared", "evicted", "expired")
"""Why a value may leave: a put overwrote it, `delete` or `clear` took it, the policy chose it, or its time was over."""


class Default(Enum):
    """The type of `DEFAULT`."""

    DEFAULT = "default"

    def __repr__(self) -> str:
        return "DEFAULT"


DEFAULT = Default.DEFAULT
"""The ttl of a put that names none: the cache's."""


@encodable
@dataclass(frozen=True, slots=True)
class Capacity:
    """Entries of at most `capacity` units of weight in all, each for `ttl` microseconds; None: for ever.

    on_removal: called once for each value that leaves, after it has left; it may call the cache.

    Raises:
        TypeError: capacity or ttl is not an integer.
        ValueError: one of them is below 1.
    """

    capacity: int
    ttl: int | None = None
    on_removal: OnRemoval | None = field(default=None, compare=False, repr=False, metadata=COLLABORATOR)

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if one.metadata or (value is None and one.name == "ttl"):
                continue
            if type(value) is not int:
                raise TypeError(f"{one.name} must be an integer, not {value!r}")
            if value < 1:
                raise ValueError(f"{one.name} must be at least 1, not {value}")

    def bound(self, collaborators: Collaborators) -> Self:
        """This configuration with the listener that those are."""

        def on_removal(key: Key, value: Any, reason: str) -> None:
            collaborators.called("on_removal", key=key, value=value, reason=reason)

        return replace(self, on_removal=on_removal)

    def deadline(self, now: int, ttl: int | Default | None) -> int | None:
        """From when on an entry that is written now is no longer live; None: it always is."""
        lasts = self.ttl if isinstance(ttl, Default) else ttl
        return None if lasts is None else now + lasts

    def __str__(self) -> str:
        given = {one.name: getattr(self, one.name) for one in fields(self) if not one.metadata}
        told = {name: duration(value) if name == "ttl" else value for name, value in given.items() if value is not None}
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in told.items())})"


@encodable
@dataclass(frozen=True, slots=True)
class Aging(Capacity):
    """A capacity whose counts are halved after every `window` times that entries are put or hit.

    Aging by other means takes no account of the window.
    """

    window: int = 10


@encodable
class Hit(NamedTuple):
    """The answer where the key is live. Its value may be anything, None too."""

    value: object

    def __str__(self) -> str:
        return f"Hit({self.value!r})"


class Evicting(Protocol):
    """What an implementation offers. All but `put` and `get` is optional.

    An entry written at t with ttl d is live at n if n < t + d; with None it always is. What is no longer live is as
    if it were not there: it is in no view, and no live entry is evicted while it takes up room.
    """

    def put(self, key: Key, value: Any, weight: int = 1, ttl: int | Default | None = DEFAULT) -> bool:
        """Store the value; False if it was refused, as its weight is above the capacity.

        A live key gets the new value, weight and ttl, and counts as used. While there is too little room, what the
        policy chooses is evicted, never the key itself. A refused put evicts nothing, but an older value of the key
        is gone too (its removal is told as "replaced"): it was to be overwritten.

        weight: at least 0; other than 1 only with the capability `weights`.
        ttl:    microseconds, at least 1; None: for ever. Given only with the capability `entry_ttl`.

        Raises:
            ValueError: weight or ttl is too low. Nothing changes.
            TypeError: the key cannot be hashed, or weight or ttl is no integer. Nothing changes. ValueError will do.
        """
        ...

    def get(self, key: Key) -> Hit | None:
        """The value, which counts as used; None if the key is not live. The ttl stays as it is."""
        ...

    def peek(self, key: Key) -> Hit | None:
        """As `get`, but nothing changes."""
        ...

    def delete(self, key: Key) -> bool:
        """Forget the key; whether it was live."""
        ...

    def clear(self) -> None:
        """Forget every key."""
        ...

    def keys(self) -> Collection[Key]:
        """The live keys, each once, in any order. Nothing changes."""
        ...

    def weight(self) -> int:
        """The weights of live entries together. Nothing changes."""
        ...

    def __len__(self) -> int:
        """How many keys are live. Nothing changes."""
        ...

    def __contains__(self, key: Key) -> bool:
        """Whether the key is live. Nothing changes."""
        ...


def checked(key: object, weight: object = 1, ttl: object = None) -> None:
    """Whether those are what `put` takes.

    Raises:
        TypeError, ValueError: saying which is wrong, and how.
    """
    hash(key)
    for name, value, least in (("weight", weight, 0), ("ttl", ttl, 1)):
        if name == "ttl" and (value is None or value is DEFAULT):
            continue
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name} must be an integer, not {value!r}")
        if value < least:
            raise ValueError(f"{name} must be at least {least}, not {value}")
