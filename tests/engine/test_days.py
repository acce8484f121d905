"""A new trading day carries everything forward but what is over."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.engine import Engine
from fix_oms.engine.days import MOST
from fix_oms.journal.verify import broken_laws
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Refused
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


# -- retention -------------------------------------------------------------------------------------


def after_days(desk: Desk, count: int) -> None:
    """So many of the firm's days begin, and the timer goes on."""
    for _ in range(count):
        desk.now = desk.engine.state.day_ends_ns
        desk.wait(0)
        desk.wait(1)


def with_days(keep: int) -> Desk:
    return Desk(plain_settings(engine={"default_account": "DESK", "keep_days": keep}))


def filled(desk: Desk, ref: str = "mine") -> str:
    name = desk.buy(100, client_ref=ref)
    desk.report(name, "F", "2", last=100, cum=100)
    return name


def known(desk: Desk, name: str) -> bool:
    return desk.shown.order_view(name) is not None


@pytest.mark.parametrize("packed", [False, True])
def test_a_closed_order_is_forgotten_after_its_days(packed: bool) -> None:
    desk = with_days(2)
    name = filled(desk)
    after_days(desk, 2)
    before = known(desk, name)
    if packed:
        desk.engine.pack(desk.now, 0)
    after_days(desk, 1)
    names = [known(desk, n) for n in (name, "mine", f"O-{name}")]
    assert (before, names) == (True, [False, False, False])


def test_what_a_forgotten_order_executed_stays_in_the_position_and_is_proven() -> None:
    desk = with_days(1)
    filled(desk)
    after_days(desk, 3)
    assert (desk.position(), broken_laws(desk.engine.state)) == (100, [])


def test_the_child_of_a_parent_stays_committed() -> None:
    desk = with_days(1)
    qty = 150 * 10**8
    desk.answer(inputs.NewParent(by="t", ref="P", symbol="AAPL", side="1", order_qty=qty))
    child = inputs.NewOrder(by="t", terms=desk.terms("1", 100, "10"), venue="ALPHA", parent="P")
    answer = desk.answer(child)
    assert isinstance(answer, Accepted)
    desk.report(answer.order, "F", "2", last=100, cum=100)
    after_days(desk, 3)
    again = desk.answer(child)
    assert (type(again), broken_laws(desk.engine.state)) == (Refused, [])


def test_an_order_that_is_open_or_spoken_of_is_not_forgotten() -> None:
    desk = with_days(1)
    live, busted = working(desk, time_in_force="1"), filled(desk)
    after_days(desk, 1)
    desk.report(busted, "H", "0", cum=0, leaves=100, exec_ref_id="E2", last=100)
    after_days(desk, 1)
    assert (known(desk, live), known(desk, busted)) == (True, True)


def test_an_order_in_a_break_is_not_forgotten() -> None:
    desk = with_days(1)
    name = desk.buy(100)
    desk.report(name, "I", "2", cum=100)
    after_days(desk, 4)
    assert desk.order(name).breaks


def test_an_external_order_is_forgotten_too() -> None:
    desk = with_days(1)
    desk.report("THEIRS", "F", "2", last=100, cum=100)
    before = known(desk, "ALPHA/O-THEIRS")
    after_days(desk, 3)
    assert (before, known(desk, "ALPHA/O-THEIRS"), broken_laws(desk.engine.state)) == (
        True,
        False,
        [],
    )


def test_the_page_after_a_gap_is_whole() -> None:
    desk = with_days(1)
    live = working(desk, time_in_force="1")
    for n in range(3):
        filled(desk, f"r{n}")
    after_days(desk, 3)
    late = filled(desk, "late")
    page = [o.reference for o in desk.shown.order_views(False, 10, "")]
    rest = [o.reference for o in desk.shown.order_views(False, 10, live)]
    assert (page, rest) == ([live, late], [late])


def test_many_are_forgotten_a_few_at_a_time() -> None:
    desk = with_days(1)
    for n in range(MOST + 1):
        filled(desk, f"r{n}")
    after_days(desk, 1)
    desk.now = desk.engine.state.day_ends_ns
    desk.wait(0)
    first = len(list(desk.engine.state.book.orders))
    assert desk.engine.is_due(desk.now)
    desk.wait(0)
    assert (first, len(list(desk.engine.state.book.orders))) == (1, 0)


def test_a_replay_forgets_the_same_packed_or_not() -> None:
    desk = with_days(1)
    for n in range(5):
        filled(desk, f"r{n}")
    after_days(desk, 3)
    again = Engine()
    for now, value in desk.log:
        again.step(now, value)
        again.pack(now, 0)
    assert again.shown(desk.now).hash() == desk.shown.hash()
