"""Laws of `maxmemory` that one call can break."""

from spec.caching.eviction.types import INTERFACE
from spec.caching.maxmemory.observe import (
    MILLISECOND,
    SLACK,
    Look,
    Write,
    is_bad,
    looks,
    most,
    seen,
    writes,
)
from spec.caching.maxmemory.types import DOCUMENTATION
from spec.history import History, refused_as_bad, unanswered
from spec.law import Verdict, Violation, law

EXPIRE = "Redis documentation, EXPIRE, redis.io/docs/latest/commands/expire"


@law(source=DOCUMENTATION)
def never_above_maxmemory(history: History) -> Verdict:
    """The limit is crossed by one put and no more: the bytes that count against it are at most `maxmemory`, what the
    latest accepted put takes, and some slack for connections.

    A server evicts when it finds that it is above the limit, and then goes on. The memory above it belongs to others:
    when a server takes that too, the machine swaps or kills it.
    """
    judged = 0
    latest: Write | None = None
    by_index = {one.operation.index: one for one in writes(history)}
    for operation in history.operations:
        latest = by_index.get(operation.index, latest) if operation.result is True else latest
        if operation.name == "used" and latest and isinstance(operation.result, int):
            judged += 1
            bound = history.config.bytes + most(latest.size) + SLACK
            if operation.result > bound:
                why = f"{operation.result} bytes are used; with the latest put there may be {bound}"
                return Violation(why, (latest.operation.index, operation.index))
    return judged


@law(source=DOCUMENTATION)
def finds_no_more_than_fits(history: History) -> Verdict:
    """The values that are found one after another, with no put between, have together no more bytes than the limit, the
    latest put, and some slack.

    It says the same as the server's own count, which need not be right.
    """
    judged = held = latest = 0
    found: dict[str, int] = {}
    for one in seen(history):
        if isinstance(one, Write):
            latest = one.size if one.accepted else latest
            held, found = 0, {}
            continue
        entry = one.live
        if one.there and entry and entry.key not in found:
            judged += 1
            found[entry.key] = one.operation.index
            held += entry.size
            if held > history.config.bytes + latest + SLACK:
                why = f"these have {held} bytes together; the limit is {history.config.bytes}"
                return Violation(why, tuple(found.values()))
    return judged


@law(source=INTERFACE)
def hit_returns_last_put_value(history: History) -> Verdict:
    """A hit returns the value that was accepted last under its key, unless that was deleted or found to be gone.

    A put that was refused changes nothing. To be out of memory is no excuse for a wrong answer.
    """
    judged = 0
    for look in looks(history):
        if look.hit is not None or (look.there and look.entry is None):
            judged += 1
            if look.entry is None:
                return Violation("nothing can be there", look.proof)
            if look.hit is not None and look.hit.value != look.entry.value:
                return Violation(f"{look.entry.value} was accepted last", look.proof)
    return judged


@law(source=EXPIRE)
def expired_is_gone(history: History) -> Verdict:
    """What was put with a ttl is not found once that has passed, to the millisecond.

    It must not need a full server for it to go.
    """
    judged = 0
    for look in looks(history):
        entry = look.entry
        if entry and entry.deadline is not None and look.operation.start >= entry.deadline + MILLISECOND:
            judged += 1
            if look.there:
                return Violation(f"its time was over {look.operation.start - entry.deadline} ago", look.proof)
    return judged


@law(source=DOCUMENTATION)
def volatile_spares_what_never_expires(history: History) -> Verdict:
    """Where only keys with a ttl may be evicted, one without stays until it is deleted or overwritten.

    Such policies are chosen to keep a cache and what must not be lost on one server.
    """
    if history.config.scope != "volatile":
        return 0
    judged = 0
    for look in looks(history):
        if look.entry and look.entry.deadline is None:
            judged += 1
            if not look.there:
                return Violation("it never expires, and nobody took it away", look.proof)
    return judged


@law(source=DOCUMENTATION)
def noeviction_loses_nothing(history: History) -> Verdict:
    """Under `noeviction` what was accepted is found until it expires or is deleted, however full the server is.

    Puts are refused instead, so that their caller knows.
    """
    if history.config.scope != "noeviction":
        return 0
    judged = 0
    for look in looks(history):
        if look.live:
            judged += 1
            if not look.there:
                return Violation("it was accepted, and nobody took it away", look.proof)
    return judged


@law(source=DOCUMENTATION)
def evicts_only_when_full(history: History) -> Verdict:
    """As long as all that was put since fits with some slack, nothing is evicted.

    Each eviction is a question to what is behind the cache, which is slower.
    """
    judged = 0
    for look in looks(history):
        if look.live and look.full < look.live.index:
            judged += 1
            if not look.there:
                return Violation("nothing has made its eviction necessary", look.proof)
    return judged


@law(source=DOCUMENTATION)
def refuses_only_when_nothing_may_go(history: History) -> Verdict:
    """A value that fits is refused only when the server is full and no key is left that the policy lets it evict: never
    under `allkeys`, and under `volatile` not while a key with a ttl is there.

    A cache that refuses what is new goes on to serve what is old.
    """
    judged = 0
    for one in seen(history):
        if isinstance(one, Look):
            entry = one.entry
            volatile = history.config.scope == "volatile" and entry and entry.deadline is not None
            if volatile and one.there and entry and entry.index < one.refused:
                return Violation("this key has a ttl, and so could have gone", (*one.proof, one.refused))
        elif one.fits(history.config):
            judged += 1
            if not one.accepted and one.needs <= history.config.bytes - SLACK:
                why = f"with it, at most {one.needs} bytes are used"
                return Violation(why, (one.operation.index,))
            if not one.accepted and history.config.scope == "allkeys":
                return Violation("any other key could have gone", (one.operation.index,))
    return judged


@law(source=INTERFACE, concurrent=True)
def answers_every_call(history: History) -> Verdict:
    """Every call with good arguments is answered, with a value of the promised type.

    Reads and deletes are answered by a full server too, and a put is refused in words that its caller can know.
    """
    judged = 0
    for operation in history.operations:
        if is_bad(operation):
            continue
        judged += 1
        if wrong := unanswered(operation):
            return Violation(wrong, (operation.index,))
    return judged


@law(source=EXPIRE)
def rejects_bad_input(history: History) -> Verdict:
    """A size or a ttl below 1 raises ValueError.

    A ttl of zero that is taken for "for ever" fills a server with what can never go.
    """
    judged = 0
    for operation in history.operations:
        if is_bad(operation):
            judged += 1
            if not refused_as_bad(operation):
                return Violation("bad input must raise ValueError", (operation.index,))
    return judged
