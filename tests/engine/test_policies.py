"""What the standing policy for a counterparty that sends no Expired ends, and what it leaves."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.outputs import Accepted, Alert, Output
from fix_oms.model.units import SCALE
from tests.engine.desk import SECOND, Desk

GRACE = 900 * SECOND


def closed(desk: Desk, closed_ns: int | None = None, session: str = "ALPHA") -> list[Output]:
    """The day closes now, or as said; the timer tells it when the grace is over."""
    at = desk.now if closed_ns is None else closed_ns
    desk.now = max(desk.now, at + GRACE)
    return desk.give(inputs.DayClosed(session=session, closed_ns=at, ended_ns=at + GRACE, by="ann"))


def acked(desk: Desk, **terms: Any) -> str:
    name = desk.buy(100, **terms)
    desk.report(name, "0", "0", leaves=100)
    return name


def filled(desk: Desk) -> str:
    """An order of 100 of which F1 has done 40."""
    name = acked(desk)
    desk.report(name, "F", "1", cum=40, leaves=60, last=40, exec_id="F1")
    return name


def told_late(desk: Desk, name: str, time: int, **more: Any) -> None:
    """A report that the order works comes, which was made at ``time``."""
    report = ExecutionReport(
        cl_ord_id=name,
        order_id=f"O-{name}",
        symbol="AAPL",
        side="1",
        transact_time=time,
        **more,
    )
    desk.hear("ALPHA", report)


def open_qty(desk: Desk, name: str) -> int:
    order = desk.engine.state.book.find(name)
    assert order is not None
    return order.open_qty // SCALE


# -- what ends -------------------------------------------------------------------------------------


def test_an_order_in_doubt_expires_and_frees_its_exposure() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.wait(11)
    closed(desk)
    assert (desk.state_of(name), desk.shown.position_views()) == (("C", 0, 0), [])


def test_a_live_day_order_expires() -> None:
    desk = Desk()
    name = acked(desk)
    closed(desk)
    assert (desk.state_of(name), open_qty(desk, name)) == (("C", 0, 0), 0)


def test_what_was_executed_stays() -> None:
    desk = Desk()
    name = filled(desk)
    closed(desk)
    assert (desk.state_of(name), desk.position()) == (("C", 40, 0), 40)


def test_an_order_with_a_cancel_in_doubt_expires() -> None:
    desk = Desk()
    name = acked(desk)
    desk.cancel(name)
    desk.wait(11)
    closed(desk)
    view = desk.order(name)
    assert (desk.state_of(name), view.in_doubt, view.pending) == (("C", 0, 0), False, ())


def test_nothing_is_asked_about_what_has_expired() -> None:
    desk = Desk()
    desk.buy(100)
    desk.wait(11)
    closed(desk)
    left = len(desk.sent)
    desk.wait(1000)
    assert len(desk.sent) == left


def test_the_order_says_whose_policy_it_was() -> None:
    desk = Desk()
    name = acked(desk)
    closed(desk)
    expected = "expired by the standing policy of ann: the close and no Expired"
    assert desk.order(name).text == expected


def test_one_alert_counts_what_ended_at_the_close() -> None:
    desk = Desk()
    acked(desk)
    filled(desk)
    out = closed(desk, 1_700_053_200 * SECOND)
    found = [(o.code, o.text) for o in out if isinstance(o, Alert)]
    policy = "the standing policy of ann: the close and no Expired"
    expected = f"ALPHA: 2 DAY orders expired by {policy} (20231115-13:00:00 UTC)"
    assert found == [("policy", expected)]


# -- what stays ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "terms",
    [
        {"time_in_force": "1"},
        {"time_in_force": "3"},
        {"time_in_force": "6", "expire_time": 1_800_000_000 * SECOND},
    ],
)
def test_an_order_that_is_no_day_order_stays_open(terms: dict[str, Any]) -> None:
    desk = Desk()
    name = acked(desk, **terms)
    closed(desk)
    assert desk.state_of(name) == ("0", 0, 100)


def test_an_order_that_an_unanswered_replace_may_have_made_good_till_stays_open() -> None:
    desk = Desk()
    name = acked(desk)
    desk.replace(name, time_in_force="1")
    closed(desk)
    assert desk.state_of(name) == ("0", 0, 100)


def test_an_order_whose_replace_to_good_till_was_refused_expires() -> None:
    desk = Desk()
    name = acked(desk)
    asked = desk.replace(name, time_in_force="1")
    desk.cancel_reject(getattr(asked, "cl_ord_id", ""), name, "0")
    closed(desk)
    assert desk.state_of(name) == ("C", 0, 0)


def test_an_order_done_for_the_day_with_leaves_stays_as_it_is() -> None:
    desk = Desk()
    name = acked(desk)
    desk.report(name, "3", "3", leaves=100)
    closed(desk)
    assert desk.state_of(name) == ("3", 0, 100)


def test_an_order_from_after_the_close_stays_open() -> None:
    desk = Desk()
    at = desk.now
    desk.now += SECOND
    name = acked(desk)
    out = closed(desk, at)
    assert (desk.state_of(name), out) == (("0", 0, 100), [])


def test_an_order_of_another_session_stays_open() -> None:
    desk = Desk()
    name = acked(desk)
    closed(desk, session="BETA")
    assert desk.state_of(name) == ("0", 0, 100)


def test_an_order_that_we_did_not_send_stays_open() -> None:
    desk = Desk()
    desk.report("theirs", "0", "0", leaves=100, order_id="T-1", order_qty=100 * SCALE)
    desk.now += SECOND
    closed(desk)
    assert desk.state_of("ALPHA/T-1") == ("0", 0, 100)


@pytest.mark.parametrize("told", [("I", "0", {}), ("F", "1", {"last": 40, "cum": 40})])
def test_an_order_that_was_reported_after_the_grace_is_left_to_a_person(
    told: tuple[str, str, dict[str, Any]],
) -> None:
    desk = Desk()
    name = acked(desk)
    at = desk.now
    desk.now += GRACE + SECOND
    exec_type, status, more = told
    cum = more.get("cum", 0)
    desk.report(name, exec_type, status, leaves=100 - cum, **more)
    out = closed(desk, at)
    spoken = f"ALPHA has reported order {name} since the close"
    assert (desk.state_of(name), [getattr(o, "text", "") for o in out]) == (
        (status, cum, 100 - cum),
        [f"{spoken}: the standing policy of ann leaves it as it is"],
    )


def test_a_contradiction_about_an_order_that_has_ended_stays_open() -> None:
    desk = Desk()
    name = acked(desk)
    desk.report(name, "4", "4")
    desk.now += SECOND
    desk.report(name, "I", "0", leaves=100)
    before = (open_qty(desk, name), desk.order(name).breaks)
    closed(desk)
    assert before[0] == 100
    assert (open_qty(desk, name), desk.order(name).breaks) == before


# -- once, and what comes afterwards ---------------------------------------------------------------


@pytest.mark.parametrize("earlier", [0, 60 * SECOND])
def test_a_close_that_was_given_already_does_nothing(earlier: int) -> None:
    desk = Desk()
    left = acked(desk)
    at = desk.now + 3600 * SECOND
    desk.now = at + GRACE + SECOND
    desk.report(left, "I", "0", leaves=100)
    first = closed(desk, at)
    before = desk.shown.hash()
    out = closed(desk, at - earlier)
    assert (len(first), out, desk.shown.hash()) == (1, [], before)


def test_an_order_left_once_expires_at_the_next_close() -> None:
    desk = Desk()
    at = desk.now
    desk.now += SECOND
    name = acked(desk)
    closed(desk, at)
    closed(desk, at + 86_400 * SECOND)
    assert desk.state_of(name) == ("C", 0, 0)


def test_a_fill_from_before_the_close_that_comes_late_counts_and_reopens_nothing() -> None:
    desk = Desk()
    name = acked(desk)
    made = desk.now
    closed(desk, made + SECOND)
    told_late(
        desk,
        name,
        made,
        exec_id="F1",
        exec_type="F",
        ord_status="1",
        cum_qty=40 * SCALE,
        leaves_qty=60 * SCALE,
        avg_px=10 * SCALE,
        last_qty=40 * SCALE,
        last_px=10 * SCALE,
    )
    found = (desk.state_of(name), desk.position(), open_qty(desk, name), desk.order(name).breaks)
    assert found == (("C", 40, 0), 40, 0, ())


def test_a_fill_of_all_that_comes_late_makes_the_order_filled() -> None:
    desk = Desk()
    name = acked(desk)
    closed(desk)
    desk.report(name, "F", "2", cum=100, last=100)
    assert (desk.state_of(name), desk.position(), open_qty(desk, name)) == (("2", 100, 0), 100, 0)


def test_a_report_within_the_grace_contradicts_nothing() -> None:
    desk = Desk()
    name = acked(desk)
    at = desk.now
    desk.now += SECOND
    desk.report(name, "F", "1", cum=40, leaves=60, last=40)
    closed(desk, at)
    view = desk.order(name)
    assert (desk.state_of(name), open_qty(desk, name), view.breaks) == (("C", 40, 0), 0, ())


def test_a_later_report_that_it_works_is_a_break_and_reserves_its_quantity_again() -> None:
    desk = Desk()
    name = acked(desk)
    at = desk.now
    desk.now += 100 * GRACE
    closed(desk, at)
    told_late(
        desk,
        name,
        at + GRACE + SECOND,
        exec_id="0",
        exec_type="I",
        ord_status="0",
        cum_qty=0,
        leaves_qty=100 * SCALE,
        avg_px=0,
    )
    assert (desk.state_of(name), open_qty(desk, name)) == (("C", 0, 0), 100)
    assert desk.order(name).breaks == ("LeavesQty(151) told after the end of the order",)


def test_an_expired_that_comes_after_all_changes_nothing() -> None:
    desk = Desk()
    name = acked(desk)
    closed(desk)
    desk.report(name, "C", "C")
    assert (desk.state_of(name), desk.order(name).breaks) == (("C", 0, 0), ())


# -- replay, and when it is due --------------------------------------------------------------------


def test_a_replay_ends_in_the_same_state_by_the_same_outputs() -> None:
    desk = Desk()
    name = filled(desk)
    doubtful = desk.buy(50)
    desk.wait(11)
    closed(desk)
    desk.report(name, "F", "1", cum=60, leaves=40, last=20, exec_id="F2")
    first, second = Engine(), Engine()
    outputs: list[list[Output]] = [[], []]
    for now, value in desk.log:
        outputs[0] += first.step(now, value)
        outputs[1] += second.step(now, inputs.decode(inputs.encode(value)))
    assert first.shown(desk.now).hash() == second.shown(desk.now).hash() == desk.shown.hash()
    assert outputs[0] == outputs[1]
    assert desk.state_of(doubtful) == ("C", 0, 0)


def test_the_close_that_was_given_is_part_of_the_state() -> None:
    desk = Desk()
    before = desk.shown.hash()
    out = closed(desk)
    assert (out, desk.shown.hash() != before) == ([], True)


def test_a_close_is_due_when_the_session_has_been_ready_for_the_grace() -> None:
    desk = Desk()
    at = desk.now
    desk.wait(899)
    early = desk.shown.is_close_due("ALPHA", at, GRACE)
    desk.wait(1)
    assert (early, desk.shown.is_close_due("ALPHA", at, GRACE)) == (False, True)


def test_a_close_is_not_due_while_the_session_is_down_nor_before_the_grace_is_over_again() -> None:
    desk = Desk()
    at = desk.now
    desk.down("ALPHA")
    desk.wait(1000)
    while_down = desk.shown.is_close_due("ALPHA", at, GRACE)
    desk.ready("ALPHA")
    desk.wait(800)
    early = desk.shown.is_close_due("ALPHA", at, GRACE)
    desk.wait(100)
    found = (while_down, early, desk.shown.is_close_due("ALPHA", at, GRACE))
    assert found == (False, False, True)


def test_a_close_that_was_given_is_due_no_more_also_after_a_restart() -> None:
    desk = Desk()
    at = desk.now
    closed(desk, at)
    desk.start(2)
    desk.ready("ALPHA")
    desk.wait(1000)
    due = [desk.shown.is_close_due("ALPHA", at + later, GRACE) for later in (0, 1)]
    assert due == [False, True]


def test_an_order_that_was_replaced_after_the_close_belongs_to_the_next_day() -> None:
    desk = Desk()
    name = filled(desk)
    at = desk.now
    replace = desk.replace(name, order_qty=120 * SCALE)
    assert isinstance(replace, Accepted)
    desk.report(replace.cl_ord_id, "5", "1", cum=40, leaves=80, order_qty=120 * SCALE)
    closed(desk, at)
    assert desk.state_of(name) == ("1", 40, 80)
