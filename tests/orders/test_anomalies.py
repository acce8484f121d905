"""What a fill says of itself that cannot be true, field by field."""

from __future__ import annotations

import pytest

from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import SCALE, fixed
from fix_oms.orders import anomalies
from tests.orders.told import ACK, X, Y, an_order, bust, fill, replace, report, tell

F40 = fill("f1", 40, 40, time=1)

LEAVES = "LeavesQty(151) {} is not OrderQty(38) less CumQty(14)"


def found(*before: ExecutionReport, last: ExecutionReport) -> list[str]:
    order = tell(an_order(), ACK, *before, last)
    return anomalies.of(order, last)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        # After a fill of 40: a fill of 20 that says …
        (fill("f2", 20, 60), []),
        (fill("f2", 20, None), []),
        (fill("f2", 20, None, leaves=40), []),
        (fill("f2", 20, None, leaves=50), [LEAVES.format(50)]),
        (fill("f2", 20, 60, leaves=50), [LEAVES.format(50)]),
        (fill("f2", 20, 60, leaves=0), [LEAVES.format(0)]),
        (fill("f2", 20, 60, qty=None), []),
        (fill("f2", 20, 60, qty=None, leaves=40), []),
        (fill("f2", 20, 60, qty=None, leaves=41), [LEAVES.format(41)]),
        (fill("f2", 20, 60, qty=110, leaves=50), []),
        (fill("f2", 20, 60, qty=50, leaves=0, status="2"), []),
        (fill("f2", 20, 60, status="2"), ["OrdStatus(39) Filled with 60 of 100 executed"]),
        (fill("f2", 20, 60, status="0"), ["OrdStatus(39) New with 60 of 100 executed"]),
        (fill("f2", 20, 60, status="6"), []),
        (fill("f2", 20, 60, status="4"), []),
        (fill("f1", 50, 45, px=11), []),
        (fill("f2", 20, 60, status="C"), []),
        (fill("f2", 20, 60, status="3"), []),
        (fill("f2", 20, 60, status="B"), []),
        (fill("f2", 20, 60, status="8"), []),
        (fill("f2", 20, 60, status="4", leaves=40), []),
        (fill("f2", 20, 60, status="4", leaves=10), [LEAVES.format(10)]),
        (fill("f2", 20, 60, status="7", leaves=0), [LEAVES.format(0)]),
        (fill("f2", 20, 50, leaves=40), ["CumQty(14) 50 does not fit the executions: 60"]),
        (fill("f2", 20, 50), ["CumQty(14) 50 does not fit the executions: 60", LEAVES.format(50)]),
        (fill("f2", 20, 20), ["CumQty(14) 20 does not fit the executions: 60", LEAVES.format(80)]),
        (fill("f2", 20, 80), []),
        (
            fill("f2", 60, 100, status="1"),
            ["OrdStatus(39) PartiallyFilled with 100 of 100 executed"],
        ),
        (fill("f2", 60, 100), []),
        (fill("f2", 70, 110), []),
    ],
)
def test_each_field_that_cannot_be_true_is_named_once(
    last: ExecutionReport, expected: list[str]
) -> None:
    assert found(F40, last=last) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        # After fills of 40 and 30: one of 20 that came after both, or before one, or with no time
        (
            fill("f3", 20, 70, time=9),
            ["CumQty(14) 70 does not fit the executions: 90", LEAVES.format(30)],
        ),
        (
            fill("f3", 20, 60, time=9),
            ["CumQty(14) 60 does not fit the executions: 90", LEAVES.format(40)],
        ),
        (fill("f3", 20, 60, time=3), []),
        (fill("f3", 20, 60, time=2), []),
        (fill("f3", 20, 60), []),
        (fill("f3", 20, 60, leaves=10), ["CumQty(14) 60 does not fit the executions: 90"]),
        (fill("f3", 20, 60, leaves=11), [LEAVES.format(11)]),
        (fill("f3", 20, 60, leaves=10, qty=None), [LEAVES.format(10)]),
    ],
)
def test_a_lower_cum_qty_may_be_of_before_the_others(
    told: ExecutionReport, expected: list[str]
) -> None:
    assert found(F40, fill("f2", 30, 90, time=3), last=told) == expected


@pytest.mark.parametrize(
    ("of", "leaves", "expected"),
    [
        (X, 40, []),
        (X, 50, [LEAVES.format(50)]),
        (Y, 90, []),
        (Y, 40, [LEAVES.format(40)]),
        ("?", 90, []),
        ("?", 50, [LEAVES.format(50)]),
    ],
)
def test_a_fill_without_an_order_qty_speaks_of_its_own_request(
    of: str, leaves: int, expected: list[str]
) -> None:
    last = fill("f2", 20, 60, qty=None, of=of, leaves=leaves)
    order = tell(an_order(replace(Y, 150)), report("5", "0", of=Y, qty=150), F40, last)
    assert anomalies.of(order, last) == expected


