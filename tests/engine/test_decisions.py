"""A named person decides what the broker leaves open, and is answerable for it."""

from __future__ import annotations

import pytest

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE
from tests.engine.desk import Desk

ENDS = [("canceled", "4"), ("expired", "C"), ("rejected", "8")]


def decide(
    desk: Desk, order: str, outcome: str, request: str | None = None, **more: str
) -> Accepted | Refused:
    said = {"by": "ann", "reason": "Kim at ALPHA said so", **more}
    return desk.answer(inputs.Resolve(order=order, outcome=outcome, request=request, **said))


def doubtful(desk: Desk) -> str:
    """An order of 100 without any answer, in doubt."""
    name = desk.buy(100)
    desk.wait(11)
    return name


def acked(desk: Desk) -> str:
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    return name


def with_a_cancel_in_doubt(desk: Desk) -> tuple[str, str]:
    """A working order of 100, and a cancel of it without an answer."""
    name = acked(desk)
    asked = desk.cancel(name)
    assert isinstance(asked, Accepted)
    desk.wait(11)
    return name, asked.cl_ord_id


def with_a_replace_in_doubt(desk: Desk) -> tuple[str, str]:
    """A working order of 100, and a replace of it to 150 without an answer."""
    name = acked(desk)
    asked = desk.replace(name, order_qty=150 * SCALE)
    assert isinstance(asked, Accepted)
    desk.wait(11)
    return name, asked.cl_ord_id


def filled(desk: Desk) -> str:
    """An order of 100 of which F1 has done 40."""
    name = acked(desk)
    desk.report(name, "F", "1", cum=40, leaves=60, last=40, exec_id="F1")
    return name


def open_qty(desk: Desk, name: str) -> int:
    order = desk.engine.state.book.find(name)
    assert order is not None
    return order.open_qty // SCALE


def refusal(answer: Accepted | Refused) -> str:
    assert isinstance(answer, Refused), answer
    return answer.text


# -- a request in doubt ----------------------------------------------------------------------------


def test_a_new_order_decided_to_be_accepted_is_in_doubt_no_more_and_stays_open() -> None:
    desk = Desk()
    name = doubtful(desk)
    decide(desk, name, "accepted")
    view = desk.order(name)
    found = (view.in_doubt, view.pending, view.requests[0].outcome, open_qty(desk, name))
    assert found == (False, (), "accepted", 100)


def test_a_new_order_decided_to_be_refused_ends_rejected_and_frees_its_exposure() -> None:
    desk = Desk()
    name = doubtful(desk)
    decide(desk, name, "refused")
    assert (desk.state_of(name), desk.shown.position_views()) == (("8", 0, 0), [])


def test_a_replace_decided_to_be_accepted_sets_the_terms() -> None:
    desk = Desk()
    name, asked = with_a_replace_in_doubt(desk)
    decide(desk, name, "accepted")
    assert (desk.state_of(name), desk.order(name).cl_ord_id) == (("0", 0, 150), asked)


def test_a_replace_decided_to_be_refused_leaves_the_terms_and_frees_the_rest() -> None:
    desk = Desk()
    name, _ = with_a_replace_in_doubt(desk)
    before = open_qty(desk, name)
    decide(desk, name, "refused")
    assert (before, open_qty(desk, name), desk.state_of(name)) == (150, 100, ("0", 0, 100))


def test_a_cancel_decided_to_be_refused_leaves_the_order_working() -> None:
    desk = Desk()
    name, _ = with_a_cancel_in_doubt(desk)
    decide(desk, name, "refused")
    view = desk.order(name)
    assert (desk.state_of(name), view.in_doubt, view.pending) == (("0", 0, 100), False, ())


def test_a_decision_is_told_with_the_name_and_the_reason() -> None:
    desk = Desk()
    name, asked = with_a_cancel_in_doubt(desk)
    answer = decide(desk, name, "refused")
    expected = f"cancel {asked} of order {name} is refused: decided by ann: Kim at ALPHA said so"
    assert (answer, desk.alerts[-1].code) == (
        Accepted(order=name, session="ALPHA", text=expected),
        "resolved",
    )


def test_the_request_keeps_who_decided_and_why() -> None:
    desk = Desk()
    name, _ = with_a_cancel_in_doubt(desk)
    decide(desk, name, "refused")
    assert desk.order(name).requests[1].text == "decided by ann: Kim at ALPHA said so"


def test_what_is_decided_is_not_asked_about_again() -> None:
    desk = Desk()
    name, _ = with_a_cancel_in_doubt(desk)
    decide(desk, name, "refused")
    left = len(desk.sent)
    desk.wait(500)
    assert len(desk.sent) == left


def test_of_several_in_doubt_none_is_guessed() -> None:
    desk = Desk()
    name, replace = with_a_replace_in_doubt(desk)
    cancel = desk.cancel(name)
    assert isinstance(cancel, Accepted)
    desk.wait(11)
    text = refusal(decide(desk, name, "refused"))
    assert text == f"in doubt are replace {replace}, cancel {cancel.cl_ord_id}: say which"


def test_of_several_in_doubt_the_one_that_is_named_is_decided() -> None:
    desk = Desk()
    name, replace = with_a_replace_in_doubt(desk)
    desk.cancel(name)
    desk.wait(11)
    decide(desk, name, "refused", request=replace)
    view = desk.order(name)
    assert ([r.outcome for r in view.requests], view.in_doubt) == (
        ["accepted", "refused", "pending"],
        True,
    )


