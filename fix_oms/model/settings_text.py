"""Plain data (what TOML and msgpack hold) to configuration values and back.

cattrs does the walking; this file owns what it says. Three rules:

- **Strict.** A value has the type that the class states, or it is an error: cattrs would turn
  ``port = "15044"`` into a number and ``venues = "ALPHA"`` into five venues. An unknown key is an
  error with the nearest known key, because a limit that is spelt wrongly is a limit that is off.
- **Exact.** A :data:`~fix_oms.model.units.Fixed` is given as text or as a whole number. A TOML
  float is refused: ``0.1`` has already lost its value when it is read.
- **All at once.** Every error of one reading is reported, each with file, dotted key and reason.
  (What is checked across tables is checked last, and one at a time.)

The name of a session, venue, instrument or account is the key of its table; it is not repeated
inside. ``from_plain(to_plain(s), file) == s`` for every Settings.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from types import GenericAlias
from typing import Any, Final, TypeVar, get_args, get_origin

import attrs
from cattrs import (
    AttributeValidationNote,
    BaseValidationError,
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.gen import (
    make_dict_structure_fn,
    make_dict_unstructure_fn,
    mapping_structure_factory,
    override,
)

from fix_oms.model.clients import FixClient
from fix_oms.model.counterparty import Session
from fix_oms.model.curves import Curve
from fix_oms.model.errors import SettingsError
from fix_oms.model.feeds import Feed
from fix_oms.model.limits import Limit
from fix_oms.model.routing import Policy
from fix_oms.model.settings import Account, AlgoKind, Instrument, Settings, Strategy, Venue
from fix_oms.model.units import Fixed, fixed, from_decimal, text_of

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]
Path = tuple[str | int, ...]

NAMED: Final[dict[str, type]] = {
    "sessions": Session,
    "venues": Venue,
    "instruments": Instrument,
    "accounts": Account,
    "strategies": Strategy,
    "policies": Policy,
    "feeds": Feed,
    "clients": FixClient,
    "algos": AlgoKind,
    "curves": Curve,
}
"""The sections whose tables are named by their key."""

OWN_NAME: Final[dict[type, str]] = {
    Session: "name",
    Venue: "name",
    Instrument: "symbol",
    Account: "name",
    AlgoKind: "name",
    Curve: "name",
    Strategy: "name",
    Policy: "name",
    Feed: "name",
    FixClient: "name",
}
"""The attribute that holds the table's key."""

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_KINDS: Final[dict[str, str]] = {
    "str": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number with a point",
    "list": "a list",
    "dict": "a table",
    "date": "a date without quotes",
    "time": "a time without quotes",
    "datetime": "a date and time without quotes",
}


def structure(cls: type[T], mapping: object, file: str, key: str = "") -> T:
    """An attrs ``cls`` from plain data; ``key`` is where in ``file`` the data stands.

    Raises SettingsError, which names every error found.
    """
    try:
        return _converter.structure(mapping, cls)
    except (BaseValidationError, ValueError) as error:
        found = [
            SettingsError(file, _joined(key, path), _hinted(reason, mapping, path))
            for path, reason in _flattened(error, ())
        ]
        first, *others = found
        raise SettingsError(file, first.key, first.reason, tuple(others)) from error


def from_plain(mapping: Mapping[str, Any], file: str) -> Settings:
    """Settings from plain data in the shape of the TOML file. Raises SettingsError."""
    named = dict(mapping)
    for section, cls in NAMED.items():
        tables = named.get(section)
        if isinstance(tables, Mapping):
            own = OWN_NAME[cls]
            _refuse_own_name(section, tables, own, file)
            named[section] = {
                name: {**table, own: name} if isinstance(table, Mapping) else table
                for name, table in tables.items()
            }
    return structure(Settings, named, file)


def to_plain(settings: Settings) -> dict[str, Any]:
    """The effective configuration, defaults included, as plain data that msgpack takes."""
    plain: dict[str, Any] = _converter.unstructure(settings)
    for section, cls in NAMED.items():
        for table in plain[section].values():
            del table[OWN_NAME[cls]]
    return plain


