"""Times in words. In numbers, they are integer microseconds."""

SECOND = 1_000_000
"""Microseconds in a second."""


def duration(microseconds: int) -> str:
    """That time in seconds, exactly, for instance `0.25s`."""
    sign = "-" if microseconds < 0 else ""
    seconds, rest = divmod(abs(microseconds), SECOND)
    return f"{sign}{seconds}.{rest:06}".rstrip("0").rstrip(".") + "s"
