"""What policies permit, and users should know: each is found in a history, with the calls that show it."""

from bisect import bisect
from collections import OrderedDict
from collections.abc import Iterator

from spec.caching.eviction.observe import READS, Look, calls, looks
from spec.caching.eviction.types import Key
from spec.history import History, Operation
from spec.law import Violation, anomaly

MATTSON = "R. L. Mattson et al., Evaluation techniques for storage hierarchies, IBM Systems Journal, 1970"


def _evicted(history: History) -> Iterator[Look]:
    """The gets that are not answered, of keys that only eviction can have taken away."""
    for look in looks(history):
        if look.operation.name == "get" and look.put and not look.there and look.put.live(look.at):
            yield look


def _between(history: History, first: int, last: int) -> list[Operation]:
    return [one for one in calls(history) if first < one.index < last]


def _puts(operations: list[Operation]) -> dict[Key, Operation]:
    """The last put of each key."""
    return {one.args["key"]: one for one in operations if one.name == "put" and one.result is True}


@anomaly(source=MATTSON)
def scan_flushes_lru(history: History) -> Violation | None:
    """A key that was hit is evicted by as many others as there is room for, each of which is put once and never read.

    A nightly report that reads every row once drives out what users ask for all day.
    """
    capacity = history.config.capacity
    for look in _evicted(history):
        hits = [
            one
            for one in _between(history, look.put.index if look.put else 0, look.operation.index)
            if one.name == "get" and one.args["key"] == look.key and one.result is not None
        ]
        if not hits or capacity < 2:
            continue
        since = _between(history, hits[-1].index, look.operation.index)
        puts = [one for one in since if one.name == "put"]
        once = len(_puts(since)) == len(puts) >= capacity
        if once and len(since) == len(puts) and all(one.args.get("weight", 1) == 1 for one in puts):
            why = f"the {len(puts)} keys put since it was hit were never read"
            return Violation(why, (hits[-1].index, *(one.index for one in puts), look.operation.index))
    return None


@anomaly(source=MATTSON)
def loop_defeats_lru(history: History) -> Violation | None:
    """Of keys asked for in turn, one more than there is room for, none is ever hit.

    One more row than fits, and the hit ratio falls from all to nothing.
    """
    capacity = history.config.capacity
    missed: OrderedDict[Key, Look] = OrderedDict()
    for look in looks(history):
        if look.operation.name != "get":
            continue
        if look.there or look.put is None or not look.put.live(look.at) or look.put.weight != 1:
            missed.clear()
            continue
        missed[look.key] = look
        missed.move_to_end(look.key)
        turn = list(missed.values())[-capacity - 1 :]
        if len(turn) == capacity + 1 == len(missed):
            gets = _between(history, turn[0].operation.index - 1, look.operation.index + 1)
            if set(_puts(gets)) <= set(missed):
                why = f"each of these {capacity + 1} keys was put, and none was there when it was asked for"
                return Violation(why, tuple(sorted(index for one in turn for index in one.proof)))
    return None


@anomaly(source="M. Arlitt et al., Evaluating content management techniques for web proxy caches, 2000")
def lfu_keeps_a_stale_favourite(history: History) -> Violation | None:
    """A key that was asked for often stays, though three times as many others as there is room for were put since, and
    it was not asked for again.

    Yesterday's headline takes up room for ever.
    """
    last: dict[Key, int] = {}
    missed = {one.operation.index for one in _evicted(history)}
    fresh = [one.index for one in calls(history) if one.name == "put" and one.index - 1 in missed]
    for look in looks(history):
        index = look.operation.index
        if look.there and look.put and look.put.index < last.get(look.key, -1):
            since = fresh[bisect(fresh, last[look.key]) : bisect(fresh, index)]
            if len(since) >= 3 * history.config.capacity:
                why = f"still there, though {len(since)} that were not there were put since it was asked for"
                return Violation(why, (last[look.key], *since, index))
        if look.hit and look.operation.name == "get":
            last[look.key] = index
    return None


