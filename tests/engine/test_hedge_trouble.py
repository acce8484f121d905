"""Hedges in trouble: what is tried again, where, how often, and once over a crash."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.engine import Engine
from fix_oms.journal.freeze import freeze, thaw
from fix_oms.model import inputs
from fix_oms.model.outputs import Acted
from fix_oms.model.units import SCALE
from tests.engine.hedge_desk import HedgeDesk, hedge_settings, started


@pytest.fixture
def desk() -> HedgeDesk:
    return HedgeDesk()


# -- trouble ---------------------------------------------------------------------------------------


def test_a_reject_is_tried_again_after_a_while_and_a_person_told_meanwhile(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(30)
    desk.finishes(status="8")
    assert desk.told() == [
        ("severe", "algo H1: 30 of ETF is not hedged: hedge2 ended with 0 of 30")
    ]
    desk.wait(0.2)
    assert len(desk.leg()) == 1
    desk.wait(0.1)
    assert len(desk.leg()) == 2
    assert desk.told()[1:] == [("info", "algo H1: nothing is uncovered any more")]


def test_retries_are_bounded_and_the_next_execution_tries_again(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(30)
    for _ in range(4):
        desk.finishes(status="8")
        desk.wait(5)
    assert (len(desk.leg()), desk.adds()) == (4, ("30", "0", "0", "0", "30"))
    desk.executes(10)
    assert desk.went()[4:] == ["BETA sell 40 @ 49.95"]


def test_the_rest_of_an_order_that_took_a_part_is_sent_again_at_once(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(30)
    desk.executes(20, "hedge")
    desk.finishes()
    assert desk.went()[1:] == ["BETA sell 10 @ 49.95"]


def test_another_venue_is_tried_where_that_is_asked_for(desk: HedgeDesk) -> None:
    started(desk, on_trouble="venue", other_venues=["GAMMA"])
    desk.executes(30)
    desk.finishes(status="8")
    assert desk.went()[1:] == ["GAMMA sell 30 @ 49.95"]


def test_a_venue_that_is_down_is_passed_over(desk: HedgeDesk) -> None:
    started(desk, on_trouble="venue", other_venues=["GAMMA"])
    desk.down("BETA")
    desk.executes(30)
    assert desk.went() == ["GAMMA sell 30 @ 49.95"]


def test_alert_alone_tries_nothing(desk: HedgeDesk) -> None:
    started(desk, on_trouble="alert")
    desk.executes(30)
    desk.finishes(status="8")
    desk.wait(60)
    assert (len(desk.leg()), desk.adds()[-1]) == (1, "30")


def test_flatten_takes_the_maker_out_and_trades_back_what_it_executed(desk: HedgeDesk) -> None:
    desk.book("ALPHA", [("9.99", 500)], [("10.01", 500)])
    started(desk, on_trouble="flatten", retries=0)
    desk.executes(30)
    desk.finishes(status="8")
    assert desk.went("flatten") == ["ALPHA sell 30 @ 9.99"]
    assert [r.kind for r in desk.leg("maker")[0].requests] == ["new", "cancel"]
    desk.executes(30, "flatten")
    assert desk.adds() == ("0", "0", "0", "0", "0")


def test_a_session_that_is_down_is_waited_for(desk: HedgeDesk) -> None:
    started(desk)
    desk.down("BETA")
    desk.executes(30)
    assert desk.told()[0][1].startswith("algo H1: 30 of ETF is not hedged: session BETA is down")
    desk.wait(600)
    desk.ready("BETA")
    desk.quote("BETA")
    assert desk.went() == ["BETA sell 30 @ 49.95"]


def test_nothing_is_sent_beyond_the_limit_and_the_book_brings_it_back(desk: HedgeDesk) -> None:
    started(desk, hedge_limit="50.50")
    desk.executes(30)
    assert desk.went() == []
    said = "30 of ETF is not hedged: the bid 49.99 of ETF is beyond 50.5"
    assert desk.told() == [("severe", f"algo H1: {said}")]
    desk.quote("BETA", "50.55", "50.60")
    assert desk.went() == ["BETA sell 30 @ 50.5"]


def test_without_any_price_nothing_is_sent() -> None:
    desk = HedgeDesk(hedge_settings())
    desk.down("BETA")
    desk.down("GAMMA")
    desk.ready("BETA")
    started(desk)
    desk.executes(30)
    assert desk.told()[0][1] == "algo H1: 30 of ETF is not hedged: there is no price of ETF at BETA"


def test_an_order_without_an_answer_is_asked_out_and_covers_until_it_is(desk: HedgeDesk) -> None:
    started(desk, hedge_type="limit", hedge_limit="55", timeout_ms=2000)
    desk.executes(30)
    desk.wait(2)
    [order] = desk.leg()
    assert ([r.kind for r in order.requests], desk.adds()[-1]) == (["new", "cancel"], "0")
    desk.tells(order, "4", "4", orig_cl_ord_id=order.cl_ord_id)
    assert desk.adds()[-1] == "30"


def test_hedges_that_the_gate_refuses_are_uncovered() -> None:
    settings = hedge_settings()
    settings["limits"] = [{"control": "max_order_qty", "limit": "20", "symbol": "ETF"}]
    desk = started(HedgeDesk(settings))
    desk.executes(30)
    assert (desk.went(), desk.adds()[-1]) == ([], "30")
    assert "max_order_qty" in desk.told()[0][1]


# -- exactly once ----------------------------------------------------------------------------------


def cut(desk: HedgeDesk, at: int) -> list[Any]:
    """What a process sends at its start and after, that finds so much of the log."""
    engine, now = Engine(), 0
    for now, value in desk.log[:at]:
        engine.step(now, inputs.decode(inputs.encode(value)))
    out: list[Any] = []
    todo: list[inputs.Input] = [
        inputs.Started(run=2, version="test", settings=desk.settings),
        *(inputs.SessionUp(session=s) for s in ("ALPHA", "BETA", "GAMMA")),
        *(inputs.SessionReady(session=s) for s in ("ALPHA", "BETA", "GAMMA")),
    ]
    while todo:
        now += 1000
        new = engine.step(now, todo.pop(0))
        out += new
        todo = [inputs.Acted(acts=o.acts) for o in new if isinstance(o, Acted)] + todo
    return [engine, now, *out]


def test_a_crash_between_execution_and_hedge_hedges_once(desk: HedgeDesk) -> None:
    settings = hedge_settings()
    settings["instruments"]["ETF"]["reference"] = "50"
    desk = started(HedgeDesk(settings))
    desk.executes(30)
    report = max(n for n, (_, v) in enumerate(desk.log) if isinstance(v, inputs.FixIn))
    for at in range(report + 1, len(desk.log) + 1):
        engine, now, *_ = cut(desk, at)
        shown = engine.shown(now).algos.algo("H1").algo.progress
        assert (shown["open"], shown["uncovered"]) == ("30", "0"), desk.log[at - 1]


def test_a_snapshot_holds_what_is_carried(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(37)
    engine = Engine.resumed(thaw(*freeze(desk.engine.state)))
    engine.state.restored()
    assert engine.shown(desk.now).algos.algo("H1") == desk.shown.algos.algo("H1")
    assert engine.shown(desk.now).live_hash() == desk.shown.live_hash()


def test_a_hedge_order_that_somebody_replaces_to_more_is_reduced_again(desk: HedgeDesk) -> None:
    started(desk, hedge_type="limit", hedge_limit="55")
    desk.executes(30)
    [resting] = desk.leg()
    desk.tells(resting, "0", "0", leaves=30)
    desk.replace(resting.cl_ord_id, order_qty=50 * SCALE)
    assert desk.told()[0] == (
        "severe",
        "algo H1: 20 of ETF too much is hedged: what is open is being reduced",
    )


def test_what_is_flattened_is_what_is_missing_beside_the_balance_as_it_is_now() -> None:
    desk = started(HedgeDesk(hedge_settings(lot="7")), on_trouble="flatten", retries=0)
    desk.book("ALPHA", [("9.99", 500)], [("10.01", 500)])
    started(desk, ref="H2")
    desk.executes(16)
    desk.flush("H2", round="up")
    desk.finishes(status="8")
    assert (desk.went("flatten"), desk.adds()) == (
        ["ALPHA sell 7 @ 9.99"],
        ("9", "0", "0", "9", "0"),
    )
