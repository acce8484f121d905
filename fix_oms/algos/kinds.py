"""Which kinds of algo there are, and an algo of a kind from parameters as people write them.

The built-in ones are here; :func:`register` adds others, which is how the process makes known
those that its configuration names (``[algos.NAME] code = "module:Class"``). A journal can be read
without them: an algo whose kind is not known does nothing by itself, and what it did stands in its
records.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, get_type_hints

import msgspec

from fix_oms.algos.algo import Algo
from fix_oms.algos.bracket import Bracket
from fix_oms.algos.hedge import Hedge
from fix_oms.algos.iceberg import Iceberg
from fix_oms.algos.peg import Peg
from fix_oms.algos.pov import Pov
from fix_oms.algos.trailing import Trailing
from fix_oms.algos.twap import Twap
from fix_oms.algos.vwap import Vwap
from fix_oms.model.errors import FixOmsError
from fix_oms.model.units import Fixed, fixed

_MISSING: Final = re.compile(r"Object missing required field `(\w+)`")
_NOTE: Final = Fixed.__metadata__[0]  # type: ignore[attr-defined]  # of an Annotated alias
KINDS: Final[dict[str, type[Algo]]] = {
    "bracket": Bracket,
    "hedge": Hedge,
    "iceberg": Iceberg,
    "peg": Peg,
    "pov": Pov,
    "trailing": Trailing,
    "twap": Twap,
    "vwap": Vwap,
}
BUILT_IN: Final = frozenset(KINDS)


class BadParams(FixOmsError):
    """Parameters that an algo of this kind cannot have; ``str()`` names one and says why."""


def register(kind: str, made: type[Algo]) -> None:
    """Make a kind known; one of that name takes its place."""
    KINDS[kind] = made


def parameters(kind: type[Algo]) -> tuple[str, ...]:
    """The names of a kind's parameters, in the order of its fields."""
    return tuple([f for f in kind.__struct_fields__ if f not in kind.REMEMBERS])


def made(kind: type[Algo], params: Mapping[str, Any]) -> Algo:
    """An algo with these parameters. Raises BadParams."""
    for name in params:
        if name not in parameters(kind):
            known = ", ".join(parameters(kind))
            raise BadParams(f"{name}: no such parameter (there are {known})")
    return _converted(kind, _read(kind, params))


def amended(algo: Algo, params: Mapping[str, Any]) -> Algo:
    """A copy with some parameters changed. Raises BadParams."""
    kind = type(algo)
    for name in params:
        if name not in kind.AMENDABLE:
            may = ", ".join(sorted(kind.AMENDABLE)) or "nothing"
            raise BadParams(f"{name}: cannot be amended (of this kind: {may})")
    return _converted(kind, {**msgspec.structs.asdict(algo), **_read(kind, params)})


def encoded(algo: Algo) -> bytes:
    """All that it is, for the journal."""
    return msgspec.msgpack.encode(algo)


def decoded(kind: type[Algo], mind: bytes) -> Algo:
    """The algo that :func:`encoded` wrote. Raises msgspec.DecodeError or ValidationError."""
    return msgspec.msgpack.decode(mind, type=kind)


def _read(kind: type[Algo], params: Mapping[str, Any]) -> dict[str, Any]:
    """Quantities and prices from their text."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: _value(name, hints[name], value) for name, value in params.items()}


def _value(name: str, hint: Any, value: Any) -> Any:
    if not is_amount(hint) or value is None:
        return value
    if not isinstance(value, str):
        raise BadParams(f'{name}: {value!r} is no text: write a quantity or price as "100.5"')
    try:
        return fixed(value)
    except ValueError as error:
        raise BadParams(f"{name}: {value!r} {error}") from None


def is_amount(hint: Any) -> bool:
    """Whether it is a Fixed, or one or None."""
    parts = [hint, *getattr(hint, "__args__", ())]
    return any(_NOTE in getattr(part, "__metadata__", ()) for part in parts)


def _converted(kind: type[Algo], fields: Mapping[str, Any]) -> Algo:
    try:
        # What was typed is text: "5" is a number where one is asked for, "true" is true.
        return msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as error:
        text = str(error)
        reason, _, at = text.partition(" - at `$.")
        missing = _MISSING.fullmatch(reason)
        if missing is not None:
            where = f"{at.rstrip('`')}." if at else ""
            raise BadParams(f"{where}{missing[1]}: must be given") from None
        name = at.rstrip("`")
        raise BadParams(f"{name}: {reason}" if name else reason) from None
