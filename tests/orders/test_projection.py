"""From evidence to state: precedence, LeavesQty, what is open, the numbers of the day."""

from __future__ import annotations

from itertools import permutations

import pytest

from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import SCALE
from fix_oms.orders import projection
from fix_oms.orders.order import Order
from tests.orders.told import (
    ACK,
    DAY,
    Message,
    State,
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
)

F40, F60 = fill("f1", 40, 40, time=3), fill("f2", 60, 100, time=4)
PENDING_CANCEL = report("6", "6", 0, 100, of=Z, time=5)
PENDING_REPLACE = report("E", "E", 0, 100, of=Y, time=5)
TIED = (correction("c1", "f1", 30, None), correction("c2", "f1", 20, None))
STOPPED = report("7", "7", 0, 100, time=2)

PRECEDENCE: dict[str, tuple[tuple[Message, ...], State]] = {
    "nothing": ((), ("A", 0, 100)),
    "pending new": ((report("A", "A"),), ("A", 0, 100)),
    "new": ((ACK,), ("0", 0, 100)),
    "part filled": ((F40,), ("1", 40, 60)),
    "filled": ((F40, F60), ("2", 100, 0)),
    "overfilled": ((F40, F60, fill("f3", 5, 105)), ("2", 105, 0)),
    "filled and busted": ((F40, F60, bust("b1", "f1", 60)), ("1", 60, 40)),
    "pending cancel": ((ACK, PENDING_CANCEL), ("6", 0, 100)),
    "pending replace": ((ACK, PENDING_REPLACE), ("E", 0, 100)),
    "pending cancel and replace": ((PENDING_REPLACE, PENDING_CANCEL), ("6", 0, 100)),
    "pending while stopped": ((STOPPED, PENDING_CANCEL), ("6", 0, 100)),
    "pending while filled": ((F40, F60, PENDING_REPLACE), ("E", 100, 0)),
    "pending and ended": ((PENDING_CANCEL, report("C", "C")), ("C", 0, 0)),
    "pending and answered": ((PENDING_CANCEL, cancel_reject(Z), ACK), ("0", 0, 100)),
    "pending and replaced": (
        (PENDING_REPLACE, report("5", "0", of=Y, qty=150, time=6)),
        ("0", 0, 150),
    ),
    "canceled": ((F40, report("4", "4", 40, time=9)), ("4", 40, 0)),
    "told more than executed": ((F40, report("I", "1", 70, time=9)), ("1", 70, 30)),
    "told filled": ((F40, report("I", "2", 100, time=9)), ("2", 100, 0)),
}


@pytest.mark.parametrize(("told", "expected"), PRECEDENCE.values(), ids=PRECEDENCE.keys())
def test_the_state_of_highest_precedence_shows(told: tuple[Message, ...], expected: State) -> None:
    found = {
        state(tell(an_order(replace(Y, 150), cancel(Z)), *arrival))
        for arrival in permutations(told)
    }
    assert found == {expected}


@pytest.mark.parametrize(
    "told",
    [
        (),
        (ACK,),
        (F40,),
        (F40, F60),
        (F40, F60, fill("f3", 5, 105)),
        (fill("f1", 40, 40), fill("f1", 30, 70)),
        (fill("f1", 150, 150),),
    ],
)
def test_the_short_road_shows_what_the_long_one_does(told: tuple[ExecutionReport, ...]) -> None:
    short, long = tell(an_order(), *told), tell(an_order(cancel(Z)), *told)
    shown = [(state(o), o.open_qty, o.ended, o.provisional, o.unexplained) for o in (short, long)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((ACK,), True),
        ((ACK, F40), True),
        ((F40, F60), True),
        ((F40, F60, fill("f3", 5, 105)), False),
        ((F40, fill("f1", 30, 70)), False),
        ((F40, bust("b1", "f1", 0)), False),
        ((report("I", "1", 40),), False),
        ((report("D", "0", 0, qty=90),), False),
        ((report("4", "4", 0),), False),
        ((report("8", "0", 0),), True),
        ((report("8", "8", 0),), False),
        ((report("H", "0", 0, exec_id="b1"), ACK), False),
    ],
)
def test_an_order_is_sound_when_nothing_needs_to_be_looked_for(
    told: tuple[ExecutionReport, ...], expected: bool
) -> None:
    assert tell(an_order(), *told).sound is expected


