"""The table that is paged, and the cursors that were issued for it, as they stand after each call."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from spec.history import Operation, Raised
from spec.pagination.order import Cut, Table, key, ranked
from spec.pagination.types import COLUMNS, Change, Conflict, Delete, Insert, NotFound, Page, Pagination, Query, Row


def changed(table: Table, changes: Iterable[Change]) -> Table:
    """The table after those changes.

    Raises:
        Conflict, NotFound: one of them cannot be made.
    """
    after = Table(table)
    for change in changes:
        if isinstance(change, Insert):
            if change.row["id"] in after:
                raise Conflict(f"there is a row {change.row['id']} already")
            after[change.row["id"]] = dict.fromkeys(COLUMNS) | dict(change.row)
            continue
        if change.id not in after:
            raise NotFound(f"there is no row {change.id}")
        if isinstance(change, Delete):
            del after[change.id]
        else:
            after[change.id] = {**after[change.id], **change.values}
    return after


@dataclass(frozen=True, slots=True)
class Issued:
    """What a cursor stands for, the secret it was signed with, and the index of the call that issued it."""

    cut: Cut
    secret: bytes
    page: int


@dataclass(frozen=True, eq=False)
class State:
    """Everything a call may depend on.

    issued: the cursors by text and query, and whether they lead to the next page: those of some paginators, such as
            the id of a row, say different things in either direction.
    doubtful: the texts of cursors of pages of which nobody knows what they should have shown.
    """

    config: Pagination
    table: Table = field(default_factory=Table)
    issued: Mapping[tuple[str, Query, bool], Issued] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()
    is_known: bool = True
    """Not where a restart may or may not have kept the rows."""

    def after(self, operation: Operation) -> "State":
        """The state after a call that did what it was to do, or was refused."""
        if isinstance(operation.result, Raised):
            return self
        if operation.name == "write":
            return replace(self, table=changed(self.table, operation.args["changes"]))
        if operation.name == "restart":
            changes = {name: value for name, value in operation.args.items() if name != "durable"}
            lost = bool(self.table) and not operation.args["durable"]
            return replace(self, config=replace(self.config, **changes), is_known=not lost)
        return self

    def asked(self, operation: Operation) -> Cut | None:
        """The place that a page was asked from; None if its cursor is not one issued for its query.

        Without a cursor, the beginning or the end: also for pages by offset, which know none.
        """
        cursor = operation.args.get("cursor")
        if cursor is None:
            return Cut(None, 1 if operation.args.get("backward") else -1)
        return self._accepted(self.source(operation))

    def asked_against(self, operation: Operation) -> Cut | None:
        """The place that a page was asked from by a cursor against its direction, in which it may mean another.

        None where it means something in this direction, too, or was issued for several queries.
        """
        return self._accepted(self.source_against(operation))

    def _accepted(self, issued: Issued | None) -> Cut | None:
        secrets = (self.config.secret, *self.config.old_secrets)
        return issued.cut if issued is not None and issued.secret in secrets else None

    def source(self, operation: Operation) -> Issued | None:
        """Where the cursor of a page comes from, if it is used in the direction that it was issued for."""
        cursor, forward = operation.args.get("cursor", ""), not operation.args.get("backward")
        return None if cursor in self.doubtful else self.issued.get((cursor, operation.args["query"], forward))

    def source_against(self, operation: Operation) -> Issued | None:
        """Where the cursor of a page comes from that is used against its direction, and means nothing else."""
        cursor, backward = operation.args.get("cursor", ""), bool(operation.args.get("backward"))
        issued = None if cursor in self.doubtful else self.issued.get((cursor, operation.args["query"], backward))
        return issued if issued and sum(text == cursor for text, *_ in self.issued) == 1 else None

    def issuing(self, operation: Operation, page: Page, asked: Cut) -> "State":
        """The state after that page, with its cursors. Those of an empty page give no new meaning to a text that has
        one: whose cursors are ids of rows can only send back what he was asked with. Where it would be another one,
        the text stands for something else than a place, such as the end, and nobody can say what it is to bring."""
        query = operation.args["query"]
        issued, doubtful = dict(self.issued), set(self.doubtful)
        cursors = ((page.prev_cursor, False), (page.next_cursor, True))
        for (cursor, is_next), cut in zip(cursors, ends(query, page.rows, asked), strict=True):
            if cursor is None:
                continue
            known = issued.get((cursor, query, is_next))
            if page.rows or known is None:
                issued[cursor, query, is_next] = Issued(cut, self.config.secret, operation.index)
            elif known.cut != cut:
                doubtful.add(cursor)
        return replace(self, issued=issued, doubtful=frozenset(doubtful))

    def doubting(self, result: object) -> "State":
        """The state after a page from a place that is not known."""
        if not isinstance(result, Page):
            return self
        texts = {text for text in (result.prev_cursor, result.next_cursor) if text is not None}
        return replace(self, doubtful=self.doubtful | texts)


def ends(query: Query, rows: Iterable[Row], asked: Cut) -> tuple[Cut, Cut]:
    """The places just before and just after a page; of an empty one, where it was asked from."""
    found = list(rows)
    if not found:
        return asked, asked
    return Cut(key(query, found[0]), -1), Cut(key(query, found[-1]), 1)


@dataclass(frozen=True)
class Sides:
    """The rows of a query before and after a place."""

    below: list[Row]
    above: list[Row]

    @classmethod
    def of(cls, query: Query, table: Table, cut: Cut) -> "Sides":
        rows = ranked(query, table)
        at = bisect_left(rows, True, key=lambda row: cut.is_below(row[0]))
        return cls([row for _, row in rows[:at]], [row for _, row in rows[at:]])

    def page(self, size: int, backward: bool) -> tuple[list[Row], bool, bool]:
        """Its rows, and whether there are more after it and before it."""
        if backward:
            rows = self.below[max(0, len(self.below) - size) :]
            return rows, bool(self.above), len(self.below) > len(rows)
        return self.above[:size], len(self.above) > size, bool(self.below)
