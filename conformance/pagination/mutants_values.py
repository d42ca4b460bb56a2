"""Paginators with one mistake each, in what they do to values and to the table."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from conformance.mutants import mutant
from conformance.pagination.modelled import Paging, Stored
from conformance.pagination.mutants import CURSOR, KEYSET
from spec.environment import Environment
from spec.pagination.types import Change, Page, Pagination, Query

# Values in a cursor


@mutant(KEYSET, killed_by="no_row_twice")
class Milliseconds(Paging):
    """A cursor carries times to the millisecond."""

    def carried(self, value: Any) -> Any:
        if isinstance(value, datetime):
            value = value.replace(microsecond=value.microsecond // 1000 * 1000)
        return super().carried(value)


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class WallClock(Paging):
    """A cursor carries the time on the clock, without its zone."""

    def carried(self, value: Any) -> Any:
        return super().carried(value.replace(tzinfo=UTC) if isinstance(value, datetime) else value)


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class DecimalAsFloat(Paging):
    """A cursor carries decimals as doubles."""

    def carried(self, value: Any) -> Any:
        return super().carried(Decimal(float(value)) if isinstance(value, Decimal) else value)


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class FifteenDigits(Paging):
    """A cursor carries floats as they are printed, with 15 digits."""

    def carried(self, value: Any) -> Any:
        return super().carried(float(f"{value:.15g}") if isinstance(value, float) else value)


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class IntegerAsDouble(Paging):
    """A cursor goes through a JSON parser that knows doubles only."""

    def carried(self, value: Any) -> Any:
        return super().carried(int(float(value)) if type(value) is int else value)


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class CutAt255(Paging):
    """A cursor carries the first 255 characters of a text."""

    def carried(self, value: Any) -> Any:
        return super().carried(value[:255] if isinstance(value, str) else value)


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class OneLine(Paging):
    """A cursor is made of lines, so a text in it ends at its first line end."""

    def carried(self, value: Any) -> Any:
        return super().carried((value.splitlines() or [""])[0] if isinstance(value, str) else value)


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class NullAsText(Paging):
    """A cursor is made of texts, in which null and "None" are one."""

    def restored(self, value: Any) -> Any:
        found = super().restored(value)
        return None if found == "None" else found


@mutant(KEYSET, killed_by="stable_rows_exactly_once")
class EmptyIsNull(Paging):
    """A cursor takes the empty text for null."""

    def carried(self, value: Any) -> Any:
        return super().carried(None if value == "" else value)


# The order of values


@mutant(KEYSET, killed_by="order_is_kept")
class Utf16Order(Paging):
    """Text is ordered by UTF-16 units, as in JavaScript and Java."""

    def ranked(self, value: Any) -> Any:
        return value.encode("utf-16-be") if isinstance(value, str) else super().ranked(value)


@mutant(KEYSET, killed_by="order_is_kept")
class FoldedOrder(Paging):
    """Text is ordered without regard to case."""

    def ranked(self, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else super().ranked(value)


@mutant(KEYSET, killed_by="order_is_kept")
class SignedBytes(Paging):
    """Bytes are ordered as signed characters."""

    def ranked(self, value: Any) -> Any:
        return [b - 256 if b > 127 else b for b in value] if isinstance(value, bytes) else super().ranked(value)


@mutant(KEYSET, killed_by="agrees_with_model")
class WallClockOrder(Paging):
    """Times are ordered by what the clock showed, whatever the zone."""

    def ranked(self, value: Any) -> Any:
        return value.replace(tzinfo=None) if isinstance(value, datetime) else super().ranked(value)


@mutant(CURSOR, killed_by="agrees_with_model")
class NothingEqualsNull(Paging):
    """`where c = null` selects nothing."""

    def equals(self, one: Any, other: Any) -> bool:
        return other is not None and super().equals(one, other)


# Values in the table


@mutant(KEYSET, killed_by="values_come_back")
class Trimmed(Paging):
    """Blanks at the end of a text are lost."""

    def stored(self, value: Any) -> Any:
        return value.rstrip(" ") if isinstance(value, str) else value


@mutant(CURSOR, killed_by="values_come_back")
class TheRowItself(Paging):
    """A page holds the rows of the table, not copies: whoever changes one has changed the table."""

    def shown(self, row: Stored) -> Stored:
        return row


@mutant(CURSOR, killed_by="values_come_back_exactly", capabilities={"exact_values"})
class Normalized(Paging):
    """Decimals lose the zeros at their end."""

    def stored(self, value: Any) -> Any:
        return value.normalize() if isinstance(value, Decimal) else value


@mutant(CURSOR, killed_by="nul_comes_back", capabilities={"nul"})
class EndsAtNul(Paging):
    """Text ends at the first NUL."""

    def stored(self, value: Any) -> Any:
        return value.partition("\x00")[0] if isinstance(value, str) else value


@mutant(CURSOR, killed_by="nan_comes_back", capabilities={"nan"})
class NanIsNull(Paging):
    """NaN becomes null."""

    def stored(self, value: Any) -> Any:
        return None if isinstance(value, float) and value != value else value


@mutant(CURSOR, killed_by="write_is_atomic")
class HalfWritten(Paging):
    """What comes before a change that cannot be made stays made."""

    def write(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self.change(self.rows, change)


@mutant(CURSOR, killed_by="write_is_atomic")
class UpdateOfNothing(Paging):
    """An update of a row that does not exist does nothing, and says nothing."""

    def change(self, rows: dict[int, Stored], change: Change) -> None:
        if change.kind != "update" or change.id in rows:
            super().change(rows, change)


# What is kept between pages


class Keeping(Paging):
    """Keeps something of the rows of each query when a traversal begins."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        super().__init__(config, env)
        self.kept: dict[Query, dict[int, Stored]] = {}

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        self.check(query)
        if cursor is None or query not in self.kept:
            self.kept[query] = {row["id"]: row for row in super().listing(query)}
        return super().page(query, size, cursor, backward)


