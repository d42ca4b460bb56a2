"""Paginators with one mistake each, in their cursors and in what they refuse."""

import base64
import json
import struct
from typing import Any, ClassVar

from conformance.mutants import mutant
from conformance.pagination.modelled import Paging, Place, Stored
from conformance.pagination.mutants import CURSOR, KEYSET
from spec.environment import Environment
from spec.pagination.types import COLUMNS, InvalidCursor, Order, Page, Pagination, Query

# What a cursor holds


@mutant(CURSOR, killed_by="deleting_the_cursor_row_is_harmless")
class RowMustExist(Paging):
    """A cursor names a row, which is looked up; where it is gone, the cursor is refused."""

    def read(self, query: Query, cursor: str) -> Place:
        place = super().read(query, cursor)
        if place[1] not in [self.key(query, row) for row in self.rows.values()]:
            raise InvalidCursor("the row of this cursor does not exist")
        return place


@mutant(CURSOR, killed_by="deleting_the_cursor_row_is_harmless")
class FromTheStartAgain(Paging):
    """A cursor names a row, which is looked up; where it is gone, the traversal begins anew."""

    def split(
        self, query: Query, rows: list[Stored], place: Place | None, backward: bool
    ) -> tuple[list[Stored], list[Stored]]:
        gone = place is not None and place[1] not in [self.key(query, row) for row in rows]
        return super().split(query, rows, None if gone else place, backward)


@mutant(KEYSET, killed_by="deleting_the_cursor_row_is_harmless")
class WhereTheRowIsNow(Paging):
    """A cursor names a row, and its key is read anew for every page: where the row has moved, so has the reader."""

    def read(self, query: Query, cursor: str) -> Place:
        side, values = super().read(query, cursor)
        id = values[[order.column for order in self.order(query)].index("id")]
        return side, self.key(query, self.rows[id]) if id in self.rows else values


class Offsets(Paging):
    """A cursor holds how many rows come before."""

    def ends(self, query: Query, rows: list[Stored], asked: Place | None) -> tuple[Place | None, Place | None]:
        if not rows:
            return asked, asked
        at = self.listing(query).index(rows[0])
        return ("before", [at]), ("after", [at + len(rows)])

    def split(
        self, query: Query, rows: list[Stored], place: Place | None, backward: bool
    ) -> tuple[list[Stored], list[Stored]]:
        if place is None:
            return super().split(query, rows, place, backward)
        return rows[: place[1][0]], rows[place[1][0] :]


@mutant(CURSOR, killed_by="stable_rows_exactly_once")
class OffsetInDisguise(Offsets):
    """A cursor holds an offset: a row that is deleted makes it skip one."""


@mutant(CURSOR, killed_by="inserts_behind_are_not")
class OffsetThatIsPushed(Offsets):
    """A cursor holds an offset: a row that is inserted before pushes those shown, and itself, into the next page."""


@mutant(CURSOR, killed_by="flag_in_direction_is_exact")
class CountInTheCursor(Paging):
    """A cursor holds how many rows are left, counted with the first page."""

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        cursor, _, count = (cursor or "").rpartition("~") if cursor else (None, "", "")
        page = super().page(query, size, cursor, backward)
        total = int(count) if count.isdigit() else len(self.listing(query))
        left = total - len(page.rows)
        next_, prev = (one and f"{one}~{max(0, left)}" for one in (page.next_cursor, page.prev_cursor))
        if backward:
            return page._replace(has_prev=left > 0, next_cursor=next_, prev_cursor=prev if left > 0 else None)
        return page._replace(has_next=left > 0, next_cursor=next_ if left > 0 else None, prev_cursor=prev)


@mutant(CURSOR, killed_by="size_is_free")
class SizeInTheCursor(Paging):
    """A cursor holds the size of the first page, which later pages cannot change."""

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        size = self.size(size)
        if cursor and "~" in cursor:
            cursor, _, first = cursor.partition("~")
            size = min(int(first), self.config.max_size) if first.isdigit() and first != "0" else size
        page = super().page(query, size, cursor, backward)
        cursors = (one and f"{one}~{size}" for one in (page.next_cursor, page.prev_cursor))
        return Page(page.rows, page.has_next, page.has_prev, *cursors)


@mutant(CURSOR, killed_by="token_is_bounded")
class WholeRowInTheCursor(Paging):
    """A cursor holds the whole row."""

    def issue(self, query: Query, place: Place) -> str:
        cursor = super().issue(query, place)
        row = next((row for row in self.rows.values() if self.key(query, row) == place[1]), {})
        rest = json.dumps([self.carried(value) for value in row.values()]).encode()
        return f"{cursor}~{base64.urlsafe_b64encode(rest).decode().rstrip('=')}" if row else cursor

    def read(self, query: Query, cursor: str) -> Place:
        return super().read(query, cursor.partition("~")[0])


# How it is written and signed


@mutant(CURSOR, killed_by="token_is_url_safe")
class PlusAndSlash(Paging):
    """A cursor is written in the alphabet of base64, with + and /."""

    def text(self, data: bytes) -> str:
        return base64.b64encode(data).decode().rstrip("=")

    def data(self, cursor: str) -> bytes:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4))
        if self.text(data) != cursor:
            raise InvalidCursor("this is no cursor")
        return data