@pytest.mark.parametrize("status", "0123456789ABCDE")
def test_only_an_order_that_is_not_working_may_leave_nothing(status: str) -> None:
    last = fill("f2", 20, None, status=status, leaves=0)
    assert (LEAVES.format(0) in found(F40, last=last)) == (status not in "348BC")


def test_a_fill_without_an_order_qty_speaks_of_the_restated_terms_of_its_request() -> None:
    last = fill("f2", 20, 60, qty=None, of=Y, leaves=90)
    order = tell(an_order(replace(Y, 150)), report("5", "0", of=Y, qty=150), F40)
    tell(order, report("D", "1", 40, of=Y, qty=140), last)
    assert anomalies.of(order, last) == [LEAVES.format(90)]


def test_a_lower_cum_qty_may_be_of_before_an_execution_without_a_time() -> None:
    other, last = fill("f2", 30, 90), fill("f3", 20, 60, time=9)
    assert found(F40, other, last=last) == []


def test_a_cum_qty_that_the_executions_prove_is_judged_by_itself() -> None:
    assert found(F40, report("I", "1", 80), last=fill("f2", 20, 60)) == []


@pytest.mark.parametrize(
    ("px", "avg", "expected"),
    [
        ("10", "10", []),
        ("10", "10.01", []),
        ("10", "9.99", []),
        ("10", "10.01000001", ["AvgPx(6) 10.01000001 is not what the executions cost: 10"]),
        ("10", "9.98999999", ["AvgPx(6) 9.98999999 is not what the executions cost: 10"]),
        ("100", "100.1", []),
        ("100", "100.10000001", ["AvgPx(6) 100.10000001 is not what the executions cost: 100"]),
        ("10", "0", []),
    ],
)
def test_an_avg_px_may_be_off_by_a_cent_or_a_thousandth(
    px: str, avg: str, expected: list[str]
) -> None:
    last = fill("f1", 40, 40)
    last.last_px, last.avg_px = fixed(px), fixed(avg)
    assert found(last=last) == expected


@pytest.mark.parametrize(
    ("cum", "expected"), [(20, []), (60, ["AvgPx(6) 99 is not what the executions cost: 10"])]
)
def test_an_avg_px_of_fewer_executions_is_not_judged(cum: int, expected: list[str]) -> None:
    other = fill("f1", 40, {20: 60, 60: 40}[cum])
    assert found(other, last=fill("f2", 20, cum, avg=99)) == expected


def test_the_avg_px_of_a_provisional_quantity_is_not_judged() -> None:
    assert found(F40, last=fill("f2", 20, 80, avg=99)) == []


@pytest.mark.parametrize(
    "last",
    [
        report("I", "2", 40, 7),
        bust("b1", "f1", 70),
        report("F", "2", 50, 7, exec_id=None, last=None),
    ],
)
def test_only_fills_are_judged(last: ExecutionReport) -> None:
    last.exec_id = None if last.exec_type == "F" else last.exec_id
    assert found(F40, last=last) == []


@pytest.mark.parametrize(
    ("side", "symbol", "expected"),
    [
        (None, None, []),
        ("1", "AAPL", []),
        ("2", None, ["Side(54) 2 is not the order's: 1"]),
        (None, "MSFT", ["Symbol(55) MSFT is not the order's: AAPL"]),
        (
            "2",
            "MSFT",
            ["Side(54) 2 is not the order's: 1", "Symbol(55) MSFT is not the order's: AAPL"],
        ),
    ],
)
def test_a_report_of_another_side_or_symbol_is_told(
    side: str | None, symbol: str | None, expected: list[str]
) -> None:
    assert found(last=fill("f1", 40, 40, side=side, symbol=symbol)) == expected


def test_a_repeated_fill_with_another_cum_qty_is_not_judged_by_it() -> None:
    assert found(F40, fill("f2", 20, 60), last=fill("f2", 20, 50, leaves=50)) == []


@pytest.mark.parametrize(("cum", "expected"), [(20, []), (60, []), (10, ["10"])])
def test_after_a_bust_a_cum_qty_is_a_sum_of_what_may_have_counted(
    cum: int, expected: list[str]
) -> None:
    last = fill("f2", 20, cum, leaves=None)
    last.leaves_qty = None
    texts = found(F40, bust("b1", "f1", 0), last=last)
    assert texts == [f"CumQty(14) {n} does not fit the executions: 20" for n in expected]


def test_the_tolerance_is_stated_in_the_units_of_a_price() -> None:
    assert (anomalies.AVG_PX_CENTS * 100, anomalies.AVG_PX_PARTS) == (SCALE, 1000)
