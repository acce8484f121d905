"""The life of one order: verdicts of whole stories, in every order of arrival."""

from __future__ import annotations

from itertools import permutations

import pytest

from fix_oms.model.fix import OrdStatus
from fix_oms.model.messages import ExecutionReport, OrderCancelReject, Terms
from fix_oms.model.units import SCALE
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request

X, Y, Z = "X", "Y", "Z"
Story = tuple[ExecutionReport | OrderCancelReject, ...]


def order(*requests: tuple[str, str, int]) -> Order:
    """An order of 100 at 10 with further requests of ours (id, kind, quantity), all sent."""
    made = Order(Request(X, NEW, terms(100), 0, 1), session="S", venue="V", account="A")
    for cl_ord_id, kind, qty in requests:
        made.add_request(Request(cl_ord_id, kind, terms(qty), 0, 1))
    return made


def terms(qty: int, tif: str = "0") -> Terms:
    return Terms(
        symbol="AAPL",
        side="1",
        order_qty=qty * SCALE,
        ord_type="2",
        price=10 * SCALE,
        time_in_force=tif,
    )


def report(
    exec_type: str,
    status: str,
    cum: int,
    leaves: int,
    *,
    last: int = 0,
    exec_id: str | None = None,
    ref: str | None = None,
    cl_ord_id: str = X,
    qty: int = 100,
    time: int = 0,
) -> ExecutionReport:
    return ExecutionReport(
        cl_ord_id=cl_ord_id,
        order_id="O1",
        exec_id=exec_id or f"{exec_type}{status}{cum}{leaves}{cl_ord_id}",
        exec_type=exec_type,
        ord_status=status,
        order_qty=qty * SCALE,
        cum_qty=cum * SCALE,
        leaves_qty=leaves * SCALE,
        last_qty=last * SCALE,
        last_px=10 * SCALE,
        exec_ref_id=ref,
        transact_time=time,
    )


def cancel_reject(cl_ord_id: str, status: str = "0") -> OrderCancelReject:
    return OrderCancelReject(
        cl_ord_id=cl_ord_id,
        orig_cl_ord_id=X,
        order_id="O1",
        ord_status=status,
        cxl_rej_response_to="1",
    )


ACK = report("0", "0", 0, 100)
FILL_40 = report("F", "1", 40, 60, last=40, exec_id="f40")
FILL_60 = report("F", "2", 100, 0, last=60, exec_id="f60")
CANCELED = report("4", "4", 40, 0, cl_ord_id=Y)
EXPIRED = report("C", "C", 40, 0)
PENDING_CANCEL = report("6", "6", 0, 100, cl_ord_id=Y)
REPLACED_150 = report("5", "1", 40, 110, cl_ord_id=Y, qty=150)
BUST_40 = report("H", "0", 0, 100, exec_id="b40", ref="f40")
CORRECT_30 = report("G", "1", 30, 70, last=30, exec_id="c30", ref="f40")

CANCEL_Y = (Y, CANCEL, 100)
REPLACE_Y = (Y, REPLACE, 150)
STORIES: dict[str, tuple[tuple[tuple[str, str, int], ...], Story, tuple[str, int, int]]] = {
    "acknowledged": ((), (ACK,), ("0", 0, 100)),
    "part filled": ((), (ACK, FILL_40), ("1", 40, 60)),
    "filled": ((), (ACK, FILL_40, FILL_60), ("2", 100, 0)),
    "canceled after a partial fill": ((CANCEL_Y,), (ACK, FILL_40, CANCELED), ("4", 40, 0)),
    "expired after a partial fill": ((), (ACK, FILL_40, EXPIRED), ("C", 40, 0)),
    "rejected": ((), (report("8", "8", 0, 0),), ("8", 0, 0)),
    "rejected after the acknowledgement": ((), (ACK, report("8", "8", 0, 0)), ("8", 0, 0)),
    "pending cancel": ((CANCEL_Y,), (ACK, PENDING_CANCEL), ("6", 0, 100)),
    "cancel refused": ((CANCEL_Y,), (ACK, PENDING_CANCEL, cancel_reject(Y)), ("0", 0, 100)),
    "canceled unasked": ((), (ACK, report("4", "4", 0, 0)), ("4", 0, 0)),
    "replaced to more": ((REPLACE_Y,), (ACK, FILL_40, REPLACED_150), ("1", 40, 110)),
    "replaced after it had filled": (
        (REPLACE_Y,),
        (ACK, FILL_40, FILL_60, report("5", "1", 100, 50, cl_ord_id=Y, qty=150)),
        ("1", 100, 50),
    ),
    "replaced below what has executed": (
        ((Y, REPLACE, 20),),
        (ACK, FILL_40, report("5", "2", 40, 0, cl_ord_id=Y, qty=40)),
        ("2", 40, 0),
    ),
    "busted back to new": ((), (ACK, FILL_40, BUST_40), ("0", 0, 100)),
    "corrected to less": ((), (ACK, FILL_40, CORRECT_30), ("1", 30, 70)),
    "fill told twice": ((), (ACK, FILL_40, FILL_40), ("1", 40, 60)),
    "fill after the cancel counts": (
        (CANCEL_Y,),
        (ACK, report("4", "4", 0, 0, cl_ord_id=Y), FILL_40),
        ("4", 40, 0),
    ),
    "done for day": ((), (ACK, FILL_40, report("3", "3", 40, 0)), ("3", 40, 0)),
    "second replace accepted, first refused": (
        (REPLACE_Y, (Z, REPLACE, 120)),
        (ACK, cancel_reject(Y), report("5", "0", 0, 120, cl_ord_id=Z, qty=120)),
        ("0", 0, 120),
    ),
}