def _newest_gone(history: History) -> Violation | None:
    """A key that was put when it was not there, and is evicted by the very next put of another."""
    if history.config.capacity < 2:
        return None
    by_index = {one.index: one for one in calls(history)}
    for look in _evicted(history):
        put = look.put
        if put is None or put.weight != 1:
            continue
        since = [
            one
            for one in _between(history, put.index, look.operation.index)
            if one.name == "put" or (one.name == "get" and one.result is not None)
        ]
        before = by_index.get(put.index - 1)
        new = before and before.name == "get" and before.args["key"] == look.key and before.result is None
        if new and len(since) == 1 and since[0].name == "put" and since[0].args.get("weight", 1) == 1:
            return Violation("gone with the next put", (put.index, since[0].index, look.operation.index))
    return None


@anomaly(source="G. Einziger et al., TinyLFU: A highly efficient cache admission policy, ACM TOS, 2017")
def lfu_starves_newcomers(history: History) -> Violation | None:
    """A key that is put is evicted by the very next one, as all others were used more often.

    What becomes popular now is not kept long enough to show it.
    """
    return _newest_gone(history)


@anomaly(source="lawful, spec/caching/eviction/types.py: any entry may go")
def random_may_evict_the_newest(history: History) -> Violation | None:
    """A key that is put is evicted by the very next one.

    One reader in as many as there is room for finds that what was just fetched is gone again.
    """
    return _newest_gone(history)


@anomaly(source="L. A. Belady, R. A. Nelson and G. S. Shedler, An anomaly in space-time characteristics, CACM, 1969")
def belady_anomaly(history: History) -> Violation | None:
    """A cache misses more often than one with less room would.

    Buying memory can make it worse.
    """
    capacity = history.config.capacity
    asked: list[Operation] = []
    missed, cold = 0, capacity > 1 and history.config.ttl is None
    before: Operation | None = None
    for operation in calls(history):
        if operation.name in READS:
            continue
        if operation.name == "clear":
            missed, asked, cold = 0, [], capacity > 1 and history.config.ttl is None
        elif _fills(before, operation) is not (operation.name == "put"):
            cold = False  # it is not filled by what is asked for
        elif operation.name == "get":
            asked.append(operation)
            missed += operation.result is None
            if cold and missed > (smaller := _fifo_misses(asked, capacity - 1)):
                why = f"{missed} misses; with a capacity of {capacity - 1} there are {smaller}"
                return Violation(why, tuple(one.index for one in asked))
        before = operation
    return None


def _fills(before: Operation | None, put: Operation) -> bool:
    """Whether it must be, or is, the put of what the call before did not find."""
    if before is None or before.name != "get" or before.result is not None:
        return False
    if put.name != "put":
        return True
    return before.args["key"] == put.args["key"] and put.args.keys() <= {"key", "value"}


def _fifo_misses(asked: list[Operation], capacity: int) -> int:
    held: OrderedDict[Key, None] = OrderedDict()
    missed = 0
    for key in (one.args["key"] for one in asked):
        if key not in held:
            missed += 1
            held[key] = None
            if len(held) > capacity:
                held.popitem(last=False)
    return missed


@anomaly(source="J. Yang et al., FIFO queues are all you need for cache eviction, SOSP 2023")
def s3fifo_drops_a_key_read_once(history: History) -> Violation | None:
    """A key that was read is evicted, while one that was put before and never read is still there.

    One read does not count as popular.
    """
    unread: dict[Key, Look] = {}
    reads: dict[int, list[int]] = {}
    for look in looks(history):
        if look.put and look.hit and look.operation.name == "get":
            reads.setdefault(look.put.index, []).append(look.operation.index)
    gone = {
        one.operation.index
        for one in _evicted(history)
        if one.put and one.put.weight == 1 and len(reads.get(one.put.index, ())) == 1
    }
    for look in reversed(looks(history)):
        put = look.put
        if put and look.there and put.weight == 1 and put.before == 0 and look.operation.name != "get":
            first_read = min(reads.get(put.index, [look.operation.index]))
            unread |= {look.key: look} if first_read >= look.operation.index else {}
        for other in unread.values() if look.operation.index in gone else ():
            if put and other.put and other.put.index < put.index:
                proof = (other.put.index, put.index, *reads[put.index], look.operation.index)
                return Violation("never read, and still there", (*proof, other.operation.index))
    return None