def test_what_is_not_in_doubt_is_the_brokers_word() -> None:
    desk = Desk()
    name = acked(desk)
    text = refusal(decide(desk, name, "refused"))
    assert text == f"nothing of {name} is in doubt: the broker's word stands"


def test_a_request_that_only_waits_for_its_answer_is_not_in_doubt_yet() -> None:
    desk = Desk()
    name = acked(desk)
    desk.cancel(name)
    assert "is in doubt: the broker's word stands" in refusal(decide(desk, name, "refused"))


def test_a_request_of_another_name_is_not_in_doubt() -> None:
    desk = Desk()
    name, _ = with_a_cancel_in_doubt(desk)
    assert "nothing of 9-9 is in doubt" in refusal(decide(desk, name, "refused", request="9-9"))


def test_an_order_that_the_broker_has_reported_cannot_be_decided_to_be_refused() -> None:
    desk = Desk()
    name = doubtful(desk)
    desk.report(name, "A", "A", leaves=100)
    assert isinstance(decide(desk, name, "refused"), Refused)
    assert desk.state_of(name) == ("A", 0, 100)


# -- the end of an order ---------------------------------------------------------------------------


@pytest.mark.parametrize(("outcome", "status"), ENDS)
def test_an_order_decided_to_have_ended_is_at_that_end(outcome: str, status: str) -> None:
    desk = Desk()
    name = doubtful(desk)
    decide(desk, name, outcome)
    found = (desk.state_of(name), desk.order(name).in_doubt, desk.shown.position_views())
    assert found == ((status, 0, 0), False, [])


def test_what_had_executed_before_the_decided_end_stays_executed() -> None:
    desk = Desk()
    name = filled(desk)
    decide(desk, name, "canceled")
    assert (desk.state_of(name), desk.position()) == (("4", 40, 0), 40)


def test_an_order_at_its_end_cannot_be_ended_again() -> None:
    desk = Desk()
    name = doubtful(desk)
    decide(desk, name, "canceled")
    assert refusal(decide(desk, name, "expired")) == f"order {name} is not open any more"


# -- what makes no decision ------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["by", "reason"])
def test_a_decision_without_a_name_or_a_reason_is_refused(missing: str) -> None:
    desk = Desk()
    name = doubtful(desk)
    text = refusal(decide(desk, name, "canceled", **{missing: " "}))
    assert (text, desk.order(name).in_doubt) == ("a decision needs a name and a reason", True)


def test_an_outcome_that_is_none_is_refused_with_those_that_are() -> None:
    desk = Desk()
    text = refusal(decide(desk, doubtful(desk), "filled"))
    known = "accepted, refused, canceled, expired, rejected"
    assert text == f"no outcome 'filled' (there are: {known})"


def test_a_decision_about_an_unknown_order_is_refused() -> None:
    desk = Desk()
    assert "9-9" in refusal(decide(desk, "9-9", "canceled"))


def test_a_refused_decision_changes_nothing() -> None:
    desk = Desk()
    name = doubtful(desk)
    before = desk.shown.hash()
    decide(desk, name, "filled")
    assert desk.shown.hash() == before


# -- what the broker says afterwards ---------------------------------------------------------------


def test_a_report_that_the_order_lives_is_a_break_and_keeps_its_quantity_reserved() -> None:
    desk = Desk()
    name = doubtful(desk)
    decide(desk, name, "canceled")
    desk.now += 1_000_000_000
    desk.report(name, "I", "0", leaves=100)
    found = (desk.state_of(name), desk.order(name).breaks, open_qty(desk, name))
    assert found == (("4", 0, 0), ("LeavesQty(151) told after the end of the order",), 100)


def test_a_fill_after_the_decided_end_counts() -> None:
    desk = Desk()
    name = doubtful(desk)
    decide(desk, name, "canceled")
    desk.now += 1_000_000_000
    desk.report(name, "F", "1", cum=40, leaves=60, last=40, exec_id="F1")
    assert (desk.state_of(name), desk.position(), open_qty(desk, name)) == (("4", 40, 0), 40, 60)


def test_a_report_of_an_order_decided_to_be_refused_is_a_break_and_the_order_works() -> None:
    desk = Desk()
    name = doubtful(desk)
    decide(desk, name, "refused")
    desk.report(name, "0", "0", leaves=100)
    assert (desk.state_of(name), len(desk.order(name).breaks), open_qty(desk, name)) == (
        ("0", 0, 100),
        1,
        100,
    )


def test_a_cancel_that_was_decided_to_be_refused_ends_the_order_when_it_is_confirmed() -> None:
    desk = Desk()
    name, asked = with_a_cancel_in_doubt(desk)
    decide(desk, name, "refused")
    desk.report(asked, "4", "4", orig_cl_ord_id=name)
    assert desk.state_of(name) == ("4", 0, 0)


@pytest.mark.parametrize("outcome", ["accepted", "refused", "canceled", "expired", "rejected"])
def test_a_replay_of_the_decision_gives_the_same_state(outcome: str) -> None:
    desk = Desk()
    decide(desk, doubtful(desk), outcome)
    again = Engine()
    for now, value in desk.log:
        again.step(now, inputs.decode(inputs.encode(value)))
    assert again.shown(desk.now).hash() == desk.shown.hash()
