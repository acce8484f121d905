"""The schedule as tables: one time per row, what it should be last."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.counterparty import Schedule
from fix_oms.model.errors import SessionError
from fix_oms.sessions.schedule import is_open, next_change, next_reset, resets_between

DAY = Schedule(timezone="America/New_York", logon="08:00", logout="17:00", weekdays=(0, 1, 2, 3, 4))
NIGHT = Schedule(
    timezone="America/Chicago", logon="17:00", logout="16:00", weekdays=(6, 0, 1, 2, 3)
)
ALWAYS = Schedule()
WEEK = Schedule(weekdays=(0, 1, 2, 3, 4), holidays=("2024-01-03",))
HOLIDAY = Schedule(
    timezone="Europe/London", logon="08:00", logout="16:30", holidays=("2024-12-25", "2024-12-26")
)
EARLY = Schedule(timezone="America/New_York", logon="02:30", logout="03:30")


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


def shown(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at // 10**9, UTC).strftime("%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("schedule", "at_utc", "expected"),
    [
        (DAY, "2024-01-05T12:59:59", False),  # Friday 07:59:59 in New York
        (DAY, "2024-01-05T13:00:00", True),
        (DAY, "2024-01-05T21:59:59", True),
        (DAY, "2024-01-05T22:00:00", False),
        (DAY, "2024-01-06T15:00:00", False),  # Saturday
        (DAY, "2024-07-05T11:59:59", False),  # summer time: an hour earlier in UTC
        (DAY, "2024-07-05T12:00:00", True),
        (NIGHT, "2024-01-07T22:59:59", False),  # Sunday 16:59:59 in Chicago
        (NIGHT, "2024-01-07T23:00:00", True),
        (NIGHT, "2024-01-08T06:00:00", True),  # Monday 00:00
        (NIGHT, "2024-01-08T21:59:59", True),  # Monday 15:59:59
        (NIGHT, "2024-01-08T22:00:00", False),  # the hour in between
        (NIGHT, "2024-01-08T23:00:00", True),
        (NIGHT, "2024-01-12T12:00:00", True),  # Friday morning belongs to Thursday
        (NIGHT, "2024-01-12T23:30:00", False),  # Friday evening opens nothing
        (ALWAYS, "2024-01-06T03:00:00", True),
        (WEEK, "2024-01-02T23:59:59", True),
        (WEEK, "2024-01-03T00:00:00", False),  # a holiday
        (WEEK, "2024-01-04T00:00:00", True),
        (WEEK, "2024-01-06T00:00:00", False),  # Saturday
        (HOLIDAY, "2024-12-24T12:00:00", True),
        (HOLIDAY, "2024-12-25T12:00:00", False),
        (EARLY, "2024-03-10T07:29:00", False),  # 02:30 does not exist: 03:30 EDT = 07:30 UTC
        (EARLY, "2024-03-11T06:30:00", True),
    ],
)
def test_a_session_is_open_in_the_counterpartys_own_time(
    schedule: Schedule, at_utc: str, expected: bool
) -> None:
    assert is_open(schedule, ns(at_utc)) == expected


@pytest.mark.parametrize(
    ("schedule", "at_utc", "expected"),
    [
        (DAY, "2024-01-05T12:00:00", "01-05T13:00"),
        (DAY, "2024-01-05T13:00:00", "01-05T22:00"),
        (DAY, "2024-01-05T22:00:00", "01-08T13:00"),  # over the weekend
        (DAY, "2024-03-08T22:00:00", "03-11T12:00"),  # and over the change of clocks
        (NIGHT, "2024-01-12T12:00:00", "01-12T22:00"),
        (NIGHT, "2024-01-12T22:00:00", "01-14T23:00"),
        (ALWAYS, "2024-01-12T22:00:00", None),
        (WEEK, "2024-01-01T10:00:00", "01-03T00:00"),  # midnights between are no change
        (WEEK, "2024-01-03T10:00:00", "01-04T00:00"),
        (WEEK, "2024-01-05T10:00:00", "01-06T00:00"),
        (HOLIDAY, "2024-12-24T16:30:00", "12-27T08:00"),
    ],
)
def test_the_next_change_is_when_it_opens_or_closes(
    schedule: Schedule, at_utc: str, expected: str | None
) -> None:
    assert shown(next_change(schedule, ns(at_utc))) == expected


@pytest.mark.parametrize(
    ("timezone", "reset", "from_utc", "to_utc", "expected"),
    [
        ("UTC", None, "2024-01-01T00:00:00", "2024-02-01T00:00:00", 0),
        ("UTC", "17:00", "2024-01-05T16:59:59", "2024-01-05T16:59:59", 0),
        ("UTC", "17:00", "2024-01-05T16:59:59", "2024-01-05T17:00:00", 1),
        ("UTC", "17:00", "2024-01-05T17:00:00", "2024-01-06T16:59:59", 0),
        ("UTC", "17:00", "2024-01-05T17:00:00", "2024-01-08T17:00:00", 3),  # the weekend too
        ("America/New_York", "17:00", "2024-01-05T21:59:59", "2024-01-05T22:00:00", 1),
        ("America/New_York", "17:00", "2024-07-05T20:59:59", "2024-07-05T21:00:00", 1),
        ("America/New_York", "02:30", "2024-03-10T00:00:00", "2024-03-11T00:00:00", 1),  # skipped
        ("America/New_York", "01:30", "2024-11-03T00:00:00", "2024-11-04T00:00:00", 1),  # twice
        ("Asia/Tokyo", "00:00", "2024-01-05T14:59:59", "2024-01-05T15:00:00", 1),
    ],
)
def test_resets_are_counted_after_the_first_and_up_to_the_second_time(
    timezone: str, reset: str | None, from_utc: str, to_utc: str, expected: int
) -> None:
    schedule = Schedule(timezone=timezone, reset=reset)
    assert resets_between(schedule, ns(from_utc), ns(to_utc)) == expected


def test_an_unknown_time_zone_is_named() -> None:
    with pytest.raises(SessionError, match="'Mars/Olympus' is no time zone"):
        is_open(Schedule(timezone="Mars/Olympus"), 0)


TIMES = st.integers(ns("2023-01-01T00:00:00"), ns("2026-01-01T00:00:00"))
CLOCK = st.times().map(lambda t: t.strftime("%H:%M"))
SCHEDULES = st.builds(
    Schedule,
    timezone=st.sampled_from(["UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe"]),
    logon=CLOCK,
    logout=CLOCK,
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(tuple),
    reset=CLOCK,
)


@given(SCHEDULES, TIMES)
def test_nothing_changes_before_the_next_change_and_something_does_then(
    schedule: Schedule, now: int
) -> None:
    change = next_change(schedule, now)
    assert change is None or (
        is_open(schedule, change) != is_open(schedule, now)
        and is_open(schedule, change - 1) == is_open(schedule, now)
    )


@given(SCHEDULES, TIMES)
def test_the_next_reset_is_the_first_one_counted(schedule: Schedule, now: int) -> None:
    reset = next_reset(schedule, now)
    assert reset is not None
    assert (resets_between(schedule, now, reset - 1), resets_between(schedule, now, reset)) == (
        0,
        1,
    )
