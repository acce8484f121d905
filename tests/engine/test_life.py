"""The ordinary life of orders through the engine: reports in, one state and one position out."""

from __future__ import annotations

import pytest

from fix_oms.model import inputs
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Refused, Send
from fix_oms.model.units import SCALE
from tests.engine.desk import Desk


def test_fills_move_order_and_position_together() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    desk.report(name, "F", "1", last=40, cum=40, leaves=60)
    assert (desk.state_of(name), desk.position()) == (("1", 40, 60), 40)


def test_a_fill_told_twice_counts_once() -> None:
    desk = Desk()
    name = desk.buy(100)
    for _ in range(2):
        desk.report(name, "F", "1", last=40, cum=40, leaves=60, exec_id="same")
    assert desk.position() == 40


def test_a_fill_after_the_cancel_counts_and_does_not_reopen() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "4", "4")
    desk.report(name, "F", "4", last=40, cum=40)
    assert (desk.state_of(name), desk.position()) == (("4", 40, 0), 40)


def test_a_bust_takes_the_position_back() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "F", "1", last=40, cum=40, leaves=60, exec_id="f")
    desk.report(name, "H", "0", last=0, leaves=100, exec_ref_id="f")
    assert (desk.state_of(name), desk.position()) == (("0", 0, 100), 0)


def test_an_accepted_cancel_ends_the_order() -> None:
    desk = Desk()
    name = desk.buy(100)
    answer = desk.cancel(name)
    assert isinstance(answer, Accepted)
    sent = desk.last_fields()
    assert (sent[35], sent[11], sent[41]) == ("F", answer.cl_ord_id, name)
    desk.report(answer.cl_ord_id, "4", "4", orig_cl_ord_id=name)
    assert desk.state_of(name) == ("4", 0, 0)
    desk.check()


def test_a_second_cancel_waits_for_the_answer_to_the_first() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.cancel(name)
    answer = desk.cancel(name)
    assert isinstance(answer, Refused)
    assert answer.control == "order_state"


def test_a_refused_cancel_leaves_the_order_as_it_is() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    answer = desk.cancel(name)
    assert isinstance(answer, Accepted)
    desk.cancel_reject(answer.cl_ord_id, name, "0", cxl_rej_reason="0")
    assert (desk.state_of(name), desk.order(name).pending) == (("0", 0, 100), ())


def test_a_replace_takes_effect_when_the_broker_says_so() -> None:
    desk = Desk()
    name = desk.buy(100)
    answer = desk.replace(name, order_qty=150 * SCALE, price=11 * SCALE)
    assert isinstance(answer, Accepted)
    assert desk.state_of(name) == ("A", 0, 100)
    desk.report(answer.cl_ord_id, "5", "0", leaves=150, orig_cl_ord_id=name, order_qty=150 * SCALE)
    view = desk.order(name)
    assert (view.cl_ord_id, view.leaves_qty, view.price) == (
        answer.cl_ord_id,
        150 * SCALE,
        11 * SCALE,
    )


def test_the_next_request_names_the_last_id_not_refused() -> None:
    desk = Desk()
    name = desk.buy(100)
    first = desk.replace(name, order_qty=150 * SCALE)
    assert isinstance(first, Accepted)
    desk.cancel(name)
    assert desk.last_fields()[41] == first.cl_ord_id


def test_an_order_that_has_ended_takes_no_cancel() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "8", "8", text="no")
    answer = desk.cancel(name)
    assert isinstance(answer, Refused)
    assert answer.control == "order_state"


def test_a_business_reject_that_names_the_order_ends_it() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.business_reject(name, "0", "not today")
    assert (desk.state_of(name), desk.order(name).text) == (("8", 0, 0), "not today")


def test_a_session_reject_by_number_ends_the_order() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.hear_text("ALPHA", "35=3\x0145=1\x0158=bad tag\x01")
    assert desk.state_of(name) == ("8", 0, 0)


