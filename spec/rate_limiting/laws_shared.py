"""Laws for limiters that keep their accounts in a store which many instances share."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from spec.history import History, Operation
from spec.law import Verdict, Violation, law
from spec.rate_limiting.observe import good, pairs
from spec.rate_limiting.types import INTERFACE, SECOND, Decision, duration


@law(source=INTERFACE, needs={"shared"})
def instances_act_as_one(history: History) -> Verdict:
    """Instances on one backend share each key: at the same instant, one finds what the other left.

    A service runs on many machines; its customers know only one limit.
    """
    judged = 0
    for first, second in pairs(history):
        if first.client == second.client:
            continue
        judged += 1
        if first.decision.remaining != second.before:
            why = f"{first.client} left {first.decision.remaining}, {second.client} found {second.before}"
            return Violation(why, (first.index, second.index))
    return judged


@law(source=INTERFACE, needs={"shared", "on_server"}, concurrent=True)
def concurrent_calls_share_what_is_left(history: History) -> Verdict:
    """Of unit calls on one key that overlap at one instant, exactly as many are admitted as were left just before.

    Two servers that both read "one left" before either of them writes "none left" admit two; under load that is how a
    limit of ten becomes one of fifteen.
    """
    judged = 0
    for before, together in _overlapping(history):
        judged += 1
        left, admitted = before.result.remaining, sum(one.result.allowed for one in together)
        if admitted != min(left, len(together)):
            why = f"{left} left, yet {admitted} of {len(together)} overlapping calls were admitted"
            return Violation(why, (before.index, *(one.index for one in together)))
    return judged


def _overlapping(history: History) -> Iterator[tuple[Operation, list[Operation]]]:
    """Unit calls on one key at one instant that overlap, and the call on it just before them, at that instant too."""
    calls: dict[str, list[Operation]] = defaultdict(list)
    for operation in history.operations:
        if good(operation):
            calls[operation.args["key"]].append(operation)
    for on_key in calls.values():
        groups: list[list[Operation]] = []
        for operation in on_key:
            if groups and operation.began < max(one.ended for one in groups[-1]):
                groups[-1].append(operation)
            else:
                groups.append([operation])
        for before, together in pairwise(groups):
            every = [*before, *together]
            units = all((one.name, one.args.get("cost", 1)) == ("acquire", 1) for one in together)
            known = all(isinstance(one.result, Decision) and one.start == before[0].start for one in every)
            if len(before) == 1 and len(together) > 1 and units and known:
                yield before[0], together


@law(source=INTERFACE, needs={"ttl"})
def idle_keys_expire(history: History) -> Verdict:
    """A key from which something was taken is forgotten by the store itself, at some time after `reset_after`.

    Keys without an end fill the store until it evicts what is still needed; a key that ends too early gives its owner
    the full burst again. What may pass between the two calls that tell this is not held against it: up to 1.1 seconds,
    so that a store that counts in whole seconds is never right or wrong by chance.
    """
    judged = 0
    taken: dict[str, Operation] = {}
    latest = 0
    for operation in history.operations:
        if operation.start < latest:
            break  # the clock stepped back, but not that of the store
        latest = operation.start
        key = operation.args["key"]
        if not isinstance(key, str):
            continue
        if isinstance(operation.result, Decision):
            if operation.name == "acquire" and operation.result.allowed and operation.args.get("cost", 1):
                taken[key] = operation
        elif operation.name != "ttl":
            taken.pop(key, None)
        elif key in taken and isinstance(operation.result, int) and operation.start == taken[key].start:
            judged += 1
            until_full, left = taken[key].result.reset_after, operation.result
            proof = (taken[key].index, operation.index)
            if left < 0 and until_full:
                return Violation("the store is never to forget this key", proof)
            if left < until_full - 11 * SECOND // 10:
                return Violation(f"the store forgets this key {duration(until_full - left)} too early", proof)
    return judged
