"""Which orders are packed and when, and that each is found again by every name it has."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fix_oms.model.messages import ExecutionReport
from fix_oms.orders.book import OrderBook
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL, Request
from tests.orders.test_book import an_order, names, theirs
from tests.orders.told import ACK, report, tell, terms

NAMES = ("1", "1b", "one", "O1", "O1-earlier", "O1-later", "O1-of-a-reject")
NOW = 1_000


def nobody(_: Order) -> bool:
    return False


def told(book: OrderBook, order: Order, *reports: tuple[ExecutionReport, str]) -> None:
    """The order hears reports, each under an OrderID(37)."""
    for said, order_id in reports:
        tell(order, said)
        book.note(order, order_id)


def a_closed_order(book: OrderBook) -> Order:
    """Order 1 (ref one, cancel 1b), which its broker has called four things before it ended."""
    order = an_order("1", client_ref="one")
    book.add(order)
    for order_id in ("O1-earlier", "O1", "O1-later"):
        told(book, order, (report("0", "0", 0, 100, order_id=order_id), order_id))
    book.add_request(order, Request("1b", CANCEL, terms(100), 0, 1))
    book.note(order, "O1-of-a-reject")
    tell(order, report("4", "4", 0, of="1b", order_id="O1-later"))
    book.note(order, "O1-later")
    order.updated_ns = 0
    return order


def a_book() -> OrderBook:
    """Order 1, closed, and 2, which is open."""
    book = OrderBook()
    a_closed_order(book)
    book.add(an_order("2", session="T"))
    return book


@pytest.mark.parametrize("name", NAMES)
def test_a_packed_order_is_found_by_each_of_its_names(name: str) -> None:
    book = a_book()
    assert book.pack(NOW, 0, 9, nobody) == 1
    assert (book.orders.packed, book.is_taken(name)) == (1, True)
    assert names(book.candidates(name)) == ["1"]


@pytest.mark.parametrize("name", ["O1-earlier", "O1", "O1-later", "O1-of-a-reject"])
def test_a_late_report_under_any_order_id_means_the_packed_order(name: str) -> None:
    book = a_book()
    book.pack(NOW, 0, 9, nobody)
    found = book.meant("S", report("F", "1", 10, of="unknown", order_id=name))
    assert found is not None
    assert (found.reference, book.orders[0] is found, book.orders.packed) == ("1", True, 0)


def test_packing_again_and_again_keeps_every_name() -> None:
    book = a_book()
    for name in NAMES * 2:
        book.pack(NOW, 0, 9, nobody)
        assert names(book.candidates(name)) == ["1"]
        book._check()


def test_an_order_id_that_two_orders_have_leads_to_the_first_packed_or_not() -> None:
    book = a_book()
    second = an_order("3")
    book.add(second)
    book.note(second, "O1")
    for first_is_packed in (False, True):
        assert names(book.candidates("O1")) == ["1"]
        if not first_is_packed:
            book.pack(NOW, 0, 9, nobody)


@pytest.mark.parametrize(
    ("now", "most", "is_held", "expected"),
    [
        (NOW, 9, nobody, 1),
        (99, 9, nobody, 0),
        (100, 9, nobody, 1),
        (NOW, 0, nobody, 0),
        (NOW, 9, lambda _: True, 0),
    ],
)
def test_what_is_young_or_held_waits(
    now: int, most: int, is_held: Callable[[Order], bool], expected: int
) -> None:
    assert a_book().pack(now, 100, most, is_held) == expected


def test_what_was_held_is_packed_later() -> None:
    book = a_book()
    book.pack(NOW, 0, 9, lambda _: True)
    assert book.pack(NOW, 0, 9, nobody) == 1


def test_an_order_that_opens_again_waits_until_it_closes_again() -> None:
    book = a_book()
    order = book.orders[0]
    book.add_request(order, Request("1c", CANCEL, terms(100), 0, 1))
    assert book.pack(NOW, 0, 9, nobody) == 0
    book.note(order, None)
    assert [book.pack(NOW, 0, 9, nobody) for _ in range(2)] == [1, 0]


def test_an_order_that_we_did_not_send_is_never_packed() -> None:
    book = OrderBook()
    order = book.external("S", theirs(), 5)
    assert order is not None
    tell(order, report("4", "4", 0))
    book.note(order, None)
    assert book.pack(NOW, 0, 9, nobody) == 0


@pytest.mark.parametrize("packed", [False, True])
def test_how_many_were_made_before_a_time(packed: bool) -> None:
    book = OrderBook()
    for n in range(200):
        request = Request(f"{n}", "new", terms(100), n // 7, 1)
        order = Order(request, an_order("1").scope)
        book.add(order)
        told(book, order, (ACK, f"O{n}"), (report("4", "4", 0), f"O{n}"))
    if packed:
        assert book.pack(NOW, 0, 999, nobody) == 200
    times = [book.orders.made_before(time) for time in range(31)]
    assert times == [min(200, 7 * time) for time in range(31)]
