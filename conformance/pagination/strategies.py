"""What tables hold and pages are asked for: values that careless code takes for one another, and orders of them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import product
from math import inf, nan, nextafter
from typing import Any
from uuid import UUID

from spec.pagination.types import Order, Query

_SUMMER = datetime(2024, 7, 1, 12, 0, 0, 123456, UTC)
_EAST, _WEST = timezone(timedelta(hours=2)), timezone(timedelta(hours=-7))
_MICROSECOND = timedelta(microseconds=1)
LONG = "x" * 10_000

FAMILIES: Mapping[str, list[tuple[Any, ...]]] = {
    "i": [
        (-1, 0, 1),
        (0, 1, 2, 10),
        (2**53 - 1, 2**53, 2**53 + 1),
        (-(2**63), -(2**53) - 1, -(2**53)),
        (2**31 - 1, 2**31, 2**63 - 1),
    ],
    "s": [
        ("a", "A", "b", "B"),
        ("", "None", "a"),
        ("None", "a", "null"),
        (" ", "a", "a "),
        ("a", "a\n", "a\r\n", "a\r", "a\u2028b"),
        ("\uffff", "\U0001f600", "é", "e\u0301"),
        ("a|b", "a:b", "\\", "\\\n", "\\n", '"', "'", "%25", "~"),
        ("x" * 255 + "a", "x" * 255 + "b", "x" * 254 + "a"),
        (LONG, LONG + "a", LONG[:-1] + "y"),
        ("10", "9", "1", "01"),
    ],
    "f": [
        (-1.5, 0.0, 1.5),
        (0.0, -0.0, 5e-324, -5e-324),
        (0.1 + 0.2, 0.3, 0.30000000000000016),
        (1.0, nextafter(1, 2), nextafter(1, 0)),
        (-inf, -1e308, 1e308, inf),
        (1e16, 10000000000000002.0, 1e15),
    ],
    "n": [
        (Decimal("-1"), Decimal("0"), Decimal("1")),
        (Decimal("1"), Decimal("1.0"), Decimal("1.00"), Decimal("0.99")),
        (Decimal("0.1"), Decimal("0.1000000001"), Decimal("0.1000000002")),
        (Decimal("12345678901234567890.1"), Decimal("12345678901234567890.2"), Decimal("12345678901234567891")),
        (Decimal("-0.5"), Decimal("-0.05"), Decimal("-5"), Decimal("-50")),
        (Decimal("9"), Decimal("10"), Decimal("1E+2"), Decimal("99.5")),
    ],
    "t": [
        (_SUMMER, _SUMMER + _MICROSECOND, _SUMMER + 2 * _MICROSECOND),
        (
            _SUMMER,
            _SUMMER.astimezone(_EAST),
            _SUMMER + timedelta(hours=1),
            (_SUMMER - timedelta(hours=1)).astimezone(_EAST),
        ),
        (_SUMMER.astimezone(_WEST), _SUMMER + timedelta(minutes=1), _SUMMER.astimezone(_EAST)),
        (
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
            datetime(1970, 1, 1, tzinfo=UTC),
        ),
        (datetime(9999, 12, 31, 23, 59, 59, 999_998, UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC), _SUMMER),
    ],
    "u": [
        (UUID(int=0), UUID(int=1), UUID(int=2**128 - 1)),
        (UUID(int=2**127), UUID(int=2**127 - 1), UUID(int=2**64)),
        (UUID("00ffffff-0000-4000-8000-000000000000"), UUID("0a000000-0000-4000-8000-000000000000"), UUID(int=5)),
    ],
    "b": [(False, True), (True, False)],
    "y": [
        (b"", b"\x00", b"\x00\x00", b"\x01"),
        (b"a", b"A", b"b"),
        (b"\x7f", b"\x80", b"\xff", b"\xfe"),
        (b"a\x00", b"a", b"a\x00b", b"a\n"),
    ],
}
"""Values of a column in families, each of values that are easily confused, or come in a surprising order."""

NUL_FAMILIES = [("s", ("a", "a\x00", "a\x00b", "a\x01")), ("s", ("\x00", "", "\x01"))]
NAN_FAMILIES = [("f", (nan, inf, -inf, 0.0)), ("f", (nan, 1.0, 2.0))]
"""For those who can store them."""

IDS = [
    tuple(range(10, 250, 10)),
    (-(2**63), -(2**53) - 1, -(2**53), -256, -2, -1, 0, 1, 2, 9, 10, 255, 256, 2**31, 2**53, 2**53 + 1, 2**63 - 1),
    tuple(range(1, 25)),
]

IN_TURN = [(column, family) for column, families in FAMILIES.items() for family in families]
"""What the first column of the order holds in an example."""

NULLS = ("last", "first")
COLUMNS = list(FAMILIES)


def orders(first: str) -> list[tuple[Order, ...]]:
    """Orders that begin with that column: alone in every way; with another, in directions that differ or not; with a
    third; and with id before the end."""
    ways = list(product((False, True), NULLS))
    if first == "id":
        return [(Order("id", down),) for down in (False, True)]
    at = COLUMNS.index(first)
    second, third = COLUMNS[(at + 3) % len(COLUMNS)], COLUMNS[(at + 1) % len(COLUMNS)]
    alone = [(Order(first, *way),) for way in ways]
    with_another = [
        (Order(first, down, nulls), Order(second, down != mixed, NULLS[mixed]))
        for (down, nulls), mixed in product(ways, (False, True))
    ]
    with_two = [(Order("b", down), Order(first, not down, nulls), Order(third, down)) for down, nulls in ways]
    with_id = [(Order(first, down), Order("id", not down)) for down in (False, True)]
    with_id_inside = [(Order(first, down), Order("id", down), Order(third)) for down in (False, True)]
    distinct = [one for one in with_two if len({order.column for order in one}) == 3]
    return [*alone, *alone, *with_another, *distinct[:2], *with_id, *with_id_inside, *with_id_inside]


SIZES = [(3, 2), (5, 3), (4, 4), (2, 1), (6, 1), (1, 1)]
"""The largest and the default size."""

BAD_SIZES: list[Any] = [0, 0, -1, True, True, True, False, 1.0, "5", "", [1], 10**30, -(10**30), 1.5]
BAD_QUERIES = [
    Query(()),
    Query((Order("nothing"),)),
    Query((Order("i"), Order("i", True))),
    Query((Order("id"),), (("nothing", 1),)),
    Query((Order("id; drop table rows"),)),
    Query((Order("I"),)),
]
JUNK = [
    "",
    " ",
    "a",
    "null",
    "None",
    "0",
    "-1",
    "1",
    "{}",
    "[]",
    "AA==",
    "%00",
    "\x00",
    "é",
    "' or 1=1 --",
    "x" * 5000,
    "=",
    "\n",
]


def kin(query: Query) -> list[Query]:
    """Queries that differ in one thing, which a cursor of the query must not be taken for."""
    first, *rest = query.order
    columns = {order.column for order in query.order}
    found = [Query((Order(first.column, not first.descending, first.nulls), *rest), query.where)]
    if "id" not in columns:
        other = "y" if "y" not in columns else "b"
        found.append(Query((*query.order, Order(other, True)), query.where))
    if first.column != "id":
        flipped = "last" if first.nulls == "first" else "first"
        found.append(Query((Order(first.column, first.descending, flipped), *rest), query.where))
    return found
