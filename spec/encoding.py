"""One way to write values as JSON, exact in both directions, shared by histories and traces.

What JSON has a word for is written as itself. Anything else is an object whose "$" names its type, for instance
`{"$": "float", "value": "nan"}` or `{"$": "rate_limiting.Limit", "limit": 1, "period": 1000000, "burst": 1}`.
"""

import base64
import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

T = TypeVar("T")

_SCALARS: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "float": (float, repr, float),
    "bytes": (bytes, lambda b: base64.b64encode(b).decode(), base64.b64decode),
    "decimal": (Decimal, str, Decimal),
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "uuid": (UUID, str, UUID),
}
PLAIN = frozenset({type(None), bool, int, str, *(kind for kind, *_ in _SCALARS.values())})
"""The types of values that hold no others."""

COLLABORATOR: Mapping[str, Any] = MappingProxyType({"collaborator": True})
"""The metadata of a dataclass' field that is no data and so is not written: what the subject calls, say a listener."""

_RECORDS: dict[str, type] = {}


def encodable(cls: type[T]) -> type[T]:
    """Class decorator: let `encode` and `decode` know a dataclass or a named tuple, as `<block>.<name>` or, in the
    kernel, `<name>`."""
    _RECORDS[_name(cls)] = cls
    return cls


def _name(cls: type) -> str:
    packages = cls.__module__.split(".")
    return f"{packages[1]}.{cls.__name__}" if len(packages) > 2 else cls.__name__


def _fields(cls: Any) -> tuple[str, ...]:
    if issubclass(cls, tuple):
        return cls._fields  # type: ignore[no-any-return]
    return tuple(field.name for field in dataclasses.fields(cls) if field.metadata != COLLABORATOR)


def encode(value: Any) -> Any:
    """That value in the words of JSON.

    Raises:
        TypeError: it is of a type that no history may hold.
    """
    if value is None or type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value)):
        return value
    if type(value) is list:
        return [encode(item) for item in value]
    if type(value) is tuple:
        return {"$": "tuple", "items": [encode(item) for item in value]}
    if type(value) is dict:
        if "$" not in value and all(type(key) is str for key in value):
            return {key: encode(item) for key, item in value.items()}
        return {"$": "dict", "items": [[encode(key), encode(item)] for key, item in value.items()]}
    for name, (kind, write, _) in _SCALARS.items():
        if type(value) is kind:
            return {"$": name, "value": write(value)}
    if _RECORDS.get(_name(type(value))) is type(value):
        return {"$": _name(type(value)), **{name: encode(getattr(value, name)) for name in _fields(type(value))}}
    raise TypeError(f"a {type(value).__name__} cannot be written in a history: {value!r}")


def decode(data: Any) -> Any:
    """The value that `encode` wrote so.

    Raises:
        ValueError: `data` was not written by `encode`, or holds a value that its type refuses.
    """
    if isinstance(data, list):
        return [decode(item) for item in data]
    if not isinstance(data, dict):
        return data
    if "$" not in data:
        return {key: decode(item) for key, item in data.items()}
    name = data["$"]
    try:
        if name == "tuple":
            return tuple(decode(item) for item in data["items"])
        if name == "dict":
            return {decode(key): decode(item) for key, item in data["items"]}
        if name in _SCALARS:
            return _SCALARS[name][2](data["value"])
        if name in _RECORDS:
            return _RECORDS[name](**{key: decode(item) for key, item in data.items() if key != "$"})
    except (TypeError, KeyError, ArithmeticError) as error:
        raise ValueError(f"{data!r} is no {name}: {error}") from None
    raise ValueError(f"{data!r} is of the unknown type {name!r}")


@cache
def schema(name: str) -> Any:
    """The JSON Schema of the files of that kind, for instance "counterexample"; its `$id` ends in its version."""
    return json.loads(files("spec").joinpath("schemas", f"{name}.json").read_text("utf-8"))
