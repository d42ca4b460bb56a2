"""Pagination: a long list, read page by page while others write to it."""

from spec.pagination.cursors import CURSOR, KEYSET
from spec.pagination.offsets import OFFSET
from spec.pagination.types import (
    Delete,
    Insert,
    OffsetPage,
    OffsetPaginator,
    Order,
    Page,
    Pagination,
    Paginator,
    Query,
    Update,
)

__all__ = [
    "SPECIFICATIONS",
    "Delete",
    "Insert",
    "OffsetPage",
    "OffsetPaginator",
    "Order",
    "Page",
    "Pagination",
    "Paginator",
    "Query",
    "Update",
]

SPECIFICATIONS = (OFFSET, CURSOR, KEYSET)
