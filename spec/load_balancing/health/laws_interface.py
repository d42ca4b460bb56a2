"""Laws of calls: good ones are answered, bad ones are refused."""

from spec.history import NO_ANSWER, History, Raised, unanswered
from spec.law import Verdict, Violation, law
from spec.load_balancing.health.model import NAMED, is_bad
from spec.load_balancing.health.situation import calls
from spec.load_balancing.health.types import INTERFACE


@law(source=INTERFACE)
def answers_every_call(history: History) -> Verdict:
    """Every call with good arguments is answered, with a value of the promised type.

    Whoever watches for failures must not be one: a checker that raises leaves all members as they were.
    """
    judged = 0
    for operation, members in calls(history):
        if not is_bad(members, operation):
            judged += 1
            if wrong := unanswered(operation):
                return Violation(wrong, (operation.index,))
    return judged


@law(source=INTERFACE, needs={"set_members"})
def rejects_bad_members(history: History) -> Verdict:
    """Members with an empty name, or a name twice, raise ValueError or TypeError.

    Two members of one name have one health, and each report of one is taken for the other.
    """
    return _refused(history, {"set_members"}, (ValueError, TypeError), "such members must raise ValueError")


@law(source=INTERFACE)
def unknown_names_are_refused(history: History) -> Verdict:
    """What is asked or reported of a name that no member has raises KeyError or ValueError.

    Whoever mistypes a name would be told for ever that this server is down, or up.
    """
    why = "there is no member of that name, so it must raise KeyError"
    return _refused(history, NAMED, (KeyError, ValueError), why)


def _refused(history: History, names: set[str], kinds: tuple[type[Exception], ...], must: str) -> Verdict:
    judged = 0
    for operation, members in calls(history):
        if operation.name in names and is_bad(members, operation) and operation.result is not NO_ANSWER:
            judged += 1
            if not (isinstance(operation.result, Raised) and operation.result.is_a(*kinds)):
                return Violation(must, (operation.index,))
    return judged
