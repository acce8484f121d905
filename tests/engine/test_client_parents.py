"""A client's order that the router sends in pieces: the client sees one order."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.engine import Engine
from fix_oms.engine.leg import COMPILED, leg
from fix_oms.journal.freeze import freeze, thaw
from fix_oms.model import inputs
from fix_oms.model.messages import ExecutionReport, OrderCancelReject
from fix_oms.model.units import fixed
from tests.engine.client import VERSIONS, ClientDesk, Upstream, client_settings, rejected
from tests.engine.routed import RoutedDesk, routed_settings

REF = "UP/c1"


class Desk(ClientDesk, RoutedDesk):
    """A desk with a client, and three venues whose books are told."""

    def __init__(self, version: str = "FIX.4.4", **changes: Any) -> None:
        clients = client_settings(version, watched=True, policy="sweep", **changes)["clients"]
        settings = routed_settings(clients=clients, strategies={"UP": {}})
        super().__init__(settings)
        self.book("ALPHA", [], [("10.00", 100)])
        self.book("BETA", [], [("10.00", 200)])


@pytest.fixture(params=VERSIONS)
def both(request: pytest.FixtureRequest) -> tuple[Desk, Upstream]:
    desk = Desk(request.param)
    return desk, Upstream(desk)


Both = tuple[Desk, Upstream]


def test_a_parent_is_new_at_once(both: Both) -> None:
    _, up = both
    up.say_order(qty=300, venue=None)
    assert up.reports() == [("0", "0", "c1", 0, 300)]


def test_its_children_fill_it(both: Both) -> None:
    desk, up = both
    up.order(qty=300, venue=None)
    assert desk.seen(REF) == ["ALPHA 100 @ 10 ioc", "BETA 200 @ 10 ioc"]
    desk.fills(1, 200, ref=REF)
    desk.fills(0, 100, ref=REF)
    assert up.reports() == [("F", "1", "c1", 200, 100), ("F", "2", "c1", 300, 0)]


def test_a_childs_life_is_no_news_to_the_client(both: Both) -> None:
    desk, up = both
    up.order(qty=300, venue=None)
    desk.acks(0, ref=REF)
    desk.ends(0, ref=REF)
    assert up.reports() == []


def test_a_bust_of_a_child_is_told(both: Both) -> None:
    desk, up = both
    up.order(qty=300, venue=None)
    desk.fills(0, 100, ref=REF)
    fill = up.new()[0]
    child = desk.child(0, REF)
    trade = desk.engine.state.book.find(child.reference)
    assert trade is not None
    exec_id = next(iter(trade.executions.trades))
    desk.of(child, "H", "4", exec_ref_id=exec_id)
    bust = up.new()[0]
    assert isinstance(bust, ExecutionReport)
    assert isinstance(fill, ExecutionReport)
    assert (bust.exec_type, bust.exec_ref_id, bust.cum_qty) == ("H", fill.exec_id, 0)


def test_a_cancel_ends_it_when_its_children_are_out(both: Both) -> None:
    desk, up = both
    up.order(qty=300, venue=None)
    desk.fills(0, 40, ref=REF)
    up.new()
    up.cancel("c2", "c1")
    pending = desk.parent(REF).ord_status
    desk.ends(0, ref=REF)
    desk.ends(1, ref=REF)
    assert (pending, up.reports()) == ("6", [("4", "4", "c2", 40, 0)])


def test_a_cancel_is_pending_meanwhile(both: Both) -> None:
    _, up = both
    up.order(qty=300, venue=None)
    (told,) = up.cancel("c2", "c1")
    assert isinstance(told, ExecutionReport)
    assert (told.exec_type, told.cl_ord_id, told.orig_cl_ord_id) == ("6", "c2", "c1")


def test_a_replace_of_quantity_is_told_when_it_holds(both: Both) -> None:
    _, up = both
    up.order(qty=400, venue=None)
    told = up.replace("c2", "c1", 500)
    assert [
        (m.exec_type, m.cl_ord_id, m.order_qty) for m in told if isinstance(m, ExecutionReport)
    ] == [("5", "c2", fixed("500"))]


def test_what_a_parent_does_not_take_is_refused(both: Both) -> None:
    _, up = both
    up.order(qty=400, venue=None)
    refused = rejected(up.replace("c2", "c1", 400, time_in_force="1"))
    assert isinstance(refused, OrderCancelReject)
    assert "the quantity and the price can be replaced" in (refused.text or "")


def test_a_parent_that_cannot_be_is_refused(both: Both) -> None:
    _, up = both
    refused = rejected(up.order(qty=300, venue=None, time_in_force="4"))
    assert "TimeInForce(59)" in (refused.text or "")


def test_a_named_venue_takes_the_order_as_it_is(both: Both) -> None:
    desk, up = both
    up.order(qty=300, venue="GAMMA")
    assert desk.order(up.ours()).venue == "GAMMA"


def test_a_drop_copy_is_told_of_the_parent_and_not_of_its_children() -> None:
    desk = Desk()
    up, watch = Upstream(desk), Upstream(desk, "WATCH")
    up.order(qty=300, venue=None)
    desk.acks(0, ref=REF)
    desk.fills(0, 100, ref=REF)
    assert watch.reports() == [("0", "0", REF, 0, 300), ("F", "1", REF, 100, 200)]


def test_a_drop_copy_is_told_of_a_parent_of_the_desks() -> None:
    desk = Desk()
    watch = Upstream(desk, "WATCH")
    desk.route(300)
    desk.fills(0, 100)
    assert watch.reports() == [("0", "0", "P1", 0, 300), ("F", "1", "P1", 100, 200)]


def test_the_orders_of_a_client_that_is_gone_are_cancelled_parents_too() -> None:
    desk = Desk(cancel_on_disconnect=True)
    up = Upstream(desk)
    up.order(qty=300, venue=None)
    desk.log_off("UP")
    assert desk.parent(REF).ord_status == "6"


def a_day() -> Desk:
    """Orders and parents, fills, a cancel, a replace, a refusal, a kill and a reset."""
    desk = Desk()
    up = Upstream(desk)
    up.order(qty=300, venue=None)
    up.order("c2", venue="GAMMA")
    up.order("c2", venue="GAMMA")
    up.order("c3", symbol="NONE")
    desk.fills(0, 100, ref=REF)
    up.replace("c4", "c2", 50)
    up.cancel("c5", "c1")
    desk.lost.add("UP")
    desk.ends(1, ref=REF)
    desk.restart()
    desk.log_off("UP")
    desk.reset("UP")
    return desk


def test_a_replay_comes_to_the_same_state() -> None:
    desk = a_day()
    engine, now = Engine(), 0
    for now, value in desk.log:
        engine.step(now, inputs.decode(inputs.encode(value)))
    assert engine.shown(now).hash() == desk.engine.shown(now).hash()


@pytest.mark.skipif(leg() == COMPILED, reason="the compiled engine takes no snapshots")
def test_a_snapshot_holds_the_clients() -> None:
    desk = a_day()
    engine = Engine.resumed(thaw(*freeze(desk.engine.state)))
    engine.state.restored()
    assert engine.shown(desk.now).live_hash() == desk.shown.live_hash()
