"""What does not add up: each break by the evidence that opens it and that which closes it."""

from __future__ import annotations

from itertools import permutations

import pytest

from fix_oms.model.units import SCALE
from fix_oms.orders import breaks
from fix_oms.orders.order import Order
from tests.orders.told import (
    ACK,
    Message,
    Y,
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
F40, F60 = fill("f1", 40, 40, time=3), fill("f2", 60, 100, time=4)
BUST = bust("b1", "f1", 0, time=5)

CONFLICT = "one ExecID(17) used for different executions"
OVERFILL = "overfill: executions exceed OrderQty(38)"
PROVISIONAL = "CumQty(14) told exceeds the executions received"
UNEXPLAINED = "a CumQty(14) was told that the executions do not explain"
SHORT = "executed more than CumQty(14) of the final report"
ALIVE = "LeavesQty(151) told after the end of the order"
REJECTED = "executions of a rejected order"
UNBOOKABLE = "an execution was told that lacks what is needed to book it"
INFERRED = "a reject named the order, and the broker reports it all the same"
UNKNOWN = "the broker reported this order and now says it does not know it"
UNDONE = "a request was accepted after it was refused"
WAITING = "bust or correction of an unknown execution: "
DK = "execution not accepted by us (35=Q) and not busted: "

STORIES: dict[str, tuple[Messages, tuple[str, ...]]] = {
    "nothing is wrong": ((ACK, F40, F60), ()),
    "one ExecID for two": ((F40, fill("f1", 30, 70)), (CONFLICT,)),
    "more than was ordered": ((F40, F60, fill("f3", 1, 101)), (OVERFILL,)),
    "all that was ordered": ((F40, F60), ()),
    "a CumQty without its fill": ((report("I", "1", 40),), (PROVISIONAL,)),
    "and with it": ((report("I", "1", 40), F40), ()),
    "a fill after a final CumQty without it": ((F40, report("4", "4", 0, time=5)), (SHORT,)),
    "a final CumQty with it": ((F40, report("4", "4", 40, time=5)), ()),
    "a final report without CumQty": ((F40, report("4", "4", None, time=5)), ()),
    "the end that a last fill made needless": (
        (F40, F60, report("4", "4", 40, time=3)),
        (),
    ),
    "leaves after the end": ((report("4", "4", 0, time=5), report("D", "0", 0, time=6)), (ALIVE,)),
    "a final CumQty that is no sum": (
        (F40, F60, bust("b1", "f1", 60, time=5), report("4", "4", 50, time=9)),
        (UNEXPLAINED,),
    ),
    "a rejected order with a fill": ((report("8", "8", 0, time=5), F40), (SHORT, REJECTED)),
    "a rejected order": ((report("8", "8", 0),), ()),
    "a bust of nothing known": ((BUST, bust("b2", "c1", 0)), (f"{WAITING}b1, b2",)),
    "a correction of nothing known": (
        (correction("c1", "f9", 30, 0),),
        (f"{WAITING}c1",),
    ),
    "a bust and its fill": ((BUST, F40), ()),
    "a request is refused and accepted": (
        (cancel_reject(Y), report("5", "0", 0, of=Y, qty=150)),
        (UNDONE,),
    ),
    "a request is refused, and the order under its id rejected": (
        (report("5", "0", 0, of=Y, qty=150), report("8", "8", 0, of=Y)),
        (),
    ),
}


@pytest.mark.parametrize(("messages", "expected"), STORIES.values(), ids=STORIES.keys())
def test_every_order_of_arrival_has_the_breaks_of_its_story(
    messages: Messages, expected: tuple[str, ...]
) -> None:
    asked = messages[-1].cl_ord_id == Y
    found = {
        tell(an_order(*([replace(Y, 150)] if asked else [])), *arrival).breaks()
        for arrival in permutations(messages)
    }
    assert found == {expected}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (report("F", "1", None, exec_id="f9"), True),
        (report("F", "1", None, exec_id="f9", last=40, px=None), True),
        (report("F", "1", 40, exec_id="f9"), False),
        (report("F", "1", None, exec_id="f9", last=0), False),
        (report("F", "1", None, exec_id="f9", last=-1), True),
        (report("H", "0", 0, exec_id="b9"), True),
        (report("H", "0", 0, exec_id="b9", exec_ref_id="f1"), False),
        (report("G", "0", 0, exec_id="c9", last=9), True),
        (report("G", "0", 0, exec_id="c9", exec_ref_id="f1"), True),
        (report("G", "0", 0, exec_id="c9", exec_ref_id="f1", last=9, px=None), True),
        (report("G", "0", 0, exec_id="c9", exec_ref_id="f1", last=9), False),
    ],
)
def test_an_execution_that_cannot_be_booked_is_a_break(told: Message, expected: bool) -> None:
    assert (UNBOOKABLE in tell(an_order(), told).breaks()) is expected