def plain_limit(limit: Limit) -> dict[str, Any]:
    """One limit as plain data: what ``SetLimits.put`` holds, and ``structure`` reads back."""
    plain: dict[str, Any] = _converter.unstructure(limit)
    return plain


def nearest(word: str, known: Iterator[str] | list[str]) -> str:
    """``; did you mean 'x'?``, or nothing when no known word is near."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _refuse_own_name(section: str, tables: Mapping[str, Any], own: str, file: str) -> None:
    for name, table in tables.items():
        if isinstance(table, Mapping) and own in table:
            raise SettingsError(
                file,
                _joined("", (section, name, own)),
                f"is no key here: the table's own name, {name!r}, is the {own}",
            )


# -- errors ----------------------------------------------------------------------------------------


def _flattened(error: BaseException, at: Path) -> Iterator[tuple[Path, str]]:
    """Every (path, reason) in cattrs' tree of exception groups, in the order of the classes."""
    if isinstance(error, ClassValidationError | IterableValidationError):
        noted, bare = error.group_exceptions()
        for inner, note in noted:
            step = note.name if isinstance(note, AttributeValidationNote) else note.index
            yield from _flattened(inner, (*at, step))
        for inner in bare:
            yield from _of_class(inner, error.cl, at)
    elif isinstance(error, BaseValidationError):
        for inner in error.exceptions:
            yield from _flattened(inner, at)
    elif isinstance(error, KeyError):
        yield at, "is missing"
    else:
        yield at, str(error)


def _of_class(error: Exception, cls: Any, at: Path) -> Iterator[tuple[Path, str]]:
    """Errors of a whole class: its unknown keys, and what its own checks found.

    Those checks say ``key: reason``; the attrs validators carry their attribute.
    """
    if isinstance(error, ForbiddenExtraKeysError):
        known = [f.name for f in attrs.fields(cls) if f.name != OWN_NAME.get(cls)]
        for name in sorted(error.extra_fields):
            yield (*at, name), f"unknown key{nearest(name, known)}"
        return
    if len(error.args) > 3 and isinstance(error.args[1], attrs.Attribute):
        options = [str(option) for option in error.args[2]]
        yield (*at, error.args[1].name), _none_of(str(error.args[3]), options)
        return
    where, colon, reason = str(error).partition(": ")
    step = where.split(".")[0].split("[")[0]
    if colon and step in attrs.fields_dict(cls):
        is_own_name = where == OWN_NAME.get(cls)
        yield (at if is_own_name else (*at, _Dotted(where))), reason
    else:
        yield from _flattened(error, at)


class _Dotted(str):
    """A path that is already written as a dotted key."""


def _joined(key: str, path: Path) -> str:
    """``sessions.ALPHA.port``, ``limits[2].limit``, ``instruments."VOD.L".tick``."""
    for step in path:
        if isinstance(step, int):
            key = f"{key}[{step}]"
        else:
            plain = isinstance(step, _Dotted) or _BARE_KEY.fullmatch(step)
            text = step if plain else f'"{step}"'
            key = f"{key}.{text}" if key else text
    return key


def _hinted(reason: str, mapping: object, path: Path) -> str:
    """Add what the value at ``path`` tells: a table under an unknown key is a name with a point."""
    if not reason.startswith("unknown key") or len(path) != 3 or path[0] not in NAMED:
        return reason
    section, name, key = path
    value = mapping[section][name][key] if isinstance(mapping, Mapping) else None
    if not isinstance(value, Mapping):
        return reason
    return f'unknown key (a name with a point is written in quotes: [{section}."{name}.{key}"])'


def _none_of(value: str, options: list[str]) -> str:
    return f"{value!r} is none of {', '.join(options)}{nearest(value, options)}"


def _must(be: str, value: object) -> ValueError:
    kind = _KINDS.get(type(value).__name__, type(value).__name__)
    return ValueError(f"must be {be}, not {kind}")


