"""Configurations refuse what makes no sense."""

from typing import Any

import pytest

from spec.rate_limiting.types import SECOND, Limit, checked, duration


@pytest.mark.parametrize("bad", [0, -1, 1.0, True, "1", None, float("nan")])
@pytest.mark.parametrize("field", ["limit", "period", "burst"])
def test_a_configuration_takes_positive_integers_only(field: str, bad: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=f"{field} must be"):
        Limit(**{"limit": 1, "period": SECOND, "burst": 1} | {field: bad})


@pytest.mark.parametrize("limit", [(2**53, 1, 1), (1, SECOND, 2**40), (2**40, SECOND, 1)])
def test_a_configuration_that_could_not_be_kept_exactly_is_refused(limit: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="too large to be kept exactly"):
        Limit(*limit)


@pytest.mark.parametrize(("key", "cost"), [("", 1), ("a", -1)])
def test_a_bad_value_is_a_value_error(key: Any, cost: Any) -> None:
    with pytest.raises(ValueError, match="must not be"):
        checked(key, cost)


@pytest.mark.parametrize(("key", "cost"), [(None, 1), (b"a", 1), ("a", True), ("a", 1.0), ("a", "1")])
def test_a_bad_type_is_a_type_error(key: Any, cost: Any) -> None:
    with pytest.raises(TypeError, match="must be"):
        checked(key, cost)


@pytest.mark.parametrize(
    ("microseconds", "text"), [(0, "0s"), (SECOND, "1s"), (1, "0.000001s"), (-2_500_000, "-2.5s"), (60 * SECOND, "60s")]
)
def test_durations_are_exact(microseconds: int, text: str) -> None:
    assert duration(microseconds) == text
