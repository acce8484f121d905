"""The life of one order: verdicts of whole stories, in every order of arrival."""

from __future__ import annotations

from itertools import permutations

import pytest

from fix_oms.model.fix import OrdStatus
from fix_oms.model.scope import Scope
from fix_oms.model.units import SCALE
from fix_oms.orders.order import Order
from fix_oms.orders.requests import NEW, Request
from tests.orders.told import (
    ACK,
    Message,
    State,
    X,
    Y,
    Z,
    an_order,
    bust,
    cancel,
    cancel_reject,
    correction,
    fill,
    replace,
    report,
    state,
    tell,
    terms,
)

Asked = tuple[tuple[str, int], ...]
"""Our requests after the first: ClOrdID, and OrderQty of a replace or 0 for a cancel."""
F40 = fill("f40", 40, 40)
F60 = fill("f60", 60, 100)
PENDING_CANCEL = report("6", "6", of=Y)

CANCEL_Y: Asked = ((Y, 0),)
REPLACE_Y: Asked = ((Y, 150),)
STORIES: dict[str, tuple[Asked, tuple[Message, ...], State]] = {
    "acknowledged": ((), (ACK,), ("0", 0, 100)),
    "part filled": ((), (ACK, F40), ("1", 40, 60)),
    "filled": ((), (ACK, F40, F60), ("2", 100, 0)),
    "canceled after a partial fill": (
        CANCEL_Y,
        (ACK, F40, report("4", "4", 40, of=Y)),
        ("4", 40, 0),
    ),
    "expired after a partial fill": ((), (ACK, F40, report("C", "C", 40)), ("C", 40, 0)),
    "rejected": ((), (report("8", "8"),), ("8", 0, 0)),
    "rejected after the acknowledgement": ((), (ACK, report("8", "8")), ("8", 0, 0)),
    "pending cancel": (CANCEL_Y, (ACK, PENDING_CANCEL), ("6", 0, 100)),
    "cancel refused": (CANCEL_Y, (ACK, PENDING_CANCEL, cancel_reject(Y)), ("0", 0, 100)),
    "canceled unasked": ((), (ACK, report("4", "4")), ("4", 0, 0)),
    "replaced to more": (
        REPLACE_Y,
        (ACK, F40, report("5", "1", 40, of=Y, qty=150)),
        ("1", 40, 110),
    ),
    "replaced after it had filled": (
        REPLACE_Y,
        (ACK, F40, F60, report("5", "1", 100, of=Y, qty=150)),
        ("1", 100, 50),
    ),
    "replaced below what has executed": (
        ((Y, 20),),
        (ACK, F40, report("5", "2", 40, of=Y, qty=40)),
        ("2", 40, 0),
    ),
    "busted back to new": ((), (ACK, F40, bust("b40", "f40", 0)), ("0", 0, 100)),
    "corrected to less": ((), (ACK, F40, correction("c30", "f40", 30, 30)), ("1", 30, 70)),
    "fill told twice": ((), (ACK, F40, F40), ("1", 40, 60)),
    "fill after the cancel counts": (CANCEL_Y, (ACK, report("4", "4", of=Y), F40), ("4", 40, 0)),
    "done for day": ((), (ACK, F40, report("3", "3", 40)), ("3", 40, 0)),
    "second replace accepted, first refused": (
        ((Y, 150), (Z, 120)),
        (ACK, cancel_reject(Y), report("5", "0", of=Z, qty=120)),
        ("0", 0, 120),
    ),
    "immediate or cancel": ((), (fill("f40", 40, 40, status="4"),), ("4", 40, 0)),
    "fill or kill, killed": ((), (ACK, report("4", "4")), ("4", 0, 0)),
    "an order status is no execution": ((), (ACK, F40, report("I", "1", 40)), ("1", 40, 60)),
}


@pytest.mark.parametrize(("asked", "story", "verdict"), STORIES.values(), ids=STORIES.keys())
def test_every_order_of_arrival_ends_in_the_true_state(
    asked: Asked, story: tuple[Message, ...], verdict: State
) -> None:
    found = set()
    for arrival in permutations(story):
        requests = [replace(name, qty) if qty else cancel(name) for name, qty in asked]
        found.add(state(tell(an_order(*requests), *arrival)))
    assert found == {verdict}