# -- values ----------------------------------------------------------------------------------------


def _text(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        raise _must("text in quotes", value)
    return str(value)


def _flag(value: Any, _: Any) -> bool:
    if not isinstance(value, bool):
        raise _must("true or false", value)
    return value


def _whole(value: Any, _: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _must("a whole number", value)
    return value


def _number(value: Any, _: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _must("a number", value)
    return float(value)


def _fixed(value: Any, _: Any) -> Fixed:
    if isinstance(value, float):
        raise ValueError(f'{value} has lost its exact value: write it in quotes, "{value}"')
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _must("a number in quotes", value)
    try:
        return fixed(value) if isinstance(value, str) else from_decimal(value)
    except ValueError as error:
        raise ValueError(f"{str(value)[:64]!r} {error}") from None


def _code(value: Any, kind: type[StrEnum]) -> StrEnum:
    _text(value, str)
    try:
        return kind(value)
    except ValueError:
        raise ValueError(_none_of(value, [str(code.value) for code in kind])) from None


def _is_dict(kind: Any) -> bool:
    origin: object = get_origin(kind)
    return origin is dict


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[1:] == (Ellipsis,)


def _tuple_hook(kind: Any, converter: Converter) -> Hook:
    as_list: Any = GenericAlias(list, get_args(kind)[:1])

    def checked(value: Any, _: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise _must("a list", value)
        return tuple(converter.structure(value, as_list))

    return checked


def _untuple_hook(kind: Any, converter: Converter) -> Callable[[Any], list[Any]]:
    of = get_args(kind)[0]
    return lambda values: [converter.unstructure(value, unstructure_as=of) for value in values]


def _table_hook(make: Callable[[Any, Converter], Hook]) -> Callable[[Any, Converter], Hook]:
    """The hooks of ``make``, refusing at once what is no table."""

    def factory(kind: Any, converter: Converter) -> Hook:
        inner = make(kind, converter)

        def checked(value: Any, asked: Any) -> Any:
            if not isinstance(value, Mapping):
                raise _must("a table", value)
            return inner(value, asked)

        return checked

    return factory


def _class_hook(kind: Any, converter: Converter) -> Hook:
    return make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True)


def _dict_hook(kind: Any, converter: Converter) -> Hook:
    # Not converter.gen_structure_mapping: it puts its own hook, unchecked, before this one.
    hook: Hook = mapping_structure_factory(kind, converter)
    return hook


def _without_none(kind: Any, converter: Converter) -> Callable[[Any], dict[str, Any]]:
    """Plain data has no None: an optional key that is not set is left out."""
    optional = [f.name for f in attrs.fields(kind) if f.default is None]
    left_out = {name: override(omit_if_default=True) for name in optional}
    return make_dict_unstructure_fn(kind, converter, **left_out)  # type: ignore[arg-type]  # by name only


def _character(code: StrEnum) -> str:
    return str(code.value)


_SCALARS: Final[dict[type, Hook]] = {
    str: _text,
    bool: _flag,
    int: _whole,
    float: _number,
    StrEnum: _code,
}
"""By the nearest class: a bool is an int to Python, and a StrEnum a str."""


def _make_converter() -> Converter:
    made = Converter(detailed_validation=True)
    for kind, hook in _SCALARS.items():
        made.register_structure_hook(kind, hook)
    made.register_structure_hook_func(lambda t: t == Fixed, _fixed)
    made.register_structure_hook_factory(_is_tuple)(_tuple_hook)
    made.register_structure_hook_factory(attrs.has)(_table_hook(_class_hook))
    made.register_structure_hook_factory(_is_dict)(_table_hook(_dict_hook))
    made.register_unstructure_hook_func(lambda t: t == Fixed, text_of)
    made.register_unstructure_hook(StrEnum, _character)
    made.register_unstructure_hook_factory(_is_tuple)(_untuple_hook)
    made.register_unstructure_hook_factory(attrs.has)(_without_none)
    return made


_converter: Final = _make_converter()
