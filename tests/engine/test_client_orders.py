"""A client's orders, message by message, in each version of FIX, at brokers of another version."""

from __future__ import annotations

import pytest

from fix_oms.model.messages import (
    ExecutionReport,
    OrderCancelReject,
    OrderMassCancelReport,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
)
from fix_oms.model.units import SCALE, fixed
from tests.engine.client import VERSIONS, ClientDesk, Upstream, client_settings, rejected, working

BROKERS = ("ALPHA", "BETA")
"""One speaks FIX 4.4, the other 4.2."""


@pytest.fixture(params=[(v, b) for v in VERSIONS for b in BROKERS], ids=lambda p: f"{p[0]}-{p[1]}")
def trading(request: pytest.FixtureRequest) -> tuple[ClientDesk, Upstream, str]:
    version, broker = request.param
    desk = ClientDesk(client_settings(version))
    return desk, Upstream(desk), broker


Trading = tuple[ClientDesk, Upstream, str]


def test_an_order_is_pending_until_its_broker_acknowledges_it(trading: Trading) -> None:
    desk, up, broker = trading
    up.say_order(venue=broker)
    desk.report(up.ours(), "0", "0", leaves=100, session=broker)
    assert up.reports() == [("A", "A", "c1", 0, 100), ("0", "0", "c1", 0, 100)]


def test_an_order_goes_to_the_named_venue(trading: Trading) -> None:
    desk, up, broker = trading
    up.order(venue=broker)
    assert desk.order(up.ours()).venue == broker


def test_fills_are_told_with_what_they_come_to(trading: Trading) -> None:
    desk, up, broker = trading
    ref = working(desk, up, broker)
    desk.report(ref, "F", "1", cum=30, leaves=70, last=30, session=broker)
    desk.report(ref, "F", "2", cum=100, leaves=0, last=70, px="11", session=broker)
    told = [m for m in up.new() if isinstance(m, ExecutionReport)]
    assert [(m.exec_type, m.ord_status, m.last_qty, m.cum_qty, m.leaves_qty) for m in told] == [
        ("F", "1", 30 * SCALE, 30 * SCALE, 70 * SCALE),
        ("F", "2", 70 * SCALE, 100 * SCALE, 0),
    ]
    assert told[-1].avg_px == fixed("10.7")


def test_a_bust_names_our_own_exec_id(trading: Trading) -> None:
    desk, up, broker = trading
    ref = working(desk, up, broker)
    desk.report(ref, "F", "1", cum=30, leaves=70, last=30, exec_id="b1", session=broker)
    fill = up.new()[0]
    desk.report(ref, "H", "0", leaves=100, last=30, exec_ref_id="b1", session=broker)
    bust = up.new()[0]
    assert isinstance(fill, ExecutionReport)
    assert isinstance(bust, ExecutionReport)
    assert (bust.exec_type, bust.exec_ref_id, bust.cum_qty, bust.leaves_qty) == (
        "H",
        fill.exec_id,
        0,
        100 * SCALE,
    )


def test_a_correction_names_our_own_exec_id(trading: Trading) -> None:
    desk, up, broker = trading
    ref = working(desk, up, broker)
    desk.report(ref, "F", "1", cum=30, leaves=70, last=30, exec_id="b1", session=broker)
    fill = up.new()[0]
    desk.report(ref, "G", "1", cum=20, leaves=80, last=20, px="9", exec_ref_id="b1", session=broker)
    put_right = up.new()[0]
    assert isinstance(fill, ExecutionReport)
    assert isinstance(put_right, ExecutionReport)
    assert (put_right.exec_type, put_right.exec_ref_id, put_right.last_qty, put_right.avg_px) == (
        "G",
        fill.exec_id,
        20 * SCALE,
        fixed("9"),
    )


def test_a_cancel_is_answered_under_the_clients_ids(trading: Trading) -> None:
    desk, up, broker = trading
    working(desk, up, broker)
    up.cancel("c2", "c1")
    desk.report(up.request_of("c2"), "4", "4", session=broker)
    told = up.new()[0]
    assert isinstance(told, ExecutionReport)
    assert (told.exec_type, told.ord_status, told.cl_ord_id, told.orig_cl_ord_id) == (
        "4",
        "4",
        "c2",
        "c1",
    )


def test_a_replace_is_answered_under_the_clients_ids(trading: Trading) -> None:
    desk, up, broker = trading
    working(desk, up, broker)
    up.replace("c2", "c1", 200, "10.5")
    desk.report(up.request_of("c2"), "5", "0", leaves=200, order_qty=200 * SCALE, session=broker)
    told = up.new()[0]
    assert isinstance(told, ExecutionReport)
    assert (told.exec_type, told.ord_status, told.cl_ord_id, told.orig_cl_ord_id) == (
        "5",
        "0",
        "c2",
        "c1",
    )
    assert (told.order_qty, told.price, told.leaves_qty) == (
        200 * SCALE,
        fixed("10.5"),
        200 * SCALE,
    )


def test_a_pending_cancel_is_told_to_who_asked(trading: Trading) -> None:
    desk, up, broker = trading
    working(desk, up, broker)
    up.cancel("c2", "c1")
    desk.report(up.request_of("c2"), "6", "6", leaves=100, session=broker)
    assert up.reports() == [("6", "6", "c2", 0, 100)]


