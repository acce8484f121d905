"""Nothing is lost to a client: over kills, disconnects and resets of its numbers; and the drop
copies beside it."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.outputs import Send
from fix_oms.model.session_reasons import WE_STOP
from fix_oms.model.units import SCALE
from tests.engine.client import ClientDesk, Upstream, client_settings, rejected, working

SECOND = 1_000_000_000


def exec_ids(up: Upstream) -> list[tuple[str | None, bool]]:
    """ExecID and PossResend of the new reports."""
    return [(m.exec_id, m.poss_resend) for m in up.new() if isinstance(m, ExecutionReport)]


def test_what_had_not_left_when_we_were_killed_leaves_again_as_the_same_report() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    ref = working(desk, up)
    desk.lost.add("UP")
    desk.report(ref, "F", "1", cum=30, leaves=70, last=30)
    lost = list(desk.engine.state.clients.peers["UP"].unsent)
    desk.restart()
    assert exec_ids(up) == [(lost[0], True)]


def test_what_had_left_does_not_leave_again_after_a_restart() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    working(desk, up)
    desk.restart()
    assert exec_ids(up) == []


def test_what_was_made_before_the_client_is_served_leaves_once_it_is() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    ref = working(desk, up)
    desk.restart(serve=False)
    desk.report(ref, "F", "1", cum=30, leaves=70, last=30)
    assert exec_ids(up) == []
    desk.serve("UP")
    assert [resent for _, resent in exec_ids(up)] == [False]


def test_reports_leave_while_the_client_is_away() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    ref = working(desk, up)
    desk.log_off("UP")
    desk.report(ref, "F", "1", cum=30, leaves=70, last=30)
    assert up.reports() == [("F", "1", "c1", 30, 70)]


def test_what_was_not_sent_leaves_at_the_next_logon() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    ref = working(desk, up)
    desk.lost.add("UP")
    out = desk.report(ref, "F", "1", cum=30, leaves=70, last=30)
    asked = next(o for o in out if isinstance(o, Send))
    desk.give(
        inputs.NotSent(session="UP", cl_ord_id=asked.cl_ord_id, text=asked.text, reason="cut")
    )
    desk.lost.clear()
    desk.log_off("UP")
    desk.log_on("UP")
    assert up.reports() == [("F", "1", "c1", 30, 70)]


def test_a_reset_has_what_the_client_may_lack_sent_again() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    ref = working(desk, up)
    desk.passes(61 * SECOND)
    desk.report(ref, "F", "1", cum=10, leaves=90, last=10)
    desk.log_off("UP")
    desk.passes(3600 * SECOND)
    desk.report(ref, "F", "1", cum=30, leaves=70, last=20)
    first = [exec_id for exec_id, _ in exec_ids(up)]
    desk.reset("UP")
    desk.log_on("UP")
    assert exec_ids(up) == [(exec_id, True) for exec_id in first]


def test_a_reset_sends_nothing_again_that_was_sent_long_before() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    ref = working(desk, up)
    desk.passes(61 * SECOND)
    desk.report(ref, "F", "1", cum=10, leaves=90, last=10)
    desk.passes(61 * SECOND)
    desk.log_off("UP")
    up.new()
    desk.reset("UP")
    assert exec_ids(up) == []


def test_what_left_before_a_reset_and_is_told_after_it_is_sent_again() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    ref = working(desk, up)
    desk.lost.add("UP")
    out = desk.report(ref, "F", "1", cum=30, leaves=70, last=30)
    asked = next(o for o in out if isinstance(o, Send))
    desk.reset("UP")
    desk.lost.clear()
    desk.tell_sent(asked, epoch=0)
    assert exec_ids(up) == [(asked.cl_ord_id, True)]


def test_an_exec_id_of_an_earlier_run_is_never_used_again() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    ref = working(desk, up)
    seen = set()
    for cum in (10, 20, 30):
        desk.report(ref, "F", "1", cum=cum, leaves=100 - cum, last=10)
        seen |= {exec_id for exec_id, _ in exec_ids(up)}
        desk.restart()
    assert len(seen) == 3


def test_a_message_that_is_delivered_again_after_a_kill_is_done_once() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    up.order()
    desk.restart()
    up.order(header={"_43": "Y"})
    assert len([m for m in desk.sent if m.text.startswith("35=D")]) == 1


# -- cancel on disconnect ----------------------------------------------------------------------


def cancels(desk: ClientDesk) -> int:
    return len([m for m in desk.sent if m.text.startswith("35=F")])


def leaver(**more: Any) -> tuple[ClientDesk, Upstream]:
    """A client with two working orders, and an order of somebody else's."""
    desk = ClientDesk(client_settings(cancel_on_disconnect=True, **more))
    up = Upstream(desk)
    up.order("c1")
    up.order("c2")
    desk.buy(5)
    return desk, up


def test_the_orders_of_a_client_that_is_gone_are_cancelled_and_no_others() -> None:
    desk, _ = leaver()
    desk.log_off("UP")
    assert cancels(desk) == 2


def test_a_client_that_did_not_ask_keeps_its_orders() -> None:
    desk = ClientDesk()
    Upstream(desk).order()
    desk.log_off("UP")
    desk.wait(3600)
    assert cancels(desk) == 0


@pytest.mark.parametrize(("away_s", "taken"), [(4, 0), (6, 2)])
def test_a_client_that_is_back_within_the_grace_keeps_its_orders(away_s: int, taken: int) -> None:
    desk, _ = leaver(disconnect_grace_s=5)
    desk.log_off("UP")
    desk.wait(away_s)
    desk.log_on("UP")
    desk.wait(60)
    assert cancels(desk) == taken


