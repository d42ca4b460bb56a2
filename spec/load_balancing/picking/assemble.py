"""What the specifications of balancers that pick have in common."""

from typing import Any

from spec.law import Anomaly, Law
from spec.load_balancing.picking import laws_counts, laws_interface, laws_shared
from spec.load_balancing.picking.model import BalancerModel, Policy
from spec.load_balancing.picking.types import INTERFACE, Balancer, Pick, Pool
from spec.model import agrees_with
from spec.specification import Specification

CAPABILITIES = {
    "no_large_weights": "weights are at most 2^31 - 1",
    "limits": "a backend may have a limit, `max_inflight`",
    "shared": "instances on one backend pick as one: they share members, turns and what is in flight",
}

EVERY = (
    laws_interface.only_eligible,
    laws_interface.drain_gets_no_new,
    laws_interface.never_refuses_while_eligible,
    laws_interface.tickets_tell_picks_apart,
    laws_counts.done_is_idempotent,
    laws_counts.survivors_keep_in_flight,
    laws_counts.refused_pick_changes_nothing,
    laws_counts.in_flight_is_never_negative,
    laws_counts.in_flight_counts_open_requests,
    laws_counts.drain_waits_for_in_flight,
    laws_counts.drain_ends,
    laws_interface.answers_every_call,
    laws_interface.rejects_bad_backends,
    laws_interface.unknown_names_are_refused,
    laws_shared.concurrent_calls_are_all_counted,
)
"""The laws that hold whoever is picked."""

OPERATIONS: dict[str, Any] = {
    "pick": Pick | None,
    "done": None,
    "set_backends": None,
    "set_health": None,
    "set_draining": None,
    "in_flight": int,
    "drained": bool,
}


def picking(
    name: str,
    summary: str,
    policy: Policy,
    own_laws: tuple[Law, ...] = (),
    anomalies: tuple[Anomaly, ...] = (),
    *,
    weighted: bool = False,
    needs: tuple[str, ...] = (),
    in_order: bool = False,
    configuration: type = Pool,
    **more: Any,
) -> Specification:
    """The specification of a balancer with that policy: its own laws, then those of every balancer.

    weighted: whether weights have a say. If not, all are 1.
    needs:    the operations that it must have, beside `pick`.
    in_order: whether calls that overlap are held against the policy too, as it says more than who is eligible.
    more:     goes to `Specification`.
    """
    model = BalancerModel(policy)
    return Specification(
        name=f"load_balancing.{name}",
        summary=summary,
        interface=Balancer,
        configuration=configuration,
        operations=OPERATIONS,
        model=model,
        laws=(
            *own_laws,
            *((laws_interface.zero_weight_gets_nothing,) if weighted else ()),
            *EVERY,
            *((laws_shared.concurrent_calls_follow_one_another(model),) if in_order else ()),
            agrees_with(model, INTERFACE),
        ),
        optional=frozenset(OPERATIONS) - {"pick", *needs},
        capabilities=CAPABILITIES | more.pop("capabilities", {}),
        anomalies=anomalies,
        timed=more.pop("timed", False),
        **more,
    )
