"""What a history tells of a server that may be full: what it accepted, and what was found of that."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spec.caching.eviction.types import Hit
from spec.caching.maxmemory.types import Maxmemory
from spec.history import History, Malformed, NoAnswer, Operation, Raised, refused_as_bad, remembered

SLACK = 8 * 1024
"""Bytes of the limit that a server may need otherwise, for connections or for tables that grow."""

MILLISECOND = 1000
"""Servers round times to live to whole ones."""


def most(size: int) -> int:
    """The bytes that a value of that size takes at most, with its key: tables and allocators want their share."""
    return size + size // 4 + 512


@dataclass(frozen=True, slots=True)
class Entry:
    """What was accepted last under a key.

    deadline: from when on it is not there any more; None: it always is.
    """

    index: int
    key: str
    value: int
    size: int
    deadline: int | None

    def live(self, now: int) -> bool:
        """Whether its time is not over, to the millisecond."""
        return self.deadline is None or now < self.deadline - MILLISECOND


@dataclass(frozen=True, slots=True)
class Write:
    """A put that was answered, or raised, which tells that it was not accepted.

    needs: the bytes that are in use with it at most, if nothing is evicted.
    """

    operation: Operation
    accepted: bool
    size: int
    needs: int

    def fits(self, config: Maxmemory) -> bool:
        """Whether the value has room on a server that is otherwise empty."""
        return most(self.size) <= config.bytes - SLACK


@dataclass(frozen=True, slots=True)
class Look:
    """What a call tells of one key: whether it is there, and with which value if it tells that.

    entry:   what was accepted last under it, unless that was deleted or is known to be gone.
    full:    the last put that may have made evictions necessary, by its index; -1: there was none.
    refused: the last put that was refused though it fits; -1: there was none.
    """

    operation: Operation
    there: bool
    hit: Hit | None
    entry: Entry | None
    full: int
    refused: int

    @property
    def live(self) -> Entry | None:
        """The entry that must be there unless it was evicted."""
        return self.entry if self.entry and self.entry.live(self.operation.start) else None

    @property
    def proof(self) -> tuple[int, ...]:
        """The put, if there was one, and this."""
        return (*((self.entry.index,) if self.entry else ()), self.operation.index)


def is_bad(operation: Operation) -> bool:
    """Whether the arguments are none that `put` takes."""
    args: Any = operation.args
    return operation.name == "put" and (args["size"] < 1 or (args.get("ttl") is not None and args["ttl"] < 1))


@remembered
def seen(history: History) -> list[Write | Look]:
    """What the calls tell, in turn, up to the first after which it is not known what is stored."""
    return list(_seen(history))


def writes(history: History) -> list[Write]:
    """The puts among that."""
    return [one for one in seen(history) if isinstance(one, Write)]


def looks(history: History) -> list[Look]:
    """The looks among that."""
    return [one for one in seen(history) if isinstance(one, Look)]


def _seen(history: History) -> Iterator[Write | Look]:
    config: Maxmemory = history.config
    stored: dict[str, Entry] = {}
    latest, full, refused = 0, -1, -1
    for operation in history.operations:
        if is_bad(operation):
            if refused_as_bad(operation):
                continue
            return
        raised = isinstance(operation.result, Raised) and operation.name == "put"
        if operation.start < latest or (isinstance(operation.result, Raised | NoAnswer | Malformed) and not raised):
            return
        latest, args = operation.start, operation.args
        if operation.name == "put":
            # What has expired may still take room, and what is overwritten does so until that is done.
            needs = sum(most(one.size) for one in stored.values()) + most(args["size"])
            write = Write(operation, operation.result is True, args["size"], needs)
            if needs > config.bytes - SLACK:
                full = operation.index
            if write.accepted:
                ttl = args.get("ttl")
                deadline = None if ttl is None else latest + ttl
                stored[args["key"]] = Entry(operation.index, args["key"], args["value"], args["size"], deadline)
            elif write.fits(config):
                refused = operation.index
            yield write
            if raised:
                return
        elif operation.name in ("get", "__contains__", "delete"):
            hit = operation.result if operation.name == "get" else None
            there = bool(hit is not None if operation.name == "get" else operation.result)
            yield Look(operation, there, hit, stored.get(args["key"]), full, refused)
            if not there or operation.name == "delete":
                stored.pop(args["key"], None)
