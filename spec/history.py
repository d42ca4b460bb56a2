"""Histories: what happened in one run, as plain data. As text they are JSON Lines: a header, then the operations."""

import builtins
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from itertools import pairwise
from typing import Any, TypeVar

from spec.encoding import decode, encodable, encode

FORMAT = 1


class NoAnswer(Enum):
    """The type of `NO_ANSWER`."""

    NO_ANSWER = "no answer"


NO_ANSWER = NoAnswer.NO_ANSWER
"""The result of a call whose answer was lost or never came: it may or may not have taken effect."""


@encodable
@dataclass(frozen=True, slots=True)
class Raised:
    """The result of a call that raised. `builtin` names the nearest built-in type of the error: what laws compare."""

    type: str
    message: str
    builtin: str

    @classmethod
    def of(cls, error: BaseException) -> "Raised":
        kinds = type(error).__mro__
        return cls(kinds[0].__name__, str(error), next(k.__name__ for k in kinds if k.__module__ == "builtins"))

    @property
    def kind(self) -> builtins.type[BaseException]:
        """The nearest built-in type."""
        kind = getattr(builtins, self.builtin, None)
        return kind if isinstance(kind, builtins.type) and issubclass(kind, BaseException) else BaseException

    def is_a(self, *kinds: builtins.type[BaseException]) -> bool:
        """Whether the error was one of those built-in types, or derived from one."""
        return issubclass(self.kind, kinds)

    def __str__(self) -> str:
        return f"{self.type}: {self.message}" if self.message else self.type


@encodable
@dataclass(frozen=True, slots=True)
class Malformed:
    """The result of a call whose answer is not what its specification says: the answer as text, and what is wrong."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One call.

    start, end:   when it was made and answered, in microseconds on the run's clock.
    began, ended: its logical positions in the run, since virtual time may stand still during many events.
    result:       the answer, `Raised`, `Malformed` or `NO_ANSWER`.
    parent:       the index of the call that caused this one, where the subject called a collaborator.
    """

    index: int
    name: str
    args: Mapping[str, Any]
    start: int
    end: int
    began: int
    ended: int
    result: Any
    client: str = "main"
    parent: int | None = None


def refused_as_bad(operation: Operation) -> bool:
    """Whether the call raised what bad input may raise."""
    return isinstance(operation.result, Raised) and operation.result.is_a(ValueError, TypeError)


def unanswered(operation: Operation) -> str:
    """What is wrong with the answer; "" if it is one."""
    if operation.result is NO_ANSWER:
        return "no answer came"
    if isinstance(operation.result, Raised):
        return f"raised {operation.result}"
    if isinstance(operation.result, Malformed):
        return f"{operation.result.why}: {operation.result.text}"
    return ""


T = TypeVar("T")


def remembered(look: Callable[..., T]) -> Callable[..., T]:
    """Decorator of a pure look at a history: it is taken once while law after law asks about the same history.

    What it returns is shared, so nobody may change it.
    """
    latest: list[tuple[History | None, dict[Any, T]]] = [(None, {})]

    @wraps(look)
    def looked(history: "History", **how: Any) -> T:
        of, seen = latest[0]
        if of is not history:
            seen = {}
            latest[0] = history, seen
        key = tuple(how.items())
        if key not in seen:
            seen[key] = look(history, **how)
        return seen[key]

    return looked


@dataclass(frozen=True, slots=True)
class History:
    """The operations of one run in the order they began, and the configuration they ran under."""

    config: Any
    operations: tuple[Operation, ...]

    def until(self, count: int) -> "History":
        """The history of the first `count` operations."""
        return History(self.config, self.operations[:count])

    def sequential(self) -> "History":
        """The history up to the first call that another one overlaps. Calls that a call caused do not count."""
        return _sequential(self)

    def lines(self) -> Iterator[str]:
        """This history as JSON Lines, without line ends."""
        yield json.dumps({"lawful": FORMAT, "config": encode(self.config)})
        for operation in self.operations:
            fields = {name: getattr(operation, name) for name in Operation.__slots__}
            lost = fields["result"] is NO_ANSWER
            fields["result"] = {"$": "no answer"} if lost else encode(fields["result"])
            yield json.dumps({**fields, "args": encode(dict(operation.args))})

    @classmethod
    def read(cls, lines: Iterable[str]) -> "History":
        """The history that those JSON Lines say.

        Raises:
            ValueError: with the number of the line that is not part of a history, and what is wrong with it.
        """
        number, config, operations = 1, None, []
        try:
            for number, line in enumerate(lines, 1):
                data = json.loads(line)
                if number > 1:
                    lost = data["result"] == {"$": "no answer"}
                    result = NO_ANSWER if lost else decode(data["result"])
                    operations.append(Operation(**{**data, "args": decode(data["args"]), "result": result}))
                elif data["lawful"] == FORMAT:
                    config = decode(data["config"])
                else:
                    raise ValueError(f"this is format {data['lawful']!r}; only format {FORMAT} is understood")
        except (ValueError, KeyError, TypeError) as error:
            reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else error
            raise ValueError(f"line {number} is not part of a history: {reason}") from None
        return cls(config, tuple(operations))


@remembered
def _sequential(history: History) -> History:
    for index, (call, following) in enumerate(pairwise(history.operations)):
        if following.began < call.ended and following.parent is None:
            return history.until(index)
    return history
