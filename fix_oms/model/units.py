"""Fixed-point numbers: exact inside, Decimal at the edge, text on the wire.

A quantity or a price is a plain ``int`` counted in units of 10^-8 (``Fixed``). A product of the
two, a notional, is a plain ``int`` counted in units of 10^-16 (``Notional``); it may exceed 64
bits, which Python's integers do not mind. No float is ever made from or into one of these.

Text follows the FIX float grammar: an optional sign, digits, an optional point. No exponent, no
``inf``, no underscore, no blank, no digits of other scripts (FIX 4.4 volume 1, data types).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Final, TypeAlias

Fixed: TypeAlias = Annotated[int, "units of 10^-8"]
"""Units of 10^-8. The note lets configuration tell a price, given as text, from a count."""
Notional: TypeAlias = Annotated[int, "units of 10^-16"]
"""Units of 10^-16: Fixed quantity times Fixed price."""

PLACES: Final = 8
SCALE: Final = 10**PLACES
NOTIONAL_SCALE: Final = SCALE * SCALE
LARGEST: Final = 9 * 10**10 * SCALE
"""9 x 10^10: what fits 64 bits, and so the journal; a larger quantity or price is garbage."""

_ZEROS: Final = "0" * PLACES
_GRAMMAR: Final = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_WHOLE: Final[dict[str, int]] = {str(n): n * SCALE for n in range(2048)}
"""Small whole numbers are most of the traffic: one lookup instead of a parse."""


def fixed(text: str) -> Fixed:
    """The exact value of ``text``. Raises ValueError when it is no number or has over 8 places."""
    value, exact = rounded(text)
    if not exact:
        raise ValueError(f"has more than {PLACES} decimal places")
    return value


def rounded(text: str) -> tuple[Fixed, bool]:
    """The value of ``text`` rounded half to even at 8 places, and whether nothing was lost.

    Brokers state AvgPx(6) with any precision; a report is never refused for that.
    """
    known = _WHOLE.get(text)
    if known is not None:
        return known, True
    if len(text) > 64 or not _GRAMMAR.fullmatch(text):
        raise ValueError("is not a FIX number")
    negative = text[0] == "-"
    whole, _, places = text.lstrip("-").partition(".")
    exact = True
    if len(places) <= PLACES:
        value = int(whole or "0") * SCALE + int(places + _ZEROS[len(places) :] or "0")
    else:
        value = int(whole or "0") * SCALE + int(places[:PLACES])
        rest, half = int(places[PLACES:]), 5 * 10 ** (len(places) - PLACES - 1)
        exact = rest == 0
        if rest > half or (rest == half and value & 1):
            value += 1
    if value > LARGEST:
        raise ValueError("is larger than 9 x 10^10")
    return (-value if negative else value), exact


def text_of(value: Fixed) -> str:
    """The shortest exact FIX text of ``value``: no exponent, no trailing zeros."""
    whole, rest = divmod(abs(value), SCALE)
    sign = "-" if value < 0 else ""
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{rest:08d}".rstrip("0")


def from_decimal(value: Decimal | int | str) -> Fixed:
    """The exact Fixed of a Decimal, int or text. Raises ValueError as :func:`fixed` does.

    A float is refused with TypeError: 0.1 has no exact value to convert.
    """
    if isinstance(value, bool | float):
        raise TypeError("a float or bool is no exact number: use Decimal, int or str")
    if isinstance(value, str):
        return fixed(value)
    if isinstance(value, int):
        if abs(value) * SCALE > LARGEST:
            raise ValueError("is larger than 9 x 10^10")
        return value * SCALE
    if not value.is_finite():
        raise ValueError("is not a finite number")
    return fixed(f"{value:f}")


def to_decimal(value: Fixed) -> Decimal:
    """The exact Decimal of a Fixed."""
    return Decimal(text_of(value))


def average(notional: Notional, quantity: Fixed) -> Fixed:
    """notional / quantity as a Fixed price, rounded half to even; 0 when quantity is 0."""
    if quantity == 0:
        return 0
    sign = -1 if (notional < 0) != (quantity < 0) else 1
    whole, rest = divmod(abs(notional), abs(quantity))
    twice = 2 * rest
    if twice > abs(quantity) or (twice == abs(quantity) and whole & 1):
        whole += 1
    return sign * whole


def notional_text(value: Notional, places: int = 2) -> str:
    """A notional for people: ``places`` decimals, rounded half to even, thousands grouped."""
    quantum = NOTIONAL_SCALE // 10**places
    whole, rest = divmod(abs(value), quantum)
    if 2 * rest > quantum or (2 * rest == quantum and whole & 1):
        whole += 1
    sign = "-" if value < 0 and whole else ""
    units, cents = divmod(whole, 10**places)
    return f"{sign}{units:,}" + (f".{cents:0{places}d}" if places else "")