# -- a new order -----------------------------------------------------------------------------------


def test_a_new_order_is_what_was_asked_for() -> None:
    order = an_order(client_ref="mine")
    named = (order.reference, order.session, order.venue, order.account, order.client_ref)
    assert named == (X, "S", "V", "A", "mine")
    assert (order.symbol, order.side, order.created_ns, order.updated_ns) == ("AAPL", "1", 0, 0)
    assert (state(order), order.open_qty, order.avg_px) == (("A", 0, 100), 100 * SCALE, 0)
    assert (order.order_id, order.text, order.ended, order.external) == ("", "", False, False)
    assert (order.acked, order.reported, order.sound, order.uncertain) == (
        False,
        False,
        True,
        False,
    )


def test_an_order_needs_no_reference_of_its_client() -> None:
    first = Request(X, NEW, terms(100), 0, 1)
    assert Order(first, Scope("A", "", "AAPL", "V", "S")).client_ref == ""


@pytest.mark.parametrize(
    ("side", "buys"), [("1", True), ("2", False), ("3", True), ("5", False), ("6", False)]
)
def test_a_side_buys_or_sells(side: str, buys: bool) -> None:
    assert an_order(side=side).buys is buys


# -- what is told and not proven -------------------------------------------------------------------


def test_a_told_cum_qty_without_its_executions_is_provisional() -> None:
    one = tell(an_order(), report("I", "1", 40))
    assert (one.cum_qty, one.provisional, one.executions.qty) == (40 * SCALE, 40 * SCALE, 0)


def test_the_missing_execution_makes_the_provisional_quantity_real() -> None:
    one = tell(an_order(), report("I", "1", 40), F40)
    assert (one.cum_qty, one.provisional) == (40 * SCALE, 0)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (report("I", "1", 40), 10),
        (report("I", "1", 40, avg=12), 12),
        (fill("f40", 40, 80, avg=11), 11),
        (fill("f40", 40, 80), 10),
        (fill("f40", 40, 80, avg=4), 10),
        (fill("f40", 40, 80, avg=5), 10),
        (fill("f40", 40, 80, px=14, avg=13), 13),
    ],
)
def test_the_price_of_provisional_quantity_is_estimated_by_avg_px_else_by_the_limit(
    told: Message, expected: int
) -> None:
    assert tell(an_order(), told).avg_px == expected * SCALE


def test_without_a_limit_or_avg_px_the_estimate_is_nothing() -> None:
    assert tell(an_order(price=None), report("I", "1", 40)).provisional_notional == 0


def test_what_is_executed_has_no_estimate() -> None:
    assert tell(an_order(), fill("f40", 40, 40, avg=99)).provisional_notional == 0


def test_an_avg_px_is_of_executions_and_estimate() -> None:
    assert tell(an_order(), fill("f40", 40, 80, px=12)).avg_px == 11 * SCALE


def test_a_stale_partial_fill_does_not_move_the_quantity_back() -> None:
    assert tell(an_order(), ACK, F60, F40, ACK).cum_qty == 100 * SCALE


def test_an_overfill_keeps_every_execution() -> None:
    assert tell(an_order(), fill("f", 130, 130)).executions.qty == 130 * SCALE


def test_a_rejection_of_a_duplicate_leaves_the_live_order_alive() -> None:
    assert tell(an_order(), ACK, report("8", "0")).ord_status == OrdStatus.NEW


# -- the chain of requests -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "ours", "theirs"),
    [
        # X was asked to become Y, Z and, in between, to be canceled by C: which id comes next?
        ((), Z, X),
        ((report("5", "0", of=Y, qty=150),), Z, Y),
        ((cancel_reject(Z),), Y, X),
        ((cancel_reject(Z), cancel_reject(Y)), X, X),
        ((report("5", "0", of=Z, qty=120),), Z, Z),
        ((report("5", "0", of=Z, qty=120), report("5", "0", of=Y, qty=150)), Z, Z),
        ((report("5", "0", of=X, qty=120),), Z, Z),
        ((cancel_reject("C"),), Z, X),
    ],
)
def test_a_request_follows_the_last_one_not_refused_and_reports_the_last_accepted(
    told: tuple[Message, ...], ours: str, theirs: str
) -> None:
    one = tell(an_order(replace(Y, 150), cancel("C"), replace(Z, 120)), *told)
    assert (one.orig_cl_ord_id, one.cl_ord_id) == (ours, theirs)


