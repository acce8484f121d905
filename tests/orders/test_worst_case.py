"""What an order is reserved at, and whether it is worth a cancel: over all terms that may hold."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.messages import Terms
from fix_oms.model.scope import Scope
from fix_oms.model.units import LARGEST, SCALE
from fix_oms.orders.order import Order
from fix_oms.orders.projection import open_with
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request
from tests.orders.told import X, correction, fill, report, tell

HERE = Scope("A", "algo", "AAPL", "V", "S")


def terms(qty: int = 100, px: int | None = 10, side: str = "1", **more: Any) -> Terms:
    kind = "1" if px is None else "2"
    price = None if px is None else px * SCALE
    told: dict[str, Any] = {"ord_type": kind, "price": price}
    return Terms(symbol="AAPL", side=side, order_qty=qty * SCALE, **(told | more))


def order(first: Terms, worst: int = 10) -> Order:
    return Order(Request(X, NEW, first, 1, 1, worst * SCALE), HERE)


def replace(name: str, asked: Terms, worst: int) -> Request:
    return Request(name, REPLACE, asked, 2, 1, worst * SCALE)


def test_it_says_whose_it_is_and_where_it_went() -> None:
    made = order(terms())
    assert (made.account, made.strategy, made.venue, made.session) == ("A", "algo", "V", "S")


def test_it_is_reserved_at_its_first_requests_worst_price() -> None:
    assert order(terms(), 12).worst_px == 12 * SCALE


def test_a_replace_without_an_answer_may_be_worse() -> None:
    made = order(terms(), 10)
    made.add_request(replace("2", terms(px=15), 15))
    assert made.worst_px == 15 * SCALE


def test_a_cancel_says_nothing_of_the_price() -> None:
    made = order(terms(), 10)
    made.add_request(Request("2", CANCEL, terms(), 2, 1, 99 * SCALE))
    assert made.worst_px == 10 * SCALE


def test_a_replace_that_was_refused_is_worth_nothing() -> None:
    made = order(terms(), 10)
    asked = replace("2", terms(px=15), 15)
    made.add_request(asked)
    made.refuse(asked, "no")
    assert made.worst_px == 10 * SCALE


def test_a_price_that_was_replaced_counts_no_more() -> None:
    made = order(terms(px=15), 15)
    asked = replace("2", terms(px=10), 10)
    made.add_request(asked)
    made.accept(asked, "by telephone")
    assert made.worst_px == 10 * SCALE


def test_one_that_was_accepted_and_refused_counts_with_all_others() -> None:
    made = order(terms(px=15), 15)
    asked = replace("2", terms(px=10), 10)
    made.add_request(asked)
    made.accept(asked, "by telephone")
    made.refuse(asked, "no")
    assert made.worst_px == 15 * SCALE


def test_a_price_that_the_broker_states_counts() -> None:
    made = order(terms(px=10), 10)
    tell(made, report("D", "0", price=20, exec_restatement_reason="99"))
    assert made.worst_px == 20 * SCALE


TOUCHES: dict[str, tuple[Terms, int]] = {
    "a limit": (terms(px=10), 10 * SCALE),
    "a purchase at market": (terms(px=None), LARGEST),
    "a sale at market": (terms(px=None, side="2"), 1),
    "a stop": (terms(px=None, ord_type="3", stop_px=10 * SCALE), 0),
}


@pytest.mark.parametrize(("first", "touch"), TOUCHES.values(), ids=TOUCHES.keys())
def test_it_is_readiest_to_trade_at(first: Terms, touch: int) -> None:
    assert order(first).touch_px == touch


@pytest.mark.parametrize(("side", "touch"), [("1", 12), ("2", 10)])
def test_with_a_replace_under_way_the_readier_price_counts(side: str, touch: int) -> None:
    made = order(terms(px=10, side=side))
    made.add_request(replace("2", terms(px=12, side=side), 12))
    assert made.touch_px == touch * SCALE


def test_a_stop_with_a_cancel_under_way_still_rests_in_no_book() -> None:
    stop = terms(px=None, ord_type="3", stop_px=10 * SCALE)
    made = order(stop)
    made.add_request(Request("2", CANCEL, stop, 2, 1))
    assert made.touch_px == 0


def test_a_working_order_may_trade() -> None:
    assert order(terms()).may_trade


def test_an_order_that_has_ended_may_not() -> None:
    assert not tell(order(terms()), report("4", "4")).may_trade


def test_what_is_only_told_of_an_ended_order_is_not_worth_a_cancel() -> None:
    made = tell(order(terms()), report("4", "4", 40))
    assert (made.open_qty, made.may_trade) == (40 * SCALE, False)


def test_a_filled_order_that_is_to_be_more_may_trade() -> None:
    made = tell(order(terms()), fill("f", 100, 100))
    made.add_request(replace("2", terms(150), 10))
    assert made.may_trade


def test_a_replace_to_more_opens_what_it_adds() -> None:
    made = tell(order(terms()), fill("f", 40, 40))
    assert open_with(made, terms(150)) == 110 * SCALE


def test_a_replace_to_less_frees_nothing_before_its_answer() -> None:
    assert open_with(order(terms()), terms(50)) == 100 * SCALE


def test_the_next_request_names_no_id_that_the_broker_does_not_know() -> None:
    made = order(terms())
    made.add_request(replace("2", terms(150), 10))
    made.own_aside().unknown_ids = frozenset({"2"})
    assert made.orig_cl_ord_id == X


def test_it_names_one_that_was_accepted_whatever_was_said_of_it() -> None:
    made = order(terms())
    asked = replace("2", terms(150), 10)
    made.add_request(asked)
    made.accept(asked, "by telephone")
    made.own_aside().unknown_ids = frozenset({"2"})
    assert made.orig_cl_ord_id == "2"


def test_the_fees_of_executions_add_up() -> None:
    made = order(terms())
    for name, fee in (("a", 3), ("b", 4)):
        tell(made, fill(name, 10, None, commission=fee, misc_fees=1))
    assert made.executions.fees == 9


def test_the_fee_of_a_corrected_execution_is_the_corrections() -> None:
    made = order(terms())
    tell(made, fill("a", 10, None, commission=3))
    tell(made, correction("b", "a", 10, None, commission=5))
    assert made.executions.fees == 5
