"""The token bucket and its kin: one contract, told in three ways."""

from dataclasses import replace

from spec.model import agrees_with
from spec.rate_limiting import laws
from spec.rate_limiting.assemble import rate_limiter
from spec.rate_limiting.boolean import also_boolean
from spec.rate_limiting.laws_time import (
    clock_stepping_back_grants_nothing,
    fill_time,
    idle_restores_exactly_the_burst,
    steady_flow,
)
from spec.rate_limiting.model import Gcra, LeakyBucket, TokenBucket
from spec.rate_limiting.types import Limit

BUCKET_LAWS = (
    laws.never_exceeds_burst,
    laws.conforming_traffic_is_admitted,
    idle_restores_exactly_the_burst(fill_time, laws.BUCKET),
    clock_stepping_back_grants_nothing(fill_time, steady_flow),
)

TOKEN_BUCKET = also_boolean(
    rate_limiter(
        "token_bucket",
        "Tokens flow in at a steady rate up to a burst; a call takes its cost at once or is refused.",
        Limit,
        TokenBucket(),
        BUCKET_LAWS,
        laws.BUCKET,
    )
)

GCRA_SOURCE = "ITU-T I.371 annex A, the generic cell rate algorithm; ATM Forum, Traffic Management 4.1"

decides_as_the_token_bucket = replace(
    agrees_with(TokenBucket(), GCRA_SOURCE),
    name="decides_as_the_token_bucket",
    statement="Every call is answered as a token bucket of the same parameters would answer it.",
    rationale="Meter, virtual scheduling and tokens are one contract; which is chosen is a matter of storage.",
)

LEAKY_BUCKET = also_boolean(
    rate_limiter(
        "leaky_bucket",
        "As a meter: calls pour into a bucket that leaks at a steady rate, or are refused. The token bucket, mirrored.",
        Limit,
        LeakyBucket(),
        (*BUCKET_LAWS, decides_as_the_token_bucket),
        laws.BUCKET,
    )
)

GCRA = also_boolean(
    rate_limiter(
        "gcra",
        "One instant is kept for a key, that of the next call at an even pace; a burst may come so much before it.",
        Limit,
        Gcra(),
        (*BUCKET_LAWS, decides_as_the_token_bucket),
        GCRA_SOURCE,
    )
)
