"""Which of two reports is the newer, by what they say of themselves."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.units import SCALE
from fix_oms.orders import said
from fix_oms.orders import said as said_module
from fix_oms.orders.said import Said, add_once, compare, date_of, newest_first, trade_date_of
from tests.orders.told import DAY, report

JANUARY_2 = 19700102


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (0, 0),
        (1, 19700101),
        (DAY - 1, 19700101),
        (DAY, 19700102),
        (40 * DAY, 19700210),
        (20_454 * DAY + 5, 20260101),
    ],
)
def test_a_time_has_a_date(time: int, expected: int) -> None:
    assert date_of(time) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, 0),
        ("19700102", JANUARY_2),
        ("1970010", 0),
        ("197001021", 0),
        ("1970-1-2", 0),
        ("today", 0),
    ],
)
def test_a_trade_date_is_eight_digits_or_nothing(text: str | None, expected: int) -> None:
    assert trade_date_of(report("0", "0", trade_date=text)) == expected


@pytest.mark.parametrize(
    ("time", "trade_date", "expected"),
    [
        (7, None, 7),
        (7, "19700102", 7),
        (0, "19700101", 0),
        (0, "19700102", DAY),
        (0, "19701231", 364 * DAY),
        (0, "20240229", 19_782 * DAY),
        (0, "20230229", 0),
        (0, "19701301", 0),
        (0, None, 0),
    ],
)
def test_a_report_is_of_its_transact_time_or_else_of_its_trade_date(
    time: int, trade_date: str | None, expected: int
) -> None:
    assert said.when(report("0", "0", time=time, trade_date=trade_date)) == expected


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("0", "0", "0"),
        ("3", "E", "3"),
        ("7", "6", "7"),
        ("9", "E", "9"),
        ("B", "6", "B"),
        ("4", "4", "4"),
        ("D", "3", "3"),
        ("6", "1", "1"),
    ],
)
def test_a_passing_state_may_stand_in_exec_type_alone(
    kind: str, status: str, expected: str
) -> None:
    assert said.said_of(report(kind, status)) == expected


SURE, UNSURE = True, False
NEWER, OLDER, TIED = 1, -1, 0


@pytest.mark.parametrize(
    ("first", "second", "grows", "expected"),
    [
        # (CumQty, time) of each; whether CumQty never fell
        ((40, 1), (20, 2), SURE, NEWER),
        ((20, 2), (40, 1), SURE, OLDER),
        ((40, 1), (20, 2), UNSURE, OLDER),
        ((20, 2), (40, 1), UNSURE, NEWER),
        ((40, 0), (20, 2), UNSURE, NEWER),
        ((20, 2), (40, 0), UNSURE, OLDER),
        ((20, 0), (40, 2), UNSURE, OLDER),
        ((40, 3), (20, 3), UNSURE, NEWER),
        ((40, 2), (40, 1), SURE, NEWER),
        ((40, 1), (40, 2), SURE, OLDER),
        ((40, 0), (40, 2), SURE, TIED),
        ((40, 2), (40, 0), SURE, TIED),
        ((40, 2), (40, 2), SURE, TIED),
        ((0, 0), (1, 0), SURE, OLDER),
        ((1, 0), (0, 0), SURE, NEWER),
        ((0, 0), (1, 0), UNSURE, OLDER),
        ((1, 0), (0, 0), UNSURE, NEWER),
        ((0, 2), (1, 1), SURE, OLDER),
        ((1, 1), (0, 2), SURE, NEWER),
        ((-1, 0), (40, 0), SURE, TIED),
        ((40, 0), (-1, 0), SURE, TIED),
        ((-1, 0), (40, 0), UNSURE, TIED),
        ((40, 0), (-1, 0), UNSURE, TIED),
        ((-1, 2), (40, 1), SURE, NEWER),
        ((40, 1), (-1, 2), SURE, OLDER),
        ((-1, 1), (-1, 1), UNSURE, TIED),
    ],
)
def test_cum_qty_then_time_then_cum_qty_again_tell_which_is_newer(
    first: tuple[int, int], second: tuple[int, int], grows: bool, expected: int
) -> None:
    assert compare(*first, *second, grows) == expected


def statement(**fields: Any) -> Said:
    arrival = fields.pop("arrival", 1)
    index = fields.pop("index", 0)
    kind, status = fields.pop("kind", "D"), fields.pop("status", "0")
    return said_module.statement(report(kind, status, **fields), index, arrival)


def test_the_same_statement_is_held_once() -> None:
    held = add_once((), statement())
    assert add_once(held, statement(arrival=9)) is held


@pytest.mark.parametrize(
    "other",
    [
        {"exec_id": "e2"},
        {"exec_id": "e1", "status": "1"},
        {"exec_id": "e1", "kind": "5"},
        {"exec_id": "e1", "qty": 120},
        {"exec_id": "e1", "cum": 10},
    ],
)
def test_a_statement_that_differs_is_held_as_well(other: dict[str, Any]) -> None:
    assert len(add_once((statement(exec_id="e1"),), statement(**other))) == 2


@pytest.mark.parametrize(
    ("grows", "expected"), [(SURE, ["c", "d", "a", "b"]), (UNSURE, ["b", "d", "a", "c"])]
)
def test_statements_are_ordered_by_cum_qty_or_by_time_then_by_arrival(
    grows: bool, expected: list[str]
) -> None:
    held = (
        statement(exec_id="a", cum=20, time=5, arrival=1),
        statement(exec_id="b", cum=10, time=9, arrival=2),
        statement(exec_id="c", cum=30, time=1, arrival=3),
        statement(exec_id="d", cum=20, time=5, arrival=4),
    )
    assert [s.exec_id for s in newest_first(held, grows)] == expected


def test_a_statement_has_what_the_report_says() -> None:
    one = statement(
        cum=40,
        leaves=60,
        qty=110,
        price=11,
        avg=12,
        time=3,
        stop_px=13,
        exec_restatement_reason="1",
        index=2,
        arrival=4,
    )
    found = (one.told, one.leaves, one.order_qty, one.price, one.avg, one.when)
    assert found == (40 * SCALE, 60 * SCALE, 110 * SCALE, 11 * SCALE, 12 * SCALE, 3)
    assert (one.stop_px, one.reason, one.index, one.arrival) == (13, "1", 2, 4)


@pytest.mark.parametrize(
    ("status", "cum", "leaves", "qty", "expected"),
    [
        ("1", 40, 50, None, 90),
        ("1", 40, 50, 100, 100),
        ("0", 0, 50, None, 50),
        ("2", 40, 0, None, 40),
        ("1", 40, 0, None, 0),
        ("1", None, 50, None, 0),
        ("1", 40, None, None, 0),
        ("4", 40, 50, None, 0),
        ("3", 40, 50, None, 0),
    ],
)
def test_a_report_that_states_terms_may_do_so_by_cum_qty_and_leaves_qty(
    status: str, cum: int | None, leaves: int | None, qty: int | None, expected: int
) -> None:
    told = report("D", status, cum, leaves, qty=qty)
    assert said_module.statement(told, 0, 1, states=True).order_qty == expected * SCALE
    assert said_module.statement(told, 0, 1).order_qty == (qty or 0) * SCALE


def test_what_a_report_does_not_say_is_none_of_it() -> None:
    one = statement(cum=None, leaves=None, qty=None)
    found = (one.told, one.leaves, one.order_qty, one.price, one.avg, one.when)
    assert found == (-1, 0, 0, None, 0, 0)
