"""Paginators on Redis or Valkey: a hash of rows, and for each query a sorted set in lexicographic order."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import redis

from impls.pagination.checks import checked_offset, checked_query, checked_size
from impls.pagination.memory import Index
from impls.pagination.ordered import ordered
from impls.pagination.tokens import Place, Tokens
from impls.registry import implementation
from spec.encoding import decode, encode
from spec.environment import Environment
from spec.pagination.types import (
    COLUMNS,
    Change,
    Conflict,
    InvalidQuery,
    NotFound,
    OffsetPage,
    Page,
    Pagination,
    Query,
)

Row = Mapping[str, Any]
LAST = b"\xff" * 9
"""After a key it is beyond that key's member, which ends in eight bytes of the row's id."""


class OnRedis:
    """The rows under one prefix, and an index for each query of the configuration.

    A member of a sorted set is the key of a row as bytes in order, and its id; all have the score 0. A page is one
    script; a write reads what it changes, and is one more.
    """

    def __init__(self, config: Pagination, client: "redis.Redis", prefix: str) -> None:
        self.config = config
        self._client: Any = client
        self._rows = f"{prefix}:rows"
        self._indexes = {query: (Index(query), f"{prefix}:{_name(query)}") for query in config.queries}
        self._write = client.register_script(_source("write"))

    def index(self, query: Query) -> tuple[Index, str]:
        """Of the query, and its name in the store; InvalidQuery if it has none."""
        if checked_query(query) not in self._indexes:
            raise InvalidQuery(f"there is no index for ({query}): it is not among the queries of the configuration")
        return self._indexes[query]

    def write(self, changes: Sequence[Change]) -> None:
        while not self._written(changes):
            """Somebody else has changed one of the rows meanwhile."""

    def _written(self, changes: Sequence[Change]) -> bool:
        ids = list(dict.fromkeys(change.row["id"] if change.kind == "insert" else change.id for change in changes))
        if not ids:
            return True
        read = dict(zip(ids, self._client.hmget(self._rows, [ordered(id) for id in ids]), strict=True))
        old = {id: None if text is None else _row(text) for id, text in read.items()}
        new = _changed(old, changes)
        arguments: list[bytes] = []
        for id in ids:
            arguments += [ordered(id), read[id] or b"", _text(new[id])]
            for index, _ in self._indexes.values():
                arguments += [_member(index, old[id]), _member(index, new[id])]
        keys = [self._rows, *(name for _, name in self._indexes.values())]
        return bool(self._write(keys, arguments))


class Keyset(OnRedis):
    """Pages by cursors. Nothing is ranked, counted or scanned, so a page costs the same at any depth."""

    def __init__(self, config: Pagination, client: "redis.Redis", prefix: str) -> None:
        super().__init__(config, client, prefix)
        self.tokens = Tokens.of(config)
        self._page = client.register_script(_source("page"))

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        size, (index, name) = checked_size(self.config, size), self.index(query)
        asked = None if cursor is None else self.tokens.read(query, cursor)
        place = b"" if asked is None else b"[" + asked.key + LAST * (asked.side > 0)
        behind, more, *texts = self._page([self._rows, name], [place, size, int(backward)])
        rows = [_row(text) for text in (reversed(texts) if backward else texts)]
        has_next, has_prev = (bool(behind), bool(more)) if backward else (bool(more), bool(behind))
        before = Place(-1, _key(index, rows[0])) if rows else asked
        after = Place(1, _key(index, rows[-1])) if rows else asked
        return self.tokens.page(query, rows, (has_prev, before), (has_next, after))


class Offset(OnRedis):
    """Pages by offset. A sorted set finds a rank and counts its members without walking through them."""

    def __init__(self, config: Pagination, client: "redis.Redis", prefix: str) -> None:
        super().__init__(config, client, prefix)
        self._slice = client.register_script(_source("slice"))

    def page(self, query: Query, size: int | None = None, offset: int = 0) -> OffsetPage:
        size, (_, name), first = checked_size(self.config, size), self.index(query), checked_offset(offset)
        # Beyond what a sorted set can hold there is nothing, and Redis reads no larger number.
        total, *texts = self._slice([self._rows, name], [min(first, 1 << 62), size])
        return OffsetPage(tuple(_row(text) for text in texts), first + size < total, total)


def _changed(old: Mapping[int, Row | None], changes: Sequence[Change]) -> dict[int, Row | None]:
    after = dict(old)
    for change in changes:
        if change.kind == "insert":
            if after[change.row["id"]] is not None:
                raise Conflict(f"there is a row {change.row['id']} already")
            after[change.row["id"]] = dict.fromkeys(COLUMNS) | dict(change.row)
            continue
        row = after[change.id]
        if row is None:
            raise NotFound(f"there is no row {change.id}")
        after[change.id] = None if change.kind == "delete" else {**row, **change.values}
    return after


def _key(index: Index, row: Row) -> bytes:
    entry = index.entry(dict(row))
    assert entry is not None
    return entry[0]


def _member(index: Index, row: Row | None) -> bytes:
    entry = None if row is None else index.entry(dict(row))
    return b"" if entry is None else entry[0] + ordered(entry[1])


def _text(row: Row | None) -> bytes:
    return b"" if row is None else json.dumps(encode(dict(row))).encode()


def _row(text: bytes) -> dict[str, Any]:
    row: dict[str, Any] = decode(json.loads(text))
    return row


def _name(query: Query) -> str:
    """Of its index: the query, without what it selects by, and that in order."""
    order = ",".join(f"{one.column} {one.descending:d} {one.nulls}" for one in query.order)
    where = ",".join(
        f"{column}={ordered(value).hex() if value is not None else 'null'}" for column, value in query.where
    )
    return f"{order};{where}"


def _source(script: str) -> str:
    return Path(__file__).with_name(f"{script}.lua").read_text()


COUNTS = {"exact_values", "nul", "nan", "counts", "shared", "durable"}
CAN = {"exact_flags", "exact_values", "reversible", "nul", "nan", "shared", "durable"}


@lru_cache(maxsize=16)
def client(url: str) -> "redis.Redis":
    """A client for a URL."""
    return redis.Redis.from_url(url)


@implementation("pagination.offset", "redis", backend="redis", capabilities=COUNTS)
def offset(config: Pagination, env: Environment) -> Offset:
    return Offset(config, client(env.redis_url), env.namespace)


@implementation("pagination.keyset", "redis", backend="redis", capabilities=CAN)
def keyset(config: Pagination, env: Environment) -> Keyset:
    return Keyset(config, client(env.redis_url), env.namespace)


@implementation("pagination.cursor", "redis", backend="redis", capabilities=CAN)
def cursor(config: Pagination, env: Environment) -> Keyset:
    return Keyset(config, client(env.redis_url), env.namespace)
