"""Rate limiting: how many calls may be made in how much time."""

from spec.rate_limiting.buckets import GCRA, LEAKY_BUCKET, TOKEN_BUCKET
from spec.rate_limiting.queues import LEAKY_BUCKET_QUEUE
from spec.rate_limiting.types import Decision, Limit, Queue, RateLimiter, Window
from spec.rate_limiting.windows import FIXED_WINDOW, SLIDING_COUNTER, SLIDING_LOG

__all__ = ["SPECIFICATIONS", "Decision", "Limit", "Queue", "RateLimiter", "Window"]

SPECIFICATIONS = (
    TOKEN_BUCKET,
    LEAKY_BUCKET,
    GCRA,
    LEAKY_BUCKET_QUEUE,
    FIXED_WINDOW,
    SLIDING_LOG,
    SLIDING_COUNTER,
)
