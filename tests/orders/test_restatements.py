"""The terms that hold: replaces, restatements, splits, and Replaced reports under an older id."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import msgspec
import pytest

from fix_oms.model.fix import ExecRestatementReason
from fix_oms.model.messages import ExecutionReport, Terms
from fix_oms.model.units import SCALE
from fix_oms.orders.order import Order
from fix_oms.orders.requests import REPLACE, Request
from tests.orders.told import (
    ACK,
    Message,
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
    tell,
)

Messages = tuple[Message, ...]
F40 = fill("f1", 40, 40, time=3)


def orders(messages: Messages, *requests: tuple[str, int], **of: Any) -> list[Order]:
    """The order as it is after each order of arrival; requests are (ClOrdID, OrderQty) at 11."""
    found = []
    for arrival in permutations(messages):
        asked: list[Request] = [replace(name, qty, price=11) for name, qty in requests]
        found.append(tell(an_order(*asked, **of), *arrival))
    return found


def qty_and_price(order: Order) -> tuple[int, int]:
    return order.terms.order_qty // SCALE, (order.terms.price or 0) // SCALE


def replaced(of: str, qty: int | None, **more: Any) -> ExecutionReport:
    return report("5", "0", 0, of=of, qty=qty, **more)


def restated(qty: int | None, cum: int = 0, *, of: str = X, **more: Any) -> ExecutionReport:
    status = "1" if cum else "0"
    return report("D", status, cum, of=of, qty=qty, **more)


TERMS: dict[str, tuple[Messages, tuple[int, int]]] = {
    # Replaces: Y to 150 at 11, then Z to 120 at 11.
    "asked for and not answered": ((ACK,), (100, 10)),
    "accepted": ((ACK, replaced(Y, 150)), (150, 11)),
    "both accepted": ((ACK, replaced(Y, 150), replaced(Z, 120)), (120, 11)),
    "the second accepted": ((ACK, cancel_reject(Y), replaced(Z, 120)), (120, 11)),
    "the second refused": ((ACK, replaced(Y, 150), cancel_reject(Z)), (150, 11)),
    "accepted at another quantity": ((ACK, replaced(Y, 130)), (130, 11)),
    "accepted at another price": ((ACK, replaced(Y, 150, price=12)), (150, 12)),
    "a status report shows that it was accepted": ((report("I", "0", of=Y, qty=150),), (150, 11)),
    "a restatement shows that it was accepted": ((restated(150, of=Y),), (150, 11)),
    "a pending report accepts nothing": ((report("E", "E", of=Y),), (100, 10)),
    "a rejection accepts nothing": ((report("8", "0", of=Y),), (100, 10)),
    "restated in quantity": ((ACK, restated(90)), (90, 10)),
    "restated by CumQty and LeavesQty": (
        (F40, report("D", "1", 40, 50, qty=None)),
        (90, 10),
    ),
    "restated in price": ((ACK, restated(None, price=9)), (100, 9)),
    "restated under the first id, then replaced": ((restated(90), replaced(Y, 150)), (150, 11)),
    "restated after the replace": ((replaced(Y, 150), restated(140, of=Y)), (140, 11)),
    "restated twice, told by time": ((restated(90, time=2), restated(80, time=1)), (90, 10)),
    "restated twice, told by CumQty": (
        (fill("f1", 10, 10), restated(90, 10, time=1), restated(80, time=2)),
        (90, 10),
    ),
    "the Replaced report outranks what was told in passing": (
        (fill("f1", 40, 40, of=Y, qty=160, time=9), replaced(Y, 155, time=2)),
        (155, 11),
    ),
    "a fill told in passing shows a higher quantity": (
        (fill("f1", 40, 40, of=Y, qty=160), replaced(Y, 160)),
        (160, 11),
    ),
    # Replaced under an id that is no replace's
    "told under the first id": ((ACK, replaced(X, 150)), (150, 11)),
    "told under an unknown id": ((ACK, replaced("?", 150)), (150, 11)),
    "told under the first id for the second": ((ACK, replaced(X, 120)), (120, 11)),
    "told twice under the first id": (
        (replaced(X, 150), replaced(X, 120, exec_id="r2")),
        (120, 11),
    ),
    "neither's terms: the first is meant": ((ACK, replaced(X, 130)), (130, 11)),
    "its price tells which is meant": ((ACK, replaced(X, 120, price=12)), (120, 12)),
    "one of them exactly, so the other is the other": (
        (replaced(X, 130), replaced(X, 150, exec_id="r2")),
        (130, 11),
    ),
    "the first is refused, so the second is meant": (
        (cancel_reject(Y), replaced(X, 130)),
        (130, 11),
    ),
}


@pytest.mark.parametrize(("messages", "expected"), TERMS.values(), ids=TERMS.keys())
def test_the_terms_are_of_the_newest_request_that_was_accepted(
    messages: Messages, expected: tuple[int, int]
) -> None:
    found = orders(messages, (Y, 150), (Z, 120))
    assert {(qty_and_price(o), o.is_uncertain()) for o in found} == {(expected, False)}


def test_a_replaced_report_that_means_no_replace_changes_nothing_of_the_requests() -> None:
    order = tell(an_order(cancel(Y)), replaced(Y, 150))
    assert [r.answered for r in order.requests] == [False, False]


@pytest.mark.parametrize("qty", [150, 130])
def test_one_replaced_report_means_one_replace(qty: int) -> None:
    order = tell(an_order(replace(Y, 150), replace(Z, 150)), replaced(X, qty))
    assert [r.answered for r in order.requests] == [False, True, False]


def test_a_request_that_never_left_is_not_the_one_that_was_meant() -> None:
    order = tell(an_order(replace(Y, 150), replace(Z, 120)), replaced(X, 130))
    order.never_left(order.requests[1], "the session was down")
    assert [r.meant is not None for r in order.requests] == [False, False, True]


def test_the_order_qty_of_a_cash_replace_is_what_its_broker_derives() -> None:
    asked = replace(Y, 50, cash=7 * SCALE)
    told = report("5", "0", None, of=Y, qty=None)
    assert tell(an_order(asked, qty=0, cash=5 * SCALE), told).terms.order_qty == 0


def test_a_stop_price_is_kept_where_none_is_restated() -> None:
    order = tell(an_order(), restated(90, stop_px=8, time=1), restated(80, time=2))
    assert order.terms.stop_px == 8


def test_all_that_was_asked_for_and_is_not_restated_is_kept() -> None:
    asked = Terms(
        symbol="AAPL",
        side="2",
        order_qty=150 * SCALE,
        ord_type="4",
        time_in_force="6",
        account="B",
        ex_destination="N",
        expire_time=5,
        cash_order_qty=7,
    )
    order = tell(an_order(Request(Y, REPLACE, asked, 0, 1)), replaced(Y, 140))
    assert order.terms == msgspec.structs.replace(asked, order_qty=140 * SCALE)


# -- ties ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("messages", "largest"),
    [
        ((restated(90, exec_id="a"), restated(120, exec_id="b")), 120),
        ((restated(90, exec_id="a", time=4), restated(120, exec_id="b", time=4)), 120),
        ((restated(90, exec_id="a"), restated(90, exec_id="b", price=9)), 90),
        ((restated(200, exec_id="a"), restated(110, exec_id="b"), restated(110, exec_id="c")), 200),
        ((restated(110, exec_id="a"), restated(None, exec_id="b")), 110),
    ],
)
def test_between_two_tied_restatements_exposure_takes_the_larger(
    messages: Messages, largest: int
) -> None:
    found = orders(messages)
    assert {(o.is_uncertain(), o.open_qty // SCALE) for o in found} == {(True, largest)}


@pytest.mark.parametrize(
    "messages",
    [
        (restated(90, exec_id="a"), restated(90, exec_id="b")),
        (restated(90, exec_id="a", time=4), restated(120, exec_id="b", time=5)),
        (report("5", "0", of=Y, qty=120, exec_id="a"), restated(90, of=Y, exec_id="b")),
    ],
)
def test_what_is_not_tied_is_not_uncertain(messages: Messages) -> None:
    assert {o.is_uncertain() for o in orders(messages, (Y, 150))} == {False}


def test_a_newer_restatement_settles_what_older_ones_left_tied() -> None:
    tied = (restated(90, exec_id="a", time=4), restated(120, exec_id="b", time=4))
    found = orders((*tied, restated(100, exec_id="c", time=5)))
    assert {(o.is_uncertain(), o.open_qty // SCALE) for o in found} == {(False, 100)}


def test_what_it_does_not_state_stays_tied() -> None:
    tied = (restated(90, exec_id="a", time=4), restated(90, exec_id="b", price=9, time=4))
    found = orders((*tied, restated(100, exec_id="c", time=5)))
    assert {o.is_uncertain() for o in found} == {True}


def test_a_newer_restatement_leaves_nothing_of_the_larger_open() -> None:
    told = (
        restated(150, exec_id="a"),
        restated(120, exec_id="b"),
        restated(90, 10),
        fill("f1", 10, 10),
    )
    assert {o.open_qty // SCALE for o in orders(told)} == {80}


# -- splits ----------------------------------------------------------------------------------------

SPLIT = restated(200, 80, avg=5, time=5)
SPLITS: dict[str, tuple[Messages, tuple[int, int, int, int]]] = {
    # OrderQty, CumQty, AvgPx, LeavesQty; a good-till order of 100 at 10
    "inferred": ((ACK, F40, SPLIT), (200, 80, 5, 120)),
    "inferred without an AvgPx": ((F40, restated(200, 80, time=5)), (200, 80, 5, 120)),
    "said to be one": (
        (F40, restated(200, 80, avg=5, time=5, exec_restatement_reason="0")),
        (200, 80, 5, 120),
    ),
    "said to be a renewal": (
        (F40, restated(200, 80, avg=5, time=5, exec_restatement_reason="1")),
        (200, 80, 5, 120),
    ),
    "said to be an increase": (
        (F40, restated(200, 40, avg=10, time=5, exec_restatement_reason="5")),
        (200, 40, 10, 160),
    ),
    "an increase, for CumQty has not grown": ((F40, restated(200, 40, time=5)), (200, 40, 10, 160)),
    "an increase, for AvgPx has not fallen": (
        (F40, fill("f2", 40, 80, time=4), restated(200, 80, avg=10, time=5)),
        (200, 80, 10, 120),
    ),
    "a reverse split": ((F40, restated(50, 20, avg=20, time=5)), (50, 20, 20, 30)),
    "fills before and after it": (
        (F40, SPLIT, fill("f2", 20, 100, qty=200, px=5, time=7)),
        (200, 100, 5, 100),
    ),
    "two splits": ((F40, SPLIT, restated(500, 200, avg=2, time=6)), (500, 200, 2, 300)),
    "after a correction of the fill": (
        (F40, correction("c1", "f1", 30, 30, time=4), restated(200, 60, avg=5, time=5)),
        (200, 60, 5, 140),
    ),
    "a correction after the split": (
        (F40, SPLIT, correction("c1", "f1", 30, 60, qty=200, time=6)),
        (200, 60, 5, 140),
    ),
    "nothing executed before it": ((ACK, restated(200, 0, time=5)), (200, 0, 0, 200)),
    "no OrderQty is told": ((F40, restated(None, 40, time=5)), (100, 40, 10, 60)),
}


def numbers(order: Order) -> tuple[int, int, int, int]:
    done = (order.terms.order_qty, order.cum_qty, order.avg_px, order.leaves_qty)
    return done[0] // SCALE, done[1] // SCALE, done[2] // SCALE, done[3] // SCALE


@pytest.mark.parametrize(("messages", "expected"), SPLITS.values(), ids=SPLITS.keys())
def test_a_restatement_of_a_good_till_order_may_be_a_split(
    messages: Messages, expected: tuple[int, int, int, int]
) -> None:
    assert {numbers(o) for o in orders(messages, tif="1")} == {expected}


def test_a_late_fill_shows_that_it_was_an_increase() -> None:
    order = tell(an_order(tif="1"), F40, restated(200, 80, time=5))
    seen = [numbers(order)]
    seen.append(numbers(tell(order, fill("f2", 40, 80, time=4))))
    assert seen == [(200, 80, 5, 120), (200, 80, 10, 120)]


@pytest.mark.parametrize(("tif", "expected"), [("0", 10), ("1", 5), ("6", 5), ("3", 10)])
def test_only_a_good_till_order_is_split_without_being_told_so(tif: str, expected: int) -> None:
    order = tell(an_order(tif=tif), F40, restated(200, 80, time=5))
    assert order.executions.notional // order.executions.qty // SCALE == expected


def test_a_day_order_is_split_when_it_is_told_so() -> None:
    told = restated(200, 80, time=5, exec_restatement_reason="0")
    assert numbers(tell(an_order(), F40, told)) == (200, 80, 5, 120)


@pytest.mark.parametrize(
    ("avg", "is_split"), [(505, True), (506, False), (495, True), (494, False)]
)
def test_the_avg_px_of_a_split_may_be_off_by_one_per_cent(avg: int, is_split: bool) -> None:
    told = restated(200, 80, time=5)
    told.avg_px = avg * SCALE // 100
    order = tell(an_order(tif="1"), F40, told)
    assert bool(order.executions.splits) is is_split


@pytest.mark.parametrize("reason", [None, *ExecRestatementReason])
def test_a_restatement_with_a_reason_of_its_own_is_no_split(reason: str | None) -> None:
    told = restated(200, 80, time=5, exec_restatement_reason=reason)
    is_split = bool(tell(an_order(tif="1"), F40, told).executions.splits)
    assert is_split is (reason in (None, "0", "1", "99"))


@pytest.mark.parametrize("asked", [100, 200])
def test_a_replace_is_no_split(asked: int) -> None:
    told = report("5", "1", 80, of=Y, qty=200, time=5)
    assert tell(an_order(replace(Y, asked), tif="1"), F40, told).executions.splits == ()


@pytest.mark.parametrize(
    "told",
    [
        restated(None, 40, time=5, exec_restatement_reason="0"),
        restated(100, 40, time=5, exec_restatement_reason="0"),
        restated(200, 0, time=5),
    ],
)
def test_a_restatement_that_multiplies_nothing_is_no_split(told: ExecutionReport) -> None:
    assert tell(an_order(tif="1"), told).executions.splits == ()


def test_the_first_order_qty_of_a_cash_order_is_no_split() -> None:
    told = restated(100, 0, exec_restatement_reason="0")
    assert tell(an_order(qty=0, cash=5 * SCALE), told).executions.splits == ()


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (fill("f2", 10, None, qty=None, time=7), 90),
        (fill("f2", 10, None, qty=None, time=4), 100),
        (fill("f2", 10, 90, qty=None), 90),
        (fill("f2", 10, 50, qty=None), 100),
    ],
)
def test_a_fill_without_an_order_qty_is_before_a_split_by_time_or_cum_qty(
    last: ExecutionReport, expected: int
) -> None:
    told = restated(200, 80, time=5, exec_restatement_reason="0")
    assert tell(an_order(tif="1"), F40, told, last).executions.qty // SCALE == expected


@pytest.mark.parametrize(
    ("more", "expected"), [((), [(150, 300)]), ((bust("b9", "f9", 40, time=1),), [])]
)
def test_splits_are_looked_for_by_cum_qty_and_after_a_bust_by_time(
    more: Messages, expected: list[tuple[int, int]]
) -> None:
    increase = restated(150, 40, time=9, exec_restatement_reason="5")
    order = tell(an_order(tif="1"), F40, *more, increase, restated(300, 80, time=5))
    assert [(s.before // SCALE, s.after // SCALE) for s in order.executions.splits] == expected


def test_a_split_of_what_was_replaced_is_measured_from_the_replace() -> None:
    order = an_order(replace(Y, 150, tif="1"), tif="1")
    tell(order, F40, replaced(Y, 150, time=4), restated(300, 80, of=Y, time=5))
    assert [(s.before // SCALE, s.after // SCALE) for s in order.executions.splits] == [(150, 300)]


def test_provisional_quantity_is_measured_in_the_shares_of_today() -> None:
    split = restated(200, 80, time=5, exec_restatement_reason="0")
    order = tell(an_order(tif="1"), fill("f1", 30, 40, time=3), split)
    assert (order.provisional // SCALE, order.cum_qty // SCALE) == (20, 80)


def test_what_was_told_before_the_split_is_taken_in_the_shares_of_today() -> None:
    split = restated(200, 80, time=5, exec_restatement_reason="0")
    before = report("9", "9", 50, time=4)
    order = tell(an_order(tif="1"), F40, before, split)
    assert order.provisional // SCALE == 20
