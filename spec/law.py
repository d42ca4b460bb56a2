"""Laws: named predicates over a finished history.

A law looks at a history and returns a `Violation`, or how many cases it judged; 0 means that the history was no
evidence either way. It does no I/O, draws nothing at random and knows no implementation, so the same law judges a
test run, a run of many processes on a server, and a log recorded in production.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from spec.history import History


@dataclass(frozen=True, slots=True)
class Violation:
    """Proof that a law does not hold: one sentence, and the indexes of the operations it speaks of."""

    why: str
    operations: tuple[int, ...]


Verdict = Violation | int


@dataclass(frozen=True)
class Law:
    """A named promise. `statement` is one paragraph; `rationale` says what goes wrong for users without it."""

    name: str
    statement: str
    rationale: str
    source: str
    needs: frozenset[str]
    judge: Callable[[History], Verdict]

    def __call__(self, history: History) -> Verdict:
        return self.judge(history)


def law(*, source: str, needs: set[str] | None = None) -> Callable[[Callable[[History], Verdict]], Law]:
    """Make a law of a predicate: its name is the function's, its statement the docstring's first paragraph.

    source: where the promise comes from.
    needs:  the capabilities without which the law is not applicable.
    """

    def decorate(judge: Callable[[History], Verdict]) -> Law:
        text = inspect.getdoc(judge)
        if not text:
            raise TypeError(f"{judge.__name__} needs a docstring: its first paragraph is the statement people read")
        statement, _, rationale = text.partition("\n\n")
        return Law(
            judge.__name__, " ".join(statement.split()), rationale.strip(), source, frozenset(needs or ()), judge
        )

    return decorate
