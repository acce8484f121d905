"""What all readers of a broker's words need: its clock, and its names for what is ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

import attrs

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - the zone is taken off on both sides


@attrs.frozen(kw_only=True)
class Names:
    """Our names for what the broker calls otherwise; what is in none stands as it is."""

    accounts: Mapping[str, str] = attrs.field(factory=dict)
    symbols: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Clock:
    """The broker's days and times: its zone, and when (ns of the day) its next day begins."""

    zone: tzinfo
    rolls_ns: int = 0

    def ns(self, at: datetime) -> int:
        """Nanoseconds UTC of a time, which is the broker's own where it names no zone."""
        known = at if at.tzinfo is not None else at.replace(tzinfo=self.zone)
        offset = known.utcoffset() or timedelta()
        since = known.replace(tzinfo=None) - offset - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000

    def day(self, ns: int) -> int:
        """The broker's trading day of a time, as YYYYMMDD."""
        local = (_EPOCH + timedelta(microseconds=ns // 1000)).replace(tzinfo=UTC)
        there = local.astimezone(self.zone)
        of_day = (there.hour * 3600 + there.minute * 60 + there.second) * 1_000_000_000
        late = self.rolls_ns > 0 and of_day >= self.rolls_ns
        return number_of(there.date() + timedelta(days=1) if late else there.date())

    def at(self, day: int, of_day_ns: int) -> int:
        """Nanoseconds UTC of a time of day on a day YYYYMMDD."""
        midnight = datetime(day // 10_000, day // 100 % 100, day % 100, tzinfo=self.zone)
        minutes, second = divmod(of_day_ns // 1_000_000_000, 60)
        return self.ns(midnight.replace(hour=minutes // 60, minute=minutes % 60, second=second))


def number_of(day: date) -> int:
    """A date as the number YYYYMMDD."""
    return day.year * 10_000 + day.month * 100 + day.day


def of_day_ns(text: str | None) -> int:
    """``HH:MM`` or ``HH:MM:SS`` in nanoseconds; 0 for None."""
    if text is None:
        return 0
    hour, minute, *second = map(int, text.split(":"))
    return (hour * 3600 + minute * 60 + sum(second)) * 1_000_000_000