def test_an_execution_without_an_id_cannot_be_booked() -> None:
    told = report("F", "1", None, last=40)
    told.exec_id = None
    assert tell(an_order(), told).breaks() == (UNBOOKABLE,)


def test_a_refused_order_that_is_reported_is_a_break() -> None:
    order = an_order()
    order.refuse(order.requests[0], "35=3")
    seen = [order.breaks(), tell(order, ACK).breaks()]
    assert seen == [(), (INFERRED,)]


def test_an_order_that_never_left_and_is_reported_is_a_break() -> None:
    order = an_order()
    order.never_left(order.requests[0], "the session was down")
    assert tell(order, ACK).breaks() == (INFERRED,)


def test_a_rejection_explains_the_reject_before_it() -> None:
    order = an_order()
    order.refuse(order.requests[0], "35=3")
    assert tell(order, report("8", "8", 0)).breaks() == ()


@pytest.mark.parametrize(("told", "expected"), [((), ()), ((ACK,), (UNKNOWN,))])
def test_an_order_once_reported_that_is_now_unknown_is_a_break(
    told: Messages, expected: tuple[str, ...]
) -> None:
    order = an_order()
    order.own_aside().unknown_told = True
    assert tell(order, *told).breaks() == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((F40, F60), (f"{DK}f1",)),
        ((fill("f2", 60, 60),), ()),
        ((F40, F60, bust("b1", "f1", 60, time=5)), ()),
        ((F60, F40, correction("c1", "f1", 30, 90, time=5)), (f"{DK}f1, c1",)),
    ],
)
def test_what_we_did_not_accept_is_a_break_until_it_is_busted(
    told: Messages, expected: tuple[str, ...]
) -> None:
    order = an_order()
    order.own_aside().dk = ("f1", "c1", "x9")
    assert tell(order, *told).breaks() == expected


# -- overfills ---------------------------------------------------------------------------------


def test_an_overfill_is_measured_by_the_largest_of_tied_terms() -> None:
    tied = (report("D", "0", 0, qty=120), report("D", "0", 0, qty=90))
    assert OVERFILL not in tell(an_order(), *tied, fill("f1", 110, 110, status="1")).breaks()


def test_a_cash_order_without_an_order_qty_is_not_overfilled() -> None:
    assert tell(an_order(qty=0, cash=5), fill("f1", 110, 110, qty=None)).breaks() == ()


# -- unexplained quantity ----------------------------------------------------------------------

LOWER: dict[str, tuple[Messages, int]] = {
    "all is told": ((F40, F60), 0),
    "the highest CumQty is less than the fills": ((fill("f1", 40, 40), fill("f2", 30, 40)), 30),
    "the highest CumQty is nothing": ((fill("f1", 40, 0),), 40),
    "the newest report states nothing, and the first fill is not known": (
        (fill("f2", 60, 100, time=4), report("I", "0", 0, time=9)),
        0,
    ),
    "a bust without a CumQty, and nothing else": ((bust("b1", "f1", None),), 0),
    "a fill without CumQty may be the rest": ((fill("f1", 40, 40), fill("f2", 30, None)), 0),
    "the newest report states less": ((F40, F60, report("I", "1", 70, time=9)), 30),
    "the newest report states what CumQty was": ((F40, F60, report("I", "1", 40, time=9)), 0),
    "the newest report states nothing done": ((F40, F60, report("I", "0", 0, time=9)), 0),
    "the newest report states what CumQty was before a fill": (
        (fill("f2", 60, 100, time=4), report("I", "1", 40, time=9)),
        0,
    ),
    "an older report states less": ((F40, F60, report("I", "1", 70, time=2)), 0),
    "a report of the same time states less": ((F40, F60, report("I", "1", 70, time=4)), 0),
    "the newest report states no CumQty": ((F40, F60, report("I", "1", None, time=9)), 0),
    "the newest of two reports counts": (
        (F40, F60, report("I", "1", 70, time=8), report("I", "1", 100, time=9)),
        0,
    ),
    "a bust is told without its execution": (
        (F40, bust("b1", "f1", 0, time=5), report("I", "0", 0, time=6)),
        0,
    ),
}


@pytest.mark.parametrize(("messages", "expected"), LOWER.values(), ids=LOWER.keys())
def test_without_busts_less_told_than_executed_is_unexplained(
    messages: Messages, expected: int
) -> None:
    assert unexplained(messages) == {expected}


SUMS: dict[str, tuple[Messages, int]] = {
    # After fills of 40 and 60 and the bust of the 40
    "what counts": ((report("I", "1", 60, time=9),), 0),
    "what counted": ((report("I", "1", 40, time=2),), 0),
    "all of it": ((report("I", "1", 100, time=4),), 0),
    "no sum at all": ((report("I", "1", 50, time=7),), 10),
    "no sum, told by a passing state": ((report("9", "9", 45, time=2),), 5),
    "no sum, told at the end": ((report("4", "4", 70, time=2),), 10),
    "no sum, told by a correction": ((correction("c1", "f9", 1, 70, time=2),), 10),
    "the newest states more than counts": ((report("I", "1", 100, time=9),), 40),
    "the end is the newest and states more": ((report("4", "4", 100, 0, time=9),), 40),
    "a passing state is the newest": ((report("9", "9", 100, time=9),), 40),
}


