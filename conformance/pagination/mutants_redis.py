"""Paginators on Redis with one mistake each: what a script does at one instant is done in pieces, or not at all."""

import json
from collections.abc import Sequence
from typing import Any

from conformance.mutants import mutant
from conformance.pagination.mutants import KEYSET
from conformance.pagination.mutants_offset import OFFSET
from impls.pagination import redis
from impls.pagination.ordered import ordered
from impls.pagination.redis import CAN, COUNTS
from spec.encoding import decode
from spec.environment import Environment
from spec.pagination.types import Pagination


class OnRedis(redis.Keyset):
    """The reference, whose scripts a mutant replaces."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        super().__init__(config, redis.client(env.redis_url), env.namespace)


@mutant(KEYSET, killed_by="page_is_one_instant", capabilities=CAN)
class RowsFetchedAfterwards(OnRedis):
    """The index is read by one call, and the rows it names by the next."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        super().__init__(config, env)
        read = self._page

        def in_two(keys: Sequence[str], args: Sequence[Any]) -> list[Any]:
            behind, more, *found = read(keys, args)
            names = [ordered(decode(json.loads(text))["id"]) for text in found]
            texts = self._client.hmget(keys[0], names) if names else []
            return [behind, more, *(text for text in texts if text is not None)]

        self._page: Any = in_two


@mutant(KEYSET, killed_by="page_is_one_instant", capabilities=CAN)
class WrittenPieceByPiece(OnRedis):
    """Rows are stored by one call, and brought into the indexes by further ones."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        super().__init__(config, env)
        self._write: Any = self.in_pieces

    def in_pieces(self, keys: Sequence[str], args: Sequence[bytes]) -> int:
        step = 3 + 2 * (len(keys) - 1)
        for at in range(0, len(args), step):
            name, _, text, *members = args[at : at + step]
            for key, gone, come in zip(keys[1:], members[::2], members[1::2], strict=True):
                if gone:
                    self._client.zrem(key, gone)
                if come:
                    self._client.zadd(key, {come: 0})
            if text:
                self._client.hset(keys[0], name, text)
            else:
                self._client.hdel(keys[0], name)
        return 1


@mutant(KEYSET, killed_by="no_row_twice", capabilities=CAN)
class OldPlaceIsKept(OnRedis):
    """A row that is updated is found where it was, too."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        super().__init__(config, env)
        write = self._write
        self._write: Any = lambda keys, args: write(keys, self.kept(len(keys) - 1, args))

    def kept(self, indexes: int, args: Sequence[bytes]) -> list[bytes]:
        step = 3 + 2 * indexes
        return [
            b"" if at % step >= 3 and (at % step) % 2 and args[at - at % step + 2] else one
            for at, one in enumerate(args)
        ]


@mutant(OFFSET, killed_by="total_is_exact", capabilities=COUNTS)
class CountsWhatIsStored(redis.Offset):
    """The total is how many rows there are, whatever the query selects."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        super().__init__(config, redis.client(env.redis_url), env.namespace)
        read = self._slice
        self._slice: Any = lambda keys, args: [self._client.hlen(keys[0]), *read(keys, args)[1:]]
