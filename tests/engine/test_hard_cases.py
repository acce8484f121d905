"""Stories that a review told: each once let an order, a fill or a limit go astray."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from fix_oms.engine import entry
from fix_oms.model import inputs
from fix_oms.model.messages import (
    BusinessMessageReject,
    ExecutionReport,
    MarketDataSnapshot,
    MDEntry,
    OrderCancelReject,
)
from fix_oms.model.outputs import Accepted, Refused, Send
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import Desk, plain_settings


def acked(desk: Desk, **more: Any) -> str:
    name = desk.buy(100, **more)
    desk.report(name, "0", "0", leaves=100, session=desk.order(name).session)
    return name


def kinds(desk: Desk) -> list[str]:
    return [s.text[3 : s.text.find("\x01")] for s in desk.sent]


# -- identity --------------------------------------------------------------------------------------


def test_sessions_with_alphabets_of_their_own_never_share_a_cl_ord_id() -> None:
    settings = plain_settings()
    settings["sessions"]["BETA"]["cl_ord_id_alphabet"] = "0123456789ABCDEF-"
    desk = Desk(settings)
    names = [desk.buy(100, venue=("ALPHA", "BETA")[n % 2]) for n in range(40)]
    assert len(set(names)) == len(names)


def test_a_client_ref_that_is_an_orders_id_is_refused() -> None:
    desk = Desk()
    name = desk.buy(100)
    answer = desk.ask_new(client_ref=name)
    assert isinstance(answer, Refused)


def test_an_id_that_somebody_took_as_client_ref_is_passed_over() -> None:
    desk = Desk()
    desk.buy(100, client_ref="1-2")
    assert desk.buy(100) == "1-3"


def test_a_name_that_two_brokers_use_is_not_guessed() -> None:
    desk = Desk()
    for venue in ("ALPHA", "BETA"):
        name = desk.buy(100, venue=venue)
        desk.report(name, "0", "0", leaves=100, order_id="1001", session=venue)
    answer = desk.cancel("1001")
    assert isinstance(answer, Refused)
    assert "say which" in answer.text


def test_an_external_order_told_without_an_order_id_counts_each_execution_once() -> None:
    desk = Desk()
    desk.buy(100)
    for _ in range(2):
        desk.hear(
            "BETA",
            ExecutionReport(
                cl_ord_id="1-1",
                order_id=None,
                exec_id="e",
                exec_type="F",
                ord_status="1",
                symbol="AAPL",
                side="1",
                last_qty=10 * SCALE,
                last_px=SCALE,
                cum_qty=10 * SCALE,
                leaves_qty=0,
                avg_px=SCALE,
            ),
        )
    assert desk.position(account="external") == 10


# -- rejects that say less than they seem to -------------------------------------------------------


def test_a_cancel_reject_that_names_the_order_itself_does_not_end_it() -> None:
    desk = Desk()
    name = acked(desk)
    desk.cancel_reject(name, "whatever", "0")
    assert desk.state_of(name) == ("0", 0, 100)


def test_a_cancel_reject_with_its_ids_swapped_refuses_the_cancel() -> None:
    desk = Desk()
    name = acked(desk)
    asked = desk.cancel(name)
    assert isinstance(asked, Accepted)
    desk.cancel_reject(name, asked.cl_ord_id, "0")
    assert desk.order(name).requests[1].outcome == "refused"


def test_another_sessions_cancel_reject_does_not_touch_the_order() -> None:
    desk = Desk()
    name = desk.buy(100)
    reject = OrderCancelReject(
        cl_ord_id=name,
        orig_cl_ord_id="x",
        order_id="1",
        ord_status="8",
        cxl_rej_response_to="1",
        cxl_rej_reason="1",
    )
    desk.hear("BETA", reject)
    assert desk.state_of(name) == ("A", 0, 100)


def test_a_reject_of_a_cancel_that_names_the_order_does_not_end_it() -> None:
    desk = Desk()
    name = acked(desk)
    desk.cancel(name)
    desk.hear(
        "ALPHA",
        BusinessMessageReject(
            ref_msg_type="F", business_reject_reason="0", business_reject_ref_id=name, text="no"
        ),
    )
    assert desk.state_of(name) == ("0", 0, 100)


def test_an_unknown_order_that_overtakes_the_acknowledgement_ends_in_the_same_state() -> None:
    found = set()
    for first, second in permutations(("ack", "unknown")):
        desk = Desk()
        name = desk.buy(100)
        asked = desk.cancel(name)
        assert isinstance(asked, Accepted)
        for told in (first, second):
            if told == "ack":
                desk.report(name, "0", "0", leaves=100)
            else:
                desk.cancel_reject(asked.cl_ord_id, name, "8", cxl_rej_reason="1")
        found.add(desk.state_of(name))
    assert found == {("0", 0, 100)}


def test_an_order_that_a_reject_named_lives_when_the_broker_reports_it() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.business_reject(name, "0", "no")
    desk.report(name, "0", "0", leaves=100)
    assert (desk.state_of(name), len(desk.order(name).breaks)) == (("0", 0, 100), 1)


def test_an_unknown_order_answer_does_not_undo_an_accepted_replace() -> None:
    desk = Desk()
    name = acked(desk)
    asked = desk.replace(name, order_qty=150 * SCALE)
    assert isinstance(asked, Accepted)
    desk.report(asked.cl_ord_id, "5", "0", leaves=150, order_qty=150 * SCALE)
    desk.report(asked.cl_ord_id, "I", "8", order_id="NONE", ord_rej_reason="5")
    desk.cancel(name)
    assert desk.last_fields()[41] == asked.cl_ord_id


def test_an_answer_that_overtakes_the_record_of_its_question_is_still_an_answer() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.give(inputs.SessionEpoch(session="ALPHA", epoch=9, next_in=1, next_out=1, reason="x"))
    question = inputs.AskStatus(by="tom", order=name)
    desk.engine.step(desk.now, question)
    desk.report(name, "I", "8", order_id="NONE", ord_rej_reason="5")
    assert desk.state_of(name) == ("A", 0, 100)


def test_an_unknown_order_answer_about_a_reported_order_is_told_to_people() -> None:
    desk = Desk()
    name = acked(desk)
    desk.answer(inputs.AskStatus(by="tom", order=name))
    desk.report(name, "I", "8", order_id="NONE", ord_rej_reason="5")
    assert [a.code for a in desk.alerts if a.order == name] == ["break"]


# -- executions that cannot be booked --------------------------------------------------------------


UNBOOKABLE = {
    "no ExecID": "17=0|32=10|31=1|",
    "no LastPx": "17=e|32=10|",
}


@pytest.mark.parametrize("fields", UNBOOKABLE.values(), ids=UNBOOKABLE.keys())
def test_a_trade_that_cannot_be_booked_is_a_break_and_is_asked_about(fields: str) -> None:
    desk = Desk()
    name = acked(desk)
    body = f"35=8|11={name}|37=O|150=F|39=1|55=AAPL|54=1|151=90|{fields}"
    desk.hear_text("ALPHA", body.replace("|", "\x01"))
    assert (len(desk.order(name).breaks), kinds(desk)[-1]) == (1, "H")


def test_an_order_id_that_changes_at_a_replace_is_the_one_named_next() -> None:
    desk = Desk()
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100, order_id="9")
    asked = desk.replace(name, order_qty=150 * SCALE)
    assert isinstance(asked, Accepted)
    desk.report(asked.cl_ord_id, "5", "0", leaves=150, order_id="10", order_qty=150 * SCALE)
    desk.cancel(name)
    assert desk.last_fields()[37] == "10"


# -- limits ----------------------------------------------------------------------------------------


def test_a_quote_of_zero_is_no_reference() -> None:
    limits = [{"control": "max_order_value", "limit": "10000"}]
    desk = Desk(plain_settings(limits=limits))
    entries = tuple(MDEntry(entry_type=side, price=0, size=SCALE) for side in ("0", "1"))
    desk.hear("ALPHA", MarketDataSnapshot(symbol="AAPL", entries=entries, md_req_id="q"))
    assert isinstance(desk.ask_new(qty=1_000_000, price=None), Refused)


def test_a_limit_sell_without_a_reference_has_no_known_value() -> None:
    limits = [{"control": "max_order_value", "limit": "10000"}]
    answer = Desk(plain_settings(limits=limits)).ask_new("2", 1_000_000, "0.01")
    assert isinstance(answer, Refused)
    assert "no reference price" in answer.text


def test_a_halt_blocks_a_replace_that_grows_from_a_smaller_one_not_yet_answered() -> None:
    desk = Desk()
    name = acked(desk)
    desk.replace(name, order_qty=20 * SCALE)
    desk.answer(inputs.Halt(by="ann", reason="x"))
    assert isinstance(desk.replace(name, order_qty=90 * SCALE), Refused)


def test_a_replace_starts_from_the_newest_terms_that_were_accepted() -> None:
    desk = Desk()
    name = acked(desk)
    desk.replace(name, order_qty=150 * SCALE)
    second = desk.replace(name, order_qty=200 * SCALE)
    assert isinstance(second, Accepted)
    desk.report(second.cl_ord_id, "5", "0", leaves=200, order_qty=200 * SCALE)
    desk.replace(name, price=fixed("12"))
    assert desk.last_fields()[38] == "200"


# -- mass cancels ----------------------------------------------------------------------------------


def mass_cancelled() -> tuple[Desk, str]:
    desk = Desk()
    acked(desk)
    desk.answer(inputs.MassCancel(by="ann"))
    return desk, desk.sent[-1].cl_ord_id


def test_a_mass_cancel_that_did_not_leave_becomes_one_cancel_for_each_order() -> None:
    desk, asked = mass_cancelled()
    desk.give(inputs.NotSent(session="ALPHA", cl_ord_id=asked, text="35=q\x01", reason="x"))
    assert kinds(desk)[-1] == "F"


def test_an_unanswered_mass_cancel_becomes_one_cancel_for_each_order() -> None:
    desk, _ = mass_cancelled()
    desk.wait(11)
    assert kinds(desk)[-1] == "F"


def test_a_mass_cancel_cut_off_by_the_session_is_made_good_when_it_is_ready() -> None:
    desk, _ = mass_cancelled()
    desk.down("ALPHA")
    desk.ready("ALPHA")
    assert "F" in kinds(desk)


def test_a_mass_cancel_that_the_broker_took_is_not_repeated() -> None:
    desk, asked = mass_cancelled()
    desk.hear_text("ALPHA", f"35=r\x0111={asked}\x0137=x\x01530=7\x01531=7\x01")
    desk.wait(60)
    assert "F" not in kinds(desk)


def test_the_fallback_of_a_mass_cancel_leaves_orders_of_others_alone() -> None:
    desk = Desk()
    desk.report("PHONE", "0", "0", leaves=100, order_id="B7")
    acked(desk)
    desk.answer(inputs.MassCancel(by="ann"))
    desk.wait(11)
    assert kinds(desk).count("F") == 1


# -- doubt -----------------------------------------------------------------------------------------


def test_reconnects_do_not_use_up_the_questions() -> None:
    desk = Desk()
    desk.buy(100)
    for _ in range(8):
        desk.down("ALPHA")
        desk.ready("ALPHA")
    before = len(desk.sent)
    desk.wait(11)
    assert kinds(desk)[before:] == ["H"]


def test_a_timer_matters_only_when_something_is_due() -> None:
    settings = plain_settings()
    for session in settings["sessions"].values():
        session["checks"] = {"open_orders_s": 0}
    desk = Desk(settings)
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    desk.wait(0)
    assert not desk.engine.is_due(desk.engine.state.day_ends_ns - 1)


# -- configuration ---------------------------------------------------------------------------------


def test_a_venue_that_is_not_configured_any_more_refuses_the_replace() -> None:
    desk = Desk()
    name = acked(desk)
    del desk.settings["venues"]["ALPHA"]
    desk.settings["instruments"]["AAPL"]["venues"] = ["BETA"]
    desk.start(2)
    desk.ready("ALPHA")
    answer = desk.replace(name, order_qty=150 * SCALE)
    assert isinstance(answer, Refused)
    assert answer.control == "venue"


def test_half_a_step_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, order = Desk(), desk_order()
    monkeypatch.setattr(entry, "Accepted", None)
    out = desk.give(order)
    assert [o for o in out if isinstance(o, Send)] == []


def desk_order() -> inputs.NewOrder:
    desk = Desk()
    desk.buy(100)
    return next(v for _, v in desk.log if isinstance(v, inputs.NewOrder))


@pytest.mark.parametrize(
    "body", ["35=D|11=x|55=AAPL|54=1|38=1|40=1|60=20260102-14:30:00|", "35=8|"]
)
def test_what_a_broker_should_not_have_sent_moves_the_expected_number_all_the_same(
    body: str,
) -> None:
    desk = Desk()
    before = desk.engine.state.links["ALPHA"].next_in
    desk.hear_text("ALPHA", body.replace("|", "\x01"))
    assert desk.engine.state.links["ALPHA"].next_in == before + 1
