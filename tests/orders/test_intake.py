"""What one report adds to the evidence of an order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import SCALE
from tests.orders.told import (
    ACK,
    DAY,
    X,
    Y,
    Z,
    an_order,
    bust,
    cancel,
    correction,
    fill,
    replace,
    report,
    state,
    tell,
)

# -- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([(X, "O1")], "O1"),
        ([(X, None)], ""),
        ([(X, "NONE")], ""),
        ([(X, "O1"), (X, "O2")], "O2"),
        ([(X, "O1"), (X, None), (X, "NONE")], "O1"),
        ([(X, "O2"), (Y, "O1")], "O1"),
        ([(X, "O9"), (Y, "O1"), (Z, "O2")], "O2"),
        ([(X, "O2"), (Y, "O2"), (Y, "O1")], "O2"),
        ([(X, "O1"), ("?", "O2")], "O2"),
        ([(Y, "O1"), ("?", "O2")], "O1"),
    ],
)
def test_the_order_id_is_of_the_newest_request(
    told: list[tuple[str, str | None]], expected: str
) -> None:
    reports = [report("I", "0", of=of, order_id=order_id) for of, order_id in told]
    found = {
        tell(an_order(replace(Y, 150), replace(Z, 120)), *arrival).order_id
        for arrival in permutations(reports)
    }
    assert found == {expected}


def test_the_text_is_the_last_one_told() -> None:
    order = tell(an_order(), report("0", "0", text="a"), report("I", "0", text="b"), ACK)
    assert order.text == "b"


# -- CumQty and AvgPx ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([(40, 10)], (40, 10)),
        ([(40, 10), (20, 9)], (40, 10)),
        ([(40, 10), (40, 9)], (40, 10)),
        ([(40, 10), (40, None)], (40, 10)),
        ([(40, None), (20, 9)], (40, 0)),
        ([(0, None)], (0, 0)),
        ([(None, 9)], (-1, 0)),
    ],
)
def test_the_highest_cum_qty_told_is_held_with_its_avg_px(
    told: list[tuple[int | None, int | None]], expected: tuple[int, int]
) -> None:
    found = set()
    for arrival in permutations(told):
        order = tell(an_order(), *(report("I", "1", cum, avg=avg) for cum, avg in arrival))
        found.add((order.cum_told // SCALE, order.avg_told // SCALE))
    assert found == {expected}


# -- executions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "executed"),
    [
        (fill("f1", 40, 40), True),
        (bust("b1", "f1", 0), True),
        (correction("c1", "f1", 30, 30), True),
        (report("I", "1", 40, last=40), False),
        (report("F", "1", 40), False),
        (report("F", "1", 40, last=0), False),
        (ACK, False),
    ],
)
def test_a_report_says_whether_it_told_an_execution(told: ExecutionReport, executed: bool) -> None:
    order = an_order()
    assert [order.add_report(told), order.add_report(told)] == [executed, False]


def test_an_execution_is_held_with_all_that_was_told_with_it() -> None:
    told = fill("f1", 40, 50, qty=120, px=11, time=7, trade_date="19700103")
    held = tell(an_order(), told).executions.trades["f1"]
    assert (held.qty, held.px, held.ref) == (40 * SCALE, 11 * SCALE, "")
    assert held.details() == (50 * SCALE, 7, 120 * SCALE, 19700103, "1", 0)


def test_what_was_not_told_with_an_execution_is_held_as_absent() -> None:
    told = fill("f1", 40, None, qty=None, status="4")
    assert tell(an_order(), told).executions.trades["f1"].details() == (-1, 0, 0, 0, "4", 0)


def test_a_bust_is_held_without_quantity_or_price() -> None:
    told = bust("b1", "f1", 0)
    told.last_qty, told.last_px = 5, 6
    held = tell(an_order(), told).executions.busts["b1"]
    assert (held.qty, held.px, held.ref) == (0, 0, "f1")


def test_a_correction_is_held_with_what_it_corrects() -> None:
    held = tell(an_order(), correction("c1", "f1", 30, 30, px=9)).executions.corrections["c1"]
    assert (held.qty, held.px, held.ref) == (30 * SCALE, 9 * SCALE, "f1")


def test_only_a_correction_needs_its_place_on_the_session() -> None:
    told = (fill("f1", 40, 40), correction("c1", "f1", 30, 30), bust("b1", "c1", 0))
    done = tell(an_order(), *told).executions
    places = [h[name].arrival for h, name in ((done.trades, "f1"), (done.busts, "b1"))]
    assert (done.corrections["c1"].arrival, places) == ((1 << 40) + 2, [0, 0])


# -- requests --------------------------------------------------------------------------------------

OUTCOMES: dict[str, tuple[list[ExecutionReport], tuple[str, str, str]]] = {
    # Of the order X, the replace Y and the cancel Z.
    "nothing is told": ([], ("pending", "pending", "pending")),
    "acknowledged": ([ACK], ("accepted", "pending", "pending")),
    "pending new": ([report("A", "A")], ("pending", "pending", "pending")),
    "pending under its own id": ([report("6", "6")], ("pending", "pending", "pending")),
    "new, with a request pending": ([report("0", "6")], ("accepted", "pending", "pending")),
    "pending replace": ([report("E", "E", of=Y)], ("pending", "pending", "pending")),
    "replaced": ([report("5", "0", of=Y, qty=150)], ("pending", "accepted", "pending")),
    "replaced, with the cancel pending": (
        [report("5", "6", of=Y, qty=150)],
        ("pending", "accepted", "pending"),
    ),
    "restated, with the cancel pending": (
        [report("D", "6", of=Y, qty=150)],
        ("pending", "accepted", "pending"),
    ),
    "a fill under the replace's id": (
        [fill("f1", 40, 40, of=Y, qty=150)],
        ("pending", "accepted", "pending"),
    ),
    "pending new under the replace's id": (
        [report("A", "A", of=Y)],
        ("pending", "pending", "pending"),
    ),
    "canceled under the cancel's id": ([report("4", "4", of=Z)], ("moot", "moot", "accepted")),
    "expired under the cancel's id": ([report("C", "C", of=Z)], ("moot", "moot", "moot")),
    "pending cancel": ([report("6", "6", of=Z)], ("pending", "pending", "pending")),
    "a fill under the cancel's id": ([fill("f1", 40, 40, of=Z)], ("pending", "pending", "pending")),
    "the replace is rejected": ([report("8", "0", of=Y)], ("pending", "refused", "pending")),
    "the cancel is rejected": ([report("8", "0", of=Z)], ("pending", "pending", "refused")),
    "told rejected under the replace's id": (
        [report("I", "8", of=Y)],
        ("moot", "moot", "moot"),
    ),
    "the order is rejected": ([report("8", "8")], ("refused", "moot", "moot")),
    "a copy of the order is rejected": ([report("8", "0")], ("pending", "pending", "pending")),
    "rejected, under an unknown id": ([report("8", "8", of="?")], ("refused", "moot", "moot")),
    "rejected, under an unknown id, and alive": (
        [report("8", "0", of="?")],
        ("pending", "pending", "pending"),
    ),
    "an unknown id is of the order": (
        [report("I", "0", of="?")],
        ("accepted", "pending", "pending"),
    ),
}


@pytest.mark.parametrize(("told", "expected"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_a_report_answers_the_request_whose_id_it_carries(
    told: list[ExecutionReport], expected: tuple[str, str, str]
) -> None:
    order = tell(an_order(replace(Y, 150), cancel(Z)), *told)
    assert tuple(r.outcome(order.ended) for r in order.requests) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (report("6", "6", of=Z), [False, False, True]),
        (report("E", "E", of=Y), [False, True, False]),
        (report("6", "6", of=Y), [False, True, False]),
        (report("6", "6"), [False, False, False]),
        (report("E", "0", of=Y), [False, False, False]),
        (report("D", "E", of=Y), [False, False, False]),
        (report("5", "6", of=Y), [False, False, False]),
    ],
)
def test_a_request_is_pending_when_its_broker_says_so(
    told: ExecutionReport, expected: list[bool]
) -> None:
    order = tell(an_order(replace(Y, 150), cancel(Z)), told)
    assert [r.pending for r in order.requests] == expected


@pytest.mark.parametrize("of", [X, Y, Z])
def test_a_refused_request_keeps_the_text_of_its_rejection(of: str) -> None:
    order = tell(an_order(replace(Y, 150), cancel(Z)), report("8", "8", of=of, text="no"))
    assert {r.cl_ord_id: r.text for r in order.requests if r.text} == {of: "no"}


@pytest.mark.parametrize("of", [X, Y])
def test_a_rejection_without_a_text_leaves_none(of: str) -> None:
    order = tell(an_order(replace(Y, 150)), report("8", "8", of=of))
    assert [r.text for r in order.requests] == ["", ""]


REJECTIONS: dict[str, tuple[list[ExecutionReport], str]] = {
    "under the replace's id, which was not accepted": ([ACK, report("8", "8", of=Y)], "0"),
    "under the replace's id, which was accepted": (
        [ACK, report("5", "0", of=Y, qty=150), report("8", "8", of=Y)],
        "8",
    ),
    "under the replace's id, alive": (
        [ACK, report("5", "0", of=Y, qty=150), report("8", "0", of=Y)],
        "0",
    ),
    "under the cancel's id": ([ACK, report("8", "8", of=Z)], "0"),
}


@pytest.mark.parametrize(("told", "expected"), REJECTIONS.values(), ids=REJECTIONS.keys())
def test_a_rejection_ends_the_order_under_the_id_that_it_bears(
    told: list[ExecutionReport], expected: str
) -> None:
    found = {
        state(tell(an_order(replace(Y, 150), cancel(Z)), *arrival))[0]
        for arrival in permutations(told)
    }
    assert found == {expected}


@pytest.mark.parametrize(("cum", "expected"), [(40, 40 * SCALE), (None, -1), (0, 0)])
def test_such_a_rejection_has_the_cum_qty_and_the_time_of_an_end(
    cum: int | None, expected: int
) -> None:
    order = an_order(replace(Y, 150))
    tell(order, report("5", "0", of=Y, qty=150), report("8", "8", cum, of=Y, time=7))
    assert (order.lifecycle.ended_cum, order.lifecycle.ended_when) == (expected, 7)


# -- times and days --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([ACK], (0, 0, 0)),
        ([report("0", "0", time=5)], (5, 5, 0)),
        ([report("0", "0", time=5), report("0", "0", time=4)], (5, 5, 0)),
        ([report("I", "0", time=5)], (0, 5, 0)),
        ([report("0", "0", 40, time=5)], (0, 5, 0)),
        ([report("0", "1", time=5)], (0, 5, 0)),
        ([fill("f1", 40, 40, time=5, trade_date="19700102")], (0, 0, 0)),
        ([fill("f1", 40, 40, status="3", time=5, trade_date="19700102")], (0, 5, 19700102)),
        ([report("I", "0", trade_date="19700102")], (0, DAY, 19700102)),
        (
            [report("I", "0", trade_date="19700102"), report("I", "1", trade_date="19700101")],
            (0, DAY, 19700102),
        ),
        ([report("I", "0", trade_date="tomorrow")], (0, 0, 0)),
    ],
)
def test_the_times_of_reports_that_are_no_fills_are_held(
    told: list[ExecutionReport], expected: tuple[int, int, int]
) -> None:
    found = set()
    for arrival in permutations(told):
        order = tell(an_order(), *arrival)
        found.add((order.acked_when, order.last_when, order.aside.last_date))
    assert found == {expected}


def test_a_replaced_report_under_another_id_is_held_with_its_place() -> None:
    order = tell(an_order(cancel(Y)), ACK, report("5", "0", of=Y))
    assert [(said.index, said.arrival) for said in order.aside.loose] == [(1, (1 << 40) + 2)]


def test_without_an_epoch_the_place_of_a_report_is_its_number() -> None:
    order, told = an_order(), report("D", "0", qty=90)
    told.msg_seq_num = 7
    order.add_report(told)
    assert order.aside.stated[0].arrival == 7


@pytest.mark.parametrize("status", ["9", "0"])
def test_a_statement_is_of_the_request_whose_id_it_carries(status: str) -> None:
    order = tell(an_order(cancel(Y)), report("I", status, 5, of=Y))
    held = (*order.lifecycle.special, *order.lifecycle.latest)
    assert [said.index for said in held] == [1]


def test_the_place_of_a_report_is_its_number_in_its_epoch() -> None:
    order = an_order()
    for number, epoch in ((7, 1), (3, 2)):
        told = report("D", "0", qty=90, exec_id=f"e{epoch}")
        told.msg_seq_num = number
        order.add_report(told, epoch)
    first, second = order.aside.stated
    assert (first.arrival, second.arrival) == ((1 << 40) + 7, (2 << 40) + 3)


# -- terms that the broker derives -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([report("0", "0", qty=None)], 0),
        ([report("0", "0", qty=80)], 80),
        ([report("0", "0", qty=None), report("I", "0", qty=80)], 80),
        ([report("0", "0", qty=80), fill("f1", 40, 40, qty=90, leaves=50)], 90),
    ],
)
def test_a_cash_order_has_the_order_qty_that_its_broker_derives(
    told: list[ExecutionReport], expected: int
) -> None:
    found = {
        tell(an_order(qty=0, cash=5 * SCALE), *arrival).terms.order_qty // SCALE
        for arrival in permutations(told)
    }
    assert found == {expected}


def test_an_order_that_we_did_not_send_has_the_terms_that_are_told() -> None:
    order = an_order()
    order.external = True
    tell(order, ACK, fill("f1", 40, 40, qty=120, leaves=80))
    assert state(order) == ("1", 40, 80)


def test_an_order_of_ours_has_the_terms_that_we_asked_for() -> None:
    assert tell(an_order(), ACK, report("I", "0", qty=120)).terms.order_qty == 100 * SCALE


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        # Under the id of a replace to 60, after 80 had executed (C.3.c)
        ([report("I", "1", 80, of=Y, qty=80)], 80),
        ([report("6", "6", 80, of=Y, qty=80)], 100),
        ([report("I", "1", 80, of=Y, qty=None)], 60),
        ([report("I", "1", 80, of=Y, qty=60)], 60),
        ([report("I", "1", 80, of=Z, qty=80)], 100),
    ],
)
def test_a_report_in_passing_shows_at_what_quantity_a_replace_was_accepted(
    told: list[ExecutionReport], expected: int
) -> None:
    order = tell(an_order(replace(Y, 60), cancel(Z)), *told)
    assert order.terms.order_qty // SCALE == expected


def test_a_fill_in_passing_shows_it_after_the_replace_was_accepted() -> None:
    accepted: dict[str, Any] = {"of": Y, "qty": 60}
    order = tell(an_order(replace(Y, 60)), report("I", "0", **accepted))
    tell(order, fill("f1", 70, 70, of=Y, qty=70))
    assert order.terms.order_qty // SCALE == 70
