"""Whether a class that somebody wrote can be an algo: told at the start, by name, and not in the
middle of a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import inspect

from fix_oms.algos.algo import Algo
from fix_oms.algos.kinds import parameters
from fix_oms.algos.running import ENDED, ENDING, HELD, PAUSED

_STATES: Final = frozenset({PAUSED, HELD, ENDING, ENDED})
_UNKNOWN: Final = (inspect.AnyType, inspect.CustomType, inspect.RawType, inspect.ExtType)


def wrong_class(found: object) -> str:
    """What is wrong with it, naming the field; empty: nothing."""
    if not (isinstance(found, type) and issubclass(found, Algo)) or found is Algo:
        return "is no algo: write `class Name(Algo, kw_only=True)` (fix_oms.algos.algo)"
    fields = {field.name: field for field in msgspec.structs.fields(found)}
    for name in sorted(found.REMEMBERS):
        if name not in fields:
            return f"REMEMBERS names {name!r}, which is no field of it"
        if fields[name].required:
            return f"{name}: is in REMEMBERS and has no default"
    for name in sorted(found.AMENDABLE - set(parameters(found))):
        return f"AMENDABLE names {name!r}, which is no parameter of it"
    for state in sorted(found.SENDS_WHILE - _STATES):
        return f"SENDS_WHILE names {state!r}: there are {', '.join(sorted(_STATES))}"
    return next(_wrong_types(found), "")


def _wrong_types(found: type[Algo]) -> Iterator[str]:
    try:
        info = inspect.type_info(found)
    except Exception as error:  # noqa: BLE001 - whatever a name in an annotation raises
        yield f"has a field whose type cannot be read: {error}"
        return
    if not isinstance(info, inspect.StructType):
        return
    for field in info.fields:
        for part in _parts(field.type):
            if isinstance(part, inspect.FloatType):
                yield f"{field.name}: is a float, which no price or quantity is: use Fixed"
            elif isinstance(part, _UNKNOWN):
                yield f"{field.name}: is of a type that the journal cannot keep"


def _parts(kind: Any) -> Iterator[Any]:
    """A type and all that it is made of."""
    yield kind
    inner = [getattr(kind, name, None) for name in ("item_type", "key_type", "value_type", "type")]
    inner += list(getattr(kind, "types", ())) + list(getattr(kind, "item_types", ()))
    for part in inner:
        if isinstance(part, inspect.Type):
            yield from _parts(part)