def test_a_session_reject_that_overtakes_the_record_of_what_left_still_finds_its_order() -> None:
    desk = Desk()
    asked = inputs.NewOrder(
        by="tom",
        venue="ALPHA",
        terms=desk_terms(),
    )
    out = desk.engine.step(desk.now, asked)
    message = next(o for o in out if isinstance(o, Send))
    desk.hear_text("ALPHA", "35=3\x0145=1\x0158=bad tag\x01")
    desk.leaves(message)
    assert desk.state_of(message.cl_ord_id) == ("8", 0, 0)


def desk_terms() -> Terms:
    return Terms(symbol="AAPL", side="1", order_qty=SCALE, ord_type="2", price=10 * SCALE)


def test_a_busy_broker_is_given_time_and_the_order_is_rejected() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.business_reject(name, "4", "later")
    refused = desk.ask_new()
    assert isinstance(refused, Refused)
    assert (desk.state_of(name)[0], refused.control) == ("8", "session_busy")
    desk.wait(1)
    assert isinstance(desk.ask_new(), Accepted)


def test_a_reject_whose_text_says_too_many_backs_off_too() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "8", "8", text="Rate limit exceeded")
    assert isinstance(desk.ask_new(), Refused)


def test_each_busy_answer_doubles_the_wait() -> None:
    desk = Desk()
    desk.business_reject(desk.buy(1), "4", "later")
    desk.wait(1)
    desk.business_reject(desk.buy(1), "4", "later")
    desk.wait(1.5)
    assert isinstance(desk.ask_new(), Refused)


def test_an_order_that_we_did_not_send_counts_in_the_external_account() -> None:
    desk = Desk()
    desk.report("PHONE", "F", "1", last=40, cum=40, leaves=60, order_id="B7")
    assert (desk.position(account="external"), desk.alerts[-1].severity) == (40, "severe")


def test_a_message_that_did_not_leave_ends_its_order() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.give(inputs.NotSent(session="ALPHA", cl_ord_id=name, text="35=D\x01", reason="down"))
    assert (desk.state_of(name), desk.order(name).requests[0].outcome) == (("8", 0, 0), "unsent")


@pytest.mark.parametrize("version_session", ["ALPHA", "BETA"])
def test_a_mass_cancel_reaches_every_working_order(version_session: str) -> None:
    desk = Desk()
    names = [desk.buy(100, venue=version_session) for _ in range(2)]
    desk.answer(inputs.MassCancel(by="ann"))
    kinds = [dict_35(s.text) for s in desk.sent[len(names) :]]
    assert kinds == (["q"] if version_session == "ALPHA" else ["F", "F"])


def dict_35(text: str) -> str:
    return text[3 : text.find("\x01")]


def test_a_refused_mass_cancel_falls_back_to_one_cancel_for_each_order() -> None:
    desk = Desk()
    desk.buy(100)
    desk.buy(50)
    desk.answer(inputs.MassCancel(by="ann"))
    mass = desk.sent[-1].cl_ord_id
    desk.hear_text("ALPHA", f"35=r\x0111={mass}\x0137=x\x01530=7\x01531=0\x01532=99\x01")
    assert [dict_35(s.text) for s in desk.sent[-2:]] == ["F", "F"]


def test_garbage_from_a_broker_is_answered_and_the_engine_lives() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.hear_text("ALPHA", f"35=8\x0111={name}\x0137=1\x0117=e\x01150=F\x0139=1\x0132=abc\x01")
    kinds = [dict_35(s.text) for s in desk.sent[-2:]]
    assert (kinds, desk.alerts[-1].severity) == (["3", "H"], "severe")


def test_a_message_type_that_no_broker_sends_gets_a_business_reject() -> None:
    desk = Desk()
    desk.hear_text("ALPHA", "35=B\x01148=news\x01")
    sent = desk.last_fields()
    assert (sent[35], sent[380], sent[372]) == ("j", "3", "B")


def test_a_defect_in_a_step_is_an_alert_and_not_the_end() -> None:
    desk = Desk()
    desk.give(inputs.AdminIn(session="NOBODY", text="", expected=1))
    assert (desk.alerts[-1].code, isinstance(desk.ask_new(), Accepted)) == ("fault", True)
