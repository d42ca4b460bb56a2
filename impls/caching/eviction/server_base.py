"""What caches on servers have in common: a call is one question, and values are text there."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from spec.caching.eviction.types import DEFAULT, Capacity, Default, Hit, Key, checked
from spec.encoding import decode, encode
from spec.environment import Clock

Left = Sequence[tuple[bytes, str | bytes, str]]
"""What left: key, value and reason of each."""


class OnServer:
    """A cache whose every call is one question to a server, which answers, and tells what left.

    What has expired is dropped by the next call, whatever that asks. The listener is called once the answer is there,
    in the thread and the process whose call made the value leave; what it raises is raised by that call.

    Keys are strings and integers. Values are what `spec.encoding` can write, and are exactly that again.
    """

    largest: int
    """The largest capacity, and the longest time to live in microseconds, that it can count to."""

    def __init__(self, config: Capacity, clock: Clock | None = None) -> None:
        if config.capacity > self.largest:
            raise ValueError(f"capacity must be at most {self.largest}, not {config.capacity}")
        self._config, self._clock, self._listener = config, clock, config.on_removal

    def put(self, key: Key, value: Any, weight: int = 1, ttl: int | Default | None = DEFAULT) -> bool:
        """Store the value; see `spec.caching.eviction.types.Evicting`.

        Raises:
            TypeError: also if the value is of a type that cannot be written.
        """
        checked(key, weight, ttl)
        lasts = self._config.ttl if isinstance(ttl, Default) else ttl
        # What is too heavy need not be sent exactly, and what lasts longer than can be counted lasts that long.
        weight, lasts = min(weight, self._config.capacity + 1), min(lasts or 0, self.largest)
        return bool(self._ask("put", key, json.dumps(encode(value)), weight, lasts))

    def get(self, key: Key) -> Hit | None:
        """The value, which counts as used; None if the key is not live."""
        return _hit(self._ask("get", key))

    def peek(self, key: Key) -> Hit | None:
        """As `get`, but it does not count as used."""
        return _hit(self._ask("peek", key))

    def delete(self, key: Key) -> bool:
        """Forget the key; whether it was live."""
        return bool(self._ask("delete", key))

    def clear(self) -> None:
        """Forget every key."""
        self._ask("clear")

    def keys(self) -> Collection[Key]:
        """The live keys; a list of the caller's own."""
        return [_key(name) for name in self._ask("keys")]

    def weight(self) -> int:
        """The weights of live entries together."""
        return int(self._ask("weight"))

    def __len__(self) -> int:
        return int(self._ask("len"))

    def __contains__(self, key: Key) -> bool:
        return bool(self._ask("contains", key))

    def _ask(self, call: str, key: Key = "", value: str = "", weight: int = 0, lasts: int = 0) -> Any:
        """The answer; the listener has been told what left."""
        now = -1 if self._clock is None else self._clock.now()
        answer, left = self._call(call, _name(key), value, weight, lasts, now)
        if self._listener is not None:
            for name, text, reason in left:
                self._listener(_key(name), decode(json.loads(text)), reason)
        return answer

    def _call(self, call: str, key: bytes, value: str, weight: int, lasts: int, now: int) -> tuple[Any, Left]:
        """The answer, and what left.

        lasts: the entry's time to live in microseconds; 0: for ever.
        now:   in microseconds; -1: the server's own clock.
        """
        raise NotImplementedError


def _name(key: Key) -> bytes:
    """What a server knows the key by: 1 and "1" are told apart."""
    if isinstance(key, str):
        return b"s" + key.encode("utf-8", "surrogatepass")
    if isinstance(key, bool) or not isinstance(key, int):
        raise TypeError(f"a key must be a string or an integer, not {key!r}")
    return b"i%d" % key


def _key(name: bytes) -> Key:
    return name[1:].decode("utf-8", "surrogatepass") if name[:1] == b"s" else int(name[1:])


def _hit(text: str | bytes | None) -> Hit | None:
    return None if text is None else Hit(decode(json.loads(text)))