def test_a_request_does_not_follow_one_that_never_left() -> None:
    one = an_order(replace(Y, 150))
    one.never_left(one.requests[1], "the session was down")
    assert one.orig_cl_ord_id == X


@pytest.mark.parametrize(("name", "place"), [(X, 0), (Y, 1), (Z, 2), ("?", None)])
def test_a_request_is_found_by_its_cl_ord_id(name: str, place: int | None) -> None:
    one = an_order(replace(Y, 150), cancel(Z))
    assert one.request(name) is (None if place is None else one.requests[place])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((), [X, Y, Z]),
        ((ACK,), [Y, Z]),
        ((report("A", "A"),), [Y, Z]),
        ((report("5", "0", of=Y, qty=150),), [Z]),
        ((ACK, cancel_reject(Z)), [Y]),
        ((report("C", "C"),), []),
    ],
)
def test_what_has_no_answer_and_could_still_get_one_is_outstanding(
    told: tuple[Message, ...], expected: list[str]
) -> None:
    one = tell(an_order(replace(Y, 150), cancel(Z)), *told)
    assert [request.cl_ord_id for request in one.outstanding()] == expected


@pytest.mark.parametrize(
    ("asked", "told", "expected"),
    [
        ((), (), True),
        ((), (ACK,), True),
        ((), (F40, F60), False),
        (REPLACE_Y, (F40, F60), True),
        (CANCEL_Y, (F40,), True),
        (CANCEL_Y, (F40, F60), False),
        ((), (report("4", "4"),), False),
        ((), (report("4", "4", 40),), True),
        ((), (ACK, report("3", "3")), False),
    ],
)
def test_an_order_is_open_while_something_of_it_can_happen(
    asked: Asked, told: tuple[Message, ...], expected: bool
) -> None:
    requests = [replace(name, qty) if qty else cancel(name) for name, qty in asked]
    assert tell(an_order(*requests), *told).is_open() is expected


def test_a_replaced_report_under_the_old_id_answers_the_replace() -> None:
    one = tell(an_order(replace(Y, 150)), report("5", "0", of=X, qty=150))
    assert (one.requests[1].answered, one.terms.order_qty) == (True, 150 * SCALE)


def test_a_fill_under_the_new_id_proves_that_the_replace_was_accepted() -> None:
    one = tell(an_order(replace(Y, 150)), fill("f", 40, 40, of=Y, qty=150))
    assert (one.requests[1].accepted, one.leaves_qty) == (True, 110 * SCALE)


# -- what people and proofs say --------------------------------------------------------------------


def test_a_request_that_a_person_accepts_is_accepted() -> None:
    one = an_order(replace(Y, 150))
    one.accept(one.requests[1], "by telephone")
    assert (one.requests[1].outcome(False), one.requests[1].text) == ("accepted", "by telephone")
    assert state(one) == ("A", 0, 150)


def test_a_request_that_a_person_refuses_is_refused() -> None:
    one = tell(an_order(replace(Y, 150)), ACK)
    one.refuse(one.requests[1], "by telephone")
    assert (one.requests[1].outcome(False), one.requests[1].text) == ("refused", "by telephone")
    assert (one.open_qty, one.text) == (100 * SCALE, "")


def test_a_refusal_of_the_order_is_its_text() -> None:
    one = an_order()
    one.refuse(one.requests[0], "no such symbol")
    assert (one.text, one.requests[0].text) == ("no such symbol", "no such symbol")


def test_a_refusal_without_a_text_leaves_the_one_before() -> None:
    one = an_order()
    one.refuse(one.requests[0], "no such symbol")
    one.refuse(one.requests[0], "")
    assert (one.text, one.requests[0].text) == ("no such symbol", "no such symbol")


