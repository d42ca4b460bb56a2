"""Laws of who is probed when."""

from spec.history import History
from spec.law import Verdict, Violation, law
from spec.load_balancing.health.situation import calls
from spec.load_balancing.health.types import INTERFACE


@law(source=INTERFACE)
def probes_every_interval(history: History) -> Verdict:
    """Whenever `due` is asked, it names each member once that is new or to which the last probe was sent at least
    `interval` ago, up or down, and no other member.

    A member that is down and is not probed never comes back; one that is probed too often is loaded by its own checks.
    """
    judged = 0
    for operation, members in calls(history):
        if operation.name != "due" or not isinstance(operation.result, tuple):
            continue
        for name, member in members.items():
            judged += 1
            times = operation.result.count(name)
            if times > 1:
                return Violation(f"{name!r} is named {times} times", (operation.index,))
            if times != member.is_due(history.config, operation.start):
                ago = "none" if member.sent is None else f"the last was sent {operation.start - member.sent} us ago"
                state = "is not due" if times else "is due"
                return Violation(f"a probe of {name!r} {state}: {ago}", (operation.index,))
    return judged


@law(source=INTERFACE, needs={"set_members"})
def removed_is_not_probed(history: History) -> Verdict:
    """Once there are other members, `due` names only those that are members.

    Its address may belong to somebody else by now; and the list of what is probed grows until nothing is on time.
    """
    judged, changed = 0, False
    for operation, members in calls(history):
        changed |= operation.name == "set_members"
        if changed and operation.name == "due" and isinstance(operation.result, tuple):
            judged += 1
            if strange := [name for name in operation.result if name not in members]:
                return Violation(f"{strange[0]!r} is no member", (operation.index,))
    return judged
