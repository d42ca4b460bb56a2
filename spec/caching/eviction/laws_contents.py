"""Laws of what a cache holds, and for how long. They hold whatever the policy."""

from bisect import bisect

from spec.caching.eviction.observe import Look, calls, looks, same
from spec.caching.eviction.types import INTERFACE, Key
from spec.duration import duration
from spec.history import History
from spec.law import Verdict, Violation, law


@law(source=INTERFACE)
def hit_returns_last_put(history: History) -> Verdict:
    """A hit returns the value that was last put under its key; None, 0 and "" are values like any other.

    A put that was refused as too heavy was to overwrite the older value, so that must not be served either.
    """
    judged = 0
    for look in looks(history):
        if look.hit is None or _taken_away(look):
            continue
        judged += 1
        if look.put is None:
            return Violation("nothing was ever put under this key", look.proof)
        if look.put.gone:
            why = "the refused put was to overwrite this value"
            return Violation(why, (look.put.index, look.put.gone.index, look.operation.index))
        if not same(look.hit.value, look.put.value):
            return Violation(f"{look.put.value!r} was put last", look.proof)
    return judged


@law(source=INTERFACE)
def keys_are_told_apart(history: History) -> Verdict:
    """What is put under one key neither is found under another nor drives it out, however alike the two are.

    In Python -1 and -2 have the same hash, as have 0 and "", and 1 and 2**61; 1 and "1" are the same text, and "k" and
    "K" to many a store.
    """
    judged = 0
    first_puts = _first_puts(history)
    for look in looks(history):
        if not look.alike or _taken_away(look):
            continue
        judged += 1
        # Even what has expired, and may be held all the same, has room beside them.
        room = bisect(first_puts, look.operation.index) <= history.config.capacity
        for other in look.alike:
            if look.hit and same(look.hit.value, other.value) and not (look.put and same(look.put.value, other.value)):
                return Violation(f"this was put under {other.key!r}", (other.index, look.operation.index))
            if room and not look.there and look.must_be_there and look.put and other.index > look.put.index:
                why = f"gone, though only {other.key!r} was put since, and there is room for both"
                return Violation(why, (look.put.index, other.index, look.operation.index))
    return judged


@law(source=INTERFACE, needs={"ttl"})
def never_serves_expired(history: History) -> Verdict:
    """An entry put at t with ttl d is not there at t + d, nor later, in whatever view. Hits do not prolong it.

    Tokens, prices and permissions are given a ttl because they must not be used after it.
    """
    judged = 0
    for look in looks(history):
        if look.put is None or look.put.gone or look.put.deadline is None or look.at < look.put.deadline:
            continue
        judged += 1
        if look.there:
            late = duration(look.at - look.put.deadline)
            return Violation(f"its time was over {late} ago", look.proof)
    return judged


@law(source=INTERFACE)
def no_needless_eviction(history: History) -> Verdict:
    """A live entry is there as long as all that is live has room beside it.

    A cache that forgets what it has room for sends its users to the database.
    """
    judged = 0
    for look in looks(history):
        if not look.must_be_there or look.refused:
            continue
        judged += 1
        if not look.there:
            return Violation("gone, though there was room for all that is live", look.proof)
    return judged


@law(source=INTERFACE)
def own_put_never_evicts_its_key(history: History) -> Verdict:
    """What was just put is there: whatever is evicted to make room for it is something else.

    One who writes and reads back finds what he wrote.
    """
    judged = 0
    for look in looks(history):
        if look.put is None or not look.last or not look.put.live(look.at):
            continue
        judged += 1
        if not look.there:
            return Violation("gone, though no other key was put since", look.proof)
    return judged


@law(source=INTERFACE, needs={"weights"})
def oversize_put_is_refused_not_a_purge(history: History) -> Verdict:
    """A put that weighs more than the capacity is answered False and drives nothing else out.

    One report too large to keep must not empty the cache of everything that is not.
    """
    judged = 0
    for operation in calls(history):
        if operation.name == "put" and operation.args.get("weight", 1) > history.config.capacity:
            judged += 1
            if operation.result is True:
                return Violation("it does not fit, so it must be refused", (operation.index,))
    for look in looks(history):
        if look.put and look.must_be_there and look.refused:
            judged += 1
            if not look.there:
                return Violation(
                    "gone, though that put was refused", (look.put.index, *look.refused, look.operation.index)
                )
    return judged


@law(source=INTERFACE, needs={"ttl"})
def overwrite_renews_ttl(history: History) -> Verdict:
    """A put gives its key the ttl it names, whatever ttl the key had: shorter, longer, or none.

    Where the old deadline stays, a fresh value is thrown away, or served when it is stale.
    """
    judged = 0
    for look in looks(history):
        put = look.put
        if put is None or put.gone or put.before == 0 or put.before == put.deadline:
            continue
        if look.must_be_there and look.last and put.before is not None and look.at >= put.before:
            judged += 1
            if not look.there:
                return Violation("gone, though it was put again with a later deadline", look.proof)
        elif not put.live(look.at) and (put.before is None or look.at < put.before):
            judged += 1
            if look.there:
                return Violation("there, though it was put again with an earlier deadline", look.proof)
    return judged


@law(source=INTERFACE, needs={"delete"})
def delete_and_clear_forget(history: History) -> Verdict:
    """After `delete` or `clear` a key is not there until it is put again; and `delete` tells whether it was.

    An entry that survives its own deletion is served to whom it must no longer be.
    """
    judged = 0
    for look in looks(history):
        put, delete = look.put, look.operation.name == "delete"
        if _taken_away(look):
            judged += 1
            if look.there and put and put.gone:
                why = "deleted already" if put.gone.name == "delete" else "cleared already"
                return Violation(why, (put.index, put.gone.index, look.operation.index))
        elif delete and (put is None or not put.live(look.at)):
            judged += 1
            if look.there:
                return Violation("there was nothing live to delete", look.proof)
        elif delete and look.must_be_there:
            judged += 1
            if not look.there:
                return Violation("it was live and must have been there", look.proof)
    return judged


def _first_puts(history: History) -> list[int]:
    """Of each key the first, where each weighs no more than one."""
    first: dict[Key, int] = {}
    for operation in calls(history):
        if operation.name == "put":
            if operation.args.get("weight", 1) > 1:
                return [-1] * (history.config.capacity + 1)
            first.setdefault(operation.args["key"], operation.index)
    return list(first.values())


def _taken_away(look: Look) -> bool:
    """Whether the key was deleted or cleared since it was put."""
    return look.put is not None and look.put.gone is not None and look.put.gone.name != "put"
