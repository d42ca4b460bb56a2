"""Keys as bytes that sort as the rows do, so that a sorted list or a Redis sorted set needs to know no types."""

import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from spec.pagination.types import Order, Query

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NULLS_FIRST, PRESENT, NULLS_LAST = b"\x00", b"\x01", b"\x02"
FLIPPED = bytes(range(255, -1, -1))
SIGN = 1 << 63


def key(query: Query, row: Mapping[str, Any]) -> bytes:
    """Where the row stands in the order of the query. The row's id is in it, so no two rows have the same."""
    return b"".join(component(order, row[order.column]) for order in unique(query))


def unique(query: Query) -> tuple[Order, ...]:
    """The order up to id, which is appended if it is not in it: what comes after it must not move a row."""
    columns = [order.column for order in query.order]
    return query.order[: columns.index("id") + 1] if "id" in columns else (*query.order, Order("id"))


def prefix(query: Query) -> bytes:
    """What the rows of the query have in common."""
    return b"".join(component(Order(column), value) for column, value in query.where)


def component(order: Order, value: Any) -> bytes:
    if value is None:
        return NULLS_FIRST if order.nulls == "first" else NULLS_LAST
    ascending = ordered(value)
    return PRESENT + (ascending.translate(FLIPPED) if order.descending else ascending)


def ordered(value: Any) -> bytes:
    """Bytes that sort as the values of one type do, and of which none begins another."""
    match value:
        case bool():
            return b"\x01" if value else b"\x00"
        case int():
            return (value + SIGN).to_bytes(8, "big")
        case float():
            return _float(value)
        case str():
            return _terminated(value.encode())
        case bytes():
            return _terminated(value)
        case UUID():
            return value.bytes
        case datetime():
            return ((value - EPOCH) // timedelta(microseconds=1) + SIGN).to_bytes(8, "big")
        case Decimal():
            return _decimal(value)
    raise TypeError(f"a {type(value).__name__} has no order here: {value!r}")


def _float(value: float) -> bytes:
    """NaN after infinity, and one zero."""
    if value != value:
        return b"\xff" * 8
    bits: int = struct.unpack(">Q", struct.pack(">d", value + 0.0))[0]
    return (bits ^ (2 * SIGN - 1) if bits & SIGN else bits | SIGN).to_bytes(8, "big")


def _terminated(value: bytes) -> bytes:
    return value.replace(b"\x00", b"\x00\xff") + b"\x00\x00"


def _decimal(value: Decimal) -> bytes:
    """The sign, then how large 0.d1d2... is to be made, then its digits without zeros at the end; all of it flipped
    where it is negative."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise TypeError(f"{value} has no order here")
    text = bytes(digits).lstrip(b"\x00")
    if not text:
        return b"\x02"
    size = (exponent + len(text) + (1 << 15)).to_bytes(2, "big")
    positive = size + bytes(digit + 1 for digit in text.rstrip(b"\x00")) + b"\x00"
    return b"\x01" + positive.translate(FLIPPED) if sign else b"\x03" + positive


def decimal_of(data: bytes) -> Decimal:
    """The decimal that `ordered` gives those bytes for, without zeros at its end."""
    if data == b"\x02":
        return Decimal(0)
    positive = data[1:] if data[0] == 3 else data[1:].translate(FLIPPED)
    digits = tuple(digit - 1 for digit in positive[2:-1])
    return Decimal((int(data[0] != 3), digits, int.from_bytes(positive[:2], "big") - (1 << 15) - len(digits)))
