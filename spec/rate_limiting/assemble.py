"""What the specifications of rate limiters have in common."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from spec.law import Anomaly, Law
from spec.model import Model, agrees_with
from spec.rate_limiting import laws_answers, laws_interface, laws_shared
from spec.rate_limiting.types import Decision, RateLimiter
from spec.specification import Specification

SHARED = {"shared": "instances on one backend and namespace keep one account of each key"}


def rate_limiter(
    name: str,
    summary: str,
    configuration: type,
    model: Model,
    own_laws: tuple[Law, ...],
    source: str,
    anomalies: tuple[Anomaly, ...] = (),
    operations: Mapping[str, type] = MappingProxyType({}),
    **more: Any,
) -> Specification:
    """A specification with the laws of every rate limiter after its own.

    operations: optional ones that other rate limiters do not have.
    more:       goes to `Specification`.
    """
    return Specification(
        name=f"rate_limiting.{name}",
        summary=summary,
        interface=RateLimiter,
        configuration=configuration,
        operations={"acquire": Decision, "peek": Decision, "reset": None, "ttl": int, **operations},
        model=model,
        laws=(
            *own_laws,
            laws_answers.retry_after_is_exact,
            laws_answers.remaining_is_truthful,
            laws_answers.reset_after_is_truthful,
            laws_interface.refusal_consumes_nothing,
            laws_interface.keys_are_independent,
            laws_interface.peeking_changes_nothing,
            laws_interface.reset_forgets,
            laws_shared.instances_act_as_one,
            laws_shared.concurrent_calls_share_what_is_left,
            laws_shared.idle_keys_expire,
            laws_interface.answers_every_call,
            laws_interface.rejects_bad_input,
            agrees_with(model, source),
        ),
        optional=frozenset({"peek", "reset", "ttl", *operations}),
        capabilities=SHARED | more.pop("capabilities", {}),
        anomalies=anomalies,
        **more,
    )
