"""FIX codes and exact numbers as people and programs read them.

A code is shown by FIX's own name for it (``PartiallyFilled``, ``SellShort``), so that what a screen
says can be looked up in the specification; a code that has no name here is shown as it came.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from fix_oms.model.fix import OrdStatus, OrdType, Side, TimeInForce
from fix_oms.model.units import Fixed, Notional, text_of

SECOND: Final = 1_000_000_000
MILLISECOND: Final = 1_000_000

NAMED_FIELDS: Final[dict[str, type[StrEnum]]] = {
    "side": Side,
    "ord_type": OrdType,
    "time_in_force": TimeInForce,
    "ord_status": OrdStatus,
}
"""The fields of views that hold a code, by name."""


def code(codes: type[StrEnum], text: str) -> str | None:
    """The code whose FIX name is ``text``, in any case and with or without ``_``; None if none."""
    wanted = text.replace("_", "").upper()
    for member in codes:
        if member.name.replace("_", "") == wanted:
            return str(member.value)
    return None


def iso(ns: int) -> str:
    """A time as ISO 8601 UTC with nanoseconds, or the empty text for none (0)."""
    if ns <= 0:
        return ""
    whole, rest = divmod(ns, SECOND)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def clock(ns: int) -> str:
    """The time of day in UTC, to the millisecond: for tables."""
    return iso(ns)[11:23]


def notional_decimal(value: Notional) -> str:
    """The exact decimal text of a notional."""
    exact = Decimal(value).scaleb(-16)
    return f"{exact.normalize():f}" if exact else "0"


def money_text(amount: Fixed) -> str:
    """An amount of money for people, exact: ``10,000`` or ``10,000.5``."""
    whole, point, rest = text_of(amount).partition(".")
    return f"{int(whole):,}{point}{rest}"


def duration(seconds: int) -> str:
    """``3 d 04:05:06``."""
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    text = f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{days} d {text}" if days else text


def fee_words(unit: Fixed, bps: Fixed) -> str:
    """``0.003``, ``-2 bp`` or both; money for one of quantity, and of the notional."""
    parts = [text_of(unit)] if unit else []
    parts += [f"{text_of(bps)} bp"] if bps else []
    return " + ".join(parts) or "0"


def span(ns: int) -> str:
    """A length of time for people: ``850 us``, ``2.3 ms``, ``41 ms``, ``3.2 s``, ``310 s``."""
    if ns < MILLISECOND:
        return f"{ns // 1000} us"
    if ns < 1000 * MILLISECOND:
        tenths = (ns * 20 // MILLISECOND + 1) // 2
        return f"{tenths // 10}.{tenths % 10} ms" if tenths < 100 else f"{tenths // 10} ms"
    tenths = ns // (100 * MILLISECOND)
    return f"{tenths // 10}.{tenths % 10} s" if tenths < 1000 else f"{tenths // 10} s"


def percent(part: int, whole: int) -> str:
    """``97.5 %``; nothing of nothing. Only all is ``100 %``, only nothing ``0 %``."""
    if whole <= 0:
        return ""
    if part <= 0 or part >= whole:
        return "0 %" if part <= 0 else "100 %"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f} %"
