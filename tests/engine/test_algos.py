"""Algos inside the engine: told, carried out by records, held when they fail, replayed exactly."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.algos.kinds import KINDS
from fix_oms.engine import Engine
from fix_oms.journal.freeze import freeze, thaw
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Acted, Refused
from tests.engine.algo_desk import AlgoDesk


@pytest.fixture
def desk() -> AlgoDesk:
    return AlgoDesk()


def fill(desk: AlgoDesk, name: str, cum: int, last: int, **more: Any) -> None:
    order = desk.order(desk.of_algo(name))
    qty = order.order_qty // 10**8
    status = "2" if cum == qty else "1"
    desk.report(order.cl_ord_id, "F", status, cum=cum, leaves=qty - cum, last=last, **more)


def test_an_algo_sends_at_its_start_by_a_record_of_its_own(desk: AlgoDesk) -> None:
    answer = desk.algo("echo", qty="100")
    assert isinstance(answer, Accepted)
    assert [acts.cause for acts in desk.acts] == ["it was started"]
    assert desk.order(desk.of_algo("b1")).order_qty == 100 * 10**8


def test_an_execution_is_answered_in_the_same_step(desk: AlgoDesk) -> None:
    desk.algo("echo", qty="100")
    fill(desk, "b1", 30, 30)
    assert desk.order(desk.of_algo("b2")).order_qty == 30 * 10**8


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "qty: must be given"),
        ({"qty": 100}, 'qty: 100 is no text: write a quantity or price as "100.5"'),
        ({"qty": "ten"}, "qty: 'ten' is not a FIX number"),
        ({"qty": "1", "sent": 3}, "sent: no such parameter (there are qty, px, breaks)"),
        ({"qty": "1", "breaks": "no"}, "breaks: Expected `bool`, got `str`"),
    ],
)
def test_parameters_are_refused_by_name(desk: AlgoDesk, params: Any, said: str) -> None:
    answer = desk.answer(inputs.NewAlgo(by="ann", ref="A1", kind="echo", params=params))
    assert isinstance(answer, Refused)
    assert answer.text == f"algo kind echo: {said}"


def test_an_algo_that_raises_is_held_and_sends_nothing(desk: AlgoDesk) -> None:
    desk.algo("echo", qty="100", breaks=True)
    fill(desk, "b1", 30, 30)
    assert (desk.view().state, len(desk.view().orders)) == ("held", 1)
    assert "algo_held" in [alert.code for alert in desk.alerts]


def test_a_paused_algo_takes_its_orders_out_and_goes_on_when_resumed(desk: AlgoDesk) -> None:
    desk.algo("echo", qty="100")
    desk.answer(inputs.PauseAlgo(by="ann", ref="A1"))
    assert desk.order(desk.of_algo("b1")).pending == ("new", "cancel")
    desk.answer(inputs.ResumeAlgo(by="ann", ref="A1"))
    assert desk.view().state == "running"


def test_a_stopped_algo_ends_when_nothing_of_it_works(desk: AlgoDesk) -> None:
    desk.algo("echo", qty="100")
    desk.answer(inputs.StopAlgo(by="ann", ref="A1", reason="enough"))
    before = desk.view().state
    order = desk.order(desk.of_algo("b1"))
    cancel = order.requests[-1].cl_ord_id
    desk.report(cancel, "4", "4", orig_cl_ord_id=order.cl_ord_id)
    assert (before, desk.view().state) == ("ending", "ended")
    assert desk.view().why == "stopped by ann: enough"


def test_a_word_that_it_does_not_understand_is_refused(desk: AlgoDesk) -> None:
    desk.algo("echo", qty="100")
    answer = desk.answer(inputs.TellAlgo(by="ann", ref="A1", word="what"))
    assert isinstance(answer, Refused)
    assert answer.text == "algo A1: 'what' is not understood"
    assert isinstance(desk.answer(inputs.TellAlgo(by="ann", ref="A1", word="again")), Accepted)
    assert list(desk.view().orders) == ["b1", "b2"]


def test_acts_that_are_refused_again_and_again_hold_it(desk: AlgoDesk) -> None:
    desk.algo("echo", qty="100", px="10.001")
    for _ in range(9):
        desk.answer(inputs.TellAlgo(by="ann", ref="A1", word="again"))
    assert desk.view().state == "held"


def test_an_algo_that_answers_itself_without_end_is_held(desk: AlgoDesk) -> None:
    desk.algo("restless")  # no book shows anything: each order has ended in the step that sends it
    assert (desk.view().state, "it answers itself" in desk.view().why) == ("held", True)


def test_a_kill_holds_the_algos_whose_orders_it_takes_out(desk: AlgoDesk) -> None:
    desk.algo("echo", qty="100")
    desk.answer(inputs.Kill(by="ann", reason="enough"))
    assert (desk.view().state, desk.view().why) == ("held", "a kill by ann took its orders out")


def replayed(log: list[tuple[int, inputs.Input]]) -> tuple[Engine, int]:
    engine, now = Engine(), 0
    for now, value in log:
        engine.step(now, inputs.decode(inputs.encode(value)))
    return engine, now


def told(desk: AlgoDesk) -> None:
    desk.algo("echo", qty="100")
    fill(desk, "b1", 30, 30)
    fill(desk, "b1", 60, 30)
    desk.answer(inputs.AmendAlgo(by="ann", ref="A1", params={"qty": "7"}))
    desk.answer(inputs.TellAlgo(by="ann", ref="A1", word="again"))


def test_a_replay_comes_to_the_same_state(desk: AlgoDesk) -> None:
    told(desk)
    engine, now = replayed(desk.log)
    assert engine.shown(now).hash() == desk.engine.shown(now).hash()


def test_a_replay_without_the_kind_sends_what_was_sent(
    desk: AlgoDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(desk)
    monkeypatch.delitem(KINDS, "echo")
    engine, now = replayed(desk.log)
    assert len(engine.shown(now).order_views(False, 100, "")) == len(desk.view().orders)


def test_what_was_not_journaled_when_the_process_died_is_done_by_the_next(desk: AlgoDesk) -> None:
    desk.algo("echo", qty="100")
    fill(desk, "b1", 30, 30)
    cut = desk.log.index((desk.now - 1000, inputs.Acted(acts=desk.acts[1])))
    engine, now = replayed(desk.log[:cut])
    start = inputs.Started(run=2, version="test", settings=desk.settings)
    acted = [o for o in engine.step(now + 1, start) if isinstance(o, Acted)]
    assert [a.acts for a in acted] == [desk.acts[1]]


def test_a_snapshot_holds_the_algos(desk: AlgoDesk) -> None:
    told(desk)
    engine = Engine.resumed(thaw(*freeze(desk.engine.state)))
    engine.state.restored()
    assert engine.shown(desk.now).algos.algo("A1") == desk.shown.algos.algo("A1")
    assert engine.shown(desk.now).live_hash() == desk.shown.live_hash()
