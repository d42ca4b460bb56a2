"""What thresholds permit, and users should know: found in a history, with the calls that show it."""

from spec.duration import duration
from spec.history import History
from spec.law import Violation, anomaly
from spec.load_balancing.health.situation import calls

SOURCE = "HAProxy configuration manual, section 5.2, on fall, inter and fastinter: detection takes fall probes"


@anomaly(source=SOURCE)
def dead_server_gets_requests_until_detected(history: History) -> Violation | None:
    """A member to which all probes but the last that it takes have failed in a row is still up: a server that dies
    between two probes, where these are sent on time, is up for longer than (fall - 1) * interval, and for at most
    fall * interval + timeout.

    With probes each 30 s of which 3 must fail, users can meet errors for a minute and a half, and then the time-out.
    """
    config = history.config
    sent: dict[str, int] = {}
    failed: dict[str, list[tuple[int, int]]] = {}
    for operation, members in calls(history):
        if operation.name == "set_members":
            sent, failed = {}, {}
        elif operation.name == "due" and isinstance(operation.result, tuple):
            for name in operation.result:
                sent[name] = operation.index
        elif operation.name == "report" and operation.args["name"] in members:
            name = operation.args["name"]
            if operation.args["ok"]:
                failed.pop(name, None)
            elif members[name].under_way and name in sent:
                failed.setdefault(name, []).append((sent[name], operation.index))
        elif operation.name == "is_up" and operation.result is True and operation.args["name"] in members:
            health, seen = members[operation.args["name"]].health, failed.get(operation.args["name"], [])
            if health.up and health.against == len(seen) == config.fall - 1 > 0:
                start = next(one.operation.start for one in calls(history) if one.operation.index == seen[0][0])
                why = (
                    f"still up, {duration(operation.start - start)} after the first of {len(seen)} probes that failed"
                    f" was sent; up to {duration(config.fall * config.interval + config.timeout)} after it died"
                )
                proof = {index for pair in seen for index in pair} | {operation.index}
                return Violation(why, tuple(sorted(proof)))
    return None
