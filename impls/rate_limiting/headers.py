"""A decision as HTTP tells it."""

from typing import NamedTuple, Protocol

from spec.rate_limiting.types import SECOND, Decision

LARGEST = 999_999_999_999_999
"""The largest integer of a structured field (RFC 9651 section 3.3.1)."""


class HasCapacity(Protocol):
    """Any configuration of a rate limiter."""

    @property
    def period(self) -> int: ...
    @property
    def capacity(self) -> int: ...


class HttpAnswer(NamedTuple):
    """Status and header fields."""

    status: int
    headers: dict[str, str]


def rate_limit_headers(decision: Decision, limit: HasCapacity, *, policy: str = "default") -> HttpAnswer:
    """The status and header fields that tell a client of a decision. All times are whole seconds, rounded up: who comes
    when told to is never too early.

    - 429 (RFC 6585 section 4) if refused, with Retry-After in delay-seconds (RFC 9110 section 10.2.3), which is left
      out where no wait will help; else 200.
    - X-RateLimit-Limit, -Remaining, -Reset, as is common; Reset is the number of seconds until the capacity is whole.
    - RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-11): quota q in a window w, remaining r until
      t. If refused, t is the time of Retry-After, which must not be earlier than the end of the window that t tells.

    policy: the name of the policy; printable ASCII.

    Raises:
        ValueError: the policy is not printable ASCII.
    """
    if not policy.isascii() or not policy.isprintable():
        raise ValueError(f"policy must be printable ASCII, not {policy!r}")
    name = '"' + policy.replace("\\", "\\\\").replace('"', '\\"') + '"'
    window = getattr(limit, "fill_time", limit.period)
    quota, remaining = min(limit.capacity, LARGEST), min(decision.remaining, LARGEST)
    reset = _seconds(decision.reset_after)
    headers = {
        "X-RateLimit-Limit": str(limit.capacity),
        "X-RateLimit-Remaining": str(decision.remaining),
        "X-RateLimit-Reset": str(reset),
        "RateLimit-Policy": f"{name};q={quota};w={min(_seconds(window), LARGEST)}",
    }
    until = reset
    if not decision.allowed and decision.retry_after is not None:
        until = _seconds(decision.retry_after)
        headers["Retry-After"] = str(until)
    headers["RateLimit"] = f"{name};r={remaining};t={min(until, LARGEST)}"
    return HttpAnswer(200 if decision.allowed else 429, headers)


def _seconds(microseconds: int) -> int:
    return -(-microseconds // SECOND)
