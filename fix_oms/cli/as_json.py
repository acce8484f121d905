"""Views and answers as JSON for programs.

Quantities, prices and money are decimal text (a JSON number would be read as a float), codes are
FIX's names, and a time is given twice: as ISO 8601 UTC and as integer nanoseconds. What a field is
follows from its declared type and name, so that a new field of a view needs no line here.
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable
from typing import Any, Final

import msgspec

from fix_oms.cli.words import NAMED_FIELDS, iso, notional_decimal
from fix_oms.model.fix import word
from fix_oms.model.units import Fixed, Notional, text_of

TIME_FIELDS: Final = frozenset({"transact_time", "expire_time"})
"""Times in nanoseconds whose names do not say so."""
DURATIONS: Final = frozenset(
    {
        "age_ns",
        "ack_ns",
        "lasted_ns",
        *(f"{what}_{p}_ns" for what in ("ack", "fill", "wait") for p in ("p50", "p99")),
    }
)
"""How long something took or has been, in nanoseconds: no moment of any day."""


def plain(value: object) -> Any:
    """What ``json.dumps`` takes, for any view, output or reply."""
    if isinstance(value, msgspec.Struct):
        return _struct(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _struct(value: msgspec.Struct) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, show in _fields(type(value)).items():
        held = getattr(value, name)
        if name in DURATIONS:
            shown[name] = held
        elif name in TIME_FIELDS or name.endswith("_ns"):
            bare = name.removesuffix("_ns")
            shown[bare] = iso(held) if held else None
            shown[f"{bare}_ns"] = held
        else:
            shown[name] = None if held is None else show(held)
    return shown


@functools.cache
def _fields(cls: type[msgspec.Struct]) -> dict[str, Callable[[Any], Any]]:
    """Each field of a struct and how its value is shown."""
    hints = typing.get_type_hints(cls, include_extras=True)
    return {name: _shower(name, hints[name]) for name in cls.__struct_fields__}


def _shower(name: str, hint: Any) -> Callable[[Any], Any]:
    if typing.get_origin(hint) is tuple:
        shows = [_shower(name, item) for item in typing.get_args(hint) if item is not ...]
        return functools.partial(_each, shows if ... not in typing.get_args(hint) else shows[0])
    kinds = (hint, *typing.get_args(hint)) if typing.get_origin(hint) else (hint,)
    if Fixed in kinds:
        return text_of
    if Notional in kinds:
        return notional_decimal
    if name in NAMED_FIELDS:
        return functools.partial(word, NAMED_FIELDS[name])
    return plain


def _each(
    shows: Callable[[Any], Any] | list[Callable[[Any], Any]], held: tuple[Any, ...]
) -> list[Any]:
    """A tuple as a list: all of its items shown alike, or each as its own type asks."""
    if isinstance(shows, list):
        return [show(item) for show, item in zip(shows, held, strict=True)]
    return [shows(item) for item in held]
