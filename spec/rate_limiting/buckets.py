"""The token bucket and its kin: one contract, told in three ways."""

from dataclasses import replace
from fractions import Fraction

from spec.model import agrees_with
from spec.rate_limiting import laws
from spec.rate_limiting.assemble import rate_limiter
from spec.rate_limiting.laws_time import clock_stepping_back_grants_nothing, idle_restores_exactly_the_burst
from spec.rate_limiting.model import Gcra, LeakyBucket, TokenBucket
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

GCRA_SOURCE = "ITU-T I.371 annex A, the generic cell rate algorithm; ATM Forum, Traffic Management 4.1"

decides_as_the_token_bucket = replace(
    agrees_with(TokenBucket(), GCRA_SOURCE),
    name="decides_as_the_token_bucket",
    statement="Every call is answered as a token bucket of the same parameters would answer it.",
    rationale="Meter, virtual scheduling and tokens are one contract; which is chosen is a matter of storage.",
)

LEAKY_BUCKET = rate_limiter(
    "leaky_bucket",
    "As a meter: calls pour into a bucket that leaks at a steady rate, or are refused. The token bucket, mirrored.",
    Limit,
    LeakyBucket(),
    (*BUCKET_LAWS, decides_as_the_token_bucket),
    laws.BUCKET,
)

GCRA = rate_limiter(
    "gcra",
    "One instant is kept for a key, that of the next call at an even pace; a burst may come so much before it.",
    Limit,
    Gcra(),
    (*BUCKET_LAWS, decides_as_the_token_bucket),
    GCRA_SOURCE,
)