def test_an_order_with_two_requests_is_not_sound() -> None:
    assert [an_order().sound, an_order(cancel(Y)).sound] == [True, False]


def test_a_reported_order_that_was_refused_is_not_sound() -> None:
    order = an_order()
    order.refuse(order.requests[0], "35=3")
    assert tell(order, ACK).sound is False


# -- what is open ----------------------------------------------------------------------------------

# Requests are told as ClOrdID:OrderQty, or ClOrdID:cancel.
OPEN: dict[str, tuple[str, tuple[Message, ...], int]] = {
    "all of it": ("", (ACK,), 100),
    "the rest of it": ("", (F40,), 60),
    "nothing of a filled order": ("", (F40, F60), 0),
    "nothing of an overfilled order": ("", (F40, F60, fill("f3", 5, 105)), 0),
    "a larger replace that has no answer": ("Y:150", (F40,), 110),
    "a smaller replace that has no answer": ("Y:60", (F40,), 60),
    "the largest of the replaces": ("Y:170 Z:150", (ACK,), 170),
    "a refused replace": ("Y:150", (ACK, cancel_reject(Y)), 100),
    "an accepted smaller replace": ("Y:60", (report("5", "0", of=Y, qty=60),), 60),
    "a smaller replace, refused and accepted": (
        "Y:60",
        (cancel_reject(Y), report("5", "0", of=Y, qty=60)),
        100,
    ),
    "a cancel changes nothing": ("Y:cancel", (F40,), 60),
    "more was told than was ordered": ("", (report("I", "1", 150),), 150),
    "provisional quantity": ("", (report("I", "1", 40),), 100),
    "quantity that is not explained": (
        "",
        (fill("f1", 40, 40), fill("f2", 30, 40)),
        60,
    ),
    "the rest at the smaller of tied corrections": ("", (F40, *TIED), 80),
    "whichever of them came last": ("", (F40, *reversed(TIED)), 80),
    "an ended order with tied corrections": ("", (F40, *TIED, report("4", "4", 20, time=9)), 10),
    "done for the day with tied corrections": ("", (F40, *TIED, report("3", "3", 20, time=9)), 10),
    "nothing of an ended order": ("", (F40, report("4", "4", 40, time=9)), 0),
    "an ended order with provisional quantity": ("", (report("4", "4", 40, time=9),), 40),
    "an ended order with leaves": (
        "",
        (report("4", "4", 0, time=5), report("D", "0", 0, time=9)),
        100,
    ),
    "an ended order that was overfilled": (
        "",
        (report("4", "4", 0, time=5), fill("f1", 110, 110, status="1", time=9)),
        0,
    ),
    "an ended order that is not explained": (
        "",
        (F40, F60, bust("b1", "f1", 60, time=5), report("4", "4", 50, time=9)),
        10,
    ),
    "a replace of an ended order": ("Y:150", (report("4", "4", 0),), 0),
    "done for the day": ("", (ACK, report("3", "3", 0, time=5)), 0),
    "done for the day, a replace without an answer": (
        "Y:150",
        (ACK, report("3", "3", 0, time=5)),
        150,
    ),
    "done for the day, a cancel without an answer": (
        "Y:cancel",
        (ACK, report("3", "3", 0, time=5)),
        0,
    ),
    "done for the day with provisional quantity": ("", (report("3", "3", 40, time=5),), 40),
    "done for the day and not explained": (
        "",
        (F40, F60, bust("b1", "f1", 60, time=5), report("3", "3", 70, time=9)),
        10,
    ),
    "calculated": ("", (F40, report("B", "B", 40, time=5)), 0),
    "stopped": ("", (STOPPED,), 100),
    "suspended": ("", (report("9", "9", 0, 100, time=2),), 100),
}


