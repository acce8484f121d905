"""After a reconnect each open order is asked about, with a pace; new risk waits for the word."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.messages import BusinessMessageReject, SessionReject
from fix_oms.model.outputs import Accepted, Refused
from tests.engine.desk import SECOND, Desk, plain_settings


def desk_with(**session: Any) -> Desk:
    """ALPHA as 4.4 and BETA as 4.2, both changed so; limits none."""
    settings = plain_settings()
    for one in settings["sessions"].values():
        one |= session
    return Desk(settings)


def kinds(desk: Desk, since: int = 0) -> str:
    return " ".join(s.text[3 : s.text.find("\x01")] for s in desk.sent[since:])


def reconnect(desk: Desk, session: str) -> str:
    """The session goes and comes back; what is asked at once."""
    desk.down(session)
    left = len(desk.sent)
    desk.ready(session)
    return kinds(desk, left)


def working(desk: Desk, count: int, session: str = "ALPHA") -> list[str]:
    names = [desk.buy(100, venue=session) for _ in range(count)]
    for name in names:
        desk.report(name, "0", "0", leaves=100, session=session)
    return names


def status(desk: Desk, name: str, session: str = "ALPHA", **more: Any) -> None:
    desk.report(name, "I", "0", leaves=100, session=session, **more)


def codes(desk: Desk) -> list[str]:
    return [a.code for a in desk.alerts]


# -- asking ----------------------------------------------------------------------------------------


def test_single_questions_leave_with_a_pace() -> None:
    desk = desk_with(checks={"questions_per_s": 10})
    working(desk, 30, "BETA")
    at_once = len(reconnect(desk, "BETA").split())
    left = len(desk.sent)
    desk.wait(1)
    assert (at_once, len(desk.sent) - left) == (11, 10)


def test_every_order_is_asked_about_in_the_end() -> None:
    desk = desk_with(checks={"questions_per_s": 10})
    names = working(desk, 30, "BETA")
    reconnect(desk, "BETA")
    for _ in range(8):
        desk.wait(0.5)
    asked = {s.cl_ord_id for s in desk.sent if s.text.startswith("35=H")}
    assert asked == set(names)


def test_the_timer_matters_as_long_as_a_question_waits() -> None:
    desk = desk_with(checks={"questions_per_s": 1})
    working(desk, 3, "BETA")
    reconnect(desk, "BETA")
    assert desk.engine.is_due(desk.now + SECOND)


def test_an_order_that_a_mass_answer_leaves_out_is_asked_about_alone() -> None:
    desk = Desk()
    told, silent = working(desk, 2)
    reconnect(desk, "ALPHA")
    req_id = desk.last_fields()[584]
    status(desk, told, mass_status_req_id=req_id, tot_num_reports=1, last_rpt_requested=True)
    assert (desk.last_fields()[11], "left_out" in codes(desk)) == (silent, True)


def test_a_mass_status_that_the_broker_does_not_take_is_put_one_by_one() -> None:
    desk = Desk()
    working(desk, 2)
    reconnect(desk, "ALPHA")
    left = len(desk.sent)
    refusal = BusinessMessageReject(ref_msg_type="AF", business_reject_reason="3", text="no AF")
    desk.hear("ALPHA", refusal)
    assert (kinds(desk, left), "left_out" in codes(desk)) == ("H H", False)


@pytest.mark.parametrize(
    "refusal",
    [
        BusinessMessageReject(ref_msg_type="H", business_reject_reason="3", text="no H"),
        SessionReject(ref_seq_num=1, ref_msg_type="H", session_reject_reason="11", text="no H"),
    ],
)
def test_a_broker_that_takes_no_status_request_is_told_to_a_person_once(
    refusal: BusinessMessageReject | SessionReject,
) -> None:
    desk = Desk()
    working(desk, 2, "BETA")
    reconnect(desk, "BETA")
    desk.hear("BETA", refusal)
    desk.hear("BETA", refusal)
    assert codes(desk).count("cannot_ask") == 1


def test_a_question_without_an_answer_is_put_again_and_not_for_ever() -> None:
    desk = desk_with(checks={"most_questions": 3, "open_orders_s": 0})
    working(desk, 1, "BETA")
    reconnect(desk, "BETA")
    for _ in range(400):
        desk.wait(1)
    assert (kinds(desk).split().count("H"), codes(desk).count("no_answer")) == (3, 1)


def test_an_order_in_doubt_is_not_asked_about_twice_as_often() -> None:
    desk = desk_with(checks={"most_questions": 3, "open_orders_s": 0})
    desk.buy(100, venue="BETA")
    reconnect(desk, "BETA")
    for _ in range(400):
        desk.wait(1)
    assert kinds(desk).split().count("H") == 1 + 3


# -- finding ---------------------------------------------------------------------------------------


def test_an_order_that_the_broker_has_and_we_do_not_counts_at_once() -> None:
    desk = Desk()
    (known,) = working(desk, 1)
    reconnect(desk, "ALPHA")
    req_id = desk.last_fields()[584]
    status(desk, known, mass_status_req_id=req_id, tot_num_reports=2)
    status(desk, "THEIRS", mass_status_req_id=req_id, tot_num_reports=2, last_rpt_requested=True)
    found = [o.reference for o in desk.shown.order_views(False, 10, "") if o.account == "external"]
    assert (found, "external_order" in codes(desk)) == (["ALPHA/O-THEIRS"], True)


def test_when_all_is_told_it_is_said() -> None:
    desk = Desk()
    names = working(desk, 2, "BETA")
    reconnect(desk, "BETA")
    for name in names:
        status(desk, name, "BETA")
    assert desk.alerts[-1].text == "BETA has told of all 2 orders that were open there"


# -- holding ---------------------------------------------------------------------------------------


def held(desk: Desk, **more: Any) -> bool:
    answer = desk.ask_new(**{"side": "1", "qty": 1, **more})
    return isinstance(answer, Refused) and answer.control == "reconciling"


def reconnected(**session: Any) -> tuple[Desk, str]:
    desk = desk_with(**session)
    (name,) = working(desk, 1)
    reconnect(desk, "ALPHA")
    return desk, name


def test_new_risk_is_held_while_an_order_like_it_is_unheard_of() -> None:
    desk, _ = reconnected()
    assert held(desk)


@pytest.mark.parametrize(
    "other", [{"account": "HEDGE"}, {"symbol": "MSFT", "venue": "BETA", "qty": 10}]
)
def test_what_is_of_another_account_or_symbol_is_not_held(other: dict[str, Any]) -> None:
    desk, _ = reconnected()
    assert not held(desk, **other)


def test_what_surely_reduces_is_not_held() -> None:
    desk = Desk()
    bought = desk.buy(100)
    desk.report(bought, "F", "2", last=100, cum=100)
    working(desk, 1)
    reconnect(desk, "ALPHA")
    assert (held(desk, side="2", qty=100), held(desk, side="2", qty=201)) == (False, True)


def test_a_replace_to_more_is_held_and_one_to_less_is_not() -> None:
    desk, name = reconnected()
    more, less = (desk.replace(name, order_qty=q * 10**8) for q in (200, 50))
    assert (type(more), type(less)) == (Refused, Accepted)


def test_the_brokers_word_ends_the_hold() -> None:
    desk, name = reconnected()
    status(desk, name)
    assert not held(desk)


def test_a_persons_decision_ends_the_hold() -> None:
    desk, name = reconnected()
    desk.answer(inputs.Resolve(by="ann", order=name, outcome="canceled", reason="ALPHA said so"))
    assert not held(desk)


def test_an_order_that_ended_by_a_standing_policy_holds_nothing() -> None:
    policy = {"by": "ann", "close": "16:00", "timezone": "UTC"}
    desk, _ = reconnected(supports={"expired": False}, silent_expiry=policy)
    closed_ns = desk.now
    desk.give(inputs.DayClosed(session="ALPHA", closed_ns=closed_ns, ended_ns=closed_ns, by="ann"))
    assert not held(desk)


def test_the_last_question_ends_the_hold_of_an_order_that_was_not_in_doubt() -> None:
    desk, _ = reconnected(checks={"most_questions": 1})
    desk.wait(11)
    desk.wait(11)
    assert not held(desk)


def test_an_order_in_doubt_holds_on_when_all_questions_are_put() -> None:
    desk = desk_with(checks={"most_questions": 1})
    desk.buy(100)
    reconnect(desk, "ALPHA")
    for _ in range(100):
        desk.wait(1)
    assert held(desk)


def test_a_broker_that_answers_nothing_holds_only_for_what_is_in_doubt() -> None:
    desk, _ = reconnected(supports={"status": False, "mass_status": False})
    assert not held(desk)


def test_holding_can_be_switched_off() -> None:
    desk, _ = reconnected(checks={"hold_unheard": False})
    assert not held(desk)


def test_what_is_held_of_a_batch_is_said_when_it_is_checked() -> None:
    desk, _ = reconnected()
    command = inputs.NewOrder(by="t", terms=desk.terms("1", 1, "10"), venue="ALPHA")
    (refused,) = desk.engine.check(desk.now, [command])
    assert refused is not None
    assert refused.control == "reconciling"


def test_a_restart_holds_like_a_reconnect() -> None:
    desk = Desk()
    working(desk, 1)
    desk.start(2)
    desk.ready("ALPHA")
    assert held(desk)


# -- the running day -------------------------------------------------------------------------------


def test_all_open_orders_are_asked_about_in_each_period() -> None:
    desk = desk_with(checks={"open_orders_s": 60})
    (name,) = working(desk, 1)
    for _ in range(3):
        desk.wait(61)
        status(desk, name, mass_status_req_id=desk.last_fields()[584], last_rpt_requested=True)
    assert kinds(desk) == "D AF AF AF"


def test_a_broker_without_mass_status_is_asked_about_what_was_not_heard_of_in_the_period() -> None:
    desk = desk_with(checks={"open_orders_s": 60})
    old, fresh = working(desk, 2, "BETA")
    desk.wait(59)
    status(desk, fresh, "BETA")
    desk.wait(2)
    assert [s.cl_ord_id for s in desk.sent if s.text.startswith("35=H")] == [old]


def test_a_check_in_the_running_day_holds_nothing() -> None:
    desk = desk_with(checks={"open_orders_s": 60})
    working(desk, 1)
    desk.wait(61)
    assert not held(desk)


def test_nothing_is_asked_in_the_running_day_without_a_period() -> None:
    desk = desk_with(checks={"open_orders_s": 0})
    working(desk, 1)
    desk.wait(10_000)
    assert kinds(desk) == "D"


def test_positions_are_asked_for_in_each_period() -> None:
    desk = desk_with(supports={"positions": True}, checks={"positions_s": 60, "open_orders_s": 0})
    left = len(desk.sent)
    desk.wait(61)
    asked = [s for s in desk.sent[left:] if s.session == "ALPHA"]
    assert ["263=0" in s.text for s in asked] == [True, True]


def test_questions_about_doubt_are_put_as_often_as_is_configured() -> None:
    desk = desk_with(checks={"in_doubt_s": 2, "most_questions": 3})
    desk.buy(100)
    for _ in range(40):
        desk.wait(1)
    assert kinds(desk) == "D H H H"


def test_a_replay_asks_and_holds_the_same() -> None:
    desk, name = reconnected(checks={"questions_per_s": 1})
    working(desk, 2, "BETA")
    reconnect(desk, "BETA")
    status(desk, name)
    desk.wait(1)
    again = Engine()
    for now, value in desk.log:
        again.step(now, value)
    assert again.shown(desk.now).hash() == desk.shown.hash()
