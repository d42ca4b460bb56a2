"""Rate limiting: how many calls may be made in how much time."""

from spec.rate_limiting.buckets import TOKEN_BUCKET
from spec.rate_limiting.types import Decision, Limit, RateLimiter, Window
from spec.rate_limiting.windows import FIXED_WINDOW, SLIDING_COUNTER, SLIDING_LOG

__all__ = ["SPECIFICATIONS", "Decision", "Limit", "RateLimiter", "Window"]

SPECIFICATIONS = (TOKEN_BUCKET, FIXED_WINDOW, SLIDING_LOG, SLIDING_COUNTER)
