"""From a published scenario to what a venue waits for and says."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from fix_oms.model.fix import FixVersion
from fix_oms.scenarios import Role, Run, load, runs
from fix_oms.simulator.acts import AnyAct, Play
from fix_oms.simulator.script import Script, Tell, script_of

SPEC = Path(__file__).parents[2] / "spec" / "order_state_matrices.yaml"
RUNS = [run for scenario in load(SPEC).scenarios for run in runs(scenario)]


def run_of(name: str, version: FixVersion) -> Run:
    return next(run for run in RUNS if run.name == name and run.version is version)


def script(name: str, version: FixVersion = FixVersion.FIX44) -> Script:
    return script_of(run_of(name, version))


def test_a_script_says_what_is_awaited_and_what_is_told() -> None:
    assert [f"{line.t} {line}" for line in script("C.3.c").lines] == [
        "1 NewOrderSingle X, OrderQty(38) 10000",
        "2 ExecutionReport New, OrdStatus(39) New, CumQty(14) 0, LeavesQty(151) 10000",
        "3 OrderCancelReplaceRequest Y of X, OrderQty(38) 7000",
        "3 ExecutionReport Trade, OrdStatus(39) PartiallyFilled, CumQty(14) 8000, "
        "LeavesQty(151) 2000",
        "4 ExecutionReport Replaced, OrdStatus(39) Filled, CumQty(14) 8000, LeavesQty(151) 0",
    ]


def test_a_refused_request_is_told_as_a_cancel_reject() -> None:
    assert str(script("B.1.f").lines[-1]) == "OrderCancelReject, OrdStatus(39) Rejected"


def test_what_somebody_else_asks_is_not_awaited_and_its_answer_is_told() -> None:
    lines = script("4.2:D31", FixVersion.FIX42).lines
    assert [(type(line).__name__, line.t) for line in lines] == [
        ("Expect", "1"),
        ("Tell", "2"),
        ("Tell", "4"),
        ("Expect", "5"),
        ("Tell", "6"),
    ]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.version}-{run.name}")
def test_every_report_of_a_run_is_told(run: Run) -> None:
    told = [line.t for line in script_of(run).lines if isinstance(line, Tell)]
    assert told == [act.step.t for act in run.acts if act.role is Role.REPORT]


def test_a_later_day_is_later_by_whole_days() -> None:
    told = script("H.1.a")
    at = {line.t: line.at_s // 86_400 for line in told.lines if isinstance(line, Tell)}
    assert (told.days, at["Day 1,2"], at["Day 2,1"]) == (2, 0, 1)


def test_a_play_is_read_back_as_it_was_written() -> None:
    act = Play(session="C", script=script("B.1.a alt 4"), symbol="AAPL")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(act), type=AnyAct) == act