def test_a_refused_cancel_is_told_with_the_orders_state(trading: Trading) -> None:
    desk, up, _ = trading
    ref = working(desk, up)
    up.cancel("c2", "c1")
    desk.cancel_reject(up.request_of("c2"), ref, "0", cxl_rej_reason="2", text="not now")
    refused = rejected(up.new())
    assert isinstance(refused, OrderCancelReject)
    assert (refused.cl_ord_id, refused.orig_cl_ord_id, refused.ord_status, refused.text) == (
        "c2",
        "c1",
        "0",
        "not now",
    )


def test_a_cancel_that_comes_too_late_is_refused_after_the_fill(trading: Trading) -> None:
    desk, up, broker = trading
    ref = working(desk, up, broker)
    up.cancel("c2", "c1")
    desk.report(ref, "F", "2", cum=100, last=100, session=broker)
    fill, refused = up.new()
    assert isinstance(fill, ExecutionReport)
    assert isinstance(refused, OrderCancelReject)
    assert (refused.cl_ord_id, refused.cxl_rej_reason, refused.ord_status) == ("c2", "0", "2")


ENDS = [("4", "4"), ("C", "C"), ("8", "8"), ("3", "3")]


@pytest.mark.parametrize(("exec_type", "status"), ENDS)
def test_an_end_that_nobody_asked_for_is_told(
    trading: Trading, exec_type: str, status: str
) -> None:
    desk, up, broker = trading
    ref = working(desk, up, broker)
    desk.report(ref, exec_type, status, session=broker, text="so it is")
    assert up.reports() == [(exec_type, status, "c1", 0, 0)]
    assert up.fields()[58] == "so it is"


def test_what_the_desk_cancels_is_told(trading: Trading) -> None:
    desk, up, broker = trading
    ref = working(desk, up, broker)
    cancel = desk.takes_out(ref)
    assert not up.new()
    desk.report(cancel, "4", "4", session=broker)
    assert up.reports() == [("4", "4", "c1", 0, 0)]


def test_terms_that_a_broker_restates_are_told(trading: Trading) -> None:
    desk, up, broker = trading
    ref = working(desk, up, broker)
    desk.report(ref, "D", "0", leaves=80, order_qty=80 * SCALE, session=broker)
    assert up.reports() == [("D", "0", "c1", 0, 80)]
    assert up.fields()[38] == "80"


def test_a_halt_and_the_resumption_are_told(trading: Trading) -> None:
    desk, up, broker = trading
    ref = working(desk, up, broker)
    desk.report(ref, "9", "9", leaves=100, session=broker)
    desk.passes(10**9)
    desk.report(ref, "D", "0", leaves=100, session=broker)
    assert up.reports() == [("9", "9", "c1", 0, 100), ("D", "0", "c1", 0, 100)]


def test_a_broker_that_says_all_twice_is_told_once(trading: Trading) -> None:
    desk, up, broker = trading
    ref = working(desk, up, broker)
    for _ in range(2):
        desk.report(ref, "F", "1", cum=30, leaves=70, last=30, exec_id="b1", session=broker)
    assert up.reports() == [("F", "1", "c1", 30, 70)]


def test_fills_that_come_in_the_wrong_order_are_each_told(trading: Trading) -> None:
    desk, up, broker = trading
    ref = working(desk, up, broker)
    desk.report(ref, "F", "2", cum=100, last=70, exec_id="b2", session=broker)
    desk.report(ref, "F", "1", cum=30, leaves=70, last=30, exec_id="b1", session=broker)
    assert up.reports() == [("F", "2", "c1", 100, 0), ("F", "2", "c1", 100, 0)]


def test_a_status_request_is_answered_with_the_order(trading: Trading) -> None:
    desk, up, broker = trading
    ref = working(desk, up, broker)
    desk.report(ref, "F", "1", cum=30, leaves=70, last=30, session=broker)
    up.new()
    asked = OrderStatusRequest(cl_ord_id="c1", order_id=None, symbol="AAPL", side="1")
    told = up.say(asked)[0]
    assert isinstance(told, ExecutionReport)
    assert (told.exec_type, told.exec_id, told.ord_status, told.cum_qty) == (
        "I",
        None,
        "1",
        30 * SCALE,
    )


def test_a_status_request_for_nothing_is_answered_unknown(trading: Trading) -> None:
    _, up, _ = trading
    told = up.say(OrderStatusRequest(cl_ord_id="x", order_id=None, symbol="AAPL", side="1"))[0]
    assert isinstance(told, ExecutionReport)
    assert (told.ord_status, told.order_id, told.ord_rej_reason) == ("8", None, "5")


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_a_mass_status_request_tells_all_open_orders(version: str) -> None:
    desk = ClientDesk(client_settings(version))
    up = Upstream(desk)
    up.order("c1")
    up.order("c2")
    told = up.say(OrderMassStatusRequest(mass_status_req_id="m1"))
    assert [
        (m.cl_ord_id, m.tot_num_reports, m.last_rpt_requested)
        for m in told
        if isinstance(m, ExecutionReport)
    ] == [("c1", 2, False), ("c2", 2, True)]


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_a_mass_cancel_takes_the_clients_orders_and_no_others(version: str) -> None:
    desk = ClientDesk(client_settings(version))
    up = Upstream(desk)
    desk.buy(5)
    up.order("c1")
    up.order("c2")
    report = up.say(OrderMassCancelRequest(cl_ord_id="q1", transact_time=desk.now))[0]
    cancels = [m for m in desk.sent if m.text.startswith("35=F")]
    assert isinstance(report, OrderMassCancelReport)
    assert (report.mass_cancel_response, report.total_affected_orders, len(cancels)) == ("7", 2, 2)
