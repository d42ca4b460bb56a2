"""Correct paginators by cursors, written as people write them: controls against laws that are too strong."""

from collections.abc import Sequence
from typing import Any

from conformance.pagination.modelled import Paging, Place, Stored
from spec.pagination.types import InvalidCursor, InvalidQuery, Page, Query, Row


class RawIds(Paging):
    """`where id > :after order by id limit :size + 1`: a cursor is the id of a row, for whoever wants to make one.

    The way back from an empty page has "~" at its end: the row itself comes again.
    """

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        size = self.size(size)
        self.check(query)
        if query.order[0].column != "id":
            raise InvalidQuery("no such query")
        after = self.parsed(cursor)
        falls = query.order[0].descending != backward
        if cursor and after is not None and cursor.endswith("~"):
            after += 1 if falls else -1
        ids = sorted((id for id, row in self.rows.items() if self.selects(query, row)), reverse=falls)
        ahead = [id for id in ids if after is None or (id < after if falls else id > after)]
        # Whoever comes with a cursor came from somewhere: that there is something behind is taken for granted.
        return self.made([self.rows[id] for id in ahead[:size]], len(ahead) > size, cursor, backward)

    def parsed(self, cursor: str | None) -> int | None:
        try:
            return None if cursor is None else int(cursor.removesuffix("~"))
        except (ValueError, TypeError, AttributeError):
            raise InvalidCursor("a cursor is a number") from None

    def made(self, rows: list[Stored], more: bool, cursor: str | None, backward: bool) -> Page:
        rows = [dict(row) for row in (rows[::-1] if backward else rows)]
        has_next, has_prev = (cursor is not None, more) if backward else (more, cursor is not None)
        after, before = self.cursors(rows, cursor, backward)
        return Page(tuple(rows), has_next, has_prev, after if has_next else None, before if has_prev else None)

    def cursors(self, rows: Sequence[Row], cursor: str | None, backward: bool) -> tuple[str | None, str | None]:
        if rows:
            return str(rows[-1]["id"]), str(rows[0]["id"])
        back = cursor and (cursor.removesuffix("~") if cursor.endswith("~") else f"{cursor}~")
        return (back, cursor) if backward else (cursor, back)


class EndKept(RawIds):
    """There is a cursor on both sides of every page that has rows, as in Relay's PageInfo."""

    def made(self, rows: list[Stored], more: bool, cursor: str | None, backward: bool) -> Page:
        page = super().made(rows, more, cursor, backward)
        after, before = self.cursors(page.rows, cursor, backward)
        return page._replace(next_cursor=after, prev_cursor=before)


class Clamping(Paging):
    """A size that is too large is the largest."""

    def size(self, size: Any) -> int:
        return super().size(min(size, self.config.max_size) if type(size) is int else size)


class Short(Paging):
    """A page has half of what was asked for."""

    def size(self, size: Any) -> int:
        return (super().size(size) + 1) // 2


class SoundOnly(Paging):
    """What is behind is not looked for: it is said to be there whenever there was a cursor."""

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        page = super().page(query, size, cursor, backward)
        if cursor is None or (page.has_next if backward else page.has_prev):
            return page
        place: Place = self.read(query, cursor)
        before, after = self.ends(query, [dict(row) for row in page.rows], place)
        if backward:
            return page._replace(has_next=True, next_cursor=after and self.issue(query, after))
        return page._replace(has_prev=True, prev_cursor=before and self.issue(query, before))