@mutant(CURSOR, killed_by="token_is_url_safe")
class Padded(Paging):
    """A cursor ends in =."""

    def text(self, data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode()


@mutant(CURSOR, killed_by="only_issued_tokens")
class Unsigned(Paging):
    """Nobody looks at the signature."""

    def is_signed(self, signature: bytes, body: bytes, secret: bytes) -> bool:
        return True


@mutant(CURSOR, killed_by="only_issued_tokens")
class OneByteIsEnough(Paging):
    """The first byte of the signature is compared."""

    def is_signed(self, signature: bytes, body: bytes, secret: bytes) -> bool:
        return signature[:1] == self.signature(body, secret)[:1]


@mutant(CURSOR, killed_by="only_issued_tokens")
class AnyBase64(Paging):
    """Base64 is read as its library reads it: what is no letter of it is passed over, and so are spare bits."""

    def data(self, cursor: str) -> bytes:
        try:
            return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raise InvalidCursor("this is no cursor") from None


@mutant(CURSOR, killed_by="only_issued_tokens")
class EmptyIsTheStart(Paging):
    """An empty cursor is taken for none."""

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        return super().page(query, size, cursor or None, backward)


@mutant(CURSOR, killed_by="answers_every_call")
class ParsedBeforeItIsChecked(Paging):
    """A cursor is taken apart before anybody knows whether it is one."""

    def data(self, cursor: str) -> bytes:
        data = super().data(cursor)
        struct.unpack_from(">16s2s", data)
        return data


@mutant(CURSOR, killed_by="token_is_bound")
class ForAnyQuery(Paging):
    """A cursor does not know its query."""

    def bound(self, query: Query) -> str:
        return ""


@mutant(KEYSET, killed_by="token_is_bound")
class ForAnyDirection(Paging):
    """A cursor knows the columns of its query, but not their directions."""

    def bound(self, query: Query) -> str:
        return super().bound(Query(tuple(Order(one.column, False, one.nulls) for one in query.order), query.where))


@mutant(KEYSET, killed_by="token_is_bound")
class ForAnyValue(Paging):
    """A cursor knows by what columns its query selects, but not the values."""

    def bound(self, query: Query) -> str:
        return super().bound(Query(query.order, tuple((column, 0) for column, _ in query.where)))


@mutant(KEYSET, killed_by="token_is_bound")
class ForNullAsForNone(Paging):
    """A cursor knows the values of its query as texts, in which null and "None" are one."""

    def bound(self, query: Query) -> str:
        return super().bound(Query(query.order, tuple((column, str(value)) for column, value in query.where)))


# Restarts and secrets


@mutant(CURSOR, killed_by="token_survives_restart")
class SecretDrawnAtStart(Paging):
    """The secret is drawn when the process starts."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        super().__init__(config, env)
        self.drawn = env.random.randbytes(16)

    def signature(self, body: bytes, secret: bytes) -> bytes:
        return super().signature(body, secret + self.drawn)


@mutant(CURSOR, killed_by="token_survives_restart")
class CursorsInMemory(Paging):
    """A cursor is a key to what the process remembers."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        super().__init__(config, env)
        self.issued: dict[str, str] = {}

    def issue(self, query: Query, place: Place) -> str:
        cursor = super().issue(query, place)
        self.issued[cursor[:22]] = cursor
        return cursor[:22]

    def read(self, query: Query, cursor: str) -> Place:
        if cursor not in self.issued:
            raise InvalidCursor("this cursor is not known")
        return super().read(query, self.issued[cursor])


@mutant(CURSOR, killed_by="old_secret_is_accepted")
class OnlyTheNewSecret(Paging):
    """Old secrets are not tried."""

    def is_signed(self, signature: bytes, body: bytes, secret: bytes) -> bool:
        return super().is_signed(signature, body, self.config.secret)


@mutant(CURSOR, killed_by="dropped_secret_is_refused")
class EverySecretThereWas(Paging):
    """A secret is good for ever, once it was known."""

    known: ClassVar[dict[str, set[bytes]]] = {}

    def is_signed(self, signature: bytes, body: bytes, secret: bytes) -> bool:
        known = self.known.setdefault(self.env.namespace, set())
        known |= {self.config.secret, *self.config.old_secrets}
        return any(super(EverySecretThereWas, self).is_signed(signature, body, one) for one in known)


# What is refused


@mutant(CURSOR, killed_by="refuses_bad_size")
class ZeroIsEverything(Paging):
    """A size of 0 means all there is."""

    def size(self, size: Any) -> int:
        return 1000 if size == 0 and type(size) is int else super().size(size)


@mutant(CURSOR, killed_by="refuses_bad_size")
class TrueIsOne(Paging):
    """True passes for 1."""

    def size(self, size: Any) -> int:
        return super().size(int(size) if isinstance(size, bool) else size)


@mutant(CURSOR, killed_by="refuses_bad_size")
class LargestIsTooLarge(Paging):
    """The largest size is refused."""

    def size(self, size: Any) -> int:
        return super().size(0 if size == self.config.max_size else size)


@mutant(CURSOR, killed_by="refuses_large_size")
class NoLargestSize(Paging):
    """There is no largest size."""

    def size(self, size: Any) -> int:
        return size if type(size) is int and size > self.config.max_size else super().size(size)


@mutant(CURSOR, killed_by="refuses_bad_query")
class UnknownColumnsPass(Paging):
    """A column that does not exist is passed over."""

    def check(self, query: Query) -> None:
        super().check(Query(tuple(one for one in query.order if one.column in COLUMNS) or (Order("id"),)))

    def order(self, query: Query) -> tuple[Order, ...]:
        known = tuple(one for one in query.order if one.column in COLUMNS)
        return super().order(Query(known))

    def selects(self, query: Query, row: Stored) -> bool:
        return super().selects(Query(query.order, tuple(one for one in query.where if one[0] in row)), row)
