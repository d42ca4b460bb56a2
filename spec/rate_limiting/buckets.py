"""The token bucket and its kin: one contract, told in three ways."""

from fractions import Fraction

from spec.rate_limiting import laws
from spec.rate_limiting.assemble import rate_limiter
from spec.rate_limiting.laws_time import clock_stepping_back_grants_nothing, idle_restores_exactly_the_burst
from spec.rate_limiting.model import TokenBucket
from spec.rate_limiting.observe import Call
from spec.rate_limiting.types import Limit


def _fill_time(limit: Limit) -> int:
    return limit.fill_time


def _flow(limit: Limit, base: Call, call: Call) -> Fraction | None:
    """More than what flows in, as `remaining` leaves out a fraction of less than 1."""
    if call.highest >= base.at + base.decision.reset_after:
        return None
    return 1 + Fraction((call.highest - base.at) * limit.limit, limit.period)


BUCKET_LAWS = (
    laws.never_exceeds_burst,
    laws.conforming_traffic_is_admitted,
    idle_restores_exactly_the_burst(_fill_time, laws.BUCKET),
    clock_stepping_back_grants_nothing(_fill_time, _flow),
)

TOKEN_BUCKET = rate_limiter(
    "token_bucket",
    "Tokens flow in at a steady rate up to a burst; a call takes its cost at once or is refused.",
    Limit,
    TokenBucket(),
    BUCKET_LAWS,
    laws.BUCKET,
)
