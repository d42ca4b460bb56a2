"""Caches by others, used as they document it, to measure ours beside them: each answers a request, a hit or not."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

Request = Callable[[int], object]
"""Asks for a key, and puts it if it is not there."""


def bare(capacity: int) -> Request:
    """The least that a least recently used cache can be: no lock, ttl, weight or listener."""
    held: OrderedDict[int, int] = OrderedDict()

    def request(key: int) -> None:
        if key in held:
            held.move_to_end(key)
            held[key]
        else:
            if len(held) >= capacity:
                held.popitem(False)
            held[key] = key

    return request


def cachetools(capacity: int) -> Request:
    """https://cachetools.readthedocs.io; not safe for threads by itself"""
    from cachetools import LRUCache

    held: Any = LRUCache(capacity)

    def request(key: int) -> None:
        try:
            held[key]
        except KeyError:
            held[key] = key

    return request


def lru_dict(capacity: int) -> Request:
    """https://pypi.org/project/lru-dict"""
    from lru import LRU

    held: Any = LRU(capacity)

    def request(key: int) -> None:
        if held.get(key) is None:
            held[key] = key

    return request


def functools(capacity: int) -> Request:
    """https://docs.python.org/3/library/functools.html"""
    from functools import lru_cache

    @lru_cache(capacity)
    def request(key: int) -> int:
        return key

    return request


def theine(capacity: int) -> Request:
    """https://pypi.org/project/theine; its policy is W-TinyLFU"""
    from theine import Cache

    held: Any = Cache(capacity)

    def request(key: int) -> None:
        _, there = held.get(key)
        if not there:
            held.set(key, key)

    return request


PEERS: dict[str, tuple[Callable[[int], Request], str]] = {
    "cachetools": (cachetools, "lru"),
    "functools": (functools, "lru"),
    "lru-dict": (lru_dict, "lru"),
    "theine": (theine, "w_tinylfu"),
}
"""By name: what makes it, and its policy."""


def peer(name: str, capacity: int) -> Request:
    """One of them; NotImplementedError if it is not installed."""
    try:
        return PEERS[name][0](capacity)
    except ImportError as error:
        raise NotImplementedError(f"{error.name} is not installed") from error
