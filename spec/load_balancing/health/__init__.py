"""Health checkers: who is up, by the results of probes."""

from spec.load_balancing.health import anomalies, laws_interface, laws_probes, laws_status
from spec.load_balancing.health.model import HealthModel
from spec.load_balancing.health.types import INTERFACE, Checks, HealthChecker
from spec.model import agrees_with
from spec.specification import Specification

HEALTH_CHECKER = Specification(
    name="load_balancing.health_checker",
    summary="Who is up: so many failures in a row take a member down, so many successes bring it back.",
    interface=HealthChecker,
    configuration=Checks,
    operations={"due": frozenset, "report": None, "is_up": bool, "set_members": None, "up": frozenset},
    model=HealthModel(),
    laws=(
        laws_status.down_after_exactly_fall,
        laws_status.up_after_exactly_rise,
        laws_status.one_result_does_not_flap,
        laws_status.timeout_is_failure,
        laws_status.late_report_changes_nothing,
        laws_status.new_member_starts_as_declared,
        laws_status.survivors_keep_their_health,
        laws_status.up_names_those_that_are_up,
        laws_probes.probes_every_interval,
        laws_probes.removed_is_not_probed,
        laws_interface.answers_every_call,
        laws_interface.rejects_bad_members,
        laws_interface.unknown_names_are_refused,
        agrees_with(HealthModel(), INTERFACE),
    ),
    optional=frozenset({"set_members", "up"}),
    anomalies=(anomalies.dead_server_gets_requests_until_detected, anomalies.flapping_at_the_threshold),
)

SPECIFICATIONS = (HEALTH_CHECKER,)
