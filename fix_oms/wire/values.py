"""Field values: text to number, time and flag, and back.

The readers take ``None`` for an absent field and raise ValueError, nothing more, where a text is
not exactly what the field's type asks for. That is all the hot path needs to know: on any
ValueError the codec reads the message again, carefully (see ``repair``), and there each field is
named. Prices and quantities repeat, so their readings and texts are remembered.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from fix_oms.model.messages import NO_EXTRA
from fix_oms.model.tags import NAMES, SECRET_TAGS
from fix_oms.model.units import LARGEST, PLACES, SCALE, Fixed, fixed, rounded, text_of
from fix_oms.wire.groups import DATA_LENGTH, GROUPS, tag_set
from fix_oms.wire.times import parse_utc_timestamp

REMEMBERED: Final = 1 << 14

HEADER: Final = tag_set(
    "8-10 34 35 43 49 50 52 56 57 89-91 93 97 115 116 122 128 129 142-145 212 213 347 369 370 627"
    " 1128 1129 1156"
)
"""Standard header and trailer: the session's fields, never an application message's own."""

WALKED: Final = frozenset(
    {
        *GROUPS,
        *(str(tag) for pair in DATA_LENGTH.items() for tag in pair),
        *map(str, SECRET_TAGS),
    }
)
"""Fields with which a message must not be read as plain text."""

UNDERSTOOD: Final = frozenset({"146", "267", "268"})
"""Groups that market data messages turn into values of their own."""

NOT_KEPT: Final = HEADER | UNDERSTOOD | {"95", "1401", "1403"} | frozenset(map(str, SECRET_TAGS))
"""Of fields that no reader takes those that are not kept as extra: the session's, and secrets."""

FLAGS: Final[dict[str | None, bool]] = {None: False, "N": False, "Y": True}
ANSWERS: Final[dict[str | None, bool | None]] = {None: None, "N": False, "Y": True}
FLAG_TEXT: Final[dict[bool | None, str | None]] = {None: None, False: "N", True: "Y"}


_WEIGHT: Final[tuple[int, ...]] = (10**8, 10**7, 10**6, 10**5, 10**4, 10**3, 10**2, 10, 1)
"""What the last digit counts, by the number of decimals."""
_LONGEST: Final = len(str(LARGEST // SCALE))
"""Digits of the largest whole number: any with fewer is small enough."""


class Prices(dict[str | None, Fixed | None]):
    """What each text means that was asked for lately: a price or amount, exact. None means None.

    A known text takes 25 ns, against 45 ns with an ``lru_cache``; once full, it starts again.
    """

    def __missing__(self, text: str | None) -> Fixed | None:
        value: Fixed | None = None
        if text is not None:
            if text.isdecimal() and len(text) < _LONGEST and text.isascii():
                value = int(text) * SCALE
            else:
                value = self.read(text)
        if len(self) >= REMEMBERED:
            self.clear()
        self[text] = value
        return value

    def read(self, text: str) -> Fixed:
        """Ordinary digits with a point at once, all else as the units module has it."""
        before, _, after = text.partition(".")
        usual = before.isdecimal() and after.isdecimal() and text.isascii()
        if usual and len(before) < _LONGEST and len(after) <= PLACES:
            return int(before + after) * _WEIGHT[len(after)]
        return fixed(text)


class Quantities(Prices):
    """The same of quantities, which are not negative."""

    def read(self, text: str) -> Fixed:
        """As above."""
        value = super().read(text)
        if value < 0:
            raise ValueError("is negative")
        return value


class Averages(dict[str | None, tuple[Fixed | None, tuple[str, ...]]]):
    """The same of averages, which brokers state with any precision: rounded to 8 places.

    Beside the value stands the name of the field, if it was rounded.
    """

    def __missing__(self, text: str | None) -> tuple[Fixed | None, tuple[str, ...]]:
        value, exact = (None, True) if text is None else rounded(text)
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[text] = value, () if exact else (NAMES[6],)
        return found


PRICES: Final = Prices()
QUANTITIES: Final = Quantities()
AVERAGES: Final = Averages()
price: Final = PRICES.__getitem__
quantity: Final = QUANTITIES.__getitem__


def numbered(text: str) -> int:
    """A count or number that is not negative: digits only, at most 18."""
    if not (text.isdecimal() and text.isascii() and len(text) <= 18):
        raise ValueError("is not a whole number")
    return int(text)


def whole(text: str | None) -> int | None:
    """The same where it may be absent."""
    return None if text is None else numbered(text)


def moment(text: str | None) -> int | None:
    """A UTCTimestamp as integer nanoseconds."""
    return None if text is None else parse_utc_timestamp(text)


def identity(text: str | None) -> str | None:
    """An ExecID(17) or ExecRefID(19); ``0`` is how FIX says that there is none."""
    return None if text == "0" else text


def known_order(text: str | None) -> str | None:
    """An OrderID(37); ``NONE`` is the specification's way to say that the order is not known."""
    return None if text == "NONE" else text


@lru_cache(maxsize=1024)
def is_foreign(tag: str) -> bool:
    """Whether a field that no one took is kept: the session's own are not.

    Raises ValueError for a tag that is none, or that must not be read as plain text.
    """
    if tag in WALKED or not tag.isdecimal() or tag[0] == "0" or len(tag) > 9:
        raise ValueError("is not plain")
    return tag not in HEADER


def leftover(body: dict[str, str]) -> dict[str, str]:
    """The fields that no one took and no session needs. Raises ValueError as above."""
    extra = {tag: value for tag, value in body.items() if is_foreign(tag)}
    return extra or NO_EXTRA


@lru_cache(maxsize=REMEMBERED, typed=True)
def fixed_text(value: object) -> str | None:
    """The text of a Fixed. Raises ValueError for too large a one, TypeError for no integer."""
    if value is None:
        return None
    if type(value) is not int:
        raise TypeError("is not an int of units of 10^-8")
    if abs(value) > LARGEST:
        raise ValueError(f"is larger than {LARGEST // SCALE:,}")
    return text_of(value)


def whole_text(value: object) -> str | None:
    """The text of a count or number. Raises ValueError or TypeError."""
    if value is None:
        return None
    if type(value) is not int:
        raise TypeError("is not an int")
    if not 0 <= value < 10**18:
        raise ValueError("is not in 0 to 10^18")
    return str(value)
