"""What a history proves of a cache, whatever its policy: which keys must be there, and which must not."""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import Any

from spec.caching.eviction.model import is_bad
from spec.caching.eviction.policies import in_order
from spec.caching.eviction.types import DEFAULT, Capacity, Hit, Key
from spec.history import History, Malformed, NoAnswer, Operation, Raised, refused_as_bad, remembered

SUBJECT = "subject"
READS = frozenset({"peek", "keys", "weight", "__len__", "__contains__"})
"""Operations that change nothing."""


@dataclass(frozen=True, slots=True)
class Put:
    """What was last put under a key.

    deadline: from when on it is not live; None: it always is.
    before:   the deadline of what was put before and not found to be gone; 0 if nothing was.
    gone:     the call after which it must not be there, a delete, a clear or a refused put; None: there was none.
    missed:   whether it was found not to be there since.
    """

    index: int
    key: Key
    value: Any
    weight: int
    deadline: int | None
    before: int | None = 0
    gone: Operation | None = None
    missed: bool = False

    def live(self, now: int) -> bool:
        """Whether its time is not over, and nobody took it away."""
        return self.gone is None and (self.deadline is None or now < self.deadline)


@dataclass(frozen=True, slots=True)
class Look:
    """What a call tells of one key: whether it is there, and with which value if it tells that.

    put:     what was last put under it; None: nothing ever was.
    certain: whether nothing can have made its eviction necessary since.
    last:    whether no other key was put since.
    refused: the puts since then that were refused as too heavy.
    alike:   what was last put under other keys of the same hash, or the same text but for case and blanks.
    """

    operation: Operation
    key: Key
    there: bool
    hit: Hit | None
    put: Put | None
    certain: bool
    last: bool
    refused: tuple[int, ...]
    alike: tuple[Put, ...]

    @property
    def at(self) -> int:
        """When."""
        return self.operation.start

    @property
    def must_be_there(self) -> bool:
        """Whether the key must be."""
        return self.put is not None and self.certain and self.put.live(self.at)

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


def steady(history: History) -> History:
    """The history of those calls."""
    return History(history.config, tuple(calls(history)))


@remembered
def looks(history: History) -> list[Look]:
    """What the calls tell of keys, as long as the clock does not step back and puts are answered as they must be."""
    return list(_Ledger(history.config).looks(calls(history)))


class _Ledger:
    """What was put, and what of that may still be there."""

    def __init__(self, config: Capacity) -> None:
        self.config = config
        self.puts: dict[Key, Put] = {}
        self.alike: dict[Any, list[Key]] = {}  # by hash and by text, without case and blanks
        self.held = 0  # what weighs all that may be there
        self.deadlines: list[tuple[int, int, Put]] = []
        self.last = self.squeezed = -1  # the last put, and the last that may have evicted something
        self.now = 0
        self.refused: list[int] = []

    def looks(self, operations: list[Operation]) -> Iterator[Look]:
        latest = 0
        for operation in operations:
            if operation.start < latest or isinstance(operation.result, Raised | NoAnswer | Malformed):
                return
            latest = self.now = operation.start
            self.expire()
            for key, there, hit in self.told(operation):
                put = self.puts.get(key)
                yield self.look(operation, key, there, hit, put)
                if put and not there:
                    self.drop(put, missed=True)
            if not self.follow(operation):
                return

    def told(self, operation: Operation) -> list[tuple[Key, bool, Hit | None]]:
        """Of which keys it tells, and what."""
        if operation.name == "keys":
            listed = set(operation.result)
            return [(key, key in listed, None) for key in {**self.puts, **dict.fromkeys(operation.result)}]
        if operation.name in ("get", "peek"):
            return [(operation.args["key"], operation.result is not None, operation.result)]
        if operation.name in ("__contains__", "delete"):
            return [(operation.args["key"], operation.result, None)]
        return []

    def look(self, operation: Operation, key: Key, there: bool, hit: Hit | None, put: Put | None) -> Look:
        near = {one for by in _forms(key) for one in self.alike.get(by, ())} if put or there else set()
        alike = tuple(self.puts[one] for one in in_order(near) if one != key)
        if put is None:
            return Look(operation, key, there, hit, None, certain=False, last=False, refused=(), alike=alike)
        refused = tuple(self.refused[bisect(self.refused, put.index) :])
        certain = not put.missed and self.squeezed <= put.index
        return Look(operation, key, there, hit, put, certain, self.last == put.index, refused, alike)

    def follow(self, operation: Operation) -> bool:
        """Note what the call changes; whether what it did can still be known."""
        if operation.name == "clear":
            for one in list(self.puts.values()):
                self.drop(one, gone=operation)
        elif operation.name == "delete" and operation.args["key"] in self.puts:
            self.drop(self.puts[operation.args["key"]], gone=operation)
        elif operation.name == "put":
            return self.write(operation)
        return True

    def write(self, operation: Operation) -> bool:
        args, key, weight = operation.args, operation.args["key"], operation.args.get("weight", 1)
        old = self.puts.get(key)
        fits = weight <= self.config.capacity
        if operation.result is not fits:
            return False
        self.last = operation.index
        if not fits:
            self.refused.append(operation.index)
        if old:
            old = self.drop(old, gone=operation)
        if not fits:
            return True
        if old is None:
            for by in _forms(key):
                self.alike.setdefault(by, []).append(key)
        deadline = self.config.deadline(operation.start, args.get("ttl", DEFAULT))
        before = old.deadline if old and old.gone is operation and not old.missed else 0
        put = self.puts[key] = Put(operation.index, key, args["value"], weight, deadline, before)
        self.held += weight
        if deadline is not None:
            heappush(self.deadlines, (deadline, operation.index, put))
        if self.held > self.config.capacity:
            self.squeezed = operation.index
        return True

    def expire(self) -> None:
        while self.deadlines and self.deadlines[0][0] <= self.now:
            put = heappop(self.deadlines)[2]
            if self.puts[put.key] is put:  # neither put again, nor gone, nor missed
                self.held -= put.weight

    def drop(self, put: Put, gone: Operation | None = None, *, missed: bool = False) -> Put:
        """Note that it is not there any more."""
        if not put.gone and not put.missed and put.live(self.now):
            self.held -= put.weight
        dropped = replace(put, gone=put.gone or gone, missed=put.missed or missed)
        self.puts[put.key] = dropped
        return dropped


def _forms(key: Key) -> tuple[int, str]:
    """What those have in common that are easily taken for one."""
    return hash(key), str(key).strip().casefold()


def same(one: Any, other: Any) -> bool:
    """Whether two values are one: 0, False and 0.0 are three."""
    return type(one) is type(other) and bool(one == other)
