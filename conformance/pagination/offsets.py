"""Rules that page by offset through a table that is written to."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance.pagination import strategies as choices
from conformance.pagination.tables import CHANCE, Shown, Tables
from spec.pagination.types import OffsetPage, Order, Pagination, Query

BAD_OFFSETS: list[Any] = [-1, -1, -2, -(10**30), True, False, 1.0, "0", "", None, [0]]


class Offsets(Tables):
    """Exercises any paginator by offset."""

    first = (*choices.IN_TURN, ("id", ()))
    example_config = Pagination(10, 5, b"secret", (), (Query((Order("s"), Order("i", True))),))

    def page(self, query: Query, size: Any = None, offset: Any = 0) -> Shown | None:
        """The page; None if it was refused."""
        args = {"query": query, "size": size, "offset": offset}
        result = self.call("page", self.client(), **args)
        if not isinstance(result, OffsetPage) or self.run is None:
            return None
        shown = Shown(len(self.run.steps) - 1, result, query, args)
        self.shown.append(shown)
        return shown

    def look(self) -> None:
        self.page(self.queries[0], self.config.max_size)

    def size(self) -> int | None:
        return self.chance.choice([None, 1, 2, self.config.max_size][: 2 + self.config.max_size])

    def following(self, shown: Shown) -> Shown | None:
        size = shown.args["size"] or self.config.default_size
        return self.page(shown.query, shown.args["size"], shown.args["offset"] + size)

    @rule(chance=CHANCE, how=st.sampled_from(["start", "on", "on", "on", "jump", "again"]))
    def read(self, chance: int, how: str) -> None:
        """One page: the first, the next, any, or the same once more."""
        query = self.queries[(0, 0, 0, 1, 2, -1)[chance % 6] % len(self.queries)]
        recent = self.shown[-6:]
        if how == "jump":
            beyond = len(self.table) + 1
            offset = self.chance.choice([1, 2, 3, beyond - 1, beyond, 2**31, 2**53])
            self.page(query, self.good_size(), offset)
        elif how == "start" or not recent:
            self.page(query, self.good_size())
        elif how == "again":
            self.page(**recent[chance % len(recent)].args)
        else:
            self.following(recent[chance % len(recent)])

    def good_size(self) -> int | None:
        size = self.size()
        return size if size is None or size <= self.config.max_size else None

    @rule(chance=CHANCE, how=st.sampled_from(["offset", "size", "query"]))
    def misuse(self, chance: int, how: str) -> None:
        """What must be refused, and the largest and smallest that must not."""
        query, size, offset = self.queries[0], None, 0
        if how == "offset":
            offset = self.chance.choice(BAD_OFFSETS)
        elif how == "size":
            largest = self.config.max_size
            size = self.chance.choice([*choices.BAD_SIZES, largest + 1, largest + 1, largest, 1])
        else:
            query = self.chance.choice(choices.BAD_QUERIES)
        self.call("page", query=query, size=size, offset=offset)

    def finish(self) -> None:
        """The whole table at rest; then once more while rows are deleted and inserted where it stands."""
        for query in self.queries[: 2 if self.number % 2 else 1]:
            self.whole(query, write=False)
        if len(self.table) < 4:
            self.insert_rows(4)
        self.whole(self.queries[0], write=True)

    def whole(self, query: Query, *, write: bool) -> None:
        largest = self.config.max_size
        shown = self.page(query, min(largest, (1, 2, largest)[self.number % 3]))
        for turn in range(40):
            if shown is None or not shown.page.has_next:
                return
            if write and turn % 2 == 0:
                self.write(self.where_a_page_ends(shown, ("last", "tie", "new")[(turn // 2 + self.number) % 3]))
            shown = self.following(shown)
