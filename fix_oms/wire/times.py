"""FIX UTCTimestamp text <-> integer nanoseconds since 1970, by integers alone.

``YYYYMMDD-HH:MM:SS`` with no fraction or one of 3, 6 or 9 digits (FIX 4.4 volume 1, data types;
5.0 SP2 extension packs for the finer ones), in the years 1678 to 2261, whose nanoseconds fit 64
bits and so the journal. Second 60, which the grammar allows for leap seconds,
reads as the last nanosecond before the next minute: POSIX time has no other number for it.

Messages of one second share their first 17 characters, and there are only so many fractions: a
time is two look-ups and a sum.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_SECOND: Final = 10**9
_DAY: Final = 86_400 * _SECOND
_FIRST: Final = (date(1678, 1, 1).toordinal() - _EPOCH_DAY) * _DAY
_END: Final = (date(2262, 1, 1).toordinal() - _EPOCH_DAY) * _DAY
_MINUTE: Final = re.compile(r"[0-9]{8}-([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_WEIGHT: Final = {0: _SECOND, 3: 10**6, 6: 10**3, 9: 1}
"""Nanoseconds of the last digit, by the number of decimals."""


@lru_cache(maxsize=1024)
def _minute_ns(text: str) -> int:
    """The nanoseconds at ``YYYYMMDD-HH:MM``."""
    if not _MINUTE.fullmatch(text):
        raise ValueError("is not a UTCTimestamp (YYYYMMDD-HH:MM:SS.sss)")
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8])).toordinal() - _EPOCH_DAY
    except ValueError:
        raise ValueError("is no date of the calendar") from None
    start = day * _DAY + (int(text[9:11]) * 60 + int(text[12:14])) * 60 * _SECOND
    if not _FIRST <= start < _END:
        raise ValueError("is not in the years 1678 to 2261")
    return start


@lru_cache(maxsize=64)
def _second_text(second: int) -> str:
    """``YYYYMMDD-HH:MM:SS`` of whole seconds since 1970: many messages leave in one second."""
    day, second = divmod(second, 86_400)
    then = date.fromordinal(_EPOCH_DAY + day)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{then.year:04d}{then.month:02d}{then.day:02d}-{hour:02d}:{minute:02d}:{second:02d}"


class _Seconds(dict[str, int]):
    """The nanoseconds at each ``YYYYMMDD-HH:MM:SS`` asked for lately.

    Raises KeyError where the seconds are not two digits below 60.
    """

    def __missing__(self, text: str) -> int:
        start = _minute_ns(text[:14]) + _SECONDS[text[14:]]
        if len(self) >= 1024:
            self.clear()
        self[text] = start
        return start


_SECONDS: Final = {f":{second:02d}": second * _SECOND for second in range(60)}


class _Fractions(dict[str, int]):
    """The nanoseconds of a fraction; milliseconds are kept, finer ones worked out."""

    def __missing__(self, text: str) -> int:
        digits, weight = text[1:], _WEIGHT.get(len(text) - 1)
        if text[0] != "." or weight is None or not (digits.isdecimal() and digits.isascii()):
            raise KeyError(text)
        return int(digits) * weight


_MILLI_TEXTS: Final = tuple(f".{milli:03d}" for milli in range(1000))
_fractions: Final = _Fractions({text: milli * 10**6 for milli, text in enumerate(_MILLI_TEXTS)})
_fractions[""] = 0
_starts: Final = _Seconds()


def parse_utc_timestamp(text: str) -> int:
    """Integer nanoseconds UTC of a UTCTimestamp. Raises ValueError with the reason."""
    try:
        return _starts[text[:17]] + _fractions[text[17:]]
    except KeyError:
        return _minute_ns(text[:14]) + _beyond_minute(text)


def _beyond_minute(text: str) -> int:
    """Nanoseconds of seconds and fraction, where they are not the usual ones."""
    seconds, point, fraction = text[15:17], text[17:18], text[18:]
    digits = seconds + fraction
    weight = _WEIGHT.get(len(fraction))
    if (
        text[14:15] != ":"
        or len(seconds) != 2
        or weight is None
        or point != ("." if fraction else "")
        or not (digits.isascii() and digits.isdecimal())
    ):
        raise ValueError("is not a UTCTimestamp (YYYYMMDD-HH:MM:SS, or with 3, 6 or 9 decimals)")
    if seconds < "60":
        return int(digits) * weight
    if seconds > "60":
        raise ValueError("has a second beyond 60")
    return 60 * _SECOND - 1


def utc_timestamp(ns: int, places: int = 3) -> str:
    """The UTCTimestamp of integer nanoseconds UTC, cut (not rounded) to 0, 3, 6 or 9 decimals.

    Cut, so that a text never states a moment that has not come yet. Raises ValueError when the
    year would not be 1678 to 2261 or ``places`` is another number, TypeError when ``ns`` is no int.
    """
    if type(ns) is not int:
        raise TypeError("a time is an int of nanoseconds")
    if not _FIRST <= ns < _END:
        raise ValueError("is not in the years 1678 to 2261")
    weight = _WEIGHT.get(places)
    if weight is None:
        raise ValueError("decimals are 0, 3, 6 or 9")
    second, nanos = divmod(ns, _SECOND)
    whole = _second_text(second)
    if places == 3:
        return whole + _MILLI_TEXTS[nanos // 10**6]
    return f"{whole}.{nanos // weight:0{places}d}" if places else whole
