"""Adapters of libraries, a page each. A library that is not installed is left out; `lawful[third-party]` has all."""

from spec.rate_limiting.types import checked


def asks_for_nothing(key: object, cost: object) -> bool:
    """Whether the cost is 0, which libraries know nothing of, so that they are not asked.

    Raises:
        TypeError, ValueError: it is, and the key is none.
    """
    if type(cost) is not int or cost:
        return False
    checked(key)
    return True
