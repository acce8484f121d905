"""Our side of a story: what people asked for, what left, and what befell us."""

from __future__ import annotations

from pathlib import Path

import pytest

from fix_oms.journal.story import story
from fix_oms.model import inputs
from fix_oms.model.units import SCALE, fixed
from tests.engine.client import ClientDesk, Upstream, client_settings, working
from tests.journal.days import journaled
from tests.journal.stories import Day, at_its_end, last, partly_filled


def test_a_command_that_was_refused_belongs_to_the_story(tmp_path: Path) -> None:
    day = Day().acked()
    day.asked(inputs.ReplaceOrder(by="ann", order="1-1", order_qty=100 * SCALE))
    assert last(day, tmp_path).words == (
        "ann asks for replace: OrderQty(38) 100 - refused: the replace changes nothing of 1-1"
    )


def test_a_refused_command_about_another_order_does_not(tmp_path: Path) -> None:
    day = Day().acked()
    day.asked(inputs.CancelOrder(by="ann", order="9-9"))
    assert [e for e in day.story(tmp_path).events if e.words.startswith("ann")] == []


def test_what_is_not_accepted_by_us_is_told_with_the_reason(tmp_path: Path) -> None:
    day = partly_filled()
    day.asked(inputs.DontKnow(by="ann", order="1-1", exec_id="F1", dk_reason="C"))
    words = [e.words for e in day.story(tmp_path).events][-2:]
    assert words[0] == (
        "ann does not accept execution F1 (QuantityExceedsOrder): it counts until it is busted"
    )
    assert words[1].startswith("we send DontKnowTrade for execution F1 to ALPHA: MsgSeqNum(34) 2")


def test_a_decision_names_what_was_decided_and_why(tmp_path: Path) -> None:
    day = Day().waited(11)
    day.asked(inputs.Resolve(by="ann", order="1-1", outcome="accepted", reason="Kim says so"))
    assert last(day, tmp_path).words == "ann decides that new 1-1 is accepted: Kim says so"


def test_a_decision_about_the_order_names_its_end(tmp_path: Path) -> None:
    day = Day().waited(11)
    day.asked(inputs.Resolve(by="ann", order="1-1", outcome="expired", reason="closed"))
    assert last(day, tmp_path).words == "ann decides that the order is Expired: closed"


OURS: list[tuple[inputs.Input, str]] = [
    (inputs.AskStatus(by="ann", order="1-1"), "ann asks the broker for the status"),
    (inputs.MassCancel(by="ann"), "ann asks for a cancel of all orders in scope"),
    (
        inputs.SessionCommand(by="ann", session="ALPHA", action="logout", reason="noon"),
        "ann does logout on session ALPHA: noon",
    ),
    (
        inputs.SessionEpoch(session="ALPHA", epoch=2, next_in=1, next_out=1, reason="141=Y"),
        "session ALPHA begins epoch 2: 141=Y",
    ),
    (inputs.SessionReady(session="ALPHA"), "session ALPHA is ready again"),
    (
        inputs.ReplaceOrder(by="ann", order="1-1", price=fixed("9.5"), time_in_force="1"),
        "ann asks for replace 1-2: Price(44) 9.5, TimeInForce(59) GTC",
    ),
]


@pytest.mark.parametrize(("value", "words"), OURS)
def test_what_we_did_and_what_befell_us_is_told(
    tmp_path: Path, value: inputs.Input, words: str
) -> None:
    assert last(Day().acked().given(value), tmp_path).words == words


def test_a_standing_policy_that_ends_the_order_is_told_with_its_person(tmp_path: Path) -> None:
    day = Day().acked()
    at = day.desk.now
    day.given(inputs.DayClosed(session="ALPHA", closed_ns=at, ended_ns=at, by="ann"))
    event = last(day, tmp_path)
    policy = "by the standing policy of ann its DAY orders end now"
    assert event.words == f"ALPHA has closed and sends no Expired: {policy}"
    assert event.after is not None
    assert (event.after.ord_status, event.notes) == ("C", ())


def test_a_restart_belongs_to_an_open_orders_story(tmp_path: Path) -> None:
    day = Day().acked()
    day.desk.start(2)
    assert last(day, tmp_path).words == "the engine starts (run 2, version test)"


def test_a_stop_order_is_told_with_its_trigger(tmp_path: Path) -> None:
    words = Day(ord_type="4", stop_px=fixed("9.9")).story(tmp_path).events[0].words
    assert words == "tom asks for Buy 100 AAPL StopLimit @ 10 stop 9.9 Day"


def test_what_did_not_leave_is_told_with_the_reason(tmp_path: Path) -> None:
    day = Day()
    text = day.desk.sent[-1].text
    day.given(inputs.NotSent(session="ALPHA", cl_ord_id="1-1", text=text, reason="not logged on"))
    event = last(day, tmp_path)
    assert (event.words, event.notes) == ("what we asked for did not leave: not logged on", ())


def test_a_cash_order_is_told_in_money(tmp_path: Path) -> None:
    day = Day(0, None, cash_order_qty=fixed("10000.5"))
    words = day.story(tmp_path).events[0].words
    assert words == "tom asks for Buy AAPL for 10,000.5 USD Market Day"


def test_the_session_and_the_process_belong_to_an_open_orders_story(tmp_path: Path) -> None:
    day = Day().acked()
    day.given(inputs.SessionDown(session="ALPHA", reason="cut"))
    day.given(inputs.SessionDown(session="BETA", reason="cut"))
    day.given(inputs.Stopped(reason="SIGTERM", next_out={}))
    words = [e.words for e in day.story(tmp_path).events][-2:]
    assert words == ["session ALPHA goes down: cut", "the engine stops (SIGTERM)"]


def test_a_closed_orders_story_is_over(tmp_path: Path) -> None:
    day = at_its_end().given(inputs.SessionDown(session="ALPHA", reason="cut"))
    assert last(day, tmp_path).words == "ALPHA confirms cancel 1-2"


def test_a_clients_messages_and_what_it_is_told_belong_to_the_story(tmp_path: Path) -> None:
    desk = ClientDesk(client_settings(watched=True))
    up = Upstream(desk)
    ref = working(desk, up)
    up.cancel("c2", "c1")
    desk.report(up.request_of("c2"), "4", "4")
    journaled(tmp_path, desk.log)
    told = story(tmp_path, ref)
    assert told is not None
    ours = [e for e in told.events if not e.words.startswith("ALPHA ")]
    assert [" ".join(e.words.split()[:4]) for e in ours] == [
        "client UP sends NewOrderSingle",
        "we send NewOrderSingle 1-1",
        "we send ExecutionReport X1-1",
        "we send ExecutionReport X1-2",
        "client UP sends OrderCancelRequest",
        "we send OrderCancelRequest 1-2",
        "we send ExecutionReport X1-3",
    ]
