"""What is not known is asked about, keeps its exposure, and ends by evidence only."""

from __future__ import annotations

from fix_oms.model import inputs
from fix_oms.model.counterparty import Checks
from fix_oms.model.outputs import Accepted
from fix_oms.model.units import SCALE
from tests.engine.desk import Desk, plain_settings


def kinds(desk: Desk) -> list[str]:
    return [s.text[3 : s.text.find("\x01")] for s in desk.sent]


def test_an_unanswered_order_becomes_in_doubt_and_is_asked_about() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.wait(11)
    assert (desk.order(name).in_doubt, kinds(desk)) == (True, ["D", "H"])


def test_what_is_in_doubt_keeps_its_exposure() -> None:
    desk = Desk()
    desk.buy(100)
    desk.wait(11)
    assert desk.shown.position_views()[0].open_buy == 100 * SCALE


def test_questions_come_at_growing_intervals_and_end() -> None:
    desk = Desk()
    desk.buy(100)
    for _ in range(2000):
        desk.wait(1)
    assert kinds(desk).count("H") == Checks().most_questions
    assert desk.alerts[-1].severity == "severe"


def test_a_report_ends_the_doubt() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.wait(11)
    desk.report(name, "I", "0", leaves=100)
    assert (desk.order(name).in_doubt, desk.state_of(name)) == (False, ("0", 0, 100))


def test_an_unknown_order_answer_ends_an_order_that_was_never_reported() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.wait(11)
    desk.report(name, "I", "8", order_id="NONE", ord_rej_reason="5")
    assert (desk.state_of(name), desk.shown.position_views()) == (("8", 0, 0), [])


def test_an_unknown_order_answer_of_another_epoch_ends_nothing() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.wait(11)
    desk.engine.state.questions[name] = (99, 1)
    desk.report(name, "I", "8", order_id="NONE", ord_rej_reason="5")
    assert desk.state_of(name) == ("A", 0, 100)


def test_an_unknown_order_answer_about_a_reported_order_is_a_break() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    desk.answer(inputs.AskStatus(by="tom", order=name))
    desk.report(name, "I", "8", order_id="NONE", ord_rej_reason="5")
    assert (desk.state_of(name), len(desk.order(name).breaks)) == (("0", 0, 100), 1)


def test_a_session_that_goes_down_puts_its_unanswered_requests_in_doubt() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.down("ALPHA")
    assert desk.order(name).in_doubt


def test_a_session_that_is_ready_again_is_asked_about_every_open_order() -> None:
    desk = Desk()
    known, unknown = desk.buy(100), desk.buy(50)
    desk.report(known, "0", "0", leaves=100)
    desk.down("ALPHA")
    desk.ready("ALPHA")
    assert kinds(desk) == ["D", "D", "AF", "H"]
    assert desk.last_fields()[11] == unknown


def test_a_broker_without_mass_status_is_asked_order_by_order() -> None:
    desk = Desk()
    for _ in range(2):
        desk.report(desk.buy(100, venue="BETA"), "0", "0", leaves=100, session="BETA")
    desk.down("BETA")
    desk.ready("BETA")
    assert kinds(desk) == ["D", "D", "H", "H"]


def test_a_broker_that_answers_no_status_is_a_severe_alert() -> None:
    settings = plain_settings()
    settings["sessions"]["ALPHA"]["supports"] = {"status": False, "mass_status": False}
    desk = Desk(settings)
    desk.buy(100)
    desk.wait(11)
    assert (desk.alerts[-1].code, desk.alerts[-1].severity) == ("cannot_ask", "severe")


def test_a_fill_missed_while_down_is_provisional_until_its_execution_comes() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    desk.down("ALPHA")
    desk.ready("ALPHA")
    desk.report(name, "I", "1", cum=40, leaves=60)
    assert (desk.order(name).provisional_qty, desk.position()) == (40 * SCALE, 0)
    desk.report(name, "F", "1", last=40, cum=40, leaves=60)
    assert (desk.order(name).provisional_qty, desk.position()) == (0, 40)


def test_what_the_peer_asks_for_again_is_in_doubt() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.give(inputs.PeerResend(session="ALPHA", begin=1, end=0))
    assert desk.order(name).in_doubt


