"""Rules that page through a table that is written to, and send cursors that were tampered with."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance.pagination import strategies as choices
from conformance.pagination.offsets import Offsets
from conformance.pagination.tables import AIMS, CHANCE, Shown, Tables
from conformance.references import ALTERATIONS, Reference
from conformance.trace import HELD, RESTART
from spec.pagination.types import Change, Delete, Insert, Order, Page, Pagination, Query

MOST_PAGES = 40
"""A traversal that takes more does not end."""


class Cursors(Tables):
    """Exercises any paginator by cursors."""

    def page(self, query: Query, size: Any = None, cursor: Any = None, backward: bool = False) -> Shown | None:
        """The page; None if it was refused."""
        args = {"query": query, "size": size, "cursor": cursor, "backward": backward}
        result = self.call("page", self.client(), **args)
        if not isinstance(result, Page) or self.run is None:
            return None
        shown = Shown(len(self.run.steps) - 1, result, query, args, backward)
        self.shown.append(shown)
        return shown

    def size(self) -> int | None:
        largest = self.config.max_size
        return self.chance.choice([None, 1, 2, largest, len(self.table)]) if self.table else 1

    def good_size(self) -> int | None:
        size = self.size()
        return size if size is None or 1 <= size <= self.config.max_size else None

    def go_on(self, shown: Shown, size: Any = "same") -> Shown | None:
        """The next page after that one."""
        size = shown.args["size"] if size == "same" else size
        return self.page(shown.query, size, Reference(shown.step, shown.onward), shown.backward)

    def look(self) -> None:
        for backward in (False, True):
            self.page(self.queries[0], self.config.max_size, backward=backward)

    @rule(chance=CHANCE, how=st.sampled_from(["start", "start", "on", "on", "on", "on", "again", "turn"]))
    def read(self, chance: int, how: str) -> None:
        """One page: of a new traversal or one that is open, the same once more, or back from one."""
        if how == "start" or not self.shown:
            self.start_reading(chance)
        elif how == "on":
            self.read_on(chance)
        elif how == "again":
            one = self.recent(chance)
            self.page(**{**one.args, "query": one.query})
        else:
            self.turn_round(chance)

    def recent(self, chance: int) -> Shown:
        return self.shown[-1 - chance % min(6, len(self.shown))]

    def start_reading(self, chance: int) -> None:
        query = self.queries[(0, 0, 0, 1, 1, 2, -1)[chance % 7] % len(self.queries)]
        self.page(query, self.good_size(), backward=self.chance.random() < 0.4)

    def read_on(self, chance: int) -> None:
        if going := [one for one in self.shown[-8:] if one.goes_on]:
            self.go_on(going[chance % len(going)], self.good_size() if chance % 3 == 0 else "same")

    def turn_round(self, chance: int) -> None:
        """From where a page begins, back to what was before it; or, where a cursor goes both ways, from its end."""
        one = self.recent(chance)
        size = "same" if chance % 3 else self.good_size()
        self.page(
            one.query, one.args["size"] if size == "same" else size, Reference(one.step, one.back), not one.backward
        )
        if "reversible" in self.capabilities and chance % 2:
            self.page(one.query, self.good_size(), Reference(one.step, one.onward), not one.backward)

    # Cursors that nobody issued, or not for this

    @rule(chance=CHANCE, how=st.sampled_from(["tamper", "tamper", "cross", "junk", "size", "query"]))
    def misuse(self, chance: int, how: str) -> None:
        """What must be refused."""
        if how == "tamper":
            self.tamper(chance)
        elif how == "cross" and self.shown:
            self.cross(self.recent(chance))
        elif how == "junk":
            junk = self.chance.choice(choices.JUNK)
            self.page(self.queries[chance % len(self.queries)], None, junk, chance % 3 == 0)
        elif how == "size":
            self.bad_size(chance)
        else:
            bad = self.chance.choice(choices.BAD_QUERIES)
            self.call("page", query=bad, size=None, cursor=None, backward=False)

    def tamper(self, chance: int) -> None:
        how = self.chance.choice(list(ALTERATIONS))
        if going := [one for one in self.shown if one.goes_on]:
            one = going[-1 - chance % min(4, len(going))]
            altered = Reference(one.step, one.onward, how, self.chance.randrange(10_000))
            self.page(one.query, one.args["size"], altered, one.backward)

    def cross(self, shown: Shown) -> None:
        """A cursor of one query for all the others."""
        for query in self.queries:
            if query != shown.query and shown.goes_on:
                self.page(query, shown.args["size"], Reference(shown.step, shown.onward), shown.backward)

    def sweep(self) -> None:
        """Every bit of one cursor is flipped once: a check that looks at a few of them is found out."""
        shown = next((one for one in reversed(self.shown) if one.goes_on), None)
        cursor = shown and getattr(shown.page, shown.onward)
        if shown and cursor and len(cursor) < 400:
            for at in range(6 * len(cursor)):
                altered = Reference(shown.step, shown.onward, "flip a bit", at)
                self.page(shown.query, shown.args["size"], altered, shown.backward)

    def bad_size(self, chance: int) -> None:
        largest, bad = self.config.max_size, self.chance.choice(choices.BAD_SIZES)
        for size in (largest + 1, largest, 1) if chance % 3 == 0 else (bad,):
            self.page(self.queries[0], size, backward=chance % 2 == 0)

    # The process ends, and another begins

    @rule(chance=CHANCE)
    def restart(self, chance: int) -> None:
        """Perhaps with another secret. Rows that would be lost are taken away before, and written anew."""
        number = len(self.config.old_secrets) + 1
        secrets = [self.config.secret, *self.config.old_secrets]
        changes: dict[str, Any] = {}
        if chance % 3 == 0:
            changes = {"secret": b"secret %d" % (chance % 1000), "old_secrets": tuple(secrets[:number])}
        elif chance % 3 == 1:
            changes = {"secret": b"secret %d" % (chance % 1000), "old_secrets": ()}
        before = [one for one in self.shown[-6:] if one.goes_on]
        durable = "durable" in self.capabilities
        rows = [] if durable else list(self.table.values())
        self.write([Delete(row["id"]) for row in rows])
        self.call(RESTART, durable=durable, **changes)
        self.config = Pagination(**{**self.as_given(), **changes})
        self.write([Insert(row) for row in rows])
        for one in before[-2:]:
            self.go_on(one)

    def as_given(self) -> dict[str, Any]:
        return {name: getattr(self.config, name) for name in self.config.__slots__}

    # At the end of every example

    def finish(self) -> None:
        """Every traversal that is open is read to its end, then the whole table both ways, and nothing is written."""
        for one in [one for one in self.shown[-4:] if one.goes_on]:
            self.drain(one)
        self.disturb()
        if {"shared", "on_server"} <= self.capabilities:
            self.read_while_writing()
        for query in self.queries[: 2 if self.number % 2 else 1]:
            for backward in (False, True):
                if first := self.page(query, self.whole_size(), backward=backward):
                    self.drain(first)
                    if "reversible" in self.capabilities and first.goes_on:
                        self.page(query, first.args["size"], Reference(first.step, first.onward), not backward)
        for query in self.queries[self.number % 3 :][:1]:
            if first := self.page(query, 1):
                self.cross(first)
        self.page(self.queries[0], choices.BAD_SIZES[self.number % len(choices.BAD_SIZES)])
        self.reload()
        self.stand_at_the_end()
        if self.number % 8 == 1:
            self.sweep()

    def whole_size(self) -> int:
        """Small, so that most rows are once the last of a page."""
        return min(self.config.max_size, (1, 2, len(self.table) // 3 + 1)[self.number % 3])

    def drain(self, shown: Shown | None) -> None:
        for _ in range(MOST_PAGES):
            if shown is None or not shown.goes_on:
                return
            shown = self.go_on(shown)

    def disturb(self) -> None:
        """A traversal between whose pages something is written: ahead, behind, and where it stands."""
        if len(self.table) < 6:
            self.insert_rows(6)
        backward = self.number % 4 >= 2
        shown = self.page(self.queries[0], 1 + self.number % 2, backward=backward)
        for turn in range(2 * len(AIMS)):
            if shown is None or not shown.goes_on:
                return
            self.write(self.where_a_page_ends(shown, AIMS[(turn + self.number) % len(AIMS)]))
            shown = self.go_on(shown)
        self.drain(shown)

    def read_while_writing(self) -> None:
        """A traversal whose pages overlap with writes: a write is held before one of its round trips while a page is
        read, or a page while a write is made. The first call of that client warms up its connection."""
        if len(self.table) < 6:
            self.insert_rows(6)
        query, backward = self.queries[0], self.number % 2 == 0
        asked: dict[str, Any] = {"query": query, "size": 1, "cursor": None, "backward": backward}
        self.call("page", HELD, **asked)
        shown = self.page(query, 1, backward=backward)
        for turn in range(6):
            if shown is None or not shown.goes_on:
                return
            if turn % 2:
                aim = ("exchange", "last", "exchange")[turn // 2]
                changes = self.where_a_page_ends(shown, aim) or self.where_a_page_ends(shown, "last")
                shown = self.held_page(shown, 2 + (turn // 2 + self.number) % 3, changes)
            else:
                aim = ("last", "swap", "exchange", "next", "exchange", "tie", "new")[(turn + self.number) % 7]
                changes = self.where_a_page_ends(shown, aim)
                self.write(changes, HELD, 1 + (turn // 2 + self.number) % 5)
                shown = self.go_on(shown)

    def held_page(self, shown: Shown, hold: int, changes: list[Change]) -> Shown | None:
        """The next page, with the changes made while it is held."""
        assert self.run is not None
        args = {**shown.args, "cursor": Reference(shown.step, shown.onward)}
        self.call("page", HELD, hold, **args)
        step = len(self.run.steps) - 1
        self.write(changes, "main")
        result = self.run.answers.get(step)
        return Shown(step, result, shown.query, args, shown.backward) if isinstance(result, Page) else None

    def reload(self) -> None:
        """A page that was shown, once more after an update of what is on it."""
        pages = [one for one in self.shown[-6:] if one.page.rows and one.page.rows[0].get("id") in self.table]
        if pages:
            one = pages[self.number % len(pages)]
            self.write([self.updated(one.page.rows[0]["id"])])
            self.page(**{**one.args, "query": one.query})

    def stand_at_the_end(self) -> None:
        """All rows ahead are deleted; whoever stands there turns round."""
        query = self.queries[0]
        if len(self.table) < 2:
            self.insert_rows(3)
        backward = self.number % 2 == 0
        first = self.page(query, 1, backward=backward)
        if first and first.goes_on and first.page.rows:
            self.write([Delete(id) for id in self.table if id != first.page.rows[0].get("id")])
            if empty := self.go_on(first):
                self.page(query, self.good_size(), Reference(empty.step, empty.back), not backward)


class Ids(Cursors):
    """Over ids."""

    first = (("id", ()),)
    example_config = Pagination(10, 5, b"secret", (), (Query((Order("id"),)),))


class Keysets(Cursors):
    """Over any order."""

    first = (*choices.IN_TURN, ("id", ()))
    example_config = Pagination(10, 5, b"secret", (), (Query((Order("s"), Order("i", True))),))


MACHINES = {"offset": Offsets, "cursor": Ids, "keyset": Keysets}
