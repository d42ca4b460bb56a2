"""Rate limiting: how many calls may be made in how much time."""

from spec.model import agrees_with
from spec.rate_limiting import laws, laws_interface
from spec.rate_limiting.model import TokenBucket
from spec.rate_limiting.types import Decision, Limit, RateLimiter
from spec.specification import Specification

__all__ = ["SPECIFICATIONS", "Decision", "Limit", "RateLimiter"]

SPECIFICATIONS = (
    Specification(
        name="rate_limiting.token_bucket",
        summary="Tokens flow in at a steady rate up to a burst; a call takes its cost at once or is refused.",
        interface=RateLimiter,
        configuration=Limit,
        operations={"acquire": Decision, "peek": Decision, "reset": None},
        optional=frozenset({"peek", "reset"}),
        capabilities={"shared": "instances on one backend and namespace keep one account of each key"},
        model=TokenBucket(),
        laws=(
            laws.never_exceeds_burst,
            laws.conforming_traffic_is_admitted,
            laws.idle_restores_exactly_the_burst,
            laws.retry_after_is_exact,
            laws.remaining_is_truthful,
            laws.reset_after_is_truthful,
            laws.clock_stepping_back_grants_nothing,
            laws_interface.refusal_consumes_nothing,
            laws_interface.keys_are_independent,
            laws_interface.peeking_changes_nothing,
            laws_interface.reset_forgets,
            laws_interface.instances_act_as_one,
            laws_interface.answers_every_call,
            laws_interface.rejects_bad_input,
            agrees_with(TokenBucket(), laws.BUCKET),
        ),
    ),
)
