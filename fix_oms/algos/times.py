"""Moments as people write them for an algo, read without a clock or a time zone's rules.

- ``2027-01-04T15:30:00Z``, ``2027-01-04T10:30:00-05:00``: date, time and offset (ISO 8601);
- ``15:30Z``, ``15:30:20Z``: the next time that it is so late in UTC;
- ``+90s``, ``+30m``, ``+6h``: so long after.

A time without its offset would mean another moment on another machine, and is refused.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

SECOND: Final = 1_000_000_000
DAY: Final = 86_400 * SECOND
_AFTER: Final = re.compile(r"\+(\d{1,9})([smh])", re.ASCII)
_OF_DAY: Final = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?Z", re.ASCII)
_UNITS: Final = {"s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND}
_WAYS: Final = 'write "2027-01-04T15:30:00Z", "15:30Z" or "+90m"'


def moment(text: str, after: int) -> int:
    """The ns UTC that ``text`` names, seen from ``after``. Raises ValueError with the reason."""
    if found := _AFTER.fullmatch(text):
        return after + int(found[1]) * _UNITS[found[2]]
    if found := _OF_DAY.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in found.groups())
        if hour > 23 or minute > 59 or second > 59:
            raise ValueError(f"{text!r} is no time of day")
        of_day = ((hour * 60 + minute) * 60 + second) * SECOND
        midnight = after - after % DAY
        return midnight + of_day + (DAY if midnight + of_day < after else 0)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:64]!r} is no time: {_WAYS}") from None
    if read.tzinfo is None:
        raise ValueError(f"{text[:64]!r} does not say its offset from UTC: {_WAYS}")
    since = read - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds * 1000


def text_of_moment(at_ns: int) -> str:
    """A moment as ISO 8601 in UTC, to the second, or to the millisecond where it has some."""
    whole, rest = divmod(at_ns, SECOND)
    millis = rest // 1_000_000
    point = f".{millis:03d}" if millis else ""
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}{point}Z"
