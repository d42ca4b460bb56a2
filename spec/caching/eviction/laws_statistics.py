"""Laws that only many calls can break: each judges long histories, and says how likely it is to be mistaken."""

from collections import OrderedDict
from dataclasses import replace
from itertools import takewhile
from math import erfc, exp, pi, sqrt

from spec.caching.eviction.model import EvictionModel
from spec.caching.eviction.observe import calls
from spec.caching.eviction.policies_queues import WTinyLfu
from spec.caching.eviction.types import INTERFACE, Key
from spec.history import History, Operation
from spec.law import Verdict, Violation, law

ERROR = 1e-6
"""The probability that a cache which keeps a statistical law is told to break it."""

FOR_EACH = 100
"""Evictions for each entry that there is room for, without which they are too few to judge."""


@law(source=INTERFACE, needs={"keys"})
def victims_are_uniform(history: History) -> Verdict:
    """Each entry is as likely to be evicted as any other, whether it came first or last.

    By Pearson's chi-square test on the age ranks of at least 100 victims for each entry that there is room for, a cache
    that keeps this law is found to break it once in a million such histories. A choice that favours the newest or the
    oldest is another policy, with another hit ratio.
    """
    ranks = _ranks(history)
    capacity = history.config.capacity
    if capacity < 2 or len(ranks) < FOR_EACH * capacity:
        return 0
    expected = len(ranks) / capacity
    counts = [sum(rank == one for _, rank in ranks) for one in range(capacity)]
    chance = chi_square(sum((count - expected) ** 2 / expected for count in counts), capacity - 1)
    if chance < ERROR:
        why = f"of {len(ranks)} victims, oldest to newest entry: {', '.join(map(str, counts))}"
        return Violation(f"{why}; by chance in one of {1 / max(chance, 1e-300):.0e} runs", (ranks[-1][0].index,))
    return len(ranks)


def _ranks(history: History) -> list[tuple[Operation, int]]:
    """Each put that evicted one entry of a full cache as two looks at its keys tell, and which one by age."""
    found = []
    order: list[Key] = []
    put: Operation | None = None
    before: set[Key] | None = None
    for operation in calls(history):
        if operation.name == "put" and put is None:
            put = operation
            continue
        if operation.name != "keys" or not isinstance(operation.result, tuple):
            put = before = None
            continue
        held = set(operation.result)
        if put and before is not None:
            left, key = before - held, put.args["key"]
            if len(before) == history.config.capacity and len(left) == 1 and key not in before and set(order) >= before:
                aged = [one for one in order if one in before]
                found.append((operation, aged.index(left.pop())))
        if put:
            order = [*(one for one in order if one != put.args["key"] and one in held), put.args["key"]]
        put, before = None, held
    return found


def chi_square(statistic: float, freedom: int) -> float:
    """The probability that a chi-square distributed variable of so many degrees of freedom exceeds the statistic."""
    half = statistic / 2
    if freedom % 2:
        chance, term, n = erfc(sqrt(half)), exp(-half) * sqrt(half) * 2 / sqrt(pi), 1.5
    else:
        chance, term, n = exp(-half), exp(-half) * half, 2.0
    while 2 * n <= freedom:
        chance, term, n = chance + term, term * half / n, n + 1
    return chance


MANY = 2000
"""Gets without which a hit ratio is not judged."""

CLEARLY = 0.1
"""By how much the hit ratio of exact counts must be above that of LRU."""


@law(source="G. Einziger et al., TinyLFU: A highly efficient cache admission policy, ACM TOS, 2017")
def hit_ratio_shows_admission(history: History) -> Verdict:
    """Where exact counts would hit clearly more often than the least recently used, a tenth of all gets or more, a
    sketch gets at least half of that.

    Of at least 2000 gets in a run of gets and puts, of entries of weight 1 that do not expire. Below that, it is but a
    costly LRU.
    """
    operations = list(takewhile(_plain, calls(history)))
    gets = [one for one in operations if one.name == "get"]
    if len(gets) < MANY or history.config.ttl is not None:
        return 0
    hits = sum(one.result is not None for one in gets)
    capacity = history.config.capacity
    recent, exact = _lru_hits(operations, capacity), _exact_hits(history, operations)
    if exact - recent < CLEARLY * len(gets):
        return 0
    if hits < (recent + exact) / 2:
        why = f"{hits} hits in {len(gets)} gets; the least recently used gets {recent}, exact counts get {exact}"
        return Violation(why, (gets[-1].index,))
    return len(gets)


def _plain(operation: Operation) -> bool:
    return operation.name in ("get", "put") and "ttl" not in operation.args and operation.args.get("weight", 1) == 1


def _lru_hits(operations: list[Operation], capacity: int) -> int:
    """As if a key that is got is put where it was missed."""
    held: OrderedDict[Key, None] = OrderedDict()
    hits = 0
    for operation in operations:
        if operation.name == "get":
            key = operation.args["key"]
            hits += key in held
            held[key] = None
            held.move_to_end(key)
            if len(held) > capacity:
                held.popitem(last=False)
    return hits


def _exact_hits(history: History, operations: list[Operation]) -> int:
    """As that, by the model with exact counts."""
    model = EvictionModel(WTinyLfu())
    state, hits = model.initial(history.config), 0
    for operation in operations:
        if operation.name == "get":
            [(state, hit)] = model.answers(history.config, state, operation)
            hits += hit is not None
            if hit is None:
                put = replace(operation, name="put", args={"key": operation.args["key"], "value": 0})
                [(state, _)] = model.answers(history.config, state, put)
    return hits
