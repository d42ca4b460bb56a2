"""What traces ask for, and such as are easier to read: with fewer changes, small ids, plain values, short queries."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from conformance.references import Reference
from conformance.trace import Step, Trace
from spec.pagination.order import comparable
from spec.pagination.types import COLUMNS, Change, Query

PLAIN: Mapping[str, Callable[[int], Any]] = {
    "i": lambda n: n,
    "s": lambda n: "abcdefghijklmnopqrstuvwxyz"[n],
    "f": float,
    "n": Decimal,
    "t": lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=n),
    "u": lambda n: UUID(int=n),
    "y": lambda n: b"abcdefghijklmnopqrstuvwxyz"[n : n + 1],
}
"""The n-th plain value of a column, in rising order."""


def simpler_traces(trace: Trace) -> Iterator[Trace]:
    """Candidates, each with one thing changed."""
    yield from _fewer_queries(trace)
    for column in COLUMNS:
        if column != "id":
            yield _everywhere(trace, partial(_without, column))
    yield from _fewer_changes(trace)
    yield from _plain_values(trace)
    yield from _fewer_values(trace)
    yield from _simpler_pages(trace)


def _without(column: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in values.items() if name != column}


def needs(trace: Trace) -> set[str]:
    """What of the trace not every paginator promises: some values, and cursors that are turned round."""
    found = set()
    values = [v for _, _, changes in _writes(trace) for one in changes for v in _values(one).values()]
    if any(type(value) is str and "\x00" in value for value in values):
        found.add("nul")
    if any(type(value) is float and value != value for value in values):
        found.add("nan")
    if any(_leaves_null(change, _ordered_by(trace)) for _, _, changes in _writes(trace) for change in changes):
        found.add("nulls")
    for step in trace.steps:
        cursor = step.args.get("cursor")
        part = cursor.part if isinstance(cursor, Reference) and not cursor.altered else ""
        if part and step.args["backward"] != (part == "prev_cursor"):
            found.add("reversible")
    return found


def _ordered_by(trace: Trace) -> set[str]:
    queries = [step.args["query"] for step in trace.steps if step.name == "page"]
    return {order.column for query in queries for order in query.order if order.column in COLUMNS}


def _leaves_null(change: Change, columns: set[str]) -> bool:
    given = _values(change)
    missing = columns - given.keys() if change.kind == "insert" else ()
    return bool(missing) or any(given[column] is None for column in columns & given.keys())


def _fewer_queries(trace: Trace) -> Iterator[Trace]:
    """Only those that are used; then each with a shorter order, or without what it selects by."""
    used = dict.fromkeys(step.args["query"] for step in trace.steps if step.name == "page")
    yield replace(trace, config=replace(trace.config, queries=tuple(used)))
    for query in used:
        for at in range(len(query.order)):
            yield _with_query(trace, query, replace(query, order=query.order[:at] + query.order[at + 1 :]))
            for change in ({"descending": False}, {"nulls": "last"}):
                order = replace(query.order[at], **change)
                yield _with_query(
                    trace, query, replace(query, order=(*query.order[:at], order, *query.order[at + 1 :]))
                )
        if query.where:
            yield _with_query(trace, query, replace(query, where=()))
        for other in used:
            yield _with_query(trace, query, other)


def _with_query(trace: Trace, old: Query, new: Query) -> Trace:
    steps = tuple(
        replace(step, args={**step.args, "query": new}) if step.args.get("query") == old else step
        for step in trace.steps
    )
    queries = tuple(dict.fromkeys(new if query == old else query for query in trace.config.queries))
    return Trace(replace(trace.config, queries=queries), steps) if new.order else trace


def _values(change: Change) -> Mapping[str, Any]:
    return change.row if change.kind == "insert" else change.values if change.kind == "update" else {}


def _with_values(change: Change, values: Mapping[str, Any]) -> Change:
    if change.kind == "insert":
        return replace(change, row=values)
    return replace(change, values=values) if change.kind == "update" else change


def _writes(trace: Trace) -> Iterator[tuple[int, Step, list[Change]]]:
    for number, step in enumerate(trace.steps):
        if step.name == "write":
            yield number, step, step.args["changes"]


def _with_changes(trace: Trace, number: int, changes: list[Change]) -> Trace:
    step = replace(trace.steps[number], args={"changes": changes})
    return replace(trace, steps=(*trace.steps[:number], step, *trace.steps[number + 1 :]))


def _everywhere(trace: Trace, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Trace:
    """Every row and update with other values."""
    for number, _, changes in _writes(trace):
        trace = _with_changes(trace, number, [_with_values(one, change(_values(one))) for one in changes])
    return trace


def _fewer_changes(trace: Trace) -> Iterator[Trace]:
    """Without one change, or without all of one row."""
    for number, _, changes in _writes(trace):
        for at in range(len(changes)):
            yield _with_changes(trace, number, changes[:at] + changes[at + 1 :])
    for id in _ids(trace):
        less = trace
        for number, _, changes in _writes(trace):
            less = _with_changes(less, number, [one for one in changes if _id(one) != id])
        yield less


def _fewer_values(trace: Trace) -> Iterator[Trace]:
    for number, _, changes in _writes(trace):
        for at, change in enumerate(changes):
            for column in _values(change):
                if column != "id":
                    less = _with_values(change, _without(column, _values(change)))
                    yield _with_changes(trace, number, [*changes[:at], less, *changes[at + 1 :]])


def _plain_values(trace: Trace) -> Iterator[Trace]:
    """Ids and the values of each column by their place among all there are."""
    places = {id: place for place, id in enumerate(sorted(_ids(trace)), 1)}
    renamed = trace
    for number, _, changes in _writes(trace):
        renamed = _with_changes(renamed, number, [_with_id(one, places[_id(one)]) for one in changes])
    yield renamed
    for column, plain in PLAIN.items():
        found = {
            comparable(value): value
            for _, _, changes in _writes(trace)
            for change in changes
            if (value := _values(change).get(column)) is not None
        }
        order = {rank: plain(place) for place, rank in enumerate(sorted(found)[:26])}

        yield _everywhere(trace, partial(_plainly, column, order))


def _plainly(column: str, order: Mapping[Any, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    value = values.get(column)
    return values if value is None else {**values, column: order.get(comparable(value), value)}


def _id(change: Change) -> int:
    return int(change.row["id"]) if change.kind == "insert" else change.id


def _with_id(change: Change, id: int) -> Change:
    return replace(change, row={**change.row, "id": id}) if change.kind == "insert" else replace(change, id=id)


def _ids(trace: Trace) -> list[int]:
    return list(dict.fromkeys(_id(change) for _, _, changes in _writes(trace) for change in changes))


def _simpler_pages(trace: Trace) -> Iterator[Trace]:
    """One page, or all of them, of the smallest size, forward."""
    for change in ({"size": 1}, {"backward": False}):
        steps = [replace(one, args={**one.args, **change}) if one.name == "page" else one for one in trace.steps]
        yield replace(trace, steps=tuple(steps))
        for number, step in enumerate(steps):
            yield replace(trace, steps=(*trace.steps[:number], step, *trace.steps[number + 1 :]))
