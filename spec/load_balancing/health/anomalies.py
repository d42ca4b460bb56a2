"""What thresholds permit, and users should know: found in a history, with the calls that show it."""

from spec.duration import duration
from spec.history import History, Operation
from spec.law import Violation, anomaly
from spec.load_balancing.health.situation import Look, calls, followed

SOURCE = "HAProxy configuration manual, section 5.2, on fall, inter and fastinter: detection takes fall probes"


@anomaly(source=SOURCE)
def dead_server_gets_requests_until_detected(history: History) -> Violation | None:
    """A member is up (fall - 1) * interval after a probe was sent from which on all have failed. A server that dies
    between two probes, and is probed on time, is up for longer than (fall - 1) * interval, and for at most
    fall * interval + timeout.

    With probes each 30 s of which 3 must fail, users can meet errors for a minute and a half, and then the time-out.
    """
    config = history.config
    probes: dict[str, list[Operation]] = {}  # since the last success
    for operation, members in calls(history):
        name, result = operation.args.get("name", ""), operation.result
        if operation.name == "due" and isinstance(result, tuple):
            for one in set(result) & set(members):
                if members[one].sent is None:
                    probes[one] = []
                probes[one].append(operation)
        elif name not in members:
            continue
        elif operation.name == "report" and operation.args["ok"] and members[name].under_way:
            probes[name] = []
        elif operation.name == "is_up" and result is True:
            up, against, *_ = members[name].health
            sent = probes.get(name, [])
            passed = operation.start - sent[0].start if sent else 0
            if up and against == config.fall - 1 > 0 and passed >= (config.fall - 1) * config.interval:
                longest = duration(config.fall * config.interval + config.timeout)
                why = (
                    f"no probe sent in the last {duration(passed)} succeeded; it may be up for {longest} after it died"
                )
                return Violation(why, (*(one.index for one in sent), operation.index))
    return None


@anomaly(source=SOURCE)
def flapping_at_the_threshold(history: History) -> Violation | None:
    """A member goes down and comes up again within fall + rise results, though both are at least 2; and so on, for as
    long as so many failures and so many successes take turns.

    Thresholds keep out single results and nothing more: a server that crashes once a minute moves its load each time.
    """
    config = history.config
    seen: dict[int, list[Look]] = {}
    for look in followed(history)[1] if min(config.fall, config.rise) > 1 else ():
        up, down = (*seen.get(look.member, ()), None, None)[:2]
        answer = look.operation.result
        if up and down and answer and look.health.results - up.health.results == config.fall + config.rise:
            why = f"up, down and up again by {config.fall} failures and {config.rise} successes"
            return Violation(why, tuple(one.operation.index for one in (up, down, look)))
        if answer:
            seen[look.member] = [look]
        elif up and not down:
            seen[look.member].append(look)
    return None
