"""Lives that brokers really tell and that are easily got wrong: what is open, and what counts."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted
from fix_oms.model.units import SCALE
from tests.engine.desk import SECOND, Desk

DAY = 86_400 * SECOND


def working(desk: Desk, qty: int = 100) -> str:
    name = desk.buy(qty)
    desk.report(name, "0", "0", leaves=qty)
    return name


def open_buy(desk: Desk) -> int:
    return sum(p.open_buy for p in desk.shown.position_views()) // SCALE


def resolved(desk: Desk, name: str, outcome: str, **more: Any) -> None:
    value = inputs.Resolve(by="ann", order=name, outcome=outcome, reason="by telephone", **more)
    desk.answer(value)


def cash_order(desk: Desk) -> Accepted:
    """For 1,000 of money, at 10 or better."""
    money, price = 1000 * SCALE, 10 * SCALE
    terms = Terms(
        symbol="AAPL", side="1", order_qty=0, ord_type="2", price=price, cash_order_qty=money
    )
    sent = desk.answer(inputs.NewOrder(by="tom", terms=terms, venue="ALPHA"))
    assert isinstance(sent, Accepted)
    return sent


def sound(desk: Desk) -> None:
    """The book, the exposure and a replay agree with the orders."""
    desk.check()
    orders = desk.engine.state.book.orders
    assert sum(o.open_qty for o in orders if o.buys) // SCALE == open_buy(desk)
    again = Desk(ready=False)
    again.engine = type(desk.engine)()
    for now, value in desk.log:
        again.engine.step(now, value)
    assert again.engine.shown(desk.now).hash() == desk.shown.hash()


def test_a_filled_order_that_is_to_be_more_is_open_again() -> None:
    desk = Desk()
    name = working(desk)
    desk.report(name, "F", "2", cum=100, last=100)
    desk.replace(name, order_qty=150 * SCALE)
    open_orders = [view.reference for view in desk.shown.order_views(True, 10, "")]
    assert (open_buy(desk), open_orders) == (50, [name])
    sound(desk)


@pytest.mark.parametrize("exec_type", ["D", "I"])
def test_a_day_order_that_works_on_the_next_day_is_open_again(exec_type: str) -> None:
    desk = Desk()
    name = working(desk)
    desk.report(name, "3", "3")
    desk.now += DAY
    desk.report(name, exec_type, "0", leaves=100)
    assert (desk.state_of(name), open_buy(desk)) == (("0", 0, 100), 100)
    sound(desk)


def test_a_request_that_was_accepted_and_refused_is_open_at_the_larger_terms() -> None:
    desk = Desk()
    name = working(desk)
    asked = desk.replace(name, order_qty=50 * SCALE)
    assert isinstance(asked, Accepted)
    desk.report(asked.cl_ord_id, "5", "0", leaves=50, order_qty=50 * SCALE)
    desk.cancel_reject(asked.cl_ord_id, name, "0")
    assert (open_buy(desk), len(desk.order(name).breaks)) == (100, 1)
    sound(desk)


@pytest.mark.parametrize("no_time", [False, True])
def test_a_fill_after_a_persons_decision_reserves_what_is_left_also_without_a_time(
    no_time: bool,
) -> None:
    desk = Desk()
    name = working(desk)
    resolved(desk, name, "canceled")
    desk.report(name, "F", "1", cum=30, leaves=70, last=30, order_qty=100 * SCALE, no_time=no_time)
    assert (desk.state_of(name), open_buy(desk), desk.position()) == (("4", 30, 0), 70, 30)
    assert "LeavesQty(151) told after the end of the order" in desk.order(name).breaks
    sound(desk)


def test_a_decision_after_a_bust_leaves_nothing_unexplained() -> None:
    desk = Desk()
    name = working(desk)
    desk.report(name, "F", "1", cum=40, leaves=60, last=40, exec_id="f")
    desk.report(name, "H", "0", leaves=100, exec_id="b", exec_ref_id="f")
    resolved(desk, name, "canceled")
    assert (open_buy(desk), desk.order(name).breaks) == (0, ())
    sound(desk)


def test_a_status_answer_contradicts_a_persons_decision_whatever_its_time() -> None:
    desk = Desk()
    name = working(desk)
    at = desk.now
    desk.wait(5)
    resolved(desk, name, "canceled")
    asked, desk.now = desk.now, at
    desk.report(name, "I", "0", leaves=100)
    desk.now = asked
    assert (desk.state_of(name), open_buy(desk)) == (("4", 0, 0), 100)
    sound(desk)


def test_corrections_of_one_fill_without_a_time_count_in_the_order_in_which_they_came() -> None:
    desk = Desk()
    name = working(desk)
    desk.report(name, "F", "1", cum=30, leaves=70, last=30, exec_id="7", no_time=True)
    for exec_id, qty in (("9", 25), ("10", 20)):
        more = {"exec_id": exec_id, "exec_ref_id": "7"}
        left = 100 - qty
        desk.report(name, "G", "1", cum=qty, leaves=left, last=qty, no_time=True, **more)
    view = desk.order(name)
    assert (desk.state_of(name), view.uncertain, open_buy(desk)) == (("1", 20, 80), True, 80)
    sound(desk)


def test_a_replace_of_a_cash_order_reserves_what_its_new_price_may_buy() -> None:
    desk = Desk()
    sent = cash_order(desk)
    desk.report(sent.order, "0", "0", leaves=100, order_qty=100 * SCALE)
    desk.replace(sent.order, price=5 * SCALE)
    assert (open_buy(desk), desk.last_fields().get(38)) == (210, None)
    sound(desk)


def test_a_cash_order_without_a_quantity_stays_open_for_the_money_that_is_left() -> None:
    desk = Desk()
    sent = cash_order(desk)
    desk.report(sent.order, "F", "1", cum=110, last=110, px="5")
    assert (desk.order(sent.order).ord_status, open_buy(desk)) == ("1", 90)
    assert isinstance(desk.cancel(sent.order), Accepted)
    sound(desk)


def test_an_order_of_somebody_else_without_order_qty_ends_in_one_state() -> None:
    told: list[tuple[str, str, dict[str, Any]]] = [
        ("0", "0", {"leaves": 100, "exec_id": "a"}),
        ("F", "1", {"cum": 40, "leaves": 60, "last": 40, "exec_id": "b"}),
        ("4", "4", {"cum": 40, "exec_id": "c"}),
    ]
    found = set()
    for order in permutations(range(3)):
        desk = Desk()
        begun = desk.now
        for n in order:
            exec_type, status, more = told[n]
            desk.now = begun + n * SECOND
            desk.report("theirs", exec_type, status, order_id="T1", **more)
        view = desk.order("ALPHA/T1")
        found.add((view.ord_status, view.order_qty // SCALE, view.cum_qty // SCALE))
    assert found == {("4", 100, 40)}


@pytest.mark.parametrize(
    ("side", "symbol", "field"), [("2", "AAPL", "Side(54)"), ("1", "X", "Symbol(55)")]
)
def test_a_fill_of_another_side_or_symbol_is_an_anomaly_and_counts_as_the_orders(
    side: str, symbol: str, field: str
) -> None:
    desk = Desk()
    name = working(desk)
    desk.report(name, "F", "1", cum=40, leaves=60, last=40, side=side, symbol=symbol)
    told = [alert.text for alert in desk.alerts if alert.code == "anomaly"]
    assert ([text.startswith(field) for text in told], desk.position()) == ([True], 40)


def test_a_replaced_report_without_order_qty_states_it_by_what_is_done_and_left() -> None:
    desk = Desk()
    name = working(desk)
    asked = desk.replace(name, order_qty=11 * SCALE)
    assert isinstance(asked, Accepted)
    desk.report(name, "F", "1", cum=83, leaves=17, last=83)
    desk.report(asked.cl_ord_id, "5", "2", cum=83)
    assert (desk.state_of(name), desk.order(name).breaks) == (("2", 83, 0), ())
    sound(desk)
