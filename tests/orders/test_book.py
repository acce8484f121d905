"""Which order a name or a report means, and which orders are open."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.messages import ExecutionReport
from fix_oms.model.scope import Scope
from fix_oms.model.units import SCALE
from fix_oms.orders.book import EXTERNAL, OrderBook
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request
from tests.orders.told import ACK, report, tell, terms


def an_order(name: str, *, session: str = "S", client_ref: str = "") -> Order:
    request = Request(name, NEW, terms(100), 0, 1)
    return Order(request, Scope("A", "", "AAPL", session, session), client_ref)


def a_book() -> OrderBook:
    """Two orders of ours: 1 (ref one, then 1b) as O1 at session S, 2 as O2 at session T."""
    book = OrderBook()
    for order, order_id in (
        (an_order("1", client_ref="one"), "O1"),
        (an_order("2", session="T"), "O2"),
    ):
        book.add(order)
        book.note(order, order_id)
    book.add_request(book.orders[0], Request("1b", CANCEL, terms(100), 0, 1))
    return book


def names(orders: list[Order]) -> list[str]:
    return [order.reference for order in orders]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1", "1"),
        ("one", "1"),
        ("1b", "1"),
        ("O1", "1"),
        ("2", "2"),
        ("O2", "2"),
        ("", None),
        ("3", None),
    ],
)
def test_an_order_is_found_by_each_of_its_names(name: str, expected: str | None) -> None:
    book = a_book()
    found = book.find(name)
    assert (found.reference if found else None) == expected
    assert book.is_taken(name) == (expected is not None)


def test_a_name_that_means_two_orders_has_both_as_candidates() -> None:
    book = a_book()
    book.note(book.orders[1], "O1")
    assert names(book.candidates("O1")) == ["1", "2"]


def test_an_order_with_one_name_twice_is_one_candidate() -> None:
    book = a_book()
    book.note(book.orders[0], "one")
    assert names(book.candidates("one")) == ["1"]


def test_a_cl_ord_id_comes_before_other_kinds_of_name() -> None:
    book = a_book()
    book.add(an_order("O2"))
    assert names(book.candidates("O2")) == ["O2", "2"]


@pytest.mark.parametrize(("name", "expected"), [("1b", "1"), ("1", "1"), ("one", None)])
def test_only_ids_of_a_chain_are_cl_ord_ids(name: str, expected: str | None) -> None:
    found = a_book().by_cl_ord_id(name)
    assert (found.reference if found else None) == expected


def of(
    cl_ord_id: str | None, orig: str | None = None, order_id: str | None = None, **more: Any
) -> ExecutionReport:
    return report("0", "0", of=cl_ord_id or "", orig_cl_ord_id=orig, order_id=order_id, **more)


@pytest.mark.parametrize(
    ("session", "told", "expected"),
    [
        ("S", of("1"), "1"),
        ("S", of("1b"), "1"),
        ("T", of("1"), None),
        ("T", of("2"), "2"),
        ("S", of("9", "1"), "1"),
        ("T", of("9", "1"), None),
        ("T", of("1", "2"), "2"),
        ("S", of("9", "9", "O1"), "1"),
        ("S", of(None, None, "O1"), "1"),
        ("T", of("9", "9", "O1"), None),
        ("S", of("2", None, "O1"), "1"),
        ("S", of(None), None),
        ("U", of("9", None, "O1"), None),
        ("S", of("9"), None),
    ],
)
def test_a_report_means_an_order_of_its_own_session(
    session: str, told: ExecutionReport, expected: str | None
) -> None:
    found = a_book().meant(session, told)
    assert (found.reference if found else None) == expected


# -- orders that we did not send ---------------------------------------------------------------


def theirs(**more: Any) -> ExecutionReport:
    """A report of an order that somebody else sent: for 100 A, 40 of them done."""
    of_it = {"of": "c9", "order_id": "O9", "symbol": "A", "side": "2", "cum": 40, **more}
    return report("0", "1", **of_it)


def test_an_order_that_we_did_not_send_is_held_in_an_account_of_its_own() -> None:
    order = a_book().external("S", theirs(), 5)
    assert order is not None
    found = (order.reference, order.account, order.session, order.venue, order.external)
    assert found == ("S/O9", EXTERNAL, "S", "S", True)
    assert (order.created_ns, order.symbol, order.side) == (5, "A", "2")
    assert (order.requests[0].kind, order.requests[0].epoch) == (NEW, 0)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (theirs(), (100 * SCALE, "1", None, None, "0")),
        (theirs(price=12), (100 * SCALE, "2", 12 * SCALE, None, "0")),
        (theirs(ord_type="4", stop_px=7), (100 * SCALE, "4", None, 7, "0")),
        (theirs(time_in_force="1"), (100 * SCALE, "1", None, None, "1")),
        (theirs(qty=None, leaves=60), (0, "1", None, None, "0")),
        (theirs(qty=None, cum=None, leaves=None), (0, "1", None, None, "0")),
    ],
)
def test_its_terms_are_what_the_report_says(
    told: ExecutionReport, expected: tuple[object, ...]
) -> None:
    order = a_book().external("S", told, 5)
    assert order is not None
    t = order.terms
    assert (t.order_qty, t.ord_type, t.price, t.stop_px, t.time_in_force) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (theirs(order_id="NONE"), "S/c9"),
        (theirs(order_id=None), "S/c9"),
        (theirs(order_id=None, of=""), None),
        (theirs(symbol=None), None),
        (theirs(side=None), None),
    ],
)
def test_it_is_named_by_what_the_report_has(told: ExecutionReport, expected: str | None) -> None:
    order = a_book().external("S", told, 5)
    assert (order.reference if order else None) == expected


@pytest.mark.parametrize(
    ("session", "told", "expected"),
    [
        ("S", of("c9"), "S/O9"),
        ("S", of("8", None, "O9"), None),
        ("T", of("c9"), None),
        ("S", of("NONE"), None),
        ("S", of("O9"), "S/O9"),
    ],
)
def test_a_further_report_of_it_means_it(
    session: str, told: ExecutionReport, expected: str | None
) -> None:
    book = a_book()
    book.external("S", theirs(), 5)
    found = book.meant(session, told)
    assert (found.reference if found else None) == expected


def test_none_is_no_id_of_it() -> None:
    book = a_book()
    book.external("S", theirs(order_id="NONE"), 5)
    book.external("S", theirs(order_id="O8", of="NONE"), 5)
    assert book.meant("S", of("NONE")) is None


def test_a_second_order_of_one_session_does_not_hide_the_first() -> None:
    book = a_book()
    book.external("S", theirs(), 5)
    book.external("S", theirs(of="c8", order_id="O8"), 5)
    found = [book.meant("S", of(name)) for name in ("c9", "c8")]
    assert names([o for o in found if o]) == ["S/O9", "S/O8"]


def test_its_ids_never_hide_an_order_of_ours() -> None:
    book = a_book()
    book.external("S", theirs(of="2", order_id="O2"), 5)
    found = book.meant("T", of("2"))
    assert found is book.orders[1]


def test_an_order_that_we_did_not_send_is_found_by_its_reference() -> None:
    book = a_book()
    order = book.external("S", theirs(), 5)
    assert (book.find("S/O9"), book.is_taken("S/O9")) == (order, True)


def test_no_two_orders_have_one_reference() -> None:
    with pytest.raises(AssertionError, match="1 is an order already"):
        a_book().add(an_order("1"))


# -- the list ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("open_only", "limit", "after", "expected"),
    [
        (False, 9, "", ["0", "1", "2", "3", "S/O9"]),
        (False, 2, "", ["0", "1"]),
        (False, 2, "1", ["2", "3"]),
        (False, 2, "1b", ["2", "3"]),
        (False, 2, "S/O9", []),
        (True, 9, "", ["0", "2", "3", "S/O9"]),
        (True, 2, "", ["0", "2"]),
        (True, 2, "1", ["2", "3"]),
        (True, 9, "2", ["3", "S/O9"]),
        (True, 9, "S/O9", []),
        (True, 9, "nothing", ["0", "2", "3", "S/O9"]),
    ],
)
def test_a_page_goes_on_after_the_last_order_of_the_one_before(
    open_only: bool, limit: int, after: str, expected: list[str]
) -> None:
    book = OrderBook()
    for name in "0123":
        book.add(an_order(name))
    book.external("S", theirs(), 5)
    book.add_request(book.orders[1], Request("1b", CANCEL, terms(100), 0, 1))
    tell(book.orders[1], report("4", "4", 0, of="1b"))
    book.note(book.orders[1], None)
    book.note(book.orders[0], None)
    assert names(book.page(open_only=open_only, limit=limit, after=after)) == expected


def test_an_order_is_open_until_it_ends_and_again_if_something_of_it_is_open() -> None:
    book = a_book()
    order = book.orders[0]
    seen = ["1" in book.open]
    for told in (ACK, report("4", "4", 0), report("D", "1", 20, 80)):
        tell(order, told)
        book.note(order, None)
        seen.append("1" in book.open)
        book._check()
    assert seen == [True, True, False, True]


@pytest.mark.parametrize("order_id", [None, "", "NONE"])
def test_what_is_no_order_id_names_nothing(order_id: str | None) -> None:
    book = a_book()
    book.note(book.orders[0], order_id)
    assert not book.is_taken(order_id or "")


def test_the_first_order_keeps_its_order_id() -> None:
    book = a_book()
    book.add(an_order("3"))
    book.note(book.orders[2], "O1")
    assert names(book.candidates("O1")) == ["1"]


def test_a_filled_order_that_is_to_be_more_is_open_again() -> None:
    book = a_book()
    order = tell(book.orders[1], report("F", "2", 100, of="2", exec_id="f", last=100))
    book.note(order, None)
    book.add_request(order, Request("2b", REPLACE, terms(150), 0, 1))
    assert book.open["2"] is order


def test_an_order_may_be_noted_after_it_has_closed() -> None:
    book = a_book()
    order = tell(book.orders[0], report("4", "4", 0, of="1b"))
    for _ in range(2):
        book.note(order, None)
    assert "1" not in book.open


def test_the_check_sees_an_order_that_is_closed_and_listed_as_open() -> None:
    book = a_book()
    tell(book.orders[0], report("4", "4", 0))
    with pytest.raises(AssertionError, match="1"):
        book._check()