@mutant(CURSOR, killed_by="inserts_ahead_are_seen")
class FrozenIds(Keeping):
    """The ids are read once, with the first page."""

    def listing(self, query: Query) -> list[Stored]:
        return [row for row in super().listing(query) if row["id"] in self.kept[query]]


@mutant(CURSOR, killed_by="non_key_update_is_harmless")
class FrozenRows(Keeping):
    """Rows are read once, with the first page, and shown as they were then."""

    def shown(self, row: Stored) -> Stored:
        return dict(next((rows[row["id"]] for rows in self.kept.values() if row["id"] in rows), row))


@mutant(CURSOR, killed_by="values_come_back")
class KeptPages(Paging):
    """A page is kept by what was asked, until a row is inserted or deleted."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        super().__init__(config, env)
        self.kept: dict[tuple[Any, ...], tuple[set[int], Page]] = {}

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        asked = (query, self.size(size), cursor, backward)
        ids, page = self.kept.get(asked, (set(), None))
        if page is None or ids != self.rows.keys():
            page = super().page(query, size, cursor, backward)
            self.kept[asked] = set(self.rows), page
        return page._replace(rows=tuple(dict(row) for row in page.rows))


@mutant(CURSOR, killed_by="reading_changes_nothing")
class OneReaderOnly(Paging):
    """What was shown is remembered in the server, and left out from then on."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        super().__init__(config, env)
        self.seen: dict[Query, set[int]] = {}

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        self.check(query)
        if cursor is None:
            self.seen[query] = set()
        page = super().page(query, size, cursor, backward)
        self.seen.setdefault(query, set()).update(row["id"] for row in page.rows)
        return page

    def listing(self, query: Query) -> list[Stored]:
        return [row for row in super().listing(query) if row["id"] not in self.seen.get(query, ())]
