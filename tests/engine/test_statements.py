"""What is told of positions, money, prices and halts is compared and used, and never obeyed."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.messages import (
    CollateralReport,
    MarketDataSnapshot,
    MDEntry,
    PositionReport,
    RequestForPositionsAck,
    SecurityStatus,
)
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import SECOND, Desk, plain_settings

BREAK = {"control": "position_break", "limit": "0"}


def desk_with(*limits: dict[str, Any], **supports: bool) -> Desk:
    plain = plain_settings(limits=list(limits))
    plain["sessions"]["ALPHA"]["supports"] = supports
    plain["instruments"]["AAPL"]["reference"] = "10"
    return Desk(plain)


def position(long: int, short: int = 0, *, account: str = "DESK", **more: Any) -> PositionReport:
    told: dict[str, Any] = {
        "account": account,
        "symbol": "AAPL",
        "long_qty": long * SCALE,
        "short_qty": short * SCALE,
        "pos_maint_rpt_id": "1",
        "clearing_business_date": "20231114",
        "settl_price": 10 * SCALE,
    }
    return PositionReport(**(told | more))


def filled(desk: Desk, qty: int, *, side: str = "1", px: str = "10") -> None:
    answer = desk.ask_new(side, qty, px)
    assert isinstance(answer, Accepted), answer
    desk.report(answer.order, "F", "2", last=qty, px=px, cum=qty, side=side)


def passes(desk: Desk, side: str = "1", qty: int = 1) -> bool:
    return isinstance(desk.ask_new(side, qty, "10"), Accepted)


# -- position feeds --------------------------------------------------------------------------------


def test_a_difference_blocks_new_risk() -> None:
    desk = desk_with(BREAK)
    filled(desk, 10)
    desk.hear("ALPHA", position(15))
    assert not passes(desk)


def test_it_leaves_reducing_orders_open() -> None:
    desk = desk_with(BREAK)
    filled(desk, 10)
    desk.hear("ALPHA", position(15))
    assert passes(desk, "2", 10)


def test_it_moves_no_position() -> None:
    desk = desk_with(BREAK)
    filled(desk, 10)
    desk.hear("ALPHA", position(15))
    assert desk.position() == 10


def test_it_says_what_is_missing() -> None:
    desk = desk_with(BREAK)
    filled(desk, 10)
    desk.hear("ALPHA", position(15))
    assert "a buy of 5" in desk.alerts[-1].text


def test_the_fill_that_was_missing_lifts_the_block_by_itself() -> None:
    desk = desk_with(BREAK)
    filled(desk, 10)
    name = desk.buy(5)
    desk.hear("ALPHA", position(15))
    before = passes(desk)
    desk.report(name, "F", "2", last=5, cum=5)
    assert (before, passes(desk)) == (False, True)


def test_a_late_statement_is_no_difference() -> None:
    desk = desk_with(BREAK)
    filled(desk, 10)
    desk.hear("ALPHA", position(10))
    filled(desk, 5)
    desk.hear("ALPHA", position(10))
    assert passes(desk)


def test_the_brokers_name_of_an_account_is_understood() -> None:
    desk = desk_with(BREAK)
    desk.ask_new(qty=1, account="HEDGE")
    desk.hear("ALPHA", position(7, account="H-77"))
    assert isinstance(desk.ask_new(qty=1, account="HEDGE"), Refused)


def test_an_account_that_is_none_of_ours_is_told_and_left_aside() -> None:
    desk = desk_with(BREAK)
    desk.hear("ALPHA", position(7, account="WHO"))
    assert (desk.alerts[-1].code, passes(desk)) == ("position_feed", True)


def test_no_positions_at_all_is_a_statement_too() -> None:
    desk = desk_with(BREAK)
    filled(desk, 10)
    desk.hear("ALPHA", position(10))
    ack = RequestForPositionsAck(
        pos_req_id="r",
        pos_req_result="2",
        pos_req_status="0",
        pos_maint_rpt_id="x",
        account="DESK",
    )
    desk.hear("ALPHA", ack)
    assert not passes(desk)


@pytest.mark.parametrize(("against", "blocked"), [("likely", False), ("certain", True)])
def test_a_feed_stuck_at_nothing_is_seen_by_what_is_certain(against: str, blocked: bool) -> None:
    desk = desk_with({"control": "unconfirmed_fills", "limit": "4", "against": against})
    desk.buy(1)
    desk.hear("ALPHA", position(0))
    for _ in range(3):
        filled(desk, 5)
        filled(desk, 5, side="2")
        desk.hear("ALPHA", position(0))
    assert passes(desk) is not blocked


def test_a_feed_that_has_stopped_is_told_without_any_order() -> None:
    desk = desk_with({"control": "position_feed", "limit": "30"})
    desk.buy(1)
    desk.wait(31)
    assert desk.alerts[-1].code == "stale_feed"


def test_a_feed_that_speaks_again_lifts_the_block() -> None:
    desk = desk_with({"control": "position_feed", "limit": "30"})
    desk.buy(1)
    desk.passes(60 * SECOND)
    before = passes(desk)
    desk.hear("ALPHA", position(0))
    assert (before, passes(desk)) == (False, True)


def test_positions_are_asked_for_where_the_broker_tells_them() -> None:
    desk = desk_with(positions=True)
    asked = [m.text for m in desk.sent if m.text.startswith("35=AN")]
    assert ["1=DESK" in text or "1=H-77" in text for text in asked] == [True, True]


def test_none_are_asked_for_where_it_does_not() -> None:
    assert [m for m in desk_with().sent if m.text.startswith("35=AN")] == []


ROWS: dict[str, tuple[inputs.Holding, str]] = {
    "an account": (
        inputs.Holding(account="WHO", symbol="AAPL", quantity=0),
        "row 2: no account 'WHO' is configured",
    ),
    "a symbol": (
        inputs.Holding(account="DESK", symbol="XXX", quantity=0),
        "row 2: no instrument 'XXX' is configured",
    ),
    "a price": (
        inputs.Holding(account="HEDGE", symbol="AAPL", quantity=1, px=-1),
        "row 2: a price is not below 0",
    ),
    "a second time": (
        inputs.Holding(account="DESK", symbol="AAPL", quantity=0),
        "row 2: DESK AAPL stands twice",
    ),
}


@pytest.mark.parametrize(("row", "says"), ROWS.values(), ids=ROWS.keys())
def test_a_wrong_row_is_named_and_nothing_of_the_file_is_taken(
    row: inputs.Holding, says: str
) -> None:
    desk = desk_with()
    before = desk.shown.hash()
    good = inputs.Holding(account="DESK", symbol="AAPL", quantity=SCALE)
    answer = desk.answer(inputs.OpenPositions(by="t", source="f", rows=(good, row)))
    assert isinstance(answer, Refused)
    assert (answer.text, desk.shown.hash()) == (says, before)


# -- opening positions -----------------------------------------------------------------------------


def opened(desk: Desk, qty: int, px: str = "10") -> None:
    row = inputs.Holding(account="DESK", symbol="AAPL", quantity=qty * SCALE, px=fixed(px))
    desk.answer(inputs.OpenPositions(by="t", source="clearer 1114", rows=(row,)))


def test_the_day_starts_with_what_was_loaded() -> None:
    desk = desk_with()
    opened(desk, 40)
    filled(desk, 10)
    view = desk.shown.position_views()[0]
    assert (view.quantity, view.opening, view.opening_source) == (
        50 * SCALE,
        40 * SCALE,
        "clearer 1114",
    )


def test_an_opening_position_counts_for_every_limit() -> None:
    desk = desk_with({"control": "position_limit", "limit": "50"})
    opened(desk, 40)
    assert (passes(desk, qty=11), passes(desk, qty=10)) == (False, True)


def test_an_opening_position_past_a_limit_is_told() -> None:
    desk = desk_with({"control": "position_limit", "limit": "50"})
    desk.buy(1)
    opened(desk, 60)
    assert desk.alerts[-1].code == "limit_breach"


def test_an_opening_position_is_no_difference_to_the_feed() -> None:
    desk = desk_with(BREAK)
    opened(desk, 40)
    desk.buy(1)
    desk.hear("ALPHA", position(40))
    assert passes(desk)


# -- money -----------------------------------------------------------------------------------------

POWER = {"control": "buying_power", "limit": "0"}


def test_an_account_without_a_balance_may_not_buy() -> None:
    assert not passes(desk_with(POWER))


def test_a_balance_by_fix_gives_buying_power() -> None:
    desk = desk_with(POWER)
    told = CollateralReport(
        account="DESK", currency="USD", margin_excess=100 * SCALE, coll_rpt_id="c", coll_status="0"
    )
    desk.hear("ALPHA", told)
    assert (passes(desk, qty=11), passes(desk, qty=10)) == (False, True)


def funds(account: str, available: int, **more: Any) -> inputs.Funds:
    return inputs.Funds(account=account, currency="USD", available=available * SCALE, **more)


def test_the_balances_of_several_accounts_are_stated_together() -> None:
    desk = desk_with(POWER)
    rows = (funds("DESK", 100), funds("HEDGE", 200))
    desk.answer(inputs.SetBalances(by="t", rows=rows, source="b.csv"))
    taken = [(b.account, b.available // SCALE, b.source) for b in desk.shown.balance_views()]
    assert taken == [("DESK", 100, "b.csv"), ("HEDGE", 200, "b.csv")]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((funds("DESK", 1), funds("GONE", 1)), "row 2: no account 'GONE' is configured"),
        ((funds("DESK", 1), funds("DESK", 1)), "row 2: DESK stands twice"),
        ((funds("DESK", 1, total=-1),), "row 1: total and margin used are not below 0"),
        ((), "there are no rows"),
    ],
)
def test_of_balances_with_a_bad_one_none_is_taken(
    rows: tuple[inputs.Funds, ...], says: str
) -> None:
    desk = desk_with(POWER)
    answer = desk.answer(inputs.SetBalances(by="t", rows=rows, source="b.csv"))
    assert (answer.text, desk.shown.balance_views()) == (says, [])


def test_what_has_been_used_since_the_balance_is_gone_and_a_new_balance_counts_anew() -> None:
    desk = desk_with(POWER)
    balance = inputs.SetBalance(by="t", account="DESK", currency="USD", available=100 * SCALE)
    desk.answer(balance)
    name = desk.buy(10)
    used = passes(desk, qty=1)
    desk.report(name, "0", "0", leaves=10)
    desk.answer(balance)
    assert (used, passes(desk, qty=10)) == (False, True)


def test_a_cancelled_order_gives_its_buying_power_back() -> None:
    desk = desk_with(POWER)
    desk.answer(inputs.SetBalance(by="t", account="DESK", currency="USD", available=100 * SCALE))
    name = desk.buy(10)
    desk.report(name, "4", "4")
    assert passes(desk, qty=10)


def test_a_margin_of_a_fifth_buys_five_times_as_much() -> None:
    plain = plain_settings(limits=[POWER])
    plain["instruments"]["AAPL"] |= {"reference": "10", "margin_pct": "20"}
    desk = Desk(plain)
    desk.answer(inputs.SetBalance(by="t", account="DESK", currency="USD", available=100 * SCALE))
    assert (passes(desk, qty=51), passes(desk, qty=50)) == (False, True)


def test_sums_are_in_the_base_currency_at_the_rate_that_was_told() -> None:
    plain = plain_settings(limits=[{"control": "gross_notional", "limit": "100"}])
    plain["instruments"]["AAPL"] |= {"reference": "10", "currency": "GBP"}
    desk = Desk(plain)
    unrated = desk.ask_new(qty=1)
    desk.answer(inputs.SetRate(by="t", currency="GBP", rate=fixed("1.25")))
    assert isinstance(unrated, Refused)
    assert (passes(desk, qty=9), passes(desk, qty=8)) == (False, True)


def test_the_quotes_of_a_currency_feed_its_rate() -> None:
    plain = plain_settings(limits=[{"control": "gross_notional", "limit": "100"}])
    plain["instruments"]["AAPL"] |= {"reference": "10", "currency": "GBP"}
    plain["instruments"]["GBPUSD"] = {"venues": ["ALPHA"], "rate_of": "GBP"}
    desk = Desk(plain)
    entries = (
        MDEntry(entry_type="0", price=fixed("1.24"), size=SCALE),
        MDEntry(entry_type="1", price=fixed("1.26"), size=SCALE),
    )
    desk.hear("ALPHA", MarketDataSnapshot(symbol="GBPUSD", entries=entries))
    assert (passes(desk, qty=9), passes(desk, qty=8)) == (False, True)


def test_what_hangs_on_an_answer_is_shown_apart() -> None:
    desk = desk_with()
    name = desk.buy(10)
    desk.report(name, "0", "0", leaves=10)
    desk.buy(5)
    shown = next(v for v in desk.shown.exposure_views() if v.dimension == "symbol")
    assert (shown.open_buy, shown.doubt_buy) == (15 * SCALE, 5 * SCALE)


def test_fees_count_against_the_day() -> None:
    desk = desk_with({"control": "loss_limit", "limit": "5"})
    name = desk.buy(1)
    desk.report(name, "F", "2", last=1, cum=1, commission=6 * SCALE)
    assert not passes(desk)


def test_the_fees_of_a_busted_execution_are_given_back() -> None:
    desk = desk_with()
    name = desk.buy(1)
    desk.report(name, "F", "2", last=1, cum=1, commission=6 * SCALE, exec_id="F1")
    desk.report(name, "H", "0", cum=0, leaves=1, last=1, exec_ref_id="F1")
    assert desk.shown.position_views()[0].fees == 0


# -- halts of venues -------------------------------------------------------------------------------


def test_a_halt_of_one_venue_says_nothing_of_another() -> None:
    desk = desk_with()
    desk.hear("ALPHA", SecurityStatus(symbol="AAPL", security_trading_status="2"))
    assert isinstance(desk.ask_new(venue="BETA"), Accepted)


def test_a_halted_order_may_still_be_cancelled() -> None:
    desk = desk_with()
    name = desk.buy(1)
    desk.hear("ALPHA", SecurityStatus(symbol="AAPL", security_trading_status="2"))
    assert isinstance(desk.cancel(name), Accepted)


def test_what_a_venue_said_before_it_was_lost_is_asked_again() -> None:
    desk = desk_with(security_status=True)
    desk.hear("ALPHA", SecurityStatus(symbol="AAPL", security_trading_status="2"))
    desk.down("ALPHA")
    before = len(desk.sent)
    desk.ready("ALPHA")
    assert [m.text[3] for m in desk.sent[before:]] == ["e"]
