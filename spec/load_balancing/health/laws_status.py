"""Laws of who is up: what `is_up` answers after which results. Each judges what no other has a better name for."""

from collections.abc import Iterator

from spec.history import History, Operation
from spec.law import Verdict, Violation, law
from spec.load_balancing.health.situation import Look, diagnosis, followed
from spec.load_balancing.health.types import INTERFACE
from spec.load_balancing.health.ways import FALL, LATE, NEW, RISE, SURVIVOR, TIMEOUT


@law(source=INTERFACE)
def down_after_exactly_fall(history: History) -> Verdict:
    """A member that is up stays up until `fall` results in a row are failures, and is down as soon as they are.

    Too late, and users meet a dead server for longer than was configured; too early, and one that is well is lost.
    """
    return _judge_counting(history, True, RISE)


@law(source=INTERFACE)
def up_after_exactly_rise(history: History) -> Verdict:
    """A member that is down stays down until `rise` results in a row are successes, and is up as soon as they are.

    Too early, and a server that has just started is flooded; too late, and the others carry its load.
    """
    return _judge_counting(history, False, FALL)


def _judge_counting(history: History, up: bool, other: str) -> Verdict:
    """Judges what depends on nothing but counting: while it is up and until it is down, or the other way round; but not
    what a mistake in counting the other way explains."""
    judged = 0
    for look in _looks(history):
        health = look.health
        just_counted = health.decided == "counted" and not health.against
        if look.decides or _starts(look) or (health.up is up) is just_counted:
            continue
        judged += 1
        if not look.right and other not in diagnosis(history).kinds:
            status, results = ("up", "failures") if health.up else ("down", "successes")
            many = f", with {health.against} {results} in a row" if health.against else ""
            return Violation(f"it is {status}{many}", (look.operation.index,))
    return judged


@law(source=INTERFACE)
def one_result_does_not_flap(history: History) -> Verdict:
    """Where `fall` is 2 or more, one failure does not take down a member that is_up just said is up; where `rise` is 2
    or more, one success does not bring up one that it said is down.

    One lost packet would move the load of a whole server to the others, and the next probe moves it back.
    """
    judged = 0
    latest: dict[int, Look] = {}
    for look in _looks(history):
        before, health = latest.get(look.member), look.health
        latest[look.member] = look
        if before is None or not before.right or look.decides or before.strays != look.strays:
            continue
        one = health.results == before.health.results + 1 and health.decided == before.health.decided
        if one and health.against == 1:
            judged += 1
            if look.operation.result is not before.operation.result:
                why = f"one result made {before.operation.result} {look.operation.result}"
                return Violation(why, (before.operation.index, look.operation.index))
    return judged


@law(source=INTERFACE)
def new_member_starts_as_declared(history: History) -> Verdict:
    """Before its first result a member is up if `initial` is "up", and otherwise not, in the beginning and whenever it
    is new; if it is "checking", the first result decides alone.

    A server that was replaced under the same name would be judged by what the old one did.
    """
    judged = 0
    for look in _looks(history):
        if look.decides <= {NEW} and _starts(look):
            judged += 1
            if not look.right:
                why = "the first result decides" if look.health.results else "it is new"
                return Violation(why, (look.operation.index,))
    return judged


def _starts(look: Look) -> bool:
    return not look.health.results or (look.health.decided == "first" and look.health.results == 1)


@law(source=INTERFACE)
def timeout_is_failure(history: History) -> Verdict:
    """A probe that is not reported until `timeout` after it was sent is one failure from that microsecond on, for every
    call: judged where is_up depends on it.

    A server that hangs answers nothing, so nobody reports it; it would be up for ever.
    """
    return _judge_alone(history, TIMEOUT, "a probe that was not reported in time is one failure")


@law(source=INTERFACE)
def late_report_changes_nothing(history: History) -> Verdict:
    """A report while no probe of that member is under way is no result, and takes back none: judged where is_up would
    depend on it.

    A slow server would be counted twice for each probe, once as failed and once as well.
    """
    return _judge_alone(history, LATE, "a report of no probe that is under way is no result")


@law(source=INTERFACE, needs={"set_members"})
def survivors_keep_their_health(history: History) -> Verdict:
    """Who was a member and still is keeps its results and the probe that is under way: judged where is_up depends on
    it.

    Servers come and go all day. Each time, those that are dead would be up again.
    """
    return _judge_alone(history, SURVIVOR, "it was a member before and keeps its results")


def _looks(history: History) -> Iterator[Look]:
    """The looks up to the first that is wrong: nobody knows what the implementation takes the member for then."""
    for look in followed(history)[1]:
        yield look
        if not look.right:
            return


def _judge_alone(history: History, mistake: str, why: str) -> Verdict:
    """Judges where that mistake alone would make a difference. It must explain all other answers so far as well, and a
    mistake in counting must not: or else that is what is wrong."""
    judged = 0
    for look in _looks(history):
        judged += look.decides == {mistake}
        if not look.right and (found := diagnosis(history)).kind == mistake:
            return Violation(why, tuple(sorted({look.operation.index, found.known})))
    return judged


@law(source=INTERFACE, needs={"up"})
def up_names_those_that_are_up(history: History) -> Verdict:
    """Asked at the same time, with no other call between, `up` names a member exactly if `is_up` says so.

    Who builds his list of servers from one and logs the other would look for a mistake that is elsewhere.
    """
    judged = 0
    said: dict[str, Operation] = {}
    listed: Operation | None = None
    time = None
    for operation, _ in followed(history)[0]:
        if operation.start != time or operation.name not in ("up", "is_up"):
            said, listed, time = {}, None, operation.start
        if operation.name == "up" and isinstance(operation.result, tuple):
            listed = operation
        elif operation.name == "is_up" and isinstance(operation.result, bool):
            said[operation.args["name"]] = operation
        else:
            continue
        for name, one in said.items() if operation.name == "up" else [(operation.args["name"], operation)]:
            if listed:
                judged += 1
                if listed.result.count(name) != one.result:
                    return Violation(f"is_up({name!r}) is {one.result}", (one.index, listed.index))
    return judged
