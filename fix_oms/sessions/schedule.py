"""When a session is up, and when its numbers start again: pure functions of a Schedule and a time.

QuickFIX has a schedule of its own, which knows neither weekdays nor holidays nor time zones, and
which wipes the store outside its window. It always runs NonStopSession=Y here, and these functions
decide instead (D6). All times are integer nanoseconds UTC; the counterparty's local times are read
with zoneinfo, so a session that opens at 08:00 in New York does so before and after the clocks
change. A local time that the change skips is taken an hour later, one that it repeats is taken the
first time (PEP 495, fold=0).

A window belongs to the local day on which it opens: weekdays and holidays name that day, also for a
window that ends after midnight. The reset happens on every calendar day, because a reset of both
sides on a day without a session changes nothing that the next one would not have changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fix_oms.model.counterparty import Schedule
from fix_oms.model.errors import SessionError

SECOND_NS = 1_000_000_000
HORIZON_DAYS = 370
"""How far ahead a change is looked for: past a year of holidays there is none."""

_DAY = timedelta(days=1)
_NOON = time(12)


def zone(schedule: Schedule) -> ZoneInfo:
    """The schedule's time zone. Raises SessionError naming it when there is no such zone."""
    try:
        return ZoneInfo(schedule.timezone)
    except (KeyError, OSError, ValueError) as error:  # not found, a directory, not a plain name
        raise SessionError(f"schedule.timezone: {schedule.timezone!r} is no time zone") from error


def is_open(schedule: Schedule, now_ns: int) -> bool:
    """Whether the session should be logged on at ``now_ns``."""
    today = _local_date(schedule, now_ns)
    return any(
        start <= now_ns < end
        for day in (today - _DAY, today)
        for start, end in _window(schedule, day)
    )


def next_change(schedule: Schedule, now_ns: int) -> int | None:
    """The first time after ``now_ns`` at which is_open changes; None if not within a year."""
    if schedule.logon is None and len(set(schedule.weekdays)) == 7 and not schedule.holidays:
        return None
    before = is_open(schedule, now_ns)
    for edge in _edges(schedule, now_ns):
        if is_open(schedule, edge) != before:
            return edge
    return None


def trading_day(schedule: Schedule, now_ns: int) -> tuple[str, int] | None:
    """The trading day (ISO date) that ``now_ns`` belongs to, and when it ends: at the close of its
    window. What comes after a close belongs to the next day. None if there is none within a year.

    A day is named by the date on which its window opens; one that opens at noon or later and runs
    past midnight, by the date on which it closes.
    """
    today = _local_date(schedule, now_ns)
    for ahead in range(-1, HORIZON_DAYS):
        day = today + ahead * _DAY
        for _, end in _window(schedule, day):
            if end > now_ns:
                late = schedule.logon is not None and _time(schedule.logon) >= _NOON
                overnight = late and _crosses(schedule)
                return (day + _DAY if overnight else day).isoformat(), end
    return None


def next_reset(schedule: Schedule, now_ns: int) -> int | None:
    """The first scheduled reset after ``now_ns``; None when the schedule has no reset."""
    if schedule.reset is None:
        return None
    at, today = _time(schedule.reset), _local_date(schedule, now_ns)
    resets = (_utc_ns(schedule, today + ahead * _DAY, at) for ahead in range(3))
    return next(reset for reset in resets if reset > now_ns)


def resets_between(schedule: Schedule, from_ns: int, to_ns: int) -> int:
    """How many scheduled resets lie after ``from_ns`` and not after ``to_ns``."""
    count, reset = 0, next_reset(schedule, from_ns)
    while reset is not None and reset <= to_ns:
        count += 1
        reset = next_reset(schedule, reset)
    return count


def _window(schedule: Schedule, day: date) -> Iterator[tuple[int, int]]:
    """The window that opens on ``day``, as [start, end), or nothing."""
    if day.weekday() not in schedule.weekdays or day.isoformat() in schedule.holidays:
        return
    logon = time() if schedule.logon is None else _time(schedule.logon)
    logout = time() if schedule.logout is None else _time(schedule.logout)
    last = day + _DAY if _crosses(schedule) else day
    yield _utc_ns(schedule, day, logon), _utc_ns(schedule, last, logout)


def _crosses(schedule: Schedule) -> bool:
    """Whether its window ends on the day after."""
    logon, logout = schedule.logon, schedule.logout
    return logon is None or logout is None or _time(logout) <= _time(logon)


def _edges(schedule: Schedule, now_ns: int) -> Iterator[int]:
    """Starts and ends of windows after ``now_ns``, in order of their days."""
    today = _local_date(schedule, now_ns)
    for ahead in range(-1, HORIZON_DAYS):
        for window in _window(schedule, today + ahead * _DAY):
            yield from (edge for edge in window if edge > now_ns)


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _local_date(schedule: Schedule, now_ns: int) -> date:
    return datetime.fromtimestamp(now_ns // SECOND_NS, zone(schedule)).date()


def _utc_ns(schedule: Schedule, day: date, at: time) -> int:
    local = datetime.combine(day, at, zone(schedule))
    return int(local.astimezone(UTC).timestamp()) * SECOND_NS