@pytest.mark.parametrize(("requests", "told", "expected"), OPEN.values(), ids=OPEN.keys())
def test_what_could_still_execute_is_open(
    requests: str, told: tuple[Message, ...], expected: int
) -> None:
    asked = [one.split(":") for one in requests.split()]
    made = [cancel(name) if qty == "cancel" else replace(name, int(qty)) for name, qty in asked]
    assert tell(an_order(*made), *told).open_qty // SCALE == expected


def test_a_good_till_order_that_is_done_for_the_day_is_open() -> None:
    order = tell(an_order(tif="1"), ACK, report("3", "3", 0, 100, time=5))
    assert (state(order), order.open_qty) == (("3", 0, 100), 100 * SCALE)


def test_a_calculated_order_whose_broker_kept_its_leaves_is_open() -> None:
    done = report("3", "3", 40, 60, time=4)
    order = tell(an_order(), F40, done, report("B", "B", 40, time=5))
    assert (state(order), order.open_qty // SCALE) == (("3", 40, 60), 60)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((), ("A", 0, 0, 70)),
        ((fill("f1", 40, 40, qty=None, leaves=None),), ("1", 40, 0, 30)),
        ((fill("f1", 90, 90, qty=None, leaves=None),), ("1", 90, 0, 0)),
        ((report("0", "0", qty=80),), ("0", 0, 80, 80)),
        ((fill("f1", 80, 80, qty=80),), ("2", 80, 0, 0)),
        ((report("8", "8", 0, qty=None),), ("8", 0, 0, 0)),
    ],
)
def test_a_cash_order_is_open_for_its_estimate_until_its_broker_says(
    told: tuple[Message, ...], expected: tuple[str, int, int, int]
) -> None:
    order = an_order(qty=0, cash=5 * SCALE)
    order.estimate_cash(70 * SCALE, SCALE)
    tell(order, *told)
    assert (*state(order), order.open_qty // SCALE) == expected


def test_an_order_without_an_order_qty_is_open_for_nothing() -> None:
    assert tell(an_order(qty=0), report("I", "0", qty=None)).open_qty == 0


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((fill("f1", 10, 10, qty=None),), 90),
        ((fill("f1", 10, 10, qty=None, px=5),), 190),
        ((fill("f1", 10, 10, qty=None, px=20),), 40),
        ((fill("f1", 10, 10, qty=None, px=5), fill("f2", 10, 20, qty=None, px=20)), 150),
        ((fill("f1", 10, 10, qty=None, px=0),), 20),
        ((fill("f1", 10, 10, qty=None, px=0), fill("f2", 10, 20, qty=None)), 90),
    ],
)
def test_a_cash_order_is_open_for_what_its_money_buys_at_the_lowest_price_so_far(
    told: tuple[Message, ...], expected: int
) -> None:
    order = an_order(qty=0, cash=1000 * SCALE)
    order.estimate_cash(30 * SCALE, SCALE)
    assert tell(order, *told).open_qty // SCALE == expected


def test_what_the_money_of_a_cash_order_buys_is_a_whole_number_of_units() -> None:
    order = tell(an_order(qty=0, cash=1000 * SCALE), fill("f1", 10, 10, qty=None, px=3))
    assert order.open_qty == 970 * SCALE // 3


def test_a_cash_order_without_an_estimate_is_open_for_nothing() -> None:
    assert tell(an_order(qty=0, cash=5 * SCALE), report("0", "0", qty=None)).open_qty == 0


# -- orders that never were ------------------------------------------------------------------------


def test_a_refused_order_that_was_never_reported_is_rejected() -> None:
    order = an_order(replace(Y, 150))
    order.refuse(order.requests[0], "35=3")
    assert (state(order), order.open_qty, order.ended) == (("8", 0, 0), 0, True)


