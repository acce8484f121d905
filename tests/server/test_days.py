"""Each trading day is told once, by its own calendar, and the firm's begin a segment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fix_oms.model.counterparty import Schedule
from fix_oms.model.inputs import TradingDay
from fix_oms.model.settings import Engine, Venue
from fix_oms.server.days import Days, firm_day
from fix_oms.sessions.schedule import SECOND_NS, trading_day


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND_NS


def told_of(schedule: Schedule, at: str) -> tuple[str, str]:
    found = trading_day(schedule, ns(at))
    assert found is not None
    day, ends_ns = found
    return day, datetime.fromtimestamp(ends_ns // SECOND_NS, UTC).isoformat()[:16]


NEW_YORK = Schedule(
    timezone="America/New_York",
    logon="09:30",
    logout="16:00",
    weekdays=(0, 1, 2, 3, 4),
    holidays=("2024-01-15",),
)
FUTURES = Schedule(
    timezone="America/Chicago", logon="17:00", logout="16:00", weekdays=(6, 0, 1, 2, 3)
)
NIGHT = Schedule(timezone="UTC", logon="06:00", logout="02:00")


@pytest.mark.parametrize(
    ("schedule", "at", "day", "ends"),
    [
        (NEW_YORK, "2024-01-08T03:00", "2024-01-08", "2024-01-08T21:00"),
        (NEW_YORK, "2024-01-08T20:59", "2024-01-08", "2024-01-08T21:00"),
        (NEW_YORK, "2024-01-08T21:00", "2024-01-09", "2024-01-09T21:00"),
        (NEW_YORK, "2024-01-12T22:00", "2024-01-16", "2024-01-16T21:00"),  # weekend, a holiday
        (NEW_YORK, "2024-07-08T20:30", "2024-07-09", "2024-07-09T20:00"),  # summer time
        (FUTURES, "2024-01-07T23:30", "2024-01-08", "2024-01-08T22:00"),  # opened on Sunday
        (FUTURES, "2024-01-12T22:30", "2024-01-15", "2024-01-15T22:00"),  # over the weekend
        (NIGHT, "2024-01-09T01:00", "2024-01-08", "2024-01-09T02:00"),  # it opened before noon
        (Schedule(), "2024-01-08T12:00", "2024-01-08", "2024-01-09T00:00"),
    ],
)
def test_a_trading_day_ends_at_its_close(schedule: Schedule, at: str, day: str, ends: str) -> None:
    assert told_of(schedule, at) == (day, ends)


def test_a_calendar_without_days_has_no_trading_day() -> None:
    assert trading_day(Schedule(weekdays=()), ns("2024-01-08T12:00")) is None


@pytest.mark.parametrize(
    ("engine", "at", "day"),
    [
        ({}, "2024-01-08T23:59", "2024-01-08"),
        ({"day_starts": "06:00"}, "2024-01-08T05:59", "2024-01-07"),
        ({"day_starts": "17:00", "timezone": "America/New_York"}, "2024-01-08T21:59", "2024-01-08"),
        ({"day_starts": "17:00", "timezone": "America/New_York"}, "2024-01-08T22:00", "2024-01-09"),
    ],
)
def test_the_firms_day_begins_by_its_own_clock(engine: dict[str, Any], at: str, day: str) -> None:
    assert firm_day(Engine(**engine), ns(at))[0] == day


class Clock:
    """The timer in virtual time, what it told and which segments began."""

    def __init__(self, **engine: Any) -> None:
        self.now = 0
        self.told: list[TradingDay] = []
        self.rolled: list[str] = []
        venues = [
            Venue(name="NYSE", session="A", hours=NEW_YORK),
            Venue(name="OTC", session="B"),
        ]
        self.days = Days(
            Engine(**engine),
            venues,
            self.told.append,
            self.rolled.append,
            clock_ns=lambda: self.now,
        )

    def at(self, *times: str) -> list[tuple[str, str]]:
        """The timer looks at each of these times; what was told until then."""
        for text in times:
            self.now = ns(text)
            self.days.tick()
        return [(told.venue, told.day) for told in self.told]


def test_a_start_tells_the_days_that_hold_and_begins_no_segment() -> None:
    clock = Clock()
    told = clock.at("2024-01-08T12:00")
    assert (told, clock.rolled) == ([("", "2024-01-08"), ("NYSE", "2024-01-08")], [])


def test_each_day_is_told_once() -> None:
    clock = Clock()
    clock.at("2024-01-08T12:00")
    told = clock.at("2024-01-08T20:59", "2024-01-08T21:00", "2024-01-08T21:01", "2024-01-09T00:00")
    assert told[2:] == [("NYSE", "2024-01-09"), ("", "2024-01-09")]


def test_the_firms_day_begins_a_segment_before_it_is_told() -> None:
    clock = Clock()
    clock.at("2024-01-08T12:00", "2024-01-09T00:00")
    assert clock.rolled == ["2024-01-09"]


def test_a_clock_that_is_set_back_tells_no_day_again() -> None:
    clock = Clock()
    told = clock.at("2024-01-09T12:00", "2024-01-08T12:00", "2024-01-09T13:00")
    assert told == [("", "2024-01-09"), ("NYSE", "2024-01-09")]
