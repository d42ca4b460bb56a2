"""A history of a rate limiter as the laws look at it: per key, and only as far as the answers are evidence."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from spec.history import History, Operation, refused_as_bad, remembered
from spec.rate_limiting.types import Decision, checked


@dataclass(frozen=True, slots=True)
class Call:
    """A well-formed `acquire` or `peek` that was decided.

    at:      the instant, in microseconds.
    highest: the highest reading of the clock in the whole history up to and including this call.
    """

    index: int
    name: str
    client: str
    key: str
    cost: int
    at: int
    highest: int
    decision: Decision

    @property
    def taken(self) -> int:
        """Units that the call took."""
        return self.cost if self.name == "acquire" and self.decision.allowed else 0

    @property
    def before(self) -> int:
        """Unit calls that were admissible just before this call, by its own answer."""
        return self.decision.remaining + self.taken


def good(operation: Operation) -> bool:
    """Whether the arguments are such as the interface takes."""
    try:
        checked(operation.args["key"], operation.args.get("cost", 1))
    except (TypeError, ValueError):
        return False
    return True


@remembered
def lives(history: History, *, stepping: bool = False) -> list[list[Call]]:
    """The calls of each key, in lives: a life begins when the key has never been used or has just been reset.

    Bad input that was refused is left out. Any other call that was not decided ends what is known of its key. Unless
    `stepping`, everything ends where the clock first steps back, since several behaviours are right from there on.
    """
    if stepping and all(first.start <= second.start for first, second in pairwise(history.operations)):
        return lives(history)
    ended: list[list[Call]] = []
    open_lives: dict[str, list[Call]] = defaultdict(list)
    unknown: set[str] = set()
    highest = None
    for operation in history.operations:
        if highest is not None and operation.start < highest and not stepping:
            break
        highest = operation.start if highest is None else max(highest, operation.start)
        key = operation.args["key"]
        if not good(operation):
            if isinstance(key, str) and key and not refused_as_bad(operation):
                unknown.add(key)
        elif operation.name == "reset" and operation.result is None:
            unknown.discard(key)
            if key in open_lives:
                ended.append(open_lives.pop(key))
        elif operation.name not in ("acquire", "peek", "reset"):
            continue
        elif not isinstance(operation.result, Decision):
            unknown.add(key)
        elif key not in unknown:
            cost = operation.args.get("cost", 1)
            call = (operation.index, operation.name, operation.client, key, cost, operation.start, highest)
            open_lives[key].append(Call(*call, operation.result))
    return [*ended, *open_lives.values()]


@remembered
def pairs(history: History) -> list[tuple[Call, Call]]:
    """Each call with the next one on its key, where the clock stood still between them."""
    return [pair for life in lives(history) for pair in pairwise(life) if pair[0].at == pair[1].at]