def test_a_person_s_word_on_its_end_outranks_the_refusal() -> None:
    order = an_order()
    order.refuse(order.requests[0], "35=3")
    order.end("4", 5, "the broker confirmed it")
    assert state(order) == ("4", 0, 0)


# -- the day ---------------------------------------------------------------------------------------

DAY_1, DAY_2 = DAY + 1, 2 * DAY + 1
DAYS: dict[str, tuple[tuple[ExecutionReport, ...], tuple[int, int, int] | None]] = {
    # DayOrderQty, DayCumQty, DayAvgPx
    "no date at all": ((ACK, fill("f1", 40, 40)), None),
    "the first day": ((fill("f1", 40, 40, time=DAY_1),), (100, 40, 10)),
    "the second day, nothing done": (
        (fill("f1", 40, 40, time=DAY_1), report("D", "1", 40, time=DAY_2)),
        (60, 0, 0),
    ),
    "the second day": (
        (fill("f1", 40, 40, time=DAY_1), fill("f2", 10, 50, px=12, time=DAY_2)),
        (60, 10, 12),
    ),
    "two fills of the second day": (
        (
            fill("f1", 40, 40, time=DAY_1),
            fill("f2", 10, 50, px=12, time=DAY_2),
            fill("f3", 30, 80, px=8, time=DAY_2 + 1),
        ),
        (60, 40, 9),
    ),
    "by TradeDate": (
        (fill("f1", 40, 40, trade_date="19700102"), fill("f2", 10, 50, trade_date="19700103")),
        (60, 10, 10),
    ),
    "TradeDate outranks the time": (
        (
            fill("f1", 40, 40, time=DAY_2, trade_date="19700102"),
            fill("f2", 10, 50, trade_date="19700103"),
        ),
        (60, 10, 10),
    ),
    "the TradeDate of a report that is no fill": (
        (
            fill("f1", 40, 40, trade_date="19700102"),
            report("D", "1", 40, time=DAY_1, trade_date="19700103"),
        ),
        (60, 0, 0),
    ),
    "a TradeDate outranks a later time": (
        (
            fill("f1", 40, 40, trade_date="19700102"),
            report("D", "1", 40, time=DAY_2, trade_date="19700102"),
        ),
        (100, 40, 10),
    ),
    "a late fill of the first day": (
        (fill("f2", 10, 50, time=DAY_2), fill("f1", 40, 40, time=DAY_1)),
        (60, 10, 10),
    ),
    "a bust on the second day of the first day's fill": (
        (fill("f1", 40, 40, time=DAY_1), bust("b1", "f1", 0, time=DAY_2)),
        (100, 0, 0),
    ),
    "a correction on the second day is of the fill's day": (
        (
            fill("f1", 40, 40, time=DAY_1),
            correction("c1", "f1", 30, 30, px=12, time=DAY_2),
        ),
        (70, 0, 0),
    ),
    "a correction of today's fill": (
        (fill("f1", 40, 40, time=DAY_1), correction("c1", "f1", 30, 30, px=12, time=DAY_1 + 1)),
        (100, 30, 12),
    ),
    "provisional quantity is of no day": (
        (fill("f1", 40, 40, time=DAY_1), report("I", "1", 50, time=DAY_1 + 1)),
        (90, 40, 10),
    ),
}


@pytest.mark.parametrize(("told", "expected"), DAYS.values(), ids=DAYS.keys())
def test_the_numbers_of_the_last_day_that_was_told(
    told: tuple[ExecutionReport, ...], expected: tuple[int, int, int] | None
) -> None:
    found = {numbers(tell(an_order(tif="1"), *arrival)) for arrival in permutations(told)}
    assert found == {expected}


def numbers(order: Order) -> tuple[int, int, int] | None:
    day = projection.day(order)
    return None if day is None else (day[0] // SCALE, day[1] // SCALE, day[2] // SCALE)
