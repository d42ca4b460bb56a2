"""Cursors as signed texts."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from impls.pagination.ordered import prefix
from spec.pagination.types import CursorMismatch, InvalidCursor, Page, Pagination, Query, Row

VERSION = b"\x01"
BOUND, SIGNED = 8, 16
"""Lengths in bytes: of what tells queries apart, and of the signature."""


@dataclass(frozen=True, slots=True)
class Place:
    """Just before (side -1) or just after (side 1) a key."""

    side: int
    key: bytes


End = tuple[bool, Place | None]
"""One side of a page: whether there is more, and the place it begins at."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and reads cursors: unpadded base64url of version, query, side, key, and an HMAC-SHA256 over all of that.

    It is checked before anything is parsed, so that nothing but what was issued here ever is.
    """

    secrets: tuple[bytes, ...]
    """The first signs; all are accepted."""

    @classmethod
    def of(cls, config: Pagination) -> "Tokens":
        return cls((config.secret, *config.old_secrets))

    def issue(self, query: Query, place: Place) -> str:
        body = VERSION + _bound(query) + (b"\x00" if place.side < 0 else b"\x01") + place.key
        return _text(body + _signature(self.secrets[0], body))

    def page(self, query: Query, rows: Iterable[Row], prev: End, next: End) -> Page:
        """The page, with a cursor on each side where there is more."""
        (has_prev, before), (has_next, after) = prev, next
        next_cursor = self.issue(query, after) if has_next and after else None
        prev_cursor = self.issue(query, before) if has_prev and before else None
        return Page(tuple(rows), has_next, has_prev, next_cursor, prev_cursor)

    def read(self, query: Query, cursor: str) -> Place:
        """The place that a cursor names.

        Raises:
            InvalidCursor: it was not issued here.
            CursorMismatch: it was issued for another query.
        """
        try:
            data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (ValueError, TypeError, binascii.Error):
            raise InvalidCursor("this is no cursor") from None
        body, signature = data[:-SIGNED], data[-SIGNED:]
        # Decoding is lenient, so several texts may stand for the same bytes: only ours is taken.
        if _text(data) != cursor or len(body) < len(VERSION) + BOUND + 1 or body[:1] != VERSION:
            raise InvalidCursor("this is no cursor")
        if not any(hmac.compare_digest(signature, _signature(secret, body)) for secret in self.secrets):
            raise InvalidCursor("the cursor was not issued here, or is too old")
        bound, rest = body[1 : 1 + BOUND], body[1 + BOUND :]
        if bound != _bound(query):
            raise CursorMismatch("the cursor was issued for another query")
        return Place(1 if rest[0] else -1, rest[1:])


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _signature(secret: bytes, body: bytes) -> bytes:
    return hmac.digest(secret, body, "sha256")[:SIGNED]


def _bound(query: Query) -> bytes:
    """What tells a query from others. Values that are equal make one query, however they are written."""
    order = ",".join(f"{one.column}:{one.descending:d}:{one.nulls}" for one in query.order)
    where = ",".join(column for column, _ in query.where)
    return hashlib.sha256(f"{order};{where};".encode() + prefix(query)).digest()[:BOUND]
