"""Laws of the listener that is told what leaves a cache."""

from collections.abc import Iterator

from spec.caching.eviction.observe import SUBJECT, calls, same
from spec.caching.eviction.types import DEFAULT, INTERFACE, Capacity, Key
from spec.duration import duration
from spec.history import NO_ANSWER, History, Malformed, Operation, Raised
from spec.law import Verdict, Violation, law

Stored = tuple[Operation, int | None]
"""The put, and from when on what it put is not live."""


@law(source=INTERFACE, needs={"listener"})
def listener_exactly_once(history: History) -> Verdict:
    """The listener is told of each value that leaves once, in the call that makes it leave, with the true reason: at
    the latest when its key is put again, deleted or cleared.

    Listeners close files and give memory back: told twice they free it twice, not told they leak it.
    """
    stored: dict[Key, Stored] = {}
    judged = 0
    latest = 0
    for operation, events in _with_events(history):
        if operation.start < latest or isinstance(operation.result, Malformed) or operation.result is NO_ANSWER:
            break
        latest = operation.start
        for event in events:
            judged += 1
            if wrong := _wrong(stored, operation, event):
                return Violation(*wrong)
            del stored[event.args["key"]]
        if isinstance(operation.result, Raised):
            continue
        key = operation.args.get("key")
        left = list(stored.items()) if operation.name == "clear" else [(key, stored[key])] if key in stored else []
        for one, (put, _) in left:
            overwritten = operation.name in ("put", "delete", "clear")
            missed = operation.name in ("get", "peek") and operation.result is None and _live(stored[one], operation)
            if overwritten or missed:
                value = put.args["value"]
                return Violation(f"nobody was told that {value!r} left", (put.index, operation.index))
        if operation.name == "put" and operation.result is True:
            stored[operation.args["key"]] = operation, _deadline(history.config, operation)
    return judged


def _live(stored: Stored, operation: Operation) -> bool:
    return stored[1] is None or operation.start < stored[1]


def _deadline(config: Capacity, put: Operation) -> int | None:
    return config.deadline(put.start, put.args.get("ttl", DEFAULT))


def _with_events(history: History) -> Iterator[tuple[Operation, list[Operation]]]:
    """Each call, with what the listener was told in it."""
    events: dict[int | None, list[Operation]] = {}
    for operation in history.operations:
        if operation.client == SUBJECT:
            events.setdefault(operation.parent, []).append(operation)
    for operation in calls(history):
        yield operation, events.get(operation.index, [])


def _wrong(stored: dict[Key, Stored], operation: Operation, event: Operation) -> tuple[str, tuple[int, ...]] | None:
    """What is wrong with what the listener was told, and the proof."""
    key, value, reason = (event.args.get(name) for name in ("key", "value", "reason"))
    if key not in stored:
        return "nothing is held under this key any more", (operation.index, event.index)
    put, deadline = stored[key]
    proof = (put.index, *((operation.index,) if operation.index != put.index else ()), event.index)
    if not same(value, put.args["value"]):
        return f"the value that is held is {put.args['value']!r}", proof
    live = deadline is None or operation.start < deadline
    own = operation.args.get("key") == key
    true = {
        "expired": not live,
        "replaced": operation.name == "put" and own and live,
        "deleted": operation.name == "delete" and own and live,
        "cleared": operation.name == "clear" and live,
        "evicted": operation.name == "put" and not own and live,
    }
    if not true.get(str(reason), False):
        if reason == "expired" and deadline is not None:
            return f"it is live for another {duration(deadline - operation.start)}", proof
        return f"the reason is not {reason!r}", proof
    return None


@law(source=INTERFACE, needs={"listener"})
def listener_may_reenter(history: History) -> Verdict:
    """The listener may call the cache: it is answered, and the capacity holds then too.

    A listener that writes what is evicted to a second tier, or loads it anew, must not wait for a lock that its own
    caller holds.
    """
    judged = 0
    caused = {one.index: one for one in history.operations}
    for operation in history.operations:
        if operation.parent is None or operation.client == SUBJECT:
            continue
        judged += 1
        event = caused[operation.parent]
        proof = (*((event.parent,) if event.parent is not None else ()), event.index, operation.index)
        if operation.result is NO_ANSWER:
            return Violation("the listener waits for ever", proof)
        if isinstance(operation.result, Raised | Malformed):
            return Violation(f"the listener was answered {operation.result}", proof)
        if operation.name == "weight" and operation.result > history.config.capacity:
            return Violation(f"above the capacity of {history.config.capacity}", proof)
    return judged