def test_a_refusal_of_the_replace_that_a_replaced_report_meant_leaves_it_to_the_next() -> None:
    one = tell(an_order(replace(Y, 150), replace(Z, 120)), report("5", "0", of=X, qty=130))
    one.refuse(one.requests[1], "")
    assert [request.meant is not None for request in one.requests] == [False, False, True]


@pytest.mark.parametrize("status", ["4", "8", "C"])
def test_an_order_that_a_person_ends_is_at_its_end(status: str) -> None:
    one = tell(an_order(), ACK, F40)
    one.end(status, 5_000_001, "by telephone", 7)
    assert (state(one), one.text, one.ended) == ((status, 40, 0), "by telephone", True)
    life = one.lifecycle
    assert (life.told_end, life.ended_when, life.decided) == (False, 5_000_000, 7)


def test_an_execution_after_a_person_s_end_counts_and_contradicts_nobody() -> None:
    one = an_order()
    one.end("4", 5_000_000, "by telephone")
    before = fill("f1", 40, 40, time=4)
    assert (state(tell(one, before)), one.breaks()) == (("4", 40, 0), ())


@pytest.mark.parametrize(
    ("status", "expected"), [("0", "0"), ("1", "0"), ("A", "A"), ("6", "A"), (None, "A")]
)
def test_a_cancel_reject_states_whether_the_order_was_accepted(
    status: str | None, expected: str
) -> None:
    one = an_order(cancel(Y))
    one.refuse(one.requests[1], "", status)
    assert one.ord_status == expected


def test_what_a_cancel_reject_states_is_not_forgotten() -> None:
    one = an_order(cancel(Y), cancel(Z))
    one.refuse(one.requests[1], "", "0")
    one.refuse(one.requests[2], "", None)
    assert one.ord_status == "0"


def test_an_order_that_needs_more_than_others_is_not_sound() -> None:
    one = an_order()
    one.own_aside()
    assert one.sound is False


def test_an_order_that_never_left_is_rejected_and_open_for_nothing() -> None:
    one = an_order()
    one.never_left(one.requests[0], "session down")
    assert (state(one), one.open_qty, one.text) == (("8", 0, 0), 0, "session down")
    assert (one.requests[0].outcome(True), one.requests[0].text) == ("unsent", "session down")


def test_a_replace_that_never_left_says_nothing_of_the_order() -> None:
    one = an_order(replace(Y, 150))
    one.never_left(one.requests[1], "session down")
    assert (one.text, one.open_qty, one.ord_status) == ("", 100 * SCALE, "A")


# -- evidence of its own ---------------------------------------------------------------------------


def test_no_order_writes_to_what_all_orders_share() -> None:
    one, other = an_order(), an_order()
    one.own_aside().dk = ("f1",)
    one.own_lifecycle().end("4", 0, 0)
    tell(one, F40)
    assert (other.aside.dk, other.lifecycle.ended, other.executions.qty) == ((), False, 0)
    assert one.own_aside() is one.aside
    assert one.own_lifecycle() is one.lifecycle
    assert one.own_executions() is one.executions


@pytest.mark.parametrize(
    ("tif", "told", "expected"),
    [
        ("0", (), False),
        ("1", (), True),
        ("6", (), True),
        ("3", (), False),
        ("0", (report("3", "3", 0, 100),), True),
        ("0", (report("3", "3", 0, 0),), False),
        ("0", (report("9", "9", 0, 100),), False),
    ],
)
def test_an_order_is_good_till_by_its_terms_or_as_its_broker_treats_it(
    tif: str, told: tuple[Message, ...], expected: bool
) -> None:
    assert tell(an_order(tif=tif), *told).good_till is expected


def test_every_statement_that_is_held_is_told() -> None:
    one = tell(
        an_order(cancel(Y)),
        report("D", "0", exec_id="stated"),
        report("5", "0", of=Y, exec_id="loose"),
        report("9", "9", exec_id="special"),
        report("I", "0", 5, exec_id="latest"),
    )
    found = [said.exec_id for said in one.statements()]
    assert found == ["stated", "loose", "special", "latest"]
