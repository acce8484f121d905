"""The end of an order, what may still be alive after it, and what a lifecycle holds of all this."""

from __future__ import annotations

import pytest

from fix_oms.model.fix import OrdStatus
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import SCALE
from fix_oms.orders.execution import Execution
from fix_oms.orders.lifecycle import SAYS_MORE, Lifecycle, says_acked
from tests.orders.told import an_order, bust, fill, report, state, tell

F40 = fill("f1", 40, 40, time=3)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        # Canceled with CumQty 40 at time 5; then a report with this CumQty and time.
        (report("D", "1", 40, 60, time=6), 60),
        (report("D", "1", 40, 60, time=4), 0),
        (report("D", "1", 40, 60, time=5), 0),
        (report("D", "1", 40, 60), 0),
        (report("D", "1", 50, 50), 60),
        (fill("f2", 10, 50, time=6), 50),
        (fill("f2", 10, 50, time=4), 0),
        (fill("f2", 10, 50, time=6, qty=None), 50),
        (fill("f2", 10, 50, time=6, qty=120), 70),
        (fill("f2", 10, 50), 50),
        (fill("f2", 10, 50, status="4", time=6), 0),
        (report("I", "1", 40, 60, time=6), 60),
    ],
)
def test_a_newer_report_that_states_leaves_keeps_that_quantity_open(
    after: ExecutionReport, expected: int
) -> None:
    end = report("4", "4", 40, 0, time=5)
    orders = [tell(an_order(), F40, *told) for told in ((end, after), (after, end))]
    assert {state(order)[0] for order in orders} == {"4"}
    assert {order.open_qty // SCALE for order in orders} == {expected}
    assert {("LeavesQty(151)" in " ".join(order.breaks())) for order in orders} == {expected > 0}


@pytest.mark.parametrize(("told", "expected"), [(0, 0), (40, 0), (41, 59), (-1, 101)])
def test_a_fill_told_with_no_more_than_the_end_came_before_it(told: int, expected: int) -> None:
    life = Lifecycle()
    life.end("4", 40, 5)
    late = Execution("f1", 20, 10, 9, told=told, status="1")
    assert life.alive_after_end([late], 100, True) == expected


def test_the_largest_leaves_after_the_end_counts() -> None:
    end = report("4", "4", 0, 0, time=5)
    more = [report("D", "0", 0, leaves, time=time) for leaves, time in ((70, 8), (60, 9), (20, 9))]
    assert tell(an_order(), end, *more).open_qty == 60 * SCALE


def test_a_fill_told_with_more_than_nothing_is_after_an_end_at_nothing() -> None:
    assert tell(an_order(), report("4", "4", 0), fill("f2", 20, 20)).open_qty == 80 * SCALE


def test_an_end_without_a_cum_qty_is_older_than_nothing() -> None:
    end = report("4", "4", None, 0)
    assert tell(an_order(), F40, end, fill("f2", 10, 50)).open_qty == 0


def test_after_a_bust_a_higher_cum_qty_is_no_newer_report() -> None:
    end = report("4", "4", 0, 0)
    assert tell(an_order(), F40, end, bust("b1", "f1", 0)).open_qty == 0


# -- what is held ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("0", "0", True),
        ("A", "A", False),
        ("8", "8", False),
        ("6", "6", False),
        ("E", "E", False),
        ("I", "6", False),
        ("0", "6", True),
        ("0", "", True),
        ("A", "", False),
        ("F", "E", True),
        ("D", "E", True),
        ("5", "6", True),
        ("D", "D", False),
        ("I", "1", True),
        ("4", "4", True),
        ("F", "8", False),
    ],
)
def test_a_report_says_that_the_order_was_accepted(kind: str, status: str, expected: bool) -> None:
    assert says_acked(report(kind, status)) is expected


def test_an_end_is_of_its_newest_report_and_of_the_highest_cum_qty() -> None:
    life = Lifecycle()
    life.end("4", 40, 5)
    life.end("C", 60, 4)
    assert (life.ended_cum, life.ended_when) == (60, 5)
    assert life.told_end is False


def test_an_end_that_was_reported_was_told() -> None:
    life = Lifecycle()
    life.add(report("4", "4", 40, time=5), 0, 1)
    assert (life.told_end, life.ended_cum, life.ended_when) == (True, 40 * SCALE, 5)


def test_the_newest_working_reports_are_held_by_cum_qty_and_by_time() -> None:
    life = Lifecycle()
    for cum, time in ((10, 3), (20, 1), (5, 9), (20, 0), (5, 8)):
        life.add(report("I", "1", cum, time=time), 0, 1)
    assert [(s.told // SCALE, s.when) for s in life.latest] == [(20, 1), (5, 9)]


def test_of_equal_working_reports_a_restatement_is_held_then_what_leaves_most() -> None:
    life = Lifecycle()
    for kind, leaves in (("I", 90), ("D", 20), ("D", 30), ("I", 95), ("D", 10)):
        life.add(report(kind, "1", 10, leaves, time=3), 0, 1)
    assert [(s.exec_type, s.leaves // SCALE) for s in life.latest] == [("D", 30)]


def test_a_lifecycle_holds_something_of_each_status_but_those_of_requests() -> None:
    assert set(OrdStatus) - SAYS_MORE == set("56ADE")


# -- what a person has decided ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "decided", "arrival", "expected"),
    [
        ("I", 7, 8, 60),
        ("I", 7, 7, 0),
        ("I", 7, 6, 0),
        ("I", 0, 1, 60),
        ("I", -1, 8, 0),
        ("L", 7, 8, 0),
    ],
)
def test_only_a_later_status_answer_contradicts_what_a_person_decided(
    kind: str, decided: int, arrival: int, expected: int
) -> None:
    life = Lifecycle()
    life.end("4", 0, 5)
    life.decided = decided
    life.add(report(kind, "0", 0, 60, time=4), 0, arrival)
    assert life.alive_after_end([], 100 * SCALE, True) == expected * SCALE


def test_nobody_has_decided_before_somebody_does() -> None:
    order = an_order()
    seen = [Lifecycle().decided]
    order.end("4", 5, "by telephone")
    assert [*seen, order.lifecycle.decided] == [-1, 0]
