"""The words of scripts: FIX names to tags, names of codes to the wire's characters, and back."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from fix_oms.model import fix
from fix_oms.model.tags import NAMES, NUMBERS

CODES: Final[dict[int, type[StrEnum]]] = {
    20: fix.ExecTransType,
    39: fix.OrdStatus,
    40: fix.OrdType,
    54: fix.Side,
    59: fix.TimeInForce,
    102: fix.CxlRejReason,
    103: fix.OrdRejReason,
    150: fix.ExecType,
    378: fix.ExecRestatementReason,
    380: fix.BusinessRejectReason,
    434: fix.CxlRejResponseTo,
    530: fix.MassCancelRequestType,
    531: fix.MassCancelResponse,
    585: fix.MassStatusReqType,
}
NUMERIC: Final = frozenset({6, 14, 31, 32, 38, 44, 99, 151})
REQUEST_IDS: Final = frozenset({11, 41, 379})
"""Fields whose value is a script's own name for a request of ours."""
REF_SEQ_NUM: Final = 45

_MEMBERS: Final = {
    tag: {member.name.replace("_", "").lower(): member.value for member in codes}
    for tag, codes in CODES.items()
}
_CAMEL: Final = {
    tag: {m.value: m.name.title().replace("_", "") for m in codes} for tag, codes in CODES.items()
}


def tag_of(name: str) -> int:
    """The tag of a FIX name or of a number. Raises ValueError."""
    if name.isdecimal():
        return int(name)
    try:
        return NUMBERS[name]
    except KeyError:
        raise ValueError(f"no field is named {name!r}") from None


def label(tag: int) -> str:
    """``Name(Tag)``."""
    return f"{NAMES.get(tag, 'Tag')}({tag})"


def code_of(tag: int, word: str) -> str:
    """The wire's character for a code's name; a character stays. Raises ValueError."""
    if tag not in CODES:
        return word
    found = _MEMBERS[tag].get(word.lower())
    if found is not None:
        return found
    if word in _CAMEL[tag]:
        return word
    known = ", ".join(sorted(_CAMEL[tag].values()))
    raise ValueError(f"{label(tag)} has no code {word!r} (it has {known})")


def shown(tag: int, value: str | None) -> str:
    """A value for people: ``Filled(2)``, ``100``, or ``absent``."""
    if value is None:
        return "absent"
    name = _CAMEL.get(tag, {}).get(value)
    return f"{name}({value})" if name else value


def same(tag: int, expected: str | None, found: str | None) -> bool:
    """Whether two values of a field are equal; quantities and prices as numbers."""
    if expected is None or found is None or tag not in NUMERIC:
        return expected == found
    try:
        return Decimal(expected) == Decimal(found)
    except InvalidOperation:
        return expected == found