def test_a_restart_puts_unanswered_requests_in_doubt_and_repeats_no_id() -> None:
    desk = Desk()
    first = desk.buy(100)
    desk.start(2)
    desk.ready("ALPHA")
    second = desk.buy(100, account="HEDGE")
    assert (desk.order(first).in_doubt, first != second) == (True, True)


def test_a_cancel_in_doubt_may_be_asked_for_again() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    desk.cancel(name)
    desk.wait(11)
    assert isinstance(desk.cancel(name), Accepted)


def a_fill_while_a_cancel_is_in_doubt(desk: Desk) -> str:
    """An order whose cancel was lost with its session, and that is then told to have filled."""
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    desk.cancel(name)
    desk.down("ALPHA")
    desk.report(name, "F", "2", exec_id="E1", last=100, cum=100, leaves=0)
    return name


def test_a_cancel_is_moot_once_nothing_is_left_to_cancel() -> None:
    desk = Desk()
    order = desk.order(a_fill_while_a_cancel_is_in_doubt(desk))
    assert (order.pending, order.in_doubt, order.requests[1].outcome) == ((), False, "moot")


def test_an_order_that_filled_is_not_asked_about_for_a_cancel_that_was_lost() -> None:
    desk = Desk()
    a_fill_while_a_cancel_is_in_doubt(desk)
    before = kinds(desk)
    desk.ready("ALPHA")
    desk.wait(600)
    assert kinds(desk) == before


def test_a_cancel_is_moot_where_what_is_left_is_told_and_not_proven() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    desk.cancel(name)
    desk.down("ALPHA")
    desk.report(name, "F", "2", exec_id="E2", last=40, cum=100, leaves=0)
    assert (desk.order(name).provisional_qty, desk.order(name).pending) == (60 * SCALE, ())


def test_a_cancel_in_doubt_is_waited_for_again_when_a_bust_reopens_its_order() -> None:
    desk = Desk()
    name = a_fill_while_a_cancel_is_in_doubt(desk)
    desk.report(name, "H", "0", exec_id="E2", exec_ref_id="E1", cum=0, leaves=100)
    assert (desk.order(name).pending, desk.order(name).in_doubt) == (("cancel",), True)


def test_a_cancel_that_is_moot_is_forgotten_with_the_doubt_about_another_request() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    desk.replace(name, order_qty=50 * SCALE)
    desk.report(name, "I", "2", cum=100)  # told and not proven: nothing is left to cancel
    desk.cancel(name)
    desk.wait(11)
    assert [alert.code for alert in desk.alerts if alert.code == "fault"] == []


def lost_replace(desk: Desk) -> tuple[str, str]:
    """An order without a word of the broker, a replace of it that was lost, and its cancel's id."""
    name = desk.buy(100)
    desk.replace(name, order_qty=150 * SCALE)
    lost = desk.order(name).requests[1].cl_ord_id
    desk.down("ALPHA")
    desk.ready("ALPHA")
    desk.cancel(name)
    return lost, desk.order(name).requests[2].cl_ord_id


def test_a_broker_that_does_not_know_a_lost_replace_says_nothing_of_the_order() -> None:
    desk = Desk()
    lost, cancel = lost_replace(desk)
    desk.cancel_reject(cancel, lost, "8", cxl_rej_reason="1")
    assert (desk.state_of("1-1"), desk.shown.position_views()[0].open_buy) == (
        ("A", 0, 100),
        150 * SCALE,
    )


def test_a_broker_that_does_not_know_the_order_itself_ends_it() -> None:
    desk = Desk()
    _, cancel = lost_replace(desk)
    desk.cancel_reject(cancel, "1-1", "8", cxl_rej_reason="1")
    assert desk.state_of("1-1") == ("8", 0, 0)


def test_a_status_answer_that_knows_no_replace_says_nothing_of_the_order() -> None:
    desk = Desk()
    lost, _ = lost_replace(desk)
    desk.report(lost, "I", "8", order_id="NONE", ord_rej_reason="5")
    assert desk.order("1-1").ord_status == "A"
