"""The leaky bucket as a queue: it does not refuse what comes too early, it delays it."""

from collections.abc import Iterator
from itertools import pairwise

from spec.history import History
from spec.law import Verdict, Violation, law
from spec.rate_limiting.assemble import rate_limiter
from spec.rate_limiting.laws_time import (
    clock_stepping_back_grants_nothing,
    fill_time,
    idle_restores_exactly_the_burst,
    steady_flow,
)
from spec.rate_limiting.model import LeakyQueue
from spec.rate_limiting.observe import Call, lives
from spec.rate_limiting.types import Queue, duration

SOURCE = "Turner 1986, New directions in communications, on the leaky bucket; nginx, ngx_http_limit_req_module"


def _accepted(history: History) -> Iterator[list[Call]]:
    """The accepted calls of each life, in the order they came."""
    for life in lives(history):
        yield [call for call in life if call.taken]


def _leaves(call: Call) -> int:
    return call.at + call.decision.delay


@law(source=SOURCE)
def departures_are_spaced(history: History) -> Verdict:
    """From any departure to any later one, there is an interval of period / limit for each unit that left before it.

    A queue is chosen for this: what stands behind it never sees two calls closer together. Departures are told in
    whole microseconds, rounded up, so less than one may be missing in all.
    """
    queue: Queue = history.config
    judged = 0
    for calls in _accepted(history):
        # Of all earlier calls, the one after which the next departure may come last.
        bound, by = 0, None
        for call in calls:
            leaves = _leaves(call) * queue.limit
            if by is not None:
                judged += 1
                if leaves + queue.limit <= bound:
                    why = f"leaves {duration((bound - leaves) // queue.limit)} too early after the marked one"
                    return Violation(why, (by.index, call.index))
            if by is None or leaves >= bound:
                by = call
            bound = max(bound, leaves) + call.taken * queue.period
    return judged


@law(source=SOURCE)
def first_in_first_out(history: History) -> Verdict:
    """No call leaves before one that was accepted earlier."""
    judged = 0
    for calls in _accepted(history):
        for first, second in pairwise(calls):
            judged += 1
            if _leaves(second) < _leaves(first):
                why = f"leaves {duration(_leaves(first) - _leaves(second))} before the one that came before it"
                return Violation(why, (first.index, second.index))
    return judged


@law(source=SOURCE)
def nobody_waits_longer_than_the_queue(history: History) -> Verdict:
    """What is accepted leaves: at once if nothing waits, and never later than a full queue takes to empty.

    A delay that grows without a bound is a refusal nobody was told of.
    """
    queue: Queue = history.config
    longest = -(-queue.size * queue.period // queue.limit)
    judged = 0
    for calls in _accepted(history):
        free = None  # from when on the exit is free, in 1/limit of a microsecond
        for call in calls:
            judged += 1
            if not 0 <= call.decision.delay <= longest:
                why = f"a delay of {duration(call.decision.delay)}; a full queue empties in {duration(longest)}"
                return Violation(why, (call.index,))
            if (free is None or free <= call.at * queue.limit) and call.decision.delay:
                return Violation(f"waits {duration(call.decision.delay)} though nothing is ahead of it", (call.index,))
            start = call.at * queue.limit if free is None else max(free, call.at * queue.limit)
            free = start + call.taken * queue.period
    return judged


def _waiting(queue: Queue, calls: list[Call]) -> Iterator[tuple[Call, int]]:
    """Each call and the backlog it finds, in 1/period of a unit, going by what was accepted."""
    backlog, at = 0, 0
    for call in calls:
        backlog, at = max(0, backlog - (call.at - at) * queue.limit), call.at
        yield call, backlog
        backlog += call.taken * queue.period


@law(source=SOURCE)
def the_queue_is_bounded(history: History) -> Verdict:
    """No more than `size` units ever wait."""
    queue: Queue = history.config
    judged = 0
    for life in lives(history):
        for call, backlog in _waiting(queue, life):
            judged += bool(call.taken)
            if call.taken and backlog + call.taken * queue.period > queue.capacity * queue.period:
                waiting = -(-(backlog + (call.taken - 1) * queue.period) // queue.period)
                return Violation(f"{waiting} wait in a queue of {queue.size}", (call.index,))
    return judged


@law(source=SOURCE)
def refused_only_when_full(history: History) -> Verdict:
    """A call that has room in the queue is accepted."""
    queue: Queue = history.config
    judged = 0
    for life in lives(history):
        for call, backlog in _waiting(queue, life):
            if backlog + call.cost * queue.period <= queue.capacity * queue.period:
                judged += 1
                if not call.decision.allowed:
                    waiting = backlog / queue.period
                    return Violation(f"refused with {waiting:.6g} ahead of it and room for {queue.size}", (call.index,))
    return judged


LEAKY_BUCKET_QUEUE = rate_limiter(
    "leaky_bucket_queue",
    "Calls wait in a queue and leave it at an even pace; refused only when it is full.",
    Queue,
    LeakyQueue(),
    (
        departures_are_spaced,
        first_in_first_out,
        nobody_waits_longer_than_the_queue,
        the_queue_is_bounded,
        refused_only_when_full,
        idle_restores_exactly_the_burst(fill_time, SOURCE),
        clock_stepping_back_grants_nothing(fill_time, steady_flow),
    ),
    SOURCE,
)
