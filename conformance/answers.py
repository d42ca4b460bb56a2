"""Answers as data: what a subject returns, as the type that its specification promises."""

import typing
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any

from spec.encoding import PLAIN
from spec.history import Malformed


def answer(kind: "type | UnionType | None", value: Any) -> Any:
    """The value as the answer type of its specification, taken over attribute by attribute; `Malformed` if it is none.

    A `frozenset` is any collection, noted as the tuple of its items in a fixed order, as often as they are in it; a
    `tuple` is any list or other sequence, noted as the tuple of its items in their own.
    Nothing is asked of the value's own type, so code that is checked need not import anything from here.
    """
    if kind is None:
        return None
    if isinstance(kind, UnionType):
        return None if value is None else answer(typing.get_args(kind)[0], value)
    if kind is frozenset or kind is tuple:
        return _listed(value, ordered=kind is tuple)
    if not issubclass(kind, tuple):
        return (
            value
            if _taken(kind, value) is not MISFIT
            else Malformed(repr(value), f"the answer is a {type(value).__name__}")
        )
    parts = _parts(kind)
    if type(value) is kind and all(type(part) in exact for part, (*_, exact) in zip(value, parts, strict=True)):
        return value
    taken = {}
    for name, hint, has_default, exact in parts:
        part = getattr(value, name, MISFIT)
        if part is MISFIT:
            if has_default:
                continue
            return Malformed(repr(value), f"the answer is a {type(value).__name__} without {name!r}")
        taken[name] = part if type(part) in exact else _taken(hint, part)
        if taken[name] is MISFIT:
            return Malformed(repr(value), f"{name} is the {type(part).__name__} {part!r}")
    return kind(**taken)


def _listed(value: Any, ordered: bool) -> Any:
    if not isinstance(value, Sequence if ordered else Iterable) or isinstance(value, str | bytes):
        return Malformed(repr(value), f"the answer is a {type(value).__name__}")
    items = tuple(value)
    if strange := [item for item in items if type(item) not in PLAIN]:
        return Malformed(repr(items), f"in it is the {type(strange[0]).__name__} {strange[0]!r}")
    if ordered:
        return items
    return tuple(sorted(items, key=lambda item: (type(item).__name__, item)))


class Misfit(Enum):
    """The type of `MISFIT`."""

    MISFIT = "no such value"


MISFIT = Misfit.MISFIT


@cache
def _parts(kind: Any) -> list[tuple[str, Any, bool, frozenset[Any]]]:
    """Of each field of a named tuple its name, type, whether it may be left out, and the types that surely fit."""
    hints = typing.get_type_hints(kind)
    sure = {
        name: frozenset(
            part for part in (typing.get_args(hint) or (hint,)) if typing.get_origin(hint) in (None, UnionType)
        )
        for name, hint in hints.items()
    }
    return [(name, hints[name], name in kind._field_defaults, sure[name]) for name in kind._fields]


def _taken(hint: Any, value: Any) -> Any:
    """The value as one of that type, or `MISFIT`. A dict is copied, and then most of it set to None: it belongs to the
    caller now, who may do with it what he likes."""
    if isinstance(hint, UnionType):
        return next((taken for one in typing.get_args(hint) if (taken := _taken(one, value)) is not MISFIT), MISFIT)
    origin = typing.get_origin(hint)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            return MISFIT
        items = tuple(_taken(typing.get_args(hint)[0], item) for item in value)
        return MISFIT if MISFIT in items else items
    if origin is Mapping:
        if not isinstance(value, Mapping) or not all(type(item) in PLAIN for item in value.values()):
            return MISFIT
        copy = {str(key): item for key, item in value.items()}
        if type(value) is dict:
            value.update({key: None for key, item in value.items() if type(item) is not int})
        return copy
    if hint is object:
        return value if type(value) in PLAIN else MISFIT
    if hint is int:
        return value if isinstance(value, int) and not isinstance(value, bool) else MISFIT
    return value if isinstance(value, hint) else MISFIT
