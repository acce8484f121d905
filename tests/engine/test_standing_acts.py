"""Asking a counterparty for positions now: what is sent, and what has come of it."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.engine import Engine
from fix_oms.engine.waiting import MOST_STANDING
from fix_oms.model.inputs import AskPositions
from fix_oms.model.messages import PositionReport, RequestForPositionsAck
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE
from tests.engine.desk import Desk, plain_settings


@pytest.fixture
def desk() -> Desk:
    settings = plain_settings()
    settings["sessions"]["ALPHA"]["supports"] = {"positions": True}
    return Desk(settings)


def ask(desk: Desk, **more: Any) -> str:
    """The name of the question."""
    answer = desk.answer(AskPositions(by="ann", session="ALPHA", **more))
    assert isinstance(answer, Accepted), answer
    return answer.cl_ord_id


def outcome(desk: Desk, name: str) -> tuple[str, int]:
    asked = desk.shown.asked("ALPHA", name)
    return asked.outcome, asked.heard


def report(desk: Desk, name: str, symbol: str = "AAPL", total: int | None = None) -> None:
    told = PositionReport(
        account="DESK",
        symbol=symbol,
        long_qty=100 * SCALE,
        short_qty=0,
        pos_req_id=name,
        pos_maint_rpt_id=f"R-{symbol}",
        clearing_business_date="20231114",
        settl_price=10 * SCALE,
        total_num_pos_reports=total,
    )
    desk.hear("ALPHA", told)


def acknowledge(desk: Desk, name: str, result: str, total: int | None = None, **more: Any) -> None:
    told = RequestForPositionsAck(
        pos_req_id=name,
        pos_req_result=result,
        pos_req_status="0",
        total_num_pos_reports=total,
        pos_maint_rpt_id="M",
        account="DESK",
        **more,
    )
    desk.hear("ALPHA", told)


def test_a_snapshot_of_the_account_is_asked_for(desk: Desk) -> None:
    name = ask(desk, account="HEDGE")
    told = desk.last_fields()
    assert (told[35], told[710], told[1], told[263]) == ("AN", name, "H-77", "0")


def test_it_is_told_when_as_many_reports_have_come_as_were_announced(desk: Desk) -> None:
    name = ask(desk)
    acknowledge(desk, name, "0", 2)
    report(desk, name)
    before = outcome(desk, name)
    report(desk, name, "MSFT")
    assert (before, outcome(desk, name)) == (("waiting", 1), ("told", 2))


def test_it_is_told_in_whatever_order_the_answers_come(desk: Desk) -> None:
    name = ask(desk)
    report(desk, name, total=2)
    before = outcome(desk, name)
    report(desk, name, "MSFT", total=2)
    acknowledge(desk, name, "0", 2)
    assert (before, outcome(desk, name)) == (("waiting", 1), ("told", 2))


def test_no_position_is_an_answer(desk: Desk) -> None:
    name = ask(desk)
    acknowledge(desk, name, "2")
    assert outcome(desk, name) == ("told", 0)


def test_what_the_counterparty_refuses_is_told_with_its_reason(desk: Desk) -> None:
    name = ask(desk)
    acknowledge(desk, name, "4", text="no such account")
    asked = desk.shown.asked("ALPHA", name)
    assert (asked.outcome, asked.text) == ("refused", "no such account")


def test_a_question_is_lost_with_its_session(desk: Desk) -> None:
    name = ask(desk)
    desk.down("ALPHA")
    assert outcome(desk, name) == ("lost", 0)


def test_what_nobody_asked_is_unknown(desk: Desk) -> None:
    assert [desk.shown.asked(name, "x").outcome for name in ("ALPHA", "NOBODY")] == ["unknown"] * 2


def test_two_questions_at_once_have_names_of_their_own(desk: Desk) -> None:
    link = desk.engine.state.links["ALPHA"]
    first = ask(desk)
    link.next_out -= 1  # as where the first has not left yet
    assert len({first, ask(desk)}) == 2


def test_the_newest_questions_are_kept(desk: Desk) -> None:
    names = [ask(desk) for _ in range(MOST_STANDING + 5)]
    kept = [name for name in names if outcome(desk, name)[0] == "waiting"]
    assert kept == names[5:]


REFUSED = [
    ({"session": "BETA"}, "supports"),
    ({"session": "NOBODY"}, "session"),
    ({"session": "ALPHA", "account": "NOBODY"}, "terms"),
]


@pytest.mark.parametrize(("asked", "control"), REFUSED)
def test_what_cannot_be_asked_is_refused(desk: Desk, asked: dict[str, str], control: str) -> None:
    answer = desk.answer(AskPositions(by="ann", **asked))
    assert isinstance(answer, Refused)
    assert answer.control == control


def test_a_session_that_is_down_is_not_asked(desk: Desk) -> None:
    desk.down("ALPHA")
    answer = desk.answer(AskPositions(by="ann", session="ALPHA"))
    assert isinstance(answer, Refused)
    assert answer.control == "session_up"


def test_it_replays_to_the_same_state(desk: Desk) -> None:
    name = ask(desk)
    report(desk, name, total=2)
    again = Engine()
    for now, value in desk.log:
        again.step(now, value)
    assert again.shown(desk.now).hash() == desk.shown.hash()
