"""What the state says is wrong: each condition opens with its cause and ends with its cure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fix_oms.engine.open_alerts import MOST_NAMED
from fix_oms.model import inputs
from fix_oms.model.alert_codes import CODES
from fix_oms.model.messages import MarketDataSnapshot, MDEntry, SecurityStatus
from fix_oms.model.units import SCALE, fixed
from fix_oms.model.views import AlertView
from tests.engine.desk import SECOND, Desk, plain_settings
from tests.engine.test_statements import desk_with, filled, position

Found = list[tuple[str, str, str]]


def alerts(desk: Desk) -> list[AlertView]:
    return desk.shown.open_alerts()


def found(desk: Desk) -> Found:
    """Severity, code and subject of each."""
    return [(a.severity, a.code, a.subject) for a in alerts(desk)]


def working(desk: Desk, qty: int = 100, **more: Any) -> str:
    name = desk.buy(qty, **more)
    desk.report(name, "0", "0", leaves=qty)
    return name


# -- a cause, what it opens, a cure ----------------------------------------------------------------


def unanswered() -> Desk:
    desk = Desk()
    desk.buy(100)
    desk.wait(11)
    return desk


def answered(desk: Desk) -> None:
    desk.report("1-1", "0", "0", leaves=100)


def never_answered() -> Desk:
    desk = unanswered()
    for _ in range(5):
        desk.wait(1000)
    return desk


def lost() -> Desk:
    desk = Desk()
    desk.buy(100)
    desk.down("ALPHA")
    return desk


def overfilled() -> Desk:
    desk = Desk()
    desk.report(working(desk), "F", "2", last=150, cum=150, exec_id="X")
    return desk


def busted(desk: Desk) -> None:
    bust: dict[str, Any] = {"exec_ref_id": "X", "order_qty": 100 * SCALE}
    desk.report("1-1", "H", "0", leaves=100, last=150, **bust)


def tied() -> Desk:
    desk = Desk()
    name = working(desk)
    desk.report(name, "D", "0", leaves=90, order_qty=90 * SCALE)
    desk.now -= 1000  # the same time on both reports
    desk.report(name, "D", "0", leaves=80, order_qty=80 * SCALE)
    return desk


def told_later(desk: Desk) -> None:
    desk.passes(SECOND)
    desk.report("1-1", "D", "0", leaves=70, order_qty=70 * SCALE)


def phoned() -> Desk:
    desk = Desk()
    desk.report("WHO", "0", "0", leaves=50, order_id="TEL", order_qty=50 * SCALE)
    return desk


def phoned_out(desk: Desk) -> None:
    desk.report("WHO", "4", "4", order_id="TEL", order_qty=50 * SCALE)


def back_and_unheard() -> Desk:
    desk = Desk()
    working(desk)
    desk.down("ALPHA")
    desk.ready("ALPHA")
    return desk


def mass_cancelled_and_down() -> Desk:
    desk = Desk()
    working(desk)
    desk.answer(inputs.MassCancel(by="ann"))
    desk.down("ALPHA")
    desk.wait(11)
    return desk


def back(desk: Desk) -> None:
    desk.ready("ALPHA")
    desk.report("1-1", "4", "4")


def halted_there() -> Desk:
    desk = Desk()
    desk.hear("ALPHA", SecurityStatus(symbol="AAPL", security_trading_status="2"))
    return desk


def resumed_there(desk: Desk) -> None:
    desk.hear("ALPHA", SecurityStatus(symbol="AAPL", security_trading_status="3"))


def quoted(desk: Desk) -> None:
    entries = tuple(MDEntry(entry_type=side, price=fixed("10"), size=SCALE) for side in ("0", "1"))
    desk.hear("ALPHA", MarketDataSnapshot(symbol="AAPL", entries=entries))


def old_quote() -> Desk:
    desk = desk_with({"control": "market_data", "limit": "30"})
    quoted(desk)
    working(desk)
    desk.wait(31)
    return desk


def told_otherwise(*limits: dict[str, Any]) -> Desk:
    desk = desk_with(*limits)
    filled(desk, 10)
    desk.hear("ALPHA", position(15))
    return desk


def told_the_same(desk: Desk) -> None:
    desk.hear("ALPHA", position(10))


def silent_feed() -> Desk:
    desk = desk_with({"control": "position_feed", "limit": "30"})
    filled(desk, 10)
    desk.wait(31)
    return desk


def beyond_its_limit() -> Desk:
    desk = desk_with({"control": "position_limit", "limit": "100"})
    desk.report(working(desk), "F", "2", last=150, cum=150, exec_id="X")
    return desk


def too_fast() -> Desk:
    desk = desk_with({"control": "order_rate", "limit": "2"})
    for _ in range(3):
        filled(desk, 1)
    return desk


def rearmed(desk: Desk) -> None:
    desk.answer(inputs.Rearm(by="ann", reason="seen to", limit="order_rate"))


def halted(by: str = "ann") -> Desk:
    desk = Desk()
    desk.answer(inputs.Halt(by=by, reason="lunch", account="DESK"))
    return desk


def killed() -> Desk:
    desk = Desk()
    working(desk)
    desk.answer(inputs.Kill(by="ann", reason="wild"))
    return desk


def resumed(desk: Desk) -> None:
    for halt in desk.shown.halt_views():
        desk.answer(inputs.Resume(by="ann", reason="over", account=halt.account))


BREAK = {"control": "position_break", "limit": "0"}
OVERFILL = ("warning", "break", "1-1")
DOUBT = ("warning", "in_doubt", "1-1")
CASES: tuple[tuple[str, Callable[[], Desk], Found, Callable[[Desk], object]], ...] = (
    ("no answer in time", unanswered, [DOUBT], answered),
    ("the session went down", lost, [DOUBT], answered),
    ("no question answered", never_answered, [("severe", "in_doubt", "1-1")], answered),
    ("an overfill", overfilled, [OVERFILL], busted),
    ("two reports tied", tied, [("warning", "uncertain", "1-1")], told_later),
    ("an order by phone", phoned, [("severe", "external_order", "ALPHA/TEL")], phoned_out),
    ("a broker back and silent", back_and_unheard, [("warning", "unheard", "ALPHA")], answered),
    (
        "a mass cancel cut off",
        mass_cancelled_and_down,
        [("warning", "mass_cancel", "1-2")],
        back,
    ),
    ("a venue's halt", halted_there, [("warning", "trading_halt", "ALPHA AAPL")], resumed_there),
    ("a stale quote", old_quote, [("warning", "stale_quote", "ALPHA AAPL")], quoted),
    (
        "a position told otherwise",
        told_otherwise,
        [("warning", "position_break", "DESK AAPL")],
        told_the_same,
    ),
    (
        "the same beyond a limit",
        lambda: told_otherwise(BREAK),
        [("severe", "position_break", "position_break of account DESK, symbol AAPL")],
        told_the_same,
    ),
    (
        "a silent feed",
        silent_feed,
        [("severe", "stale_feed", "position_feed of account DESK, symbol AAPL")],
        told_the_same,
    ),
    (
        "a position beyond its limit",
        beyond_its_limit,
        [OVERFILL, ("severe", "limit_breach", "position_limit of symbol AAPL")],
        busted,
    ),
    (
        "a latch",
        too_fast,
        [("severe", "latched", "order_rate of account DESK, strategy , symbol AAPL")],
        rearmed,
    ),
    ("a halt", halted, [("warning", "halt", "account DESK")], resumed),
    (
        "a halt of the engine's own",
        lambda: halted("fix-oms"),
        [("severe", "halt", "account DESK")],
        resumed,
    ),
    ("a kill", killed, [("severe", "kill", "everything")], resumed),
)
IDS = [name for name, *_ in CASES]


@pytest.mark.parametrize(("_", "cause", "expected", "cure"), CASES, ids=IDS)
def test_a_cause_opens_what_is_expected(
    _: str, cause: Callable[[], Desk], expected: Found, cure: Callable[[Desk], object]
) -> None:
    assert found(cause()) == expected


@pytest.mark.parametrize(("_", "cause", "expected", "cure"), CASES, ids=IDS)
def test_its_cure_ends_it(
    _: str, cause: Callable[[], Desk], expected: Found, cure: Callable[[Desk], object]
) -> None:
    desk = cause()
    cure(desk)
    assert found(desk) == []


@pytest.mark.parametrize(("_", "cause", "expected", "cure"), CASES, ids=IDS)
def test_each_comes_in_a_severity_of_the_catalogue_that_lasts(
    _: str, cause: Callable[[], Desk], expected: Found, cure: Callable[[Desk], object]
) -> None:
    wrong = [a for a in alerts(cause()) if a.severity not in CODES[a.code].severities or not a.text]
    assert (wrong, [a for a in alerts(cause()) if not CODES[a.code].lasts]) == ([], [])


TEXTS = {
    "no answer in time": "new 1-1 of order 1-1 is in doubt: the broker is asked",
    "the session went down": "new 1-1 of order 1-1 is in doubt: the broker is not asked yet",
    "no question answered": "new 1-1 of order 1-1 is in doubt: no question about it was answered, "
    "and no more are asked",
    "an overfill": "order 1-1: overfill: executions exceed OrderQty(38)",
    "an order by phone": "ALPHA has ALPHA/TEL open, which we did not send",
    "a broker back and silent": "ALPHA has yet to tell of 1 order: new ones of DESK AAPL are held",
    "a mass cancel cut off": "mass cancel 1-2 of everything has no answer of ALPHA",
    "a venue's halt": "ALPHA has halted AAPL: trading halt",
    "a stale quote": "ALPHA's quote of AAPL is too old, and market_data needs it",
    "a halt": "account DESK is halted by ann: lunch",
    "a kill": "everything is killed by ann: wild; 1 order not reported out",
}


@pytest.mark.parametrize("name", TEXTS)
def test_it_says_what_is_wrong(name: str) -> None:
    (cause,) = [cause for case, cause, *_ in CASES if case == name]
    assert [alert.text for alert in alerts(cause())] == [TEXTS[name]]


def test_a_kill_whose_orders_are_out_says_nothing_of_them() -> None:
    desk = killed()
    desk.report("1-1", "4", "4")
    assert [alert.text for alert in alerts(desk)] == ["everything is killed by ann: wild"]


def test_a_request_that_awaits_its_answer_in_good_time_is_not_in_doubt() -> None:
    desk = Desk()
    desk.buy(100)
    assert found(desk) == []


@pytest.mark.parametrize("is_open", [True, False])
def test_of_a_venue_that_is_closed_no_quote_is_expected(is_open: bool) -> None:
    plain = plain_settings(limits=[{"control": "market_data", "limit": "30"}])
    plain["venues"]["ALPHA"]["hours"] = {"logon": "08:00", "logout": "16:00"}
    desk = Desk(plain)
    desk.give(inputs.VenueHours(venue="ALPHA", is_open=True))
    quoted(desk)
    working(desk)
    desk.give(inputs.VenueHours(venue="ALPHA", is_open=is_open))
    desk.wait(31)
    assert [code for _, code, _ in found(desk)] == (["stale_quote"] if is_open else [])


def test_of_a_session_that_is_away_no_quote_is_expected() -> None:
    desk = old_quote()
    desk.down("ALPHA")
    assert "stale_quote" not in [code for _, code, _ in found(desk)]


def test_a_quiet_desk_has_none() -> None:
    desk = desk_with(BREAK, {"control": "market_data", "limit": "30"})
    quoted(desk)
    working(desk)
    assert found(desk) == []


# -- many ------------------------------------------------------------------------------------------


def many(count: int) -> Desk:
    """So many orders in doubt on ALPHA."""
    desk = Desk()
    for _ in range(count):
        desk.buy(1)
    desk.down("ALPHA")
    return desk


def test_of_many_the_oldest_stand_for_themselves_and_the_rest_is_counted() -> None:
    listed = [(a.subject, a.count) for a in alerts(many(MOST_NAMED + 7))]
    named = [(f"1-{n}", 1) for n in range(1, MOST_NAMED + 1)]
    assert listed == [*named, ("", 7)]


def test_the_rest_is_as_severe_as_its_worst() -> None:
    desk = many(MOST_NAMED + 2)
    list(desk.engine.state.waiting.values())[-1].asked = 5
    assert alerts(desk)[-1].severity == "severe"


def test_a_look_changes_nothing() -> None:
    desk = many(MOST_NAMED + 2)
    before = desk.shown.hash()
    alerts(desk)
    assert desk.shown.hash() == before


def test_an_order_that_does_not_add_up_is_never_packed() -> None:
    desk = overfilled()
    assert desk.engine.pack(desk.now, 0) == 0


def test_what_is_open_is_what_a_replay_finds_open() -> None:
    desk = tied()
    replayed = Desk(plain_settings(), ready=False)
    for now, value in desk.log[1:]:
        replayed.engine.step(now, value)
    replayed.now = desk.now
    assert found(replayed) == found(desk)
