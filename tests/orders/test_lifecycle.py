"""What ends a state: Done for Day, Stopped, Suspended, Calculated, and the ends of an order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from fix_oms.model.messages import ExecutionReport
from fix_oms.orders.execution import Execution
from fix_oms.orders.lifecycle import Lifecycle
from tests.orders.told import (
    DAY,
    State,
    Y,
    an_order,
    bust,
    cancel,
    fill,
    report,
    state,
    tell,
)

DAY_ORDER, GOOD_TILL = "0", "1"
Reports = tuple[ExecutionReport, ...]

NEW = report("0", "0", time=1)
F40 = fill("f1", 40, 40, time=3)
F60 = fill("f2", 60, 100, time=9)


def ends(tif: str, reports: Reports) -> set[tuple[State, bool]]:
    """What each order of arrival ends in, and whether that was uncertain."""
    found = set()
    for arrival in permutations(reports):
        order = tell(an_order(tif=tif), *arrival)
        found.add((state(order), order.is_uncertain()))
    return found


def day(cum: int, leaves: int | None = None, time: int = 5) -> ExecutionReport:
    return report("3", "3", cum, leaves, time=time)


def restated(status: str, cum: int, time: int = 7, **more: Any) -> ExecutionReport:
    return report("D", status, cum, time=time, **more)


TOMORROW = DAY + 1
VERDICTS: dict[str, tuple[str, Reports, State]] = {
    # Done for Day
    "a day order is done for the day": (DAY_ORDER, (NEW, F40, day(40)), ("3", 40, 0)),
    "a good-till order keeps its LeavesQty": (GOOD_TILL, (NEW, F40, day(40)), ("3", 40, 60)),
    "what its broker leaves open is open": (DAY_ORDER, (NEW, F40, day(40, 60)), ("3", 40, 60)),
    "a fill beyond it goes on": (DAY_ORDER, (NEW, F40, day(40), F60), ("2", 100, 0)),
    "a fill before it does not": (DAY_ORDER, (NEW, F40, day(40, time=2)), ("3", 40, 0)),
    "a fill told with less is older": (GOOD_TILL, (NEW, F40, day(50, time=2)), ("3", 50, 50)),
    "a good-till order is restated the next day": (
        GOOD_TILL,
        (NEW, F40, day(40), restated("1", 40, TOMORROW)),
        ("1", 40, 60),
    ),
    "a restatement needs no time when one day is done": (
        GOOD_TILL,
        (report("0", "0"), day(0, time=0), restated("0", 0, 0)),
        ("0", 0, 100),
    ),
    "an older restatement does not start the day": (
        GOOD_TILL,
        (NEW, day(0), restated("0", 0, 2)),
        ("3", 0, 100),
    ),
    "a restatement does not bring a day order back": (
        DAY_ORDER,
        (NEW, day(0), restated("0", 0)),
        ("3", 0, 0),
    ),
    "any report of a later day ends it": (
        GOOD_TILL,
        (NEW, F40, day(40), report("6", "6", 40, of="?", time=TOMORROW)),
        ("1", 40, 60),
    ),
    "a later report of the same day does not": (
        GOOD_TILL,
        (NEW, F40, day(40), report("6", "6", 40, of="?", time=9)),
        ("3", 40, 60),
    ),
    "what is left on a later day ends it for a day order as well": (
        DAY_ORDER,
        (NEW, F40, day(40), report("I", "1", 40, time=TOMORROW)),
        ("1", 40, 60),
    ),
    "a later day on which nothing is left ends no day order": (
        DAY_ORDER,
        (NEW, F40, day(40), report("I", "1", 40, 0, time=TOMORROW)),
        ("3", 40, 0),
    ),
    "a day without a date is not ended by another": (
        GOOD_TILL,
        (report("0", "0"), day(0, time=0), report("6", "6", 0, of="?", time=TOMORROW)),
        ("3", 0, 100),
    ),
    "a later acknowledgement begins the good-till order again": (
        GOOD_TILL,
        (day(0), report("0", "0", time=7)),
        ("0", 0, 100),
    ),
    "a later acknowledgement does not bring a day order back": (
        DAY_ORDER,
        (day(0), report("0", "0", time=7)),
        ("3", 0, 0),
    ),
    "a day without a date is not over on another": (
        DAY_ORDER,
        (day(0, time=0), restated("0", 0, TOMORROW)),
        ("3", 0, 0),
    ),
    "the second day is done as well": (
        GOOD_TILL,
        (NEW, day(0), restated("0", 0, 7), day(0, time=8)),
        ("3", 0, 100),
    ),
    "a fill at its CumQty and no time came before it": (
        GOOD_TILL,
        (fill("f1", 40, 40), day(40, time=0)),
        ("3", 40, 60),
    ),
    "a later fill at its CumQty begins the good-till order again": (
        GOOD_TILL,
        (fill("f1", 40, 40, time=9), day(40)),
        ("1", 40, 60),
    ),
    "a later fill at its CumQty does not bring a day order back": (
        DAY_ORDER,
        (fill("f1", 40, 40, time=9), day(40)),
        ("3", 40, 0),
    ),
    "a later fill after a bust goes on": (
        DAY_ORDER,
        (
            fill("f1", 60, 60, time=3),
            bust("b1", "f1", 0, time=4),
            day(60),
            fill("f2", 20, 20, time=9),
        ),
        ("1", 20, 80),
    ),
    "an older report at a lower CumQty does not begin it again": (
        GOOD_TILL,
        (F40, day(40), report("I", "1", 20, time=7)),
        ("3", 40, 60),
    ),
    "of two days the restatement begins the last": (
        GOOD_TILL,
        (day(0, time=0), fill("f1", 40, 40), day(40, time=0), restated("1", 40, 0)),
        ("1", 40, 60),
    ),
    "a day that is over ends no suspension of the next": (
        GOOD_TILL,
        (NEW, day(0), report("9", "9", 0, time=TOMORROW)),
        ("9", 0, 100),
    ),
    # Stopped, Suspended
    "a stop outranks a partial fill before it": (
        DAY_ORDER,
        (NEW, F40, report("7", "7", 40, time=5)),
        ("7", 40, 60),
    ),
    "a later fill ends the stop": (
        DAY_ORDER,
        (NEW, report("7", "7", 0, time=2), F40),
        ("1", 40, 60),
    ),
    "a filled order is not stopped": (
        DAY_ORDER,
        (NEW, F40, fill("f2", 60, 100, time=4), report("7", "7", 100, 0, time=5)),
        ("2", 100, 0),
    ),
    "a filled order is not suspended": (
        DAY_ORDER,
        (NEW, F40, fill("f2", 60, 100, time=4), report("9", "9", 100, 0, time=5)),
        ("2", 100, 0),
    ),
    "a filled order may be done for the day": (
        DAY_ORDER,
        (NEW, F40, fill("f2", 60, 100, time=4), day(100)),
        ("3", 100, 0),
    ),
    "a filled order may be calculated": (
        DAY_ORDER,
        (NEW, F40, fill("f2", 60, 100, time=4), report("B", "B", 100, 0, time=5)),
        ("B", 100, 0),
    ),
    "a stop outranks a suspension": (
        DAY_ORDER,
        (NEW, report("9", "9", 0, time=5), report("7", "7", 0, time=5)),
        ("7", 0, 100),
    ),
    "done for the day outranks a stop": (
        GOOD_TILL,
        (NEW, report("7", "7", 0, time=5), day(0)),
        ("3", 0, 100),
    ),
    "a suspended order resumes": (
        DAY_ORDER,
        (NEW, report("9", "9", 0, time=5), restated("0", 0)),
        ("0", 0, 100),
    ),
    "an older report resumes nothing": (
        DAY_ORDER,
        (NEW, report("9", "9", 0, time=5), restated("0", 0, 4)),
        ("9", 0, 100),
    ),
    "an acknowledgement at no time resumes nothing": (
        DAY_ORDER,
        (report("0", "0"), report("9", "9", 0, time=5)),
        ("9", 0, 100),
    ),
    "an order triggered at a later time is no longer suspended": (
        DAY_ORDER,
        (NEW, report("9", "9", 0, time=5), report("L", "0", 0, time=6)),
        ("0", 0, 100),
    ),
    "a report at a lower CumQty is older, whatever its time": (
        DAY_ORDER,
        (F40, report("9", "9", 40, time=5), report("I", "1", 20, time=7)),
        ("9", 40, 60),
    ),
    "an acknowledgement is of CumQty 0, whatever its time": (
        DAY_ORDER,
        (F40, report("9", "9", 40, time=5), report("0", "0", time=7)),
        ("9", 40, 60),
    ),
    "what an acknowledgement has ended ends nothing else": (
        DAY_ORDER,
        (report("7", "7", time=2), report("0", "0", time=4), report("9", "9", time=5)),
        ("9", 0, 100),
    ),
    "a stop and a fill at one CumQty and no time": (
        DAY_ORDER,
        (fill("f1", 40, 40), report("7", "7", 40)),
        ("7", 40, 60),
    ),
    "a later fill at the CumQty of the stop": (
        DAY_ORDER,
        (report("7", "7", 40, time=2), F40),
        ("1", 40, 60),
    ),
    # Calculated
    "a calculated day order is done with": (
        DAY_ORDER,
        (NEW, F40, report("B", "B", 40, 0, time=5)),
        ("B", 40, 0),
    ),
    "a later working report ends the calculation": (
        DAY_ORDER,
        (NEW, F40, report("B", "B", 40, 0, time=5), restated("1", 40)),
        ("1", 40, 60),
    ),
    "done for the day outranks calculated": (
        DAY_ORDER,
        (NEW, F40, report("B", "B", 40, 0, time=5), day(40)),
        ("3", 40, 0),
    ),
    # ends
    "the end outranks what only passes": (
        GOOD_TILL,
        (NEW, F40, day(40), report("C", "C", 40, time=6)),
        ("C", 40, 0),
    ),
    "a cancel and an expiry are a cancel": (
        DAY_ORDER,
        (NEW, report("4", "4", 0, time=5), report("C", "C", 0, time=5)),
        ("4", 0, 0),
    ),
    "an expiry and a rejection are an expiry": (
        DAY_ORDER,
        (NEW, report("C", "C", 0, time=5), report("8", "8", 0, time=5)),
        ("C", 0, 0),
    ),
    "a filled order that is canceled as well is filled": (
        DAY_ORDER,
        (NEW, fill("f1", 100, 100, time=3), report("4", "4", 0, time=2)),
        ("2", 100, 0),
    ),
    "a fill that ends the order ends it": (
        DAY_ORDER,
        (NEW, fill("f1", 40, 40, status="C", time=3)),
        ("C", 40, 0),
    ),
}


@pytest.mark.parametrize(("tif", "reports", "verdict"), VERDICTS.values(), ids=VERDICTS.keys())
def test_every_order_of_arrival_shows_what_nothing_has_ended(
    tif: str, reports: Reports, verdict: State
) -> None:
    assert ends(tif, reports) == {(verdict, False)}


UNCERTAIN: dict[str, tuple[str, Reports, set[State]]] = {
    "a halt and a resumption at one time": (
        DAY_ORDER,
        (report("9", "9", 0, time=5), restated("0", 0, 5)),
        {("9", 0, 100), ("0", 0, 100)},
    ),
    "a halt and a resumption without a time": (
        DAY_ORDER,
        (report("9", "9", 0), restated("0", 0, 0)),
        {("9", 0, 100), ("0", 0, 100)},
    ),
    "a working report at the time of Done for Day": (
        GOOD_TILL,
        (day(0), report("L", "0", 0, time=5)),
        {("3", 0, 100), ("0", 0, 100)},
    ),
    "two days done and one restatement, none with a time": (
        GOOD_TILL,
        (day(0, time=0), report("3", "3", 0, exec_id="3b"), restated("0", 0, 0)),
        {("3", 0, 100), ("0", 0, 100)},
    ),
}


@pytest.mark.parametrize(("tif", "reports", "verdicts"), UNCERTAIN.values(), ids=UNCERTAIN.keys())
def test_what_only_arrival_decides_is_uncertain(
    tif: str, reports: Reports, verdicts: set[State]
) -> None:
    assert ends(tif, reports) == {(verdict, True) for verdict in verdicts}


@pytest.mark.parametrize(
    "last", [report("4", "4", 0), report("6", "6", 0, of="Y")], ids=["ended", "pending"]
)
def test_what_no_longer_shows_is_no_longer_uncertain(last: ExecutionReport) -> None:
    tied = UNCERTAIN["a halt and a resumption without a time"][1]
    order = an_order(cancel(Y))
    seen = [tell(order, *tied).is_uncertain(), tell(order, last).is_uncertain()]
    assert seen == [True, False]


def test_the_same_done_for_day_twice_is_one_day() -> None:
    reports = (report("0", "0"), day(0, time=0), day(0, time=0), restated("0", 0, 0))
    assert ends(GOOD_TILL, reports) == {(("0", 0, 100), False)}


FILLED, PART = (
    Execution("f1", 9, 9, 7, told=9, status="2"),
    Execution("f2", 1, 9, 8, told=9, status="1"),
)


@pytest.mark.parametrize(
    ("status", "trades", "expected"),
    [
        ("9", [FILLED], {"9"}),
        ("7", [FILLED], {"7"}),
        ("3", [FILLED], set()),
        ("B", [FILLED], set()),
        ("9", [PART], set()),
        ("9", [FILLED, PART], set()),
    ],
)
def test_a_fill_that_filled_the_order_hides_a_halt_and_does_not_end_it(
    status: str, trades: list[Execution], expected: set[str]
) -> None:
    life = Lifecycle()
    life.add(report(status, status, time=5), 0, 1)
    assert life.holding(trades, False, True, 0, 0) == expected


@pytest.mark.parametrize(
    ("status", "told", "expected"),
    [
        ("9", [("2", 7)], {"9"}),
        ("9", [("1", 7)], set()),
        ("9", [("2", 7), ("1", 6)], set()),
        ("9", [("2", 7), ("1", 4)], {"9"}),
        ("9", [("1", 6), ("2", 7)], set()),
        ("B", [("2", 7)], set()),
        ("B", [("2", 7), ("1", 4)], set()),
    ],
)
def test_a_report_that_the_order_is_filled_does_not_end_a_halt(
    status: str, told: list[tuple[str, int]], expected: set[str]
) -> None:
    life = Lifecycle()
    for kind, shown, time in ((status, status, 5), *(("I", *one) for one in told)):
        life.add(report(kind, shown, time=time), 0, 1)
    assert life.holding([], False, True, 0, 0) == expected