@pytest.mark.parametrize(("more", "expected"), SUMS.values(), ids=SUMS.keys())
def test_with_a_bust_a_told_value_is_a_sum_and_the_newest_what_counts(
    more: Messages, expected: int
) -> None:
    messages = (F40, F60, bust("b1", "f1", 60, time=5), *more)
    assert unexplained(messages) == {expected}


@pytest.mark.parametrize(
    ("time", "cum", "expected"),
    [
        # Of the bust of 40, told with CumQty 100 at time 6 by a status report
        (5, 60, 40),
        (6, 60, 0),
        (7, 60, 0),
        (0, 60, 0),
        (6, 100, 40),
    ],
)
def test_a_bust_that_may_be_newer_explains_the_higher_cum_qty(
    time: int, cum: int, expected: int
) -> None:
    told = report("I", "1", 100, time=6)
    assert unexplained((F40, F60, bust("b1", "f1", cum, time=time), told)) == {expected}


def test_a_fill_that_is_the_newest_states_what_counts() -> None:
    late = fill("f3", 10, 110, qty=200, time=9)
    messages = (F40, F60, bust("b1", "f1", 60, time=5), late)
    assert unexplained(messages) == {40}


def test_without_times_the_newest_is_not_known() -> None:
    messages = (fill("f1", 40, 40), bust("b1", "f1", 0), report("I", "1", 40))
    assert unexplained(messages) == {0}


def test_a_correction_that_counts_may_be_what_the_cum_qty_says() -> None:
    messages = (F40, correction("c1", "f1", 30, 30, time=5), report("I", "1", 30, time=9))
    assert unexplained(messages) == {0}


def test_what_is_provisional_is_not_unexplained_as_well() -> None:
    messages = (F40, bust("b1", "f1", 0, time=5), report("I", "1", 70, time=9))
    found = {
        (o.provisional // SCALE, o.unexplained // SCALE)
        for o in (tell(an_order(), *arrival) for arrival in permutations(messages))
    }
    assert found == {(30, 40)}


def test_after_a_split_nothing_is_unexplained() -> None:
    split = report("D", "1", 80, qty=200, time=5, exec_restatement_reason="0")
    assert unexplained((F40, split, report("I", "1", 70, time=9))) == {0}


def unexplained(messages: Messages) -> set[int]:
    """In every order of arrival; it is a break and is counted as open whenever it is not 0."""
    found = set()
    for arrival in permutations(messages):
        order = tell(an_order(), *arrival)
        assert (UNEXPLAINED in order.breaks()) == bool(order.unexplained)
        assert order.unexplained == breaks.unexplained(order)
        found.add(order.unexplained)
    assert all(qty % SCALE == 0 for qty in found)
    return {qty // SCALE for qty in found}


# -- told before a split -----------------------------------------------------------------------


def split_order(*messages: Message) -> Order:
    split = report("D", "1", 80, qty=200, time=5, exec_restatement_reason="0")
    return tell(an_order(), F40, split, *messages)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((), 80),
        ((report("9", "9", 45, time=4),), 90),
        ((report("9", "9", 45, qty=200, time=4),), 80),
        ((report("9", "9", 90, qty=200, time=6),), 90),
        ((report("9", "9", None, time=4),), 80),
        ((report("9", "9", 0, time=4),), 80),
        ((report("9", "9", 45, qty=None, time=4),), 90),
        ((report("9", "9", 81, qty=None, time=6),), 81),
        ((report("9", "9", 85, qty=None, time=4),), 170),
        ((report("9", "9", 45, qty=None),), 90),
        ((fill("f2", 10, 50, time=4),), 100),
        ((fill("f2", 10, 90, qty=200, time=6),), 90),
    ],
)
def test_the_highest_cum_qty_told_is_taken_in_the_shares_of_today(
    told: Messages, expected: int
) -> None:
    assert breaks.told_after_splits(split_order(*told)) // SCALE == expected


def test_what_was_told_before_a_split_is_exact_however_large_it_is() -> None:
    told = report("9", "9", 45, time=4)
    told.cum_qty = 2**53 + 1
    assert breaks.told_after_splits(split_order(told)) == 2**54 + 2


def test_what_tied_corrections_leave_open_after_the_end_is_no_break() -> None:
    tied = (correction("c1", "f1", 30, None), correction("c2", "f1", 20, None))
    assert tell(an_order(), F40, *tied, report("4", "4", 20, time=9)).breaks() == ()


def test_a_cancel_that_was_refused_is_no_break() -> None:
    assert tell(an_order(cancel(Y)), ACK, cancel_reject(Y)).breaks() == ()
