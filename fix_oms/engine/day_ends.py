"""When the firm's day ends, by its setting alone."""

from __future__ import annotations

from typing import Final

from fix_oms.engine.waiting import SECOND

DAY: Final = 86_400 * SECOND


def day_after(day_starts: str, now: int) -> int:
    """When the day that ``now`` is in ends, until a TradingDay says it by the calendar."""
    hour, minute, *second = map(int, day_starts.split(":"))
    start = (hour * 3600 + minute * 60 + sum(second)) * SECOND
    return (now - start) // DAY * DAY + DAY + start
