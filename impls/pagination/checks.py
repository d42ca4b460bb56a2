"""What every paginator refuses before it looks at its data."""

from typing import Any

from spec.pagination.types import COLUMNS, InvalidOffset, InvalidQuery, InvalidSize, Pagination, Query


def checked_size(config: Pagination, size: Any) -> int:
    """The size, or the default for None; InvalidSize if it is none."""
    if size is None:
        return config.default_size
    if type(size) is not int or not 1 <= size <= config.max_size:
        raise InvalidSize(f"a page has from 1 to {config.max_size} rows, not {size!r}")
    return size


def checked_offset(offset: Any) -> int:
    """The offset; InvalidOffset if it is none."""
    if type(offset) is not int or offset < 0:
        raise InvalidOffset(f"an offset is an integer from 0, not {offset!r}")
    return offset


def checked_query(query: Query) -> Query:
    """The query; InvalidQuery if it makes no sense."""
    ordered = [order.column for order in query.order]
    unknown = {*ordered, *(column for column, _ in query.where)} - COLUMNS.keys()
    if unknown:
        raise InvalidQuery(f"there is no column {', '.join(map(repr, sorted(unknown)))}")
    if not ordered or len(set(ordered)) < len(ordered):
        raise InvalidQuery("the order needs at least one column, and none twice")
    return query
