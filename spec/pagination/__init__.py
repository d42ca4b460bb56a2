"""Pagination: a long list, read page by page while others write to it."""

from spec.pagination.cursors import CURSOR, KEYSET
from spec.pagination.types import Delete, Insert, Order, Page, Pagination, Paginator, Query, Update

__all__ = ["SPECIFICATIONS", "Delete", "Insert", "Order", "Page", "Pagination", "Paginator", "Query", "Update"]

SPECIFICATIONS = (CURSOR, KEYSET)
