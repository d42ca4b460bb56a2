"""Laws of the interface: answers, bad input, views and the bound that gives a cache its purpose."""

from collections.abc import Iterator
from itertools import pairwise

from spec.caching.eviction.model import is_bad
from spec.caching.eviction.observe import READS, SUBJECT, calls, looks
from spec.caching.eviction.types import INTERFACE, Hit, Key
from spec.history import NO_ANSWER, History, Malformed, Operation, Raised, refused_as_bad, unanswered
from spec.law import Verdict, Violation, law


@law(source=INTERFACE, concurrent=True)
def answers_every_call(history: History) -> Verdict:
    """Every call with good arguments is answered, with a value of the promised type.

    A cache is there to spare work, so it must never be the reason that work fails.
    """
    judged = 0
    for operation in history.operations:
        if operation.client == SUBJECT or operation.parent is not None or is_bad(operation):
            continue
        judged += 1
        if wrong := unanswered(operation):
            return Violation(wrong, (operation.index,))
    return judged


@law(source=INTERFACE)
def rejects_bad_input(history: History) -> Verdict:
    """A weight that is negative or no integer, a ttl below 1 or no integer, and a key without a hash raise.

    ValueError, or TypeError where the type is wrong. A negative weight that is accepted makes room that is not there.
    """
    judged = 0
    for operation in history.operations:
        if is_bad(operation):
            judged += 1
            if not refused_as_bad(operation):
                return Violation("bad input must raise ValueError or TypeError", (operation.index,))
    return judged


@law(source=INTERFACE, needs={"__len__"})
def never_above_capacity(history: History) -> Verdict:
    """What is held at one instant, by all that the cache says, weighs no more than its capacity, whatever the clock.

    It is what memory was set aside for; above it, the process is killed.
    """
    judged = 0
    weights: dict[object, int] = {}
    for operation in history.operations:
        if operation.result is NO_ANSWER or (is_bad(operation) and not refused_as_bad(operation)):
            break
        if operation.client == SUBJECT or isinstance(operation.result, Raised | Malformed) or is_bad(operation):
            continue
        if operation.name == "put" and operation.result is True:
            weights[operation.args["key"]] = operation.args.get("weight", 1)
        elif operation.name == "weight":
            judged += 1
            if operation.result > history.config.capacity:
                why = f"{operation.result} units are held; the capacity is {history.config.capacity}"
                return Violation(why, (operation.index,))
        elif operation.name in ("keys", "__len__"):
            judged += 1
            held = [weights.get(key, 0) for key in operation.result] if operation.name == "keys" else []
            # Keys without weight take no room, so their number tells nothing where there may be any.
            number = operation.result if operation.name == "__len__" and set(weights.values()) <= {1} else 0
            if max(sum(held), number) > history.config.capacity:
                why = f"what is held weighs {max(sum(held), number)}; the capacity is {history.config.capacity}"
                return Violation(why, (operation.index,))
    return judged


@law(source="L. A. Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal, 1966")
def never_beats_belady(history: History) -> Verdict:
    """Hits are never more than the best choice of victims allows: what later hits prove to be held at one instant
    weighs no more than the capacity.

    Every hit shows that its key was held since it was last put or hit. A cache that hits more often has more room than
    it says.
    """
    begun: dict[object, int] = {}
    spans: list[tuple[int, int, int]] = []  # from when to when a key was held, by calls, and its weight
    for look in looks(history):
        if look.hit and look.put:
            start = max(look.put.index, begun.get(look.key, -1))
            begun[look.key] = look.operation.index
            spans.append((start, look.operation.index, look.put.weight))
    changes = sorted([(end, -weight) for _, end, weight in spans] + [(start, weight) for start, _, weight in spans])
    held = 0
    for at, change in changes:
        held += change
        if held > history.config.capacity:
            proof = {index for start, end, _ in spans if start <= at < end for index in (start, end)}
            why = f"these hits prove that {held} units were held at once; the capacity is {history.config.capacity}"
            return Violation(why, tuple(sorted(proof)))
    return len(spans)


@law(source=INTERFACE)
def views_agree(history: History) -> Verdict:
    """At one instant, `len`, `keys`, `in`, `peek` and `weight` tell of the same entries, each of them once, as long as
    the clock does not step back.

    What is expired is in none of them. Whoever sizes a cache by its length must be able to believe it.
    """
    judged = 0
    for run, weights in _views(history):
        there: dict[object, tuple[bool, int]] = {}
        number: dict[int, int] = {}
        for view in run:
            if view.name in ("peek", "__contains__", "get"):
                key, found = view.args["key"], bool(view.result)
                judged += key in there
                if there.setdefault(key, (found, view.index))[0] != found:
                    return Violation("another view of that instant says otherwise", (there[key][1], view.index))
            elif view.name == "keys":
                if len(set(view.result)) < len(view.result):
                    return Violation("a key is listed twice", (view.index,))
                for key in {*view.result, *there}:
                    listed = key in view.result
                    judged += key in there
                    if there.setdefault(key, (listed, view.index))[0] != listed:
                        why = f"{key!r} is {'' if listed else 'not '}listed; another view says otherwise"
                        return Violation(why, (there[key][1], view.index))
            if view.name == "weight" and (listed_before := [one for one in run if one.name == "keys"]):
                judged += 1
                expected = sum(weights.get(key, 0) for key in listed_before[0].result)
                if view.result != expected:
                    why = f"the keys that are listed weigh {expected}"
                    return Violation(why, (listed_before[0].index, view.index))
            if view.name in ("keys", "__len__"):
                count = len(view.result) if view.name == "keys" else view.result
                judged += bool(number)
                if number and count not in number:
                    first, index = next(iter(number.items()))
                    return Violation(f"{count} keys by this view, {first} by another", (index, view.index))
                number[count] = view.index
    return judged


def _views(history: History) -> Iterator[tuple[list[Operation], dict[Key, int]]]:
    """Runs of answered reads at one instant, each with the weights that were last put."""
    run: list[Operation] = []
    weights: dict[Key, int] = {}
    for before, operation in pairwise([None, *calls(history)]):
        if operation is None:
            continue
        if before and operation.start < before.start:
            break
        quiet = operation.name in READS or (operation.name == "get" and isinstance(operation.result, Hit | None))
        if before and (before.start != operation.start or not quiet):
            yield run, weights
            run = []
        if operation.name == "put" and operation.result is True:
            weights[operation.args["key"]] = operation.args.get("weight", 1)
        if quiet and not unanswered(operation):
            run.append(operation)
    yield run, weights
