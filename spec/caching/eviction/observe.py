"""What a history proves of a cache, whatever its policy: which keys must be there, and which must not."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from spec.caching.eviction.model import is_bad
from spec.caching.eviction.types import DEFAULT, Capacity, Hit, Key
from spec.history import History, Malformed, NoAnswer, Operation, Raised, remembered

SUBJECT = "subject"
READS = frozenset({"peek", "keys", "weight", "__len__", "__contains__"})
"""Operations that change nothing."""


@dataclass(frozen=True, slots=True)
class Put:
    """What was last put under a key.

    deadline: from when on it is not live; None: it always is.
    before:   the deadline of what was put before and not forgotten; 0 if nothing was.
    gone:     the call after which it must not be there, a delete, a clear or a refused put; None: there was none.
    certain:  whether nothing can have made its eviction necessary since.
    missed:   whether it was found not to be there since.
    since:    the puts of other keys since then.
    """

    index: int
    key: Key
    value: Any
    weight: int
    deadline: int | None
    before: int | None = 0
    gone: Operation | None = None
    certain: bool = True
    missed: bool = False
    since: tuple[Operation, ...] = ()

    def live(self, now: int) -> bool:
        """Whether its time is not over, and nobody took it away."""
        return self.gone is None and (self.deadline is None or now < self.deadline)

    def surely_there(self, now: int) -> bool:
        """Whether it must be there."""
        return self.certain and self.live(now)


@dataclass(frozen=True, slots=True)
class Look:
    """What a call tells of one key: whether it is there, and with which value if it tells that.

    put:    what was last put under it; None: nothing ever was.
    others: what is known of the other keys.
    """

    operation: Operation
    key: Key
    there: bool
    hit: Hit | None
    put: Put | None
    others: tuple[Put, ...] = field(repr=False)

    @property
    def at(self) -> int:
        """When."""
        return self.operation.start

    @property
    def proof(self) -> tuple[int, ...]:
        """The put, if there was one, and this."""
        return (*((self.put.index,) if self.put else ()), self.operation.index)


@remembered
def calls(history: History) -> list[Operation]:
    """The calls with good arguments that were made in turn: up to the first that made a listener call the cache, and
    to the first with bad arguments that was not refused."""
    first = len(history.operations)
    for operation in history.operations:
        if operation.parent is not None and operation.client != SUBJECT:
            first = operation.index
            while (parent := history.operations[first].parent) is not None:
                first = parent
            break
    found = []
    for operation in history.operations[:first]:
        if operation.parent is not None:
            continue
        if not is_bad(operation):
            found.append(operation)
        elif not refused_as_bad(operation):
            break
    return found


def refused_as_bad(operation: Operation) -> bool:
    """Whether it was answered as bad input must be."""
    return isinstance(operation.result, Raised) and operation.result.is_a(ValueError, TypeError)


def steady(history: History) -> History:
    """The history of those calls."""
    return History(history.config, tuple(calls(history)))


@remembered
def looks(history: History) -> list[Look]:
    """What the calls tell of keys, as long as the clock does not step back and puts are answered as they must be."""
    return list(_looks(history.config, calls(history)))


def _looks(config: Capacity, operations: list[Operation]) -> Iterator[Look]:
    puts: dict[Key, Put] = {}
    latest = 0
    for operation in operations:
        if operation.start < latest or isinstance(operation.result, Raised | NoAnswer | Malformed):
            return
        latest = operation.start
        for look in _told(operation, puts):
            yield look
            if look.put and not look.there:
                puts[look.key] = replace(look.put, certain=False, missed=True)
        if not _follow(config, operation, puts):
            return


def _told(operation: Operation, puts: dict[Key, Put]) -> Iterator[Look]:
    if operation.name == "keys":
        told = [(key, key in operation.result, None) for key in {*puts, *operation.result}]
    elif operation.name in ("get", "peek"):
        told = [(operation.args["key"], operation.result is not None, operation.result)]
    elif operation.name in ("__contains__", "delete"):
        told = [(operation.args["key"], operation.result, None)]
    else:
        return
    for key, there, hit in told:
        others = tuple(put for other, put in puts.items() if other != key)
        yield Look(operation, key, there, hit, puts.get(key), others)


def _follow(config: Capacity, operation: Operation, puts: dict[Key, Put]) -> bool:
    """Note what the call changes; whether what it did can still be known."""
    if operation.name == "clear":
        for key in puts:
            _forget(puts, key, operation)
    elif operation.name == "delete":
        _forget(puts, operation.args["key"], operation)
    elif operation.name == "put":
        args, now = operation.args, operation.start
        key, weight = args["key"], args.get("weight", 1)
        fits = weight <= config.capacity
        if operation.result is not fits:
            return False
        if not fits:
            _forget(puts, key, operation)
        held = sum(put.weight for other, put in puts.items() if other != key and put.live(now) and not put.missed)
        for other in puts:
            if other != key:
                evicts = fits and held + weight > config.capacity
                since = (*puts[other].since, operation)
                puts[other] = replace(puts[other], certain=puts[other].certain and not evicts, since=since)
        if fits:
            old = puts.pop(key, None)
            before = old.deadline if old and old.gone is None else 0
            deadline = config.deadline(now, args.get("ttl", DEFAULT))
            puts[key] = Put(operation.index, key, args["value"], weight, deadline, before)
    return True


def _forget(puts: dict[Key, Put], key: Key, by: Operation) -> None:
    if key in puts and puts[key].gone is None:
        puts[key] = replace(puts[key], gone=by)


def same(one: Any, other: Any) -> bool:
    """Whether two values are one: 0, False and 0.0 are three."""
    return type(one) is type(other) and bool(one == other)
