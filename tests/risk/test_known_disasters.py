"""What has cost others their firms is stopped within one order."""

from __future__ import annotations

from typing import Any

from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import Desk, plain_settings


def desk_with(*limits: dict[str, Any], reference: str = "10") -> Desk:
    plain = plain_settings(limits=list(limits))
    plain["instruments"]["AAPL"]["reference"] = reference
    return Desk(plain)


def control_of(answer: Accepted | Refused) -> str:
    return answer.control if isinstance(answer, Refused) else ""


def child(desk: Desk, qty: int) -> Accepted | Refused:
    terms = desk.terms("1", qty, "10")
    return desk.answer(inputs.NewOrder(by="sor", terms=terms, venue="ALPHA", parent="P"))


def knight() -> Desk:
    """A parent of 212, filled by its children, whose router does not know it (SEC 34-70694)."""
    desk = desk_with()
    new = inputs.NewParent(by="sor", ref="P", symbol="AAPL", side="1", order_qty=212 * SCALE)
    desk.answer(new)
    for qty in (100, 112):
        answer = child(desk, qty)
        assert isinstance(answer, Accepted)
        desk.report(answer.order, "F", "2", last=qty, cum=qty)
    return desk


def test_knights_router_is_stopped_at_the_first_child_of_a_filled_parent() -> None:
    assert control_of(child(knight(), 1)) == "conservation"


def test_knights_position_stays_that_of_the_parent() -> None:
    desk = knight()
    for _ in range(1000):
        child(desk, 100)
    assert desk.position() == 212


def test_children_that_are_open_count_before_they_fill() -> None:
    desk = desk_with()
    desk.answer(inputs.NewParent(by="s", ref="P", symbol="AAPL", side="1", order_qty=100 * SCALE))
    answers = [
        control_of(child(desk, 60)),
        control_of(child(desk, 41)),
        control_of(child(desk, 40)),
    ]
    assert answers == ["", "conservation", ""]


def test_a_child_that_is_out_gives_back_what_it_did_not_execute() -> None:
    desk = desk_with()
    desk.answer(inputs.NewParent(by="s", ref="P", symbol="AAPL", side="1", order_qty=100 * SCALE))
    first = child(desk, 100)
    assert isinstance(first, Accepted)
    desk.report(first.order, "F", "1", last=30, cum=30, leaves=70)
    desk.report(first.order, "4", "4", cum=30)
    assert [control_of(child(desk, 71)), control_of(child(desk, 70))] == ["conservation", ""]


def test_a_child_that_is_replaced_to_more_is_held_to_the_parent() -> None:
    desk = desk_with()
    desk.answer(inputs.NewParent(by="s", ref="P", symbol="AAPL", side="1", order_qty=100 * SCALE))
    first = child(desk, 60)
    assert isinstance(first, Accepted)
    assert control_of(desk.replace(first.order, order_qty=101 * SCALE)) == "conservation"


def test_a_child_that_its_broker_overfills_is_told_and_the_next_one_is_refused() -> None:
    desk = desk_with()
    desk.answer(inputs.NewParent(by="s", ref="P", symbol="AAPL", side="1", order_qty=100 * SCALE))
    first = child(desk, 100)
    assert isinstance(first, Accepted)
    desk.report(first.order, "F", "2", last=120, cum=120)
    codes = {alert.code for alert in desk.alerts}
    assert ("conservation" in codes, control_of(child(desk, 1))) == (True, "conservation")


FIFTY_EIGHT_MILLION = 58_000_000


def test_a_value_typed_as_a_quantity_is_stopped_by_the_quantity_alone() -> None:
    desk = desk_with({"control": "max_order_qty", "limit": "1000000"}, reference="7655")
    assert control_of(desk.ask_new(qty=FIFTY_EIGHT_MILLION, price="7655")) == "max_order_qty"


def test_a_value_typed_as_a_quantity_is_stopped_by_the_value_alone() -> None:
    desk = desk_with({"control": "max_order_value", "limit": "300000000"}, reference="7655")
    assert control_of(desk.ask_new(qty=FIFTY_EIGHT_MILLION, price="7655")) == "max_order_value"


def test_a_purchase_at_90_when_the_market_is_1() -> None:
    desk = desk_with({"control": "price_collar", "limit": "10"}, reference="1")
    assert control_of(desk.ask_new(price="90")) == "price_collar"


def test_a_market_order_does_not_pass_a_value_limit_because_it_has_no_price() -> None:
    desk = desk_with({"control": "max_order_value", "limit": "1000"}, reference="10")
    assert control_of(desk.ask_new(qty=100, price=None)) == "max_order_value"


def test_a_market_order_without_any_reference_is_refused() -> None:
    desk = Desk(plain_settings(limits=[{"control": "max_order_value", "limit": "1000000"}]))
    assert control_of(desk.ask_new(qty=1, price=None)) == "max_order_value"


def test_the_same_order_again() -> None:
    desk = desk_with({"control": "duplicate_order", "limit": "1"})
    assert [control_of(desk.ask_new()), control_of(desk.ask_new())] == ["", "duplicate_order"]


def test_a_sale_into_ones_own_bid() -> None:
    desk = desk_with({"control": "self_match"})
    desk.buy(100, "10")
    assert control_of(desk.ask_new("2", 100, "10")) == "self_match"


def reduce_only(desk: Desk, qty: int) -> Accepted | Refused:
    terms = desk.terms("2", qty, "10")
    return desk.answer(inputs.NewOrder(by="t", terms=terms, venue="ALPHA", reduce_only=True))


def test_reduce_only_while_100_long_and_a_sale_of_1000() -> None:
    desk = desk_with()
    name = desk.buy(100)
    desk.report(name, "F", "2", last=100, cum=100)
    assert [control_of(reduce_only(desk, 1000)), control_of(reduce_only(desk, 100))] == [
        "reduce_only",
        "",
    ]


def test_two_orders_that_each_would_reduce_and_together_turn_the_position() -> None:
    desk = desk_with()
    name = desk.buy(100)
    desk.report(name, "F", "2", last=100, cum=100)
    assert [control_of(reduce_only(desk, 60)), control_of(reduce_only(desk, 60))] == [
        "",
        "reduce_only",
    ]


def test_an_order_before_the_one_before_it_is_acknowledged() -> None:
    desk = desk_with({"control": "position_limit", "limit": "1000"})
    answers = [control_of(desk.ask_new(qty=600)), control_of(desk.ask_new(qty=600))]
    assert answers == ["", "position_limit"]


def test_a_taker_that_buys_and_sells_until_the_money_is_gone() -> None:
    desk = desk_with({"control": "flip_flop", "limit": "5"})
    trips = 0
    while trips < 100:
        bought = desk.ask_new("1", 10, "10.1")
        if not isinstance(bought, Accepted):
            break
        desk.report(bought.order, "F", "2", last=10, cum=10, px="10.1")
        sold = desk.ask_new("2", 10, "10")
        assert isinstance(sold, Accepted)
        desk.report(sold.order, "F", "2", last=10, cum=10, px="10", side="2")
        trips += 1
    assert trips == 6


def test_an_order_of_money_is_held_to_the_value_limit() -> None:
    desk = desk_with({"control": "max_order_value", "limit": "1000"})
    terms = desk.terms("1", 0, "10", cash_order_qty=fixed("1100"))
    answer = desk.answer(inputs.NewOrder(by="t", terms=terms, venue="ALPHA"))
    assert control_of(answer) == "max_order_value"
