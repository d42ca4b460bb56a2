"""Counters: many count under one name, and nobody is forgotten."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from spec.encoding import encodable
from spec.history import NO_ANSWER, History, Operation, Raised
from spec.law import Verdict, Violation, law
from spec.model import agrees_with
from spec.specification import Specification

SOURCE = "lawful_counting, what Counter promises"


@encodable
@dataclass(frozen=True, slots=True)
class Start:
    """A counter begins at `value`."""

    value: int = 0

    def __str__(self) -> str:
        return f"Start(value={self.value})"


class Counter(Protocol):
    """Counts under names."""

    def add(self, name: str, amount: int = 1) -> int:
        """Add to the counter of that name, and return what it is then.

        Raises:
            ValueError: the amount is below 0. Nothing changes.
        """
        ...


class Model:
    """One integer for each name."""

    def partition(self, operation: Operation) -> Hashable:
        return operation.args["name"]

    def initial(self, config: Start) -> int:
        return config.value

    def answers(self, config: Start, state: Any, operation: Operation) -> Iterator[tuple[int, Any]]:
        amount = operation.args["amount"]
        if amount < 0:
            yield state, Raised.of(ValueError("an amount is at least 0"))
        else:
            yield state + amount, state + amount


@law(source=SOURCE)
def never_counts_down(history: History) -> Verdict:
    """A counter never falls.

    Whoever computes a rate from two readings gets a negative one, and a wrong alarm.
    """
    judged = 0
    latest: dict[str, Operation] = {}
    for operation in history.operations:
        if not isinstance(operation.result, int):
            continue
        name = operation.args["name"]
        before = latest.get(name)
        if before is not None:
            judged += 1
            if operation.result < before.result:
                why = f"{name!r} was {before.result}, and is {operation.result}"
                return Violation(why, (before.index, operation.index))
        latest[name] = operation
    return judged


@law(source=SOURCE)
def refuses_negative_amounts(history: History) -> Verdict:
    """An amount below 0 raises ValueError.

    A counter that can be turned back is a gauge, and dashboards take its fall for a restart.
    """
    judged = 0
    for operation in history.operations:
        if operation.args["amount"] < 0 and operation.result is not NO_ANSWER:
            judged += 1
            if not (isinstance(operation.result, Raised) and operation.result.is_a(ValueError)):
                return Violation(f"{operation.args['amount']} is accepted", (operation.index,))
    return judged


COUNTER = Specification(
    name="counting.counter",
    summary="Adds up what is counted under a name.",
    interface=Counter,
    configuration=Start,
    operations={"add": int},
    model=Model(),
    laws=(never_counts_down, refuses_negative_amounts, agrees_with(Model(), SOURCE)),
    timed=False,
)
SPECIFICATIONS = (COUNTER,)