@pytest.mark.parametrize(("requests", "story", "verdict"), STORIES.values(), ids=STORIES.keys())
def test_every_order_of_arrival_ends_in_the_true_state(
    requests: tuple[tuple[str, str, int], ...], story: Story, verdict: tuple[str, int, int]
) -> None:
    found = set()
    for arrival in permutations(story):
        one = order(*requests)
        for message in arrival:
            tell(one, message)
        found.add((str(one.ord_status), one.cum_qty // SCALE, one.leaves_qty // SCALE))
    assert found == {verdict}


def tell(one: Order, message: ExecutionReport | OrderCancelReject) -> None:
    if isinstance(message, ExecutionReport):
        one.add_report(message)
    else:
        request = one.request(message.cl_ord_id)
        assert request is not None
        one.refuse(request, "")
    one._check()


def test_a_told_cum_qty_without_its_executions_is_provisional() -> None:
    one = order()
    tell(one, report("I", "1", 40, 60))
    assert (one.cum_qty, one.provisional, one.executions.qty) == (40 * SCALE, 40 * SCALE, 0)


def test_the_missing_execution_makes_the_provisional_quantity_real() -> None:
    one = order()
    tell(one, report("I", "1", 40, 60))
    tell(one, FILL_40)
    assert (one.cum_qty, one.provisional) == (40 * SCALE, 0)


def test_a_stale_partial_fill_does_not_move_the_quantity_back() -> None:
    one = order()
    for message in (ACK, FILL_60, FILL_40, ACK):
        tell(one, message)
    assert one.cum_qty == 100 * SCALE


def test_an_overfill_keeps_every_execution_and_is_a_break() -> None:
    one = order()
    tell(one, report("F", "2", 130, 0, last=130, exec_id="f"))
    assert one.executions.qty == 130 * SCALE
    assert any("overfill" in text for text in one.breaks())


def test_a_rejection_of_a_duplicate_leaves_the_live_order_alive() -> None:
    one = order()
    tell(one, ACK)
    tell(one, report("8", "0", 0, 100))
    assert one.ord_status == OrdStatus.NEW


def test_a_replaced_report_under_the_old_id_answers_the_replace() -> None:
    one = order(REPLACE_Y)
    tell(one, report("5", "0", 0, 150, cl_ord_id=X, qty=150))
    assert (one.requests[1].answered, one.terms.order_qty) == (True, 150 * SCALE)


def test_a_fill_under_the_new_id_proves_that_the_replace_was_accepted() -> None:
    one = order(REPLACE_Y)
    tell(one, report("F", "1", 40, 110, last=40, exec_id="f", cl_ord_id=Y, qty=150))
    assert (one.requests[1].accepted, one.leaves_qty) == (True, 110 * SCALE)


def test_an_unanswered_replace_to_more_is_open_at_its_larger_quantity() -> None:
    one = order(REPLACE_Y)
    tell(one, ACK)
    assert one.open_qty == 150 * SCALE


def test_a_request_follows_the_last_one_not_refused() -> None:
    one = order(REPLACE_Y, (Z, REPLACE, 120))
    tell(one, cancel_reject(Z))
    assert one.orig_cl_ord_id == Y


def test_an_order_that_never_left_is_rejected_and_open_for_nothing() -> None:
    one = order()
    one.never_left(one.requests[0], "session down")
    assert (one.ord_status, one.open_qty) == (OrdStatus.REJECTED, 0)


def test_leaves_told_after_the_end_stay_reserved_and_are_a_break() -> None:
    one = order()
    tell(one, report("4", "4", 10, 0))
    tell(one, report("F", "1", 20, 80, last=10, exec_id="f2"))
    assert (one.leaves_qty, one.open_qty) == (0, 90 * SCALE)
    assert any("LeavesQty(151)" in text for text in one.breaks())


def test_a_good_till_order_works_again_on_the_next_day() -> None:
    one = Order(Request(X, NEW, terms(100, tif="1"), 0, 1), session="S", venue="V", account="A")
    tell(one, report("3", "3", 0, 100, time=5))
    tell(one, report("D", "0", 0, 100, time=9))
    assert one.ord_status == OrdStatus.NEW
