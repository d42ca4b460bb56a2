"""Laws and anomalies: named predicates over a finished history.

A law looks at a history and returns a `Violation`, or how many cases it judged; 0 means that the history was no
evidence either way. It does no I/O, draws nothing at random and knows no implementation, so the same law judges a
test run, a run of many processes on a server, and a log recorded in production.
"""

import inspect
from collections.abc import Callable, Collection
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
    """A named promise. `statement` is one paragraph; `rationale` says what goes wrong for users without it.

    unless:     declared capabilities that take the promise back.
    concurrent: whether it knows what to make of calls that overlap; if not, it judges what comes before the first.
    """

    name: str
    statement: str
    rationale: str
    source: str
    needs: frozenset[str]
    judge: Callable[[History], Verdict]
    concurrent: bool = False
    unless: frozenset[str] = frozenset()

    def not_applicable(self, capabilities: Collection[str]) -> str | None:
        """Why it does not apply to an implementation with those capabilities; None: it does."""
        if lacking := self.needs.difference(capabilities):
            return f"needs {', '.join(sorted(lacking))}"
        if declared := self.unless.intersection(capabilities):
            return f"not promised with {', '.join(sorted(declared))}"
        return None

    def __call__(self, history: History) -> Verdict:
        return self.judge(history if self.concurrent else history.sequential())


Witness = Violation | None


@dataclass(frozen=True)
class Anomaly:
    """Behaviour that some specifications permit and their users should know. `find` returns a witness, or None."""

    name: str
    statement: str
    rationale: str
    source: str
    find: Callable[[History], Witness]

    def forbidden(self) -> Law:
        """The law of a specification that must never show it. It judges every operation."""

        def judge(history: History) -> Verdict:
            return self.find(history) or len(history.operations)

        return Law(f"never_{self.name}", f"Never: {self.statement}", self.rationale, self.source, frozenset(), judge)


def anomaly(*, source: str) -> Callable[[Callable[[History], Witness]], Anomaly]:
    """Make an anomaly of a search; name and texts come from the function, as with `law`."""

    def decorate(find: Callable[[History], Witness]) -> Anomaly:
        return Anomaly(find.__name__, *_paragraphs(find), source, find)

    return decorate


def law(
    *, source: str, needs: set[str] | None = None, unless: set[str] | None = None, concurrent: bool = False
) -> Callable[[Callable[[History], Verdict]], Law]:
    """Make a law of a predicate: its name is the function's, its statement the docstring's first paragraph.

    source: where the promise comes from.
    needs:  the capabilities without which the law is not applicable.
    unless: those with which it is not.
    concurrent: whether it judges calls that overlap.
    """

    def decorate(judge: Callable[[History], Verdict]) -> Law:
        name, texts = judge.__name__, _paragraphs(judge)
        return Law(name, *texts, source, frozenset(needs or ()), judge, concurrent, frozenset(unless or ()))

    return decorate


def _paragraphs(function: Callable[[History], object]) -> tuple[str, str]:
    """Statement and rationale."""
    text = inspect.getdoc(function)
    if not text:
        raise TypeError(f"{function.__name__} needs a docstring: its first paragraph is the statement people read")
    statement, _, rationale = text.partition("\n\n")
    return " ".join(statement.split()), " ".join(rationale.split())
