"""An execution that we do not accept is told to its broker, and counts until it is busted."""

from __future__ import annotations

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.fix import DKReason
from fix_oms.model.messages import BusinessMessageReject
from fix_oms.model.outputs import Accepted, Refused
from tests.engine.desk import Desk


def disown(
    desk: Desk, order: str, exec_id: str, reason: str = "C", text: str = ""
) -> Accepted | Refused:
    return desk.answer(
        inputs.DontKnow(by="ann", order=order, exec_id=exec_id, dk_reason=reason, text=text)
    )


def filled(desk: Desk) -> str:
    """An order of 100 of which F1 has done 40."""
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    desk.report(name, "F", "1", cum=40, leaves=60, last=40, exec_id="F1")
    return name


def test_the_broker_is_told_what_we_do_not_accept() -> None:
    desk = Desk()
    name = filled(desk)
    disown(desk, name, "F1", text="twice as much")
    assert desk.last_fields() == {
        35: "Q",
        37: f"O-{name}",
        17: "F1",
        127: "C",
        55: "AAPL",
        54: "1",
        38: "100",
        32: "40",
        31: "10",
        58: "twice as much",
    }


def test_what_is_not_accepted_counts_and_is_a_break_until_it_is_busted() -> None:
    desk = Desk()
    name = filled(desk)
    disown(desk, name, "F1")
    open_break = "execution not accepted by us (35=Q) and not busted: F1"
    assert (desk.state_of(name), desk.order(name).breaks) == (("1", 40, 60), (open_break,))


def test_the_bust_closes_the_break() -> None:
    desk = Desk()
    name = filled(desk)
    disown(desk, name, "F1")
    desk.report(name, "H", "0", leaves=100, exec_id="B1", exec_ref_id="F1")
    assert (desk.state_of(name), desk.order(name).breaks) == (("0", 0, 100), ())


def test_a_corrected_execution_is_told_of_at_its_corrected_size() -> None:
    desk = Desk()
    name = filled(desk)
    desk.report(name, "G", "1", cum=30, leaves=70, last=30, exec_id="C1", exec_ref_id="F1")
    disown(desk, name, "C1")
    told = desk.last_fields()
    assert (told[17], told[32]) == ("C1", "30")


def test_an_execution_told_of_twice_is_one_break() -> None:
    desk = Desk()
    name = filled(desk)
    disown(desk, name, "F1")
    disown(desk, name, "F1")
    assert len(desk.order(name).breaks) == 1


def test_an_execution_that_the_order_does_not_have_is_refused_by_name() -> None:
    desk = Desk()
    name = filled(desk)
    answer = disown(desk, name, "F9")
    assert isinstance(answer, Refused)
    assert (answer.text, answer.field) == (f"{name} has no execution 'F9'", "ExecID(17)")


def test_a_reason_that_is_none_is_refused_with_those_that_are() -> None:
    desk = Desk()
    answer = disown(desk, filled(desk), "F1", reason="X")
    assert isinstance(answer, Refused)
    known = [reason.value for reason in DKReason if f"{reason.value} " in answer.text]
    assert (known, answer.field) == (list(DKReason), "DKReason(127)")


def test_while_the_session_is_down_nothing_is_told_and_nothing_is_marked() -> None:
    desk = Desk()
    name = filled(desk)
    desk.down("ALPHA")
    left = len(desk.sent)
    answer = disown(desk, name, "F1")
    assert isinstance(answer, Refused)
    assert (answer.control, len(desk.sent), desk.order(name).breaks) == ("session_up", left, ())


def test_an_unknown_order_has_no_execution_to_disown() -> None:
    desk = Desk()
    answer = disown(desk, "9-9", "F1")
    assert isinstance(answer, Refused)
    assert "9-9" in answer.text


def test_a_text_that_no_field_can_carry_is_refused_and_nothing_is_marked() -> None:
    desk = Desk()
    name = filled(desk)
    answer = disown(desk, name, "F1", text="a\x0158=b")
    assert isinstance(answer, Refused)
    assert (answer.control, desk.order(name).breaks) == ("supports", ())


def test_a_reject_of_what_we_told_leaves_order_and_break_as_they_are() -> None:
    desk = Desk()
    name = filled(desk)
    disown(desk, name, "F1")
    desk.hear(
        "ALPHA",
        BusinessMessageReject(ref_msg_type="Q", business_reject_reason="3", text="no DK here"),
    )
    assert (desk.state_of(name), len(desk.order(name).breaks)) == (("1", 40, 60), 1)


def test_a_replay_of_what_was_disowned_gives_the_same_state() -> None:
    desk = Desk()
    disown(desk, filled(desk), "F1")
    again = Engine()
    for now, value in desk.log:
        again.step(now, inputs.decode(inputs.encode(value)))
    assert again.shown(desk.now).hash() == desk.shown.hash()


def test_a_4_2_broker_is_told_too() -> None:
    desk = Desk()
    name = desk.buy(100, venue="BETA")
    desk.report(name, "0", "0", leaves=100, session="BETA")
    desk.report(name, "F", "1", cum=40, leaves=60, last=40, exec_id="F1", session="BETA")
    disown(desk, name, "F1", reason="B")
    told = desk.last_fields()
    assert (told[35], told[17], told[127]) == ("Q", "F1", "B")
