"""Each opening and close of a venue is told once, by the venue's own clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from fix_oms.model.counterparty import Schedule
from fix_oms.model.inputs import VenueHours
from fix_oms.model.settings import Venue
from fix_oms.server.hours import Hours
from fix_oms.sessions.schedule import SECOND_NS

NEW_YORK: Final[dict[str, Any]] = {
    "timezone": "America/New_York",
    "logon": "09:30",
    "logout": "16:00",
    "weekdays": (0, 1, 2, 3, 4),
    "holidays": ("2024-01-15",),
}
MONDAY, TUESDAY = "2024-01-08T", "2024-01-09T"


def ns(text: str) -> int:
    """UTC. New York is five hours behind in winter: 09:30 there is 14:30."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND_NS


class Clock:
    """One venue's hours in virtual time, and what was told."""

    def __init__(self, **hours: Any) -> None:
        self.now = 0
        self.told: list[VenueHours] = []
        schedule = Schedule(**(NEW_YORK | hours))
        venues = [
            Venue(name="ALPHA", session="A", hours=schedule),
            Venue(name="BETA", session="B"),
        ]
        self.hours = Hours(venues, self.told.append, clock_ns=lambda: self.now)

    def at(self, *times: str) -> list[bool]:
        """The timer looks at each of these times; what was told of ALPHA until then."""
        for text in times:
            self.now = ns(text)
            self.hours.tick()
        return [told.is_open for told in self.told]


@pytest.mark.parametrize(
    ("start", "is_open"),
    [
        (MONDAY + "14:29:59", False),
        (MONDAY + "14:30:00", True),
        (MONDAY + "20:59:59", True),
        (MONDAY + "21:00:00", False),
        ("2024-01-07T15:00:00", False),  # Sunday
        ("2024-01-15T15:00:00", False),  # a holiday
        ("2024-07-08T13:30:00", True),  # in summer an hour earlier
    ],
)
def test_at_the_start_it_is_told_how_the_venue_stands(start: str, is_open: bool) -> None:
    assert Clock().at(start) == [is_open]


def test_each_change_is_told_once() -> None:
    times = [f"{MONDAY}{hour:02d}:{minute}:00" for hour in range(24) for minute in (15, 45)]
    assert Clock().at(*times) == [False, True, False]


def test_a_change_is_told_at_the_first_look_after_it() -> None:
    clock = Clock()
    before = clock.at(MONDAY + "14:00:00", MONDAY + "14:29:59")
    assert (before, clock.at(MONDAY + "14:30:00")) == ([False], [False, True])


def test_a_venue_without_hours_is_told_nothing_of() -> None:
    clock = Clock()
    clock.at(MONDAY + "14:00:00", MONDAY + "15:00:00")
    assert {told.venue for told in clock.told} == {"ALPHA"}


def test_a_day_that_passed_between_two_looks_is_no_news() -> None:
    assert Clock().at(MONDAY + "15:00:00", TUESDAY + "15:00:00") == [True]


def test_a_clock_that_is_set_back_is_looked_at_anew() -> None:
    assert Clock().at(MONDAY + "15:00:00", MONDAY + "14:00:00") == [True, False]


def test_a_venue_that_never_closes_is_told_once_to_be_open() -> None:
    always = Clock(logon=None, logout=None, weekdays=tuple(range(7)), holidays=())
    times = [f"2024-01-{day:02d}T12:00:00" for day in range(1, 31)]
    assert always.at(*times) == [True]


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    night = Clock(logon="18:00", logout="02:00", weekdays=(0,))
    times = (MONDAY + "22:00:00", TUESDAY + "06:59:59", TUESDAY + "07:00:00", TUESDAY + "23:30:00")
    assert night.at(*times) == [False, True, False]
