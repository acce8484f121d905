"""A new trading day carries everything forward but what is over."""

from __future__ import annotations

from typing import Any

from fix_oms.engine import Engine
from fix_oms.model import inputs
from tests.engine.desk import Desk, plain_settings

HOUR = 3600 * 10**9
HOURS = {"logon": "09:30", "logout": "16:00"}


def day(desk: Desk, date: str, venue: str = "", hours: int = 24) -> None:
    desk.give(inputs.TradingDay(day=date, ends_ns=desk.now + hours * HOUR, venue=venue))


def desk_on(date: str, **changes: Any) -> Desk:
    desk = Desk(plain_settings(**changes))
    day(desk, date)
    return desk


def working(desk: Desk, **more: Any) -> str:
    name = desk.buy(100, **more)
    desk.report(name, "0", "0", leaves=100, session=more.get("venue", "ALPHA"))
    return name


def told(desk: Desk, code: str) -> list[str]:
    return [a.text for a in desk.alerts if a.code == code]


def test_a_live_order_is_carried_into_the_next_day() -> None:
    desk = desk_on("2024-01-08")
    name = working(desk, time_in_force="1")
    day(desk, "2024-01-09")
    assert desk.state_of(name) == ("0", 0, 100)


def test_a_day_order_that_its_close_left_open_is_told_and_asked_about() -> None:
    desk = desk_on("2024-01-08")
    name = working(desk)
    day(desk, "2024-01-09")
    assert (told(desk, "day_order"), desk.last_fields()[11]) == (
        [f"ALPHA has closed 2024-01-08 and left 1 DAY orders open: {name}"],
        name,
    )


def test_a_good_till_cancel_order_is_not_over() -> None:
    desk = desk_on("2024-01-08")
    working(desk, time_in_force="1")
    day(desk, "2024-01-09")
    assert told(desk, "day_order") == []


def test_a_venue_with_hours_closes_by_its_own_day() -> None:
    venues = {"ALPHA": {"session": "ALPHA", "hours": HOURS}, "BETA": {"session": "BETA"}}
    desk = desk_on("2024-01-08", venues=venues)
    desk.give(inputs.VenueHours(venue="ALPHA", is_open=True))
    day(desk, "2024-01-08", "ALPHA")
    working(desk)
    day(desk, "2024-01-09")
    before = told(desk, "day_order")
    day(desk, "2024-01-09", "ALPHA")
    assert (before, len(told(desk, "day_order"))) == ([], 1)


def test_the_first_day_that_a_start_finds_closes_nothing() -> None:
    desk = Desk()
    working(desk)
    day(desk, "2024-01-08")
    assert told(desk, "day_order") == []


def test_the_day_that_a_restart_finds_again_closes_nothing() -> None:
    desk = desk_on("2024-01-08")
    working(desk)
    day(desk, "2024-01-08")
    assert told(desk, "day_order") == []


def test_a_day_before_the_last_is_none() -> None:
    desk = desk_on("2024-01-09")
    ends_ns = desk.engine.state.day_ends_ns
    day(desk, "2024-01-08", hours=1)
    assert desk.engine.state.day_ends_ns == ends_ns


def test_the_profit_of_the_day_begins_when_the_calendar_says() -> None:
    desk = Desk()
    day(desk, "2024-01-08", hours=30)
    assert desk.engine.state.day_ends_ns == desk.now - 1000 + 30 * HOUR


def test_a_replay_closes_the_same() -> None:
    desk = desk_on("2024-01-08")
    working(desk)
    day(desk, "2024-01-09")
    again = Engine()
    for now, value in desk.log:
        again.step(now, value)
    assert again.shown(desk.now).hash() == desk.shown.hash()
