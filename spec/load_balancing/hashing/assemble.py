"""What the specifications of hashes have in common."""

from typing import Any

from spec.law import Law
from spec.load_balancing.hashing import laws_bounded, laws_interface, laws_moves
from spec.load_balancing.hashing.model import AnyMapping
from spec.load_balancing.hashing.types import Bounded, BoundedBalancer, Mapper
from spec.load_balancing.picking import laws_counts
from spec.load_balancing.picking import laws_interface as picking
from spec.load_balancing.picking.types import Pick, Pool
from spec.specification import Specification

WEIGHTS = {"weights": "backends may have different weights, and get keys by them"}

EVERY = (
    laws_interface.deterministic,
    laws_interface.only_members,
    laws_interface.zero_weight_gets_nothing,
    laws_interface.every_key_has_a_backend,
    laws_moves.single_backend_takes_all,
    laws_interface.empty_is_none,
    laws_interface.answers_every_call,
    laws_interface.rejects_bad_backends,
)
"""The laws that hold whatever the hash is."""


def mapping(
    name: str,
    summary: str,
    own_laws: tuple[Law, ...],
    *,
    configuration: type = Pool,
    preferring: bool = False,
    **more: Any,
) -> Specification:
    """The specification of what maps keys to backends: its own laws, then those of every mapper.

    preferring: whether it may tell which backends a key prefers.
    more:       goes to `Specification`.
    """
    operations: dict[str, Any] = {"assign": tuple, "set_backends": None}
    if preferring:
        operations["preference"] = tuple
    return Specification(
        name=f"load_balancing.{name}",
        summary=summary,
        interface=Mapper,
        configuration=configuration,
        operations=operations,
        model=AnyMapping(),
        laws=(*own_laws, *EVERY),
        optional=frozenset(operations) - {"assign"},
        capabilities=WEIGHTS | more.pop("capabilities", {}),
        timed=False,
        **more,
    )


def bounded(name: str, summary: str, own_laws: tuple[Law, ...], **more: Any) -> Specification:
    """The specification of what maps keys to backends while these have room."""
    operations: dict[str, Any] = {
        "pick": Pick | None,
        "done": None,
        "set_backends": None,
        "in_flight": int,
        "preference": tuple,
    }
    return Specification(
        name=f"load_balancing.{name}",
        summary=summary,
        interface=BoundedBalancer,
        configuration=Bounded,
        operations=operations,
        model=AnyMapping(),
        laws=(
            *own_laws,
            laws_interface.deterministic,
            picking.only_eligible,
            laws_bounded.zero_weight_gets_nothing,
            picking.never_refuses_while_eligible,
            picking.tickets_tell_picks_apart,
            laws_counts.done_is_idempotent,
            laws_counts.survivors_keep_in_flight,
            laws_counts.in_flight_is_never_negative,
            laws_counts.in_flight_counts_open_requests,
            picking.answers_every_call,
            laws_interface.rejects_bad_backends,
        ),
        optional=frozenset(operations) - {"pick", "done"},
        capabilities=WEIGHTS,
        timed=False,
        **more,
    )
