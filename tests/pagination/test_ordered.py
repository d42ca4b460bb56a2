"""Bytes that sort as values do: what memory and Redis page by."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impls.pagination.ordered import component, decimal_of, key, ordered
from spec.pagination.order import Table, listing
from spec.pagination.types import COLUMNS, Order, Query

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "integers": st.integers(-(2**63), 2**63 - 1),
    "floats": st.floats(allow_nan=False),
    "texts": st.text(st.characters(exclude_categories=["Cs"])) | st.text("\x00\x01a\xff"),
    "bytes": st.binary() | st.lists(st.sampled_from([b"\x00", b"\x01", b"\xff"])).map(b"".join),
    "decimals": st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**19), max_value=10**19),
    "instants": st.datetimes(timezones=st.just(UTC)),
    "uuids": st.integers(0, 2**128 - 1).map(lambda number: UUID(int=number)),
    "booleans": st.booleans(),
}


@pytest.mark.parametrize("kind", VALUES)
def test_bytes_compare_as_the_values_do(kind: str) -> None:
    @given(VALUES[kind], VALUES[kind])
    def check(one: Any, other: Any) -> None:
        assert (ordered(one) < ordered(other)) == (one < other)
        assert (ordered(one) == ordered(other)) == (one == other)

    check()


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("descending", [False, True])
def test_none_begins_another_so_keys_compare_part_by_part(kind: str, descending: bool) -> None:
    order = Order("id", descending)

    @given(VALUES[kind], VALUES[kind])
    def check(one: Any, other: Any) -> None:
        first, second = component(order, one), component(order, other)
        assert first == second or not second.startswith(first)

    check()


@given(st.floats(), st.floats())
def test_nan_is_one_value_after_every_other(one: float, other: float) -> None:
    nan = float("nan")
    assert ordered(one) < ordered(nan) or (one != one and ordered(one) == ordered(nan))
    assert ordered(-0.0) == ordered(0.0)


@given(VALUES["decimals"])
def test_a_decimal_is_told_from_its_bytes(value: Decimal) -> None:
    assert decimal_of(ordered(value)) == value


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "s": st.none() | st.text("\x00aé\U0001f600", max_size=3),
            "n": st.none() | VALUES["decimals"],
            "t": st.none() | st.sampled_from([datetime(1, 1, 1, tzinfo=UTC), datetime(2024, 2, 29, tzinfo=UTC)]),
            "f": st.none() | st.floats(allow_nan=False),
        }
    ),
    max_size=12,
)
ORDERS = st.lists(
    st.builds(Order, st.sampled_from(["s", "n", "t", "f", "id"]), st.booleans(), st.sampled_from(["first", "last"])),
    min_size=1,
    max_size=3,
    unique_by=lambda order: order.column,
)


@given(ROWS, ORDERS)
def test_rows_by_their_bytes_are_in_the_order_of_the_specification(made: list[Any], order: list[Order]) -> None:
    rows = [dict.fromkeys(COLUMNS) | row | {"id": id} for id, row in enumerate(made)]
    query = Query(tuple(order))
    table = Table({row["id"]: row for row in rows})
    assert sorted(rows, key=lambda row: key(query, row)) == list(listing(query, table))
