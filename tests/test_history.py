"""Histories and their values are written and read back exactly."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec.encoding import decode, encode
from spec.history import NO_ANSWER, History, Operation, Raised

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters())
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.datetimes(timezones=st.just(UTC)).map(lambda when: when.replace(fold=0))
    | st.dates()
    | st.uuids()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2) | st.just("$") | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_is_read_back_as_it_was_written(value: Any) -> None:
    assert repr(decode(encode(value))) == repr(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0, Decimal("NaN"), Decimal("1.10")])
def test_numbers_that_json_lacks_are_read_back(value: Any) -> None:
    assert repr(decode(encode(value))) == repr(value)


def test_a_history_is_read_back_as_it_was_written() -> None:
    args = {"key": "\ud800é", "at": datetime(2026, 1, 1, tzinfo=UTC), "id": UUID(int=1)}
    results = [None, NO_ANSWER, Raised("MyError", "no", "ValueError"), (1, b"\x00")]
    operations = [Operation(i, "do", args, i, i + 1, 2 * i, 2 * i + 1, result) for i, result in enumerate(results)]
    history = History({"size": 3}, tuple(operations))
    assert History.read(history.lines()) == history


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["{}"], "line 1 .* 'lawful' is missing"),
        (['{"lawful": 99, "config": 1}'], "line 1 .* format 99"),
        (['{"lawful": 1, "config": 1}', "oops"], "line 2 "),
        (['{"lawful": 1, "config": {"$": "nonsense"}}'], "unknown type 'nonsense'"),
    ],
)
def test_a_text_that_is_no_history_is_refused_with_the_line(lines: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        History.read(lines)


def test_a_type_that_was_not_declared_encodable_is_refused() -> None:
    @dataclass
    class Secret:
        value: int

    with pytest.raises(TypeError, match="Secret cannot be written"):
        encode(Secret(1))


def test_an_error_is_known_by_its_nearest_built_in_type() -> None:
    class QuotaError(KeyError):
        pass

    raised = Raised.of(QuotaError("full"))
    assert (raised.type, raised.builtin) == ("QuotaError", "KeyError")
    assert raised.is_a(LookupError)
    assert not raised.is_a(ValueError)