def test_what_cannot_be_cancelled_is_tried_until_it_can() -> None:
    desk, _ = leaver()
    desk.down("ALPHA")
    desk.log_off("UP")
    desk.wait(2)
    assert cancels(desk) == 0
    desk.ready("ALPHA")
    desk.wait(2)
    assert cancels(desk) == 2


def test_a_client_that_does_not_come_back_after_our_restart_is_gone() -> None:
    desk, _ = leaver()
    desk.restart(serve=False)
    desk.wait(29)
    assert cancels(desk) == 0
    desk.wait(2)
    assert cancels(desk) == 2


def test_a_client_that_is_back_after_our_restart_keeps_its_orders() -> None:
    desk, _ = leaver()
    desk.restart()
    desk.wait(60)
    assert cancels(desk) == 0


def test_a_client_that_we_log_out_when_we_stop_has_time_to_come_back() -> None:
    desk, _ = leaver()
    desk.give(inputs.ClientDown(session="UP", reason=f"{WE_STOP}: SIGTERM"))
    desk.wait(5)
    desk.restart(serve=False)
    desk.wait(29)
    assert cancels(desk) == 0
    desk.wait(2)
    assert cancels(desk) == 2


def test_a_kill_takes_a_clients_orders_out_and_tells_it() -> None:
    desk = ClientDesk(client_settings(strategy="UP"))
    up = Upstream(desk)
    working(desk, up)
    desk.answer(inputs.Kill(by="ann", strategy="UP", reason="enough"))
    out = next(m for m in desk.sent if m.text.startswith("35=F"))
    desk.report(out.cl_ord_id, "4", "4")
    told = up.reports()
    refused = rejected(up.order("c2"))
    assert (told, (refused.text or "")[:6]) == ([("4", "4", "c1", 0, 0)], "kill: ")


def test_an_away_client_with_open_orders_is_a_condition() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    ref = working(desk, up)
    desk.log_off("UP")
    during = [a.code for a in desk.shown.open_alerts()]
    desk.report(ref, "4", "4")
    assert (during, [a.code for a in desk.shown.open_alerts()]) == (["client_away"], [])


# -- drop copies -------------------------------------------------------------------------------


def watched(**more: Any) -> tuple[ClientDesk, Upstream, Upstream]:
    settings = client_settings(watched=True)
    settings["clients"]["WATCH"] |= more
    desk = ClientDesk(settings)
    return desk, Upstream(desk), Upstream(desk, "WATCH")


def test_a_drop_copy_is_told_what_the_client_is_told_under_our_ids() -> None:
    desk, up, watch = watched()
    up.say_order()
    ref = up.ours()
    desk.report(ref, "F", "1", cum=30, leaves=70, last=30)
    theirs = [m for m in up.new() if isinstance(m, ExecutionReport)]
    copies = [m for m in watch.new() if isinstance(m, ExecutionReport)]
    assert [(m.exec_id, m.exec_type, m.cum_qty) for m in copies] == [
        (m.exec_id, m.exec_type, m.cum_qty) for m in theirs
    ]
    assert {(m.order_id, m.cl_ord_id, m.extra["526"], m.account) for m in copies} == {
        (ref, ref, "c1", "DESK")
    }


def test_a_drop_copy_is_told_of_the_desks_own_orders() -> None:
    desk, _, watch = watched()
    ref = desk.buy(100)
    desk.report(ref, "0", "0", leaves=100)
    desk.report(ref, "F", "2", cum=100, last=100)
    assert watch.reports() == [("0", "0", ref, 0, 100), ("F", "2", ref, 100, 0)]


def test_a_drop_copy_is_told_of_orders_that_we_did_not_send() -> None:
    desk, _, watch = watched()
    desk.report("theirs", "F", "1", cum=10, leaves=90, last=10, order_qty=100 * SCALE)
    assert [(kind, cum) for kind, _, _, cum, _ in watch.reports()] == [("F", 10)]


def test_a_drop_copy_is_told_of_refused_orders() -> None:
    _, up, watch = watched()
    up.order(symbol="NONE")
    assert watch.reports() == [("8", "8", "UP/c1", 0, 0)]


@pytest.mark.parametrize(
    ("of", "told"), [([], 2), (["UP"], 1), (["HEDGE"], 0), (["DESK"], 2), (["HEDGE", "UP"], 1)]
)
def test_a_drop_copy_is_told_of_its_accounts_and_clients_alone(of: list[str], told: int) -> None:
    desk, up, watch = watched(copies_of=of)
    desk.report(desk.buy(100), "0", "0", leaves=100)
    up.order()
    assert len(watch.reports()) == told


def test_a_drop_copy_sends_no_orders() -> None:
    desk, _, watch = watched()
    (told,) = watch.order()
    assert getattr(told, "business_reject_reason", "") == "6"
    assert not [m for m in desk.sent if m.text.startswith("35=D")]


def test_a_bust_of_an_order_is_copied_with_our_reference() -> None:
    desk, _, watch = watched()
    ref = desk.buy(100)
    desk.report(ref, "F", "1", cum=30, leaves=70, last=30, exec_id="b1")
    desk.report(ref, "H", "0", leaves=100, exec_ref_id="b1")
    fill, bust = [m for m in watch.new() if isinstance(m, ExecutionReport)]
    assert (bust.exec_type, bust.exec_ref_id, bust.cum_qty, fill.cum_qty) == (
        "H",
        fill.exec_id,
        0,
        30 * SCALE,
    )
