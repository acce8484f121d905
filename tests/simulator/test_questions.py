"""Questions to a venue, mass cancels, and the identity of reports and orders."""

from __future__ import annotations

import pytest

from fix_oms.model.fix import OrdStatus, Side
from fix_oms.model.messages import (
    ExecutionReport,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
    SessionReject,
)
from fix_oms.simulator import acts
from fix_oms.simulator.floor import ActRefused
from tests.simulator.world import World, cancel, new, replace

ASKED = OrderStatusRequest(cl_ord_id="X", order_id=None, symbol="AAPL", side=Side.BUY)


def test_a_status_report_has_no_exec_id() -> None:
    world = World()
    world.send(new("X", "buy 100 AAPL @ 10"))
    assert world.send(ASKED) == ["X ORDER_STATUS/NEW 100 0 100"]
    assert world.last_report().exec_id is None


def test_an_order_not_looked_at_yet_is_pending_new_in_a_status_report_only() -> None:
    world = World(ack_delay_ms=50)
    assert world.send(new("X", "buy 100 AAPL @ 10")) == []
    assert world.send(ASKED) == ["X ORDER_STATUS/PENDING_NEW 100 0 100"]
    assert world.wait(50) == ["X NEW/NEW 100 0 100"]


def test_a_status_asked_by_a_superseded_id_names_both() -> None:
    world = World()
    world.send(new("X", "buy 100 AAPL @ 10"), replace("Y", "X", "buy 120 AAPL @ 10"))
    assert world.send(ASKED) == ["Y<-X ORDER_STATUS/NEW 120 0 120"]


def test_a_status_of_an_unknown_order_is_rejected_without_an_order() -> None:
    world = World()
    assert world.send(ASKED) == ["X ORDER_STATUS/REJECTED 0 0 0 UNKNOWN_ORDER"]
    assert world.last_report().order_id == "NONE"


def test_a_mass_status_reports_every_order_and_marks_the_last() -> None:
    world = World()
    world.send(new("A", "buy 1 AAPL @ 10"), new("B", "buy 2 MSFT @ 10"), cancel("C", "A"))
    said = world.send(OrderMassStatusRequest(mass_status_req_id="M"))
    assert said == ["A ORDER_STATUS/CANCELED 1 0 0", "B ORDER_STATUS/NEW 2 0 2"]
    reports = [r for r in world.sent[-2:] if isinstance(r, ExecutionReport)]
    assert [(r.mass_status_req_id, r.tot_num_reports, r.last_rpt_requested) for r in reports] == [
        ("M", 2, False),
        ("M", 2, True),
    ]


def test_a_mass_status_of_one_symbol_leaves_out_the_others() -> None:
    world = World()
    world.send(new("A", "buy 1 AAPL @ 10"), new("B", "buy 2 MSFT @ 10"))
    said = world.send(OrderMassStatusRequest(mass_status_req_id="M", symbol="MSFT"))
    assert said == ["B ORDER_STATUS/NEW 2 0 2"]


def test_a_mass_status_without_orders_says_that_there_are_none() -> None:
    world = World()
    world.send(OrderMassStatusRequest(mass_status_req_id="M"))
    report = world.last_report()
    assert (report.order_id, report.tot_num_reports, report.last_rpt_requested) == ("NONE", 0, True)


def test_a_mass_status_leaves_out_what_ended_on_an_earlier_day() -> None:
    world = World()
    world.send(new("A", "buy 1 AAPL @ 10"), cancel("C", "A"))
    world.act(acts.CloseMarket())
    world.act(acts.OpenMarket())
    world.send(OrderMassStatusRequest(mass_status_req_id="M"))
    assert world.last_report().tot_num_reports == 0


def test_a_mass_cancel_is_reported_and_then_each_order_canceled() -> None:
    world = World()
    world.send(new("A", "buy 1 AAPL @ 10"), new("B", "buy 2 MSFT @ 10"))
    said = world.send(OrderMassCancelRequest(cl_ord_id="M", transact_time=0))
    assert said == ["r M 7 2 None", "A CANCELED/CANCELED 1 0 0", "B CANCELED/CANCELED 2 0 0"]


def test_a_mass_cancel_of_one_symbol_leaves_the_others() -> None:
    world = World()
    world.send(new("A", "buy 1 AAPL @ 10"), new("B", "buy 2 MSFT @ 10"))
    request = OrderMassCancelRequest(cl_ord_id="M", transact_time=0, symbol="AAPL")
    assert world.send(request) == ["r M 1 1 None", "A CANCELED/CANCELED 1 0 0"]


def test_a_mass_cancel_of_an_unknown_symbol_is_refused() -> None:
    request = OrderMassCancelRequest(cl_ord_id="M", transact_time=0, symbol="NONE")
    assert World().send(request) == ["r M 0 None 1"]


def test_a_report_sent_to_a_venue_is_refused_as_unsupported() -> None:
    report = ExecutionReport(
        cl_ord_id="X", order_id="1", exec_id="1", exec_type="0", ord_status="0"
    )
    assert World().send(report) == ["j 3 8 1 X: MsgType(35) 8 is not taken by a venue"]


def test_a_reject_sent_to_a_venue_is_not_answered() -> None:
    assert World().send(SessionReject(ref_seq_num=1)) == []


def test_every_report_has_an_exec_id_of_its_own() -> None:
    world = World(asks=["60 @ 10", "60 @ 11"], pending_reports=True)
    world.send(new("X", "buy 110 AAPL @ 11"), replace("Y", "X", "buy 120 AAPL @ 9"))
    world.send(new("X", "buy 1 AAPL @ 1"), cancel("Z", "Y"))
    assert len(set(world.exec_ids())) == len(world.exec_ids()) == 8


def test_statuses_are_those_of_fix() -> None:
    world = World()
    world.send(new("X", "buy 100 AAPL @ 10"))
    assert world.last_report().ord_status == OrdStatus.NEW.value


def test_an_act_on_an_order_of_two_clients_wants_to_know_which() -> None:
    world = World()
    world.send(new("X", "buy 1 AAPL @ 10"), session="S")
    world.send(new("X", "buy 1 AAPL @ 10"), session="T")
    with pytest.raises(ActRefused, match="say SESSION/X"):
        world.act(acts.Cancel(order="X"))
    assert world.act(acts.Cancel(order="T/X")) == ["X CANCELED/CANCELED 1 0 0"]
