"""Rules that write to a table just where its pages are."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from conformance.machine import Machine, in_turn
from conformance.pagination import strategies as choices
from conformance.pagination.simpler import needs, simpler_traces
from conformance.pagination.strategies import FAMILIES
from spec.pagination.order import Table, full_order, listing
from spec.pagination.table import changed
from spec.pagination.types import Change, Delete, Insert, Pagination, Query, Row, Update

CHANCE = st.integers(0, 2**20)
AIMS = ("last", "tie", "beside", "new", "swap", "next")
"""What a write meets: the last row shown, the next one, ties with the last, both sides, or columns of no account."""


@dataclass(frozen=True)
class Shown:
    """A page that was read, the number of the step that read it, and what was asked."""

    step: int
    page: Any
    query: Query
    args: Mapping[str, Any]
    backward: bool = False

    @property
    def onward(self) -> str:
        """Which cursor leads on."""
        return "prev_cursor" if self.backward else "next_cursor"

    @property
    def back(self) -> str:
        return "next_cursor" if self.backward else "prev_cursor"

    @property
    def goes_on(self) -> bool:
        return bool(self.page.has_prev if self.backward else self.page.has_next)


class Tables(Machine):
    """The table that is paged, and what is written to it."""

    first: ClassVar[Sequence[tuple[str, tuple[Any, ...]]]]
    """The first columns of orders, and what they hold."""

    simpler_traces = staticmethod(simpler_traces)
    needs = staticmethod(needs)

    @initialize(chance=CHANCE)
    def open(self, chance: int) -> None:
        self.chance = random.Random(chance * 1009 + self.number)
        first, family = in_turn(self.confusable(), 0, self.number)  # each of them as often
        order = self.chance.choice(choices.orders(first))
        self.leading, self.rows_made = first, 0
        self.pools = {column: self.chance.choice(families) for column, families in FAMILIES.items()}
        if self.number % 4 == 0:
            self.pools.update(self.special())
        if first != "id":
            self.pools[first] = family
        self.ids = choices.IDS[self.number % len(choices.IDS)]
        where = self.chance.choice(["i", "b", "n"])
        values: list[Any] = [*self.pools[where], None]
        if self.number % 2:
            where, values = "s", ["None", "", *self.pools["s"]]
        value, other = None if self.number % 4 == 1 else self.chance.choice(values), self.chance.choice(values)
        query, *selected = (Query(order, tuple(where)) for where in ((), [(where, value)], [(where, other)]))
        self.queries = [*dict.fromkeys([query, *selected, *choices.kin(query)])]
        largest, default = choices.SIZES[self.number % len(choices.SIZES)]
        self.config = Pagination(largest, default, b"secret", (), tuple(self.queries))
        self.table = Table()
        self.shown: list[Shown] = []
        self.start(self.config)
        self.insert_rows((0, 1, 3, 6, 9, 12, 12, 5)[self.number % 8])

    def confusable(self) -> list[tuple[str, tuple[Any, ...]]]:
        """What takes turns: the first column of the order, and the values it has."""
        return [*self.first, *self.special()] if len(self.first) > 1 else list(self.first)

    def special(self) -> list[tuple[str, tuple[Any, ...]]]:
        """Columns with values that not everybody can store."""
        nul = choices.NUL_FAMILIES if "nul" in self.capabilities else []
        return [*nul, *(choices.NAN_FAMILIES if "nan" in self.capabilities else [])]

    def row(self, id: int) -> Row:
        given = 0.75 if "nulls" in self.capabilities else 1
        values = {c: self.chance.choice(pool) for c, pool in self.pools.items() if self.chance.random() < given}
        if self.leading in values:  # each in its turn, so that those that are confused are there together
            self.rows_made += 1
            values[self.leading] = self.pools[self.leading][self.rows_made % len(self.pools[self.leading])]
        return {"id": id, **values}

    def free(self) -> list[int]:
        return [id for id in self.ids if id not in self.table]

    def insert_rows(self, count: int) -> None:
        free = self.free()
        self.write([Insert(self.row(id)) for id in self.chance.sample(free, min(count, len(free)))])

    def write(self, changes: list[Change], client: str = "", hold: int = 0) -> None:
        """Changes that can be made."""
        if changes:
            self.table = changed(self.table, changes)
            self.call("write", client or self.client(), hold, changes=changes)

    def client(self) -> str:
        return self.chance.choice(["main", "other"]) if "shared" in self.capabilities else "main"

    @rule(chance=CHANCE, aim=st.sampled_from(["", "", "", *AIMS, "all ahead", "all", "cannot be"]))
    def change(self, chance: int, aim: str) -> None:
        """Something is written; most often where a page ends."""
        if aim == "cannot be":
            self.write_what_cannot_be(chance)
        elif aim:
            pages = [one for one in self.shown[-6:] if one.page.rows]
            if pages:
                self.write(self.where_a_page_ends(pages[chance % len(pages)], aim))
        else:
            self.write_anywhere(chance)

    def write_anywhere(self, chance: int) -> None:
        """One to three changes of rows that need not be where any page is."""
        changes: list[Change] = []
        table = self.table
        for _ in range(1 + chance % 3):
            kind = self.chance.choice(["insert", "insert", "update", "delete"])
            free = [id for id in self.ids if id not in table]
            change: Change
            if (kind == "insert" or not table) and free:
                change = Insert(self.row(self.chance.choice(free)))
            elif not table:
                continue
            elif kind == "update":
                change = self.updated(self.chance.choice(list(table)))
            else:
                change = Delete(self.chance.choice(list(table)))
            changes.append(change)
            table = changed(table, [change])
        self.write(changes)

    def updated(self, id: int) -> Update:
        columns = self.chance.sample(list(self.pools), self.chance.choice([1, 1, 2]))
        null = (None,) if "nulls" in self.capabilities else ()
        return Update(id, {c: self.chance.choice((*self.pools[c], *null)) for c in columns})

    def where_a_page_ends(self, page: Shown, aim: str) -> list[Change]:
        """Changes of the rows on both sides of where a traversal stands."""
        if not page.page.rows:
            return []
        ids = [row["id"] for row in listing(page.query, self.table)]
        edge = page.page.rows[0 if page.backward else -1]["id"]
        at = ids.index(edge) if edge in ids else len(ids) // 2
        ahead = ids[:at][::-1] if page.backward else ids[at + 1 :]
        behind = ids[at:] if page.backward else ids[: at + 1][::-1]
        return self.aimed(aim, page, ahead, behind)

    def aimed(self, aim: str, page: Shown, ahead: list[int], behind: list[int]) -> list[Change]:
        keys = [order.column for order in page.query.order if order.column != "id"]
        if aim == "last":
            return [Delete(behind[0])] if behind else []
        if aim == "next":
            return [Delete(ahead[0])] if ahead else []
        if aim == "all ahead":
            return [Delete(id) for id in ahead]
        if aim == "all":
            return [Delete(id) for id in self.table]
        if aim == "new" and self.free():
            return [Insert(self.row(self.chance.choice(self.free())))]
        if aim == "tie" and behind:
            free = [
                id for id in (behind[0] - 1, behind[0] + 1, *self.free()) if id not in self.table and abs(id) < 2**63
            ]
            return [Insert({**self.table[behind[0]], "id": self.chance.choice(free[:2])})] if free else []
        if aim == "exchange" and keys and ahead and behind:
            pair = ((ahead[0], behind[0]), (behind[0], ahead[0]))
            return [Update(to, {column: self.table[source][column] for column in keys}) for to, source in pair]
        if aim == "swap" and keys and ahead and behind:
            one, other = self.chance.choice(ahead), self.chance.choice(behind)
            moved = [(one, other), (other, one)] if self.chance.random() < 0.5 else [(other, one)]
            return [Update(to, {column: self.table[source][column] for column in keys}) for to, source in moved]
        if aim == "beside":
            used = {*(order.column for order in full_order(page.query)), *(column for column, _ in page.query.where)}
            trailing = [column for column in keys if column not in used]
            column = self.chance.choice(trailing or [column for column in self.pools if column not in used])
            return [Update(id, {column: self.chance.choice(self.pools[column])}) for id in (*behind[:1], *ahead[:3])]
        return []

    def write_what_cannot_be(self, chance: int) -> None:
        """Changes of which the last cannot be made."""
        good: list[Change] = [Insert(self.row(id)) for id in self.free()[: chance % 2]]
        if self.table and chance % 3:
            id = self.chance.choice(list(self.table))
            good.append(Delete(id) if chance % 5 else self.updated(id))
        left = [id for id in self.table if Delete(id) not in good]
        bad: list[Change] = [Delete(-7), Update(-7, {"b": True})]
        if left:
            bad.append(Insert(self.row(self.chance.choice(left))))
        self.call("write", changes=[*good, self.chance.choice(bad)])
        self.look()

    def look(self) -> None:
        """At the first page, and the last."""
        raise NotImplementedError
