"""What may leave, and what is refused: by rule, by limit, by name."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.messages import MarketDataSnapshot, MDEntry, Terms
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import Desk, plain_settings


def limited(*limits: dict[str, Any]) -> Desk:
    return Desk(plain_settings(limits=list(limits)))


def test_an_accepted_order_leaves_as_new_order_single() -> None:
    desk = Desk()
    name = desk.buy(100, "10.25", client_ref="mine")
    sent = desk.last_fields()
    assert [sent[tag] for tag in (35, 11, 55, 54, 38, 40, 44, 59, 1)] == [
        "D",
        name,
        "AAPL",
        "1",
        "100",
        "2",
        "10.25",
        "0",
        "DESK",
    ]


def test_an_order_counts_before_its_acknowledgement() -> None:
    desk = Desk()
    desk.buy(100)
    assert desk.shown.position_views()[0].open_buy == 100 * SCALE


def test_the_broker_is_told_its_own_name_of_the_account() -> None:
    desk = Desk()
    desk.buy(100, account="HEDGE")
    assert desk.last_fields()[1] == "H-77"


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown symbol": ({"symbol": "XXX"}, "terms", "Symbol(55)"),
    "unknown account": ({"account": "NOBODY"}, "terms", "Account(1)"),
    "no side of ours": ({"side": "9"}, "terms", "Side(54)"),
    "no order type of ours": ({"ord_type": "P"}, "terms", "OrdType(40)"),
    "no time in force of ours": ({"time_in_force": "9"}, "terms", "TimeInForce(59)"),
    "quantity of nothing": ({"qty": 0}, "terms", "OrderQty(38)"),
    "quantity off the lot": (
        {"symbol": "MSFT", "venue": "BETA", "qty": 15},
        "lot_size",
        "OrderQty(38)",
    ),
    "price off the tick": ({"price": "10.001"}, "tick_size", "Price(44)"),
    "limit without a price": ({"price": None, "ord_type": "2"}, "terms", "Price(44)"),
    "market with a price": ({"price": "10", "ord_type": "1"}, "terms", "Price(44)"),
    "stop without its price": ({"price": None, "ord_type": "3"}, "terms", "StopPx(99)"),
    "good till date without a date": ({"time_in_force": "6"}, "terms", "ExpireTime(126)"),
    "unknown venue": ({"venue": "NOWHERE"}, "venue", "venue"),
    "text that would inject a field": ({"text": "x\x0138=9"}, "supports", "Text(58)"),
}


@pytest.mark.parametrize(("change", "control", "field"), BAD.values(), ids=BAD.keys())
def test_a_senseless_order_is_refused_by_field_and_nothing_leaves(
    change: dict[str, Any], control: str, field: str
) -> None:
    desk = Desk()
    answer = desk.ask_new(**change)
    assert isinstance(answer, Refused)
    assert (answer.control, answer.field, desk.sent) == (control, field, [])


def test_an_order_while_the_session_is_down_is_refused_at_once() -> None:
    desk = Desk()
    desk.down("ALPHA")
    answer = desk.ask_new()
    assert isinstance(answer, Refused)
    assert (answer.control, desk.sent) == ("session_up", [])


def test_an_order_before_the_round_trip_is_refused() -> None:
    desk = Desk(ready=False)
    desk.give(inputs.SessionUp(session="ALPHA"))
    answer = desk.ask_new()
    assert isinstance(answer, Refused)
    assert answer.control == "session_up"


def test_the_router_takes_the_first_venue_that_is_ready() -> None:
    desk = Desk()
    desk.down("ALPHA")
    answer = desk.ask_new(venue=None)
    assert isinstance(answer, Accepted)
    assert answer.session == "BETA"


def test_one_client_ref_never_sends_twice() -> None:
    desk = Desk()
    desk.buy(100, client_ref="mine")
    answer = desk.ask_new(client_ref="mine")
    assert isinstance(answer, Refused)
    assert (answer.control, len(desk.sent)) == ("duplicate_ref", 1)


def test_a_counterparty_without_market_orders_gets_none() -> None:
    settings = plain_settings()
    settings["sessions"]["ALPHA"]["supports"] = {"market_orders": False}
    desk = Desk(settings)
    answer = desk.ask_new(price=None)
    assert isinstance(answer, Refused)
    assert (answer.control, desk.sent) == ("supports", [])


# -- limits ----------------------------------------------------------------------------------------

MAX_QTY = {"control": "max_order_qty", "limit": "100"}
MAX_VALUE = {"control": "max_order_value", "limit": "1000"}
COLLAR = {"control": "price_collar", "limit": "10"}
RATE = {"control": "message_rate", "limit": "2", "window_s": 1}

BOUNDS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "max_order_qty": (MAX_QTY, {"qty": 100}, {"qty": 101}),
    "max_order_value": (MAX_VALUE, {"qty": 100, "price": "10"}, {"qty": 100, "price": "10.01"}),
    "price_collar buy": (
        COLLAR,
        {"symbol": "MSFT", "venue": "BETA", "price": "440"},
        {"symbol": "MSFT", "venue": "BETA", "price": "440.01"},
    ),
    "price_collar sell": (
        COLLAR,
        {"symbol": "MSFT", "venue": "BETA", "price": "360", "side": "2"},
        {"symbol": "MSFT", "venue": "BETA", "price": "359.99", "side": "2"},
    ),
    "a market order is valued at its reference and buffer": (
        {"control": "max_order_value", "limit": "4200"},
        {"symbol": "MSFT", "venue": "BETA", "qty": 10, "price": None},
        {"symbol": "MSFT", "venue": "BETA", "qty": 20, "price": None},
    ),
}


@pytest.mark.parametrize(("limit", "inside", "beyond"), BOUNDS.values(), ids=BOUNDS.keys())
def test_an_order_just_inside_the_limit_passes_and_one_step_beyond_is_refused(
    limit: dict[str, Any], inside: dict[str, Any], beyond: dict[str, Any]
) -> None:
    assert isinstance(limited(limit).ask_new(**inside), Accepted)
    answer = limited(limit).ask_new(**beyond)
    assert isinstance(answer, Refused)
    assert (answer.control, bool(answer.limit and answer.value)) == (limit["control"], True)


def test_the_tightest_of_several_limits_wins() -> None:
    desk = limited(MAX_QTY, {"control": "max_order_qty", "limit": "50", "symbol": "AAPL"})
    answer = desk.ask_new(qty=51)
    assert isinstance(answer, Refused)
    assert answer.limit == "50"


def test_a_limit_of_another_scope_does_not_hold() -> None:
    desk = limited({"control": "max_order_qty", "limit": "50", "account": "HEDGE"})
    assert isinstance(desk.ask_new(qty=51), Accepted)


@pytest.mark.parametrize("limit", [MAX_VALUE, COLLAR], ids=["value", "collar"])
def test_a_market_order_without_any_reference_is_refused(limit: dict[str, Any]) -> None:
    answer = limited(limit).ask_new(price=None)
    assert isinstance(answer, Refused)
    assert "no reference price" in answer.text


def test_a_stated_reference_price_serves_the_collar() -> None:
    desk = limited(COLLAR)
    desk.answer(inputs.SetReference(by="ann", symbol="AAPL", price=fixed("10")))
    assert isinstance(desk.ask_new(price="11"), Accepted)
    assert isinstance(desk.ask_new(price="11.01"), Refused)


def quote(desk: Desk, bid: str, offer: str) -> None:
    entries = (
        MDEntry(entry_type="0", price=fixed(bid), size=SCALE),
        MDEntry(entry_type="1", price=fixed(offer), size=SCALE),
    )
    desk.hear("ALPHA", MarketDataSnapshot(symbol="AAPL", entries=entries, md_req_id="q"))


def test_a_fresh_quote_is_the_reference_before_any_other() -> None:
    desk = limited(COLLAR)
    desk.answer(inputs.SetReference(by="ann", symbol="AAPL", price=fixed("10")))
    quote(desk, "19", "20")
    assert isinstance(desk.ask_new(price="22"), Accepted)


def test_a_stale_quote_is_no_reference() -> None:
    desk = limited(COLLAR)
    quote(desk, "19", "20")
    desk.wait(61)
    assert isinstance(desk.ask_new(price="20"), Refused)


def test_a_crossed_quote_is_no_reference() -> None:
    desk = limited(COLLAR)
    quote(desk, "21", "20")
    assert isinstance(desk.ask_new(price="20"), Refused)


def test_the_throttle_refuses_orders_but_never_a_cancel() -> None:
    desk = limited(RATE)
    first = desk.buy(1)
    desk.buy(1)
    refused = desk.ask_new(qty=1)
    assert isinstance(refused, Refused)
    assert refused.control == "message_rate"
    assert isinstance(desk.cancel(first), Accepted)


def test_the_throttle_opens_again_when_its_window_has_passed() -> None:
    desk = limited(RATE)
    desk.buy(1)
    desk.buy(1)
    desk.wait(1)
    assert isinstance(desk.ask_new(qty=1), Accepted)


def test_a_halt_blocks_new_orders_and_lets_cancels_leave() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.answer(inputs.Halt(by="ann", reason="fat finger", venue="ALPHA"))
    refused = desk.ask_new()
    assert isinstance(refused, Refused)
    assert (refused.control, "fat finger" in refused.text) == ("halt", True)
    assert isinstance(desk.cancel(name), Accepted)


def test_a_halt_lets_a_replace_leave_that_only_reduces() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.answer(inputs.Halt(by="ann", reason="x"))
    assert isinstance(desk.replace(name, order_qty=150 * SCALE), Refused)
    assert isinstance(desk.replace(name, order_qty=50 * SCALE), Accepted)


def test_a_halt_of_one_symbol_leaves_the_others_alone() -> None:
    desk = Desk()
    desk.answer(inputs.Halt(by="ann", reason="x", symbol="MSFT"))
    assert isinstance(desk.ask_new(), Accepted)


def test_a_resume_lifts_exactly_the_halt_of_its_scope() -> None:
    desk = Desk()
    desk.answer(inputs.Halt(by="ann", reason="x", symbol="AAPL"))
    assert isinstance(desk.answer(inputs.Resume(by="ann", reason="y")), Refused)
    desk.answer(inputs.Resume(by="ann", reason="y", symbol="AAPL"))
    assert isinstance(desk.ask_new(), Accepted)


def test_a_halt_survives_a_restart() -> None:
    desk = Desk()
    desk.answer(inputs.Halt(by="ann", reason="x"))
    desk.start(2)
    desk.ready("ALPHA")
    assert isinstance(desk.ask_new(), Refused)


def test_a_replace_is_judged_as_the_order_it_becomes() -> None:
    desk = limited(MAX_QTY)
    name = desk.buy(100)
    answer = desk.replace(name, order_qty=101 * SCALE)
    assert isinstance(answer, Refused)
    assert answer.control == "max_order_qty"


# -- batches ---------------------------------------------------------------------------------------


def orders(*quantities: int, refs: tuple[str | None, ...] = ()) -> list[inputs.Command]:
    names = refs or (None,) * len(quantities)
    return [
        inputs.NewOrder(
            by="tom",
            venue="ALPHA",
            client_ref=ref,
            terms=Terms(
                symbol="AAPL", side="1", order_qty=qty * SCALE, ord_type="2", price=10 * SCALE
            ),
        )
        for qty, ref in zip(quantities, names, strict=True)
    ]


def test_a_check_names_each_command_that_would_be_refused_and_changes_nothing() -> None:
    desk = limited(MAX_QTY)
    before = desk.shown.hash()
    found = desk.engine.check(desk.now, orders(100, 101, 50))
    assert [r.control if r else None for r in found] == [None, "max_order_qty", None]
    assert desk.shown.hash() == before


def test_a_check_counts_the_batch_itself_against_the_throttle() -> None:
    found = limited(RATE).engine.check(1, orders(1, 1, 1))
    assert [r.control if r else None for r in found] == [None, None, "message_rate"]


def test_a_check_finds_one_client_ref_used_twice() -> None:
    found = Desk().engine.check(1, orders(1, 1, refs=("a", "a")))
    assert [r.control if r else None for r in found] == [None, "duplicate_ref"]
