"""A live drop copy beside our executions: what differs is named after a grace, and not before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.engine import Engine
from fix_oms.engine.copied import MOST_WAITING
from fix_oms.engine.leg import COMPILED, leg
from fix_oms.journal.freeze import WHOLE_JOURNAL, freeze, thaw
from fix_oms.model.inputs import AskStatus, SettleBreak
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.views import AlertView
from tests.engine.desk import Desk, plain_settings

GRACE = 30


def settings(**changes: Any) -> dict[str, Any]:
    plain = plain_settings()
    plain["sessions"]["COPY"] = {
        "version": "FIX.4.4",
        "sender_comp_id": "US",
        "target_comp_id": "COPY",
        "port": 20003,
        "drop_copy_of": ["ALPHA"],
        "drop_copy_grace_s": GRACE,
        **changes,
    }
    return plain


@pytest.fixture
def desk() -> Desk:
    return Desk(settings())


def fill(desk: Desk, order: str, exec_id: str, *, session: str = "ALPHA", **more: Any) -> None:
    """100 @ 10, or as said."""
    told = {"cum": 100, "last": 100, "px": "10", "order_id": f"O-{order}", **more}
    desk.report(order, "F", "1", exec_id=exec_id, session=session, leaves=900, **told)


def open_breaks(desk: Desk) -> list[str]:
    return [alert.text for alert in conditions(desk)]


def conditions(desk: Desk) -> list[AlertView]:
    return [a for a in desk.shown.open_alerts() if a.code == "break"]


def kinds(desk: Desk) -> list[str]:
    return [one.kind for one in desk.engine.state.copies["ALPHA"].breaks.values()]


@pytest.mark.parametrize("first", ["ALPHA", "COPY"])
def test_what_both_tell_alike_is_no_break_whichever_comes_first(desk: Desk, first: str) -> None:
    order = desk.buy(1000)
    other = {"ALPHA": "COPY", "COPY": "ALPHA"}[first]
    fill(desk, order, "E1", session=first)
    fill(desk, order, "E1", session=other)
    desk.wait(2 * GRACE)
    assert kinds(desk) == []


def test_the_copy_counts_nowhere(desk: Desk) -> None:
    order = desk.buy(1000)
    fill(desk, order, "E1", session="COPY")
    desk.wait(2 * GRACE)
    assert (desk.state_of(order), desk.position()) == (("A", 0, 1000), 0)


def test_nothing_of_what_the_copy_tells_becomes_an_order(desk: Desk) -> None:
    fill(desk, "not-ours", "E1", session="COPY")
    assert len(desk.engine.state.book.orders) == 0


def test_what_only_the_copy_tells_is_missing_here_after_the_grace(desk: Desk) -> None:
    order = desk.buy(1000)
    fill(desk, order, "E1", session="COPY")
    desk.wait(GRACE - 1)
    assert kinds(desk) == []
    desk.wait(1)
    assert open_breaks(desk) == [
        "missing here: COPY shows trade E1 of order 1-1 at ALPHA: Buy 100 AAPL @ 10"
    ]
    assert [a.severity for a in conditions(desk)] == ["severe"]


def test_of_what_is_missing_here_the_orders_own_broker_is_asked(desk: Desk) -> None:
    order = desk.buy(1000)
    fill(desk, order, "E1", session="COPY")
    desk.wait(GRACE)
    assert (desk.sent[-1].session, desk.last_fields()[35], desk.last_fields()[11]) == (
        "ALPHA",
        "H",
        order,
    )


def test_what_the_copy_does_not_show_is_missing_there_after_the_grace(desk: Desk) -> None:
    fill(desk, desk.buy(1000), "E1")
    desk.wait(GRACE)
    assert open_breaks(desk) == ["missing there: COPY does not show trade E1 of order 1-1 at ALPHA"]


def test_while_the_copy_is_away_nothing_is_missing_there(desk: Desk) -> None:
    desk.down("COPY")
    fill(desk, desk.buy(1000), "E1")
    desk.wait(10 * GRACE)
    assert kinds(desk) == []
    desk.ready("COPY")
    desk.wait(GRACE - 1)
    assert kinds(desk) == []
    desk.wait(1)
    assert kinds(desk) == ["missing_there"]


def test_what_happens_while_our_session_is_away_is_missing_here(desk: Desk) -> None:
    order = desk.buy(1000)
    desk.down("ALPHA")
    fill(desk, order, "E1", session="COPY")
    desk.wait(GRACE)
    assert kinds(desk) == ["missing_here"]


@pytest.mark.parametrize("late", ["ALPHA", "COPY"])
def test_a_break_ends_when_the_other_side_tells_it_late(desk: Desk, late: str) -> None:
    order = desk.buy(1000)
    fill(desk, order, "E1", session={"ALPHA": "COPY", "COPY": "ALPHA"}[late])
    desk.wait(2 * GRACE)
    assert len(kinds(desk)) == 1
    fill(desk, order, "E1", session=late)
    assert (kinds(desk), open_breaks(desk)) == ([], [])


DIFFERENT: dict[str, tuple[dict[str, Any], str]] = {
    "quantity": ({"last": 90}, "quantity"),
    "price": ({"px": "10.01"}, "price"),
    "account": ({"account": "H-77"}, "account"),
    "side": ({"side": "2"}, "side"),
    "symbol": ({"symbol": "MSFT"}, "symbol"),
    "quantity and price": ({"last": 90, "px": "10.01"}, "quantity"),
}


@pytest.mark.parametrize("name", DIFFERENT)
@pytest.mark.parametrize("first", ["ALPHA", "COPY"])
def test_what_both_tell_otherwise_is_a_break_at_once(desk: Desk, name: str, first: str) -> None:
    changes, kind = DIFFERENT[name]
    order = desk.buy(1000)
    for session in (first, {"ALPHA": "COPY", "COPY": "ALPHA"}[first]):
        fill(desk, order, "E1", session=session, **(changes if session == "COPY" else {}))
    assert kinds(desk) == [kind]


def test_the_brokers_name_for_our_account_is_our_account(desk: Desk) -> None:
    sold = desk.ask_new("2", 1000, "10", account="HEDGE")
    assert isinstance(sold, Accepted)
    fill(desk, sold.order, "E1", side="2")
    fill(desk, sold.order, "E1", session="COPY", side="2", account="H-77")
    assert kinds(desk) == []


def bust(desk: Desk, order: str, exec_id: str, ref: str, session: str) -> None:
    oid = f"O-{order}"
    desk.report(
        order,
        "H",
        "1",
        exec_id=exec_id,
        exec_ref_id=ref,
        session=session,
        order_id=oid,
        leaves=1000,
    )


def correct(desk: Desk, order: str, session: str, *, last: int, px: str) -> None:
    desk.report(
        order,
        "G",
        "1",
        exec_id="C1",
        exec_ref_id="E1",
        session=session,
        order_id=f"O-{order}",
        cum=last,
        leaves=1000 - last,
        last=last,
        px=px,
    )


@pytest.fixture
def agreed(desk: Desk) -> str:
    """An order with one fill that both have."""
    order = desk.buy(1000)
    fill(desk, order, "E1")
    fill(desk, order, "E1", session="COPY")
    return order


def test_what_only_they_bust_is_missing_there(desk: Desk, agreed: str) -> None:
    bust(desk, agreed, "B1", "E1", "COPY")
    desk.wait(GRACE)
    assert kinds(desk) == ["missing_there"]


def test_what_only_we_hold_as_busted_is_missing_here(desk: Desk, agreed: str) -> None:
    bust(desk, agreed, "B1", "E1", "ALPHA")
    desk.wait(GRACE)
    assert kinds(desk) == ["missing_here"]


@pytest.mark.parametrize("first", ["ALPHA", "COPY"])
def test_a_bust_may_bear_another_exec_id_on_the_copy(desk: Desk, agreed: str, first: str) -> None:
    other = {"ALPHA": "COPY", "COPY": "ALPHA"}[first]
    bust(desk, agreed, f"B-{first}", "E1", first)
    bust(desk, agreed, f"B-{other}", "E1", other)
    desk.wait(2 * GRACE)
    assert kinds(desk) == []


@pytest.mark.parametrize(("last", "px", "kind"), [(90, "10", "quantity"), (100, "11", "price")])
@pytest.mark.parametrize("session", ["ALPHA", "COPY"])
def test_a_correction_that_only_one_side_has_is_what_it_corrects(
    desk: Desk, agreed: str, session: str, last: int, px: str, kind: str
) -> None:
    correct(desk, agreed, session, last=last, px=px)
    desk.wait(GRACE)
    assert kinds(desk) == [kind]


def test_a_trade_that_only_they_had_and_have_busted_is_no_break(desk: Desk) -> None:
    order = desk.buy(1000)
    fill(desk, order, "E1", session="COPY")
    bust(desk, order, "B1", "E1", "COPY")
    desk.wait(2 * GRACE)
    assert kinds(desk) == []


def test_an_order_that_we_did_not_send_agrees_when_its_session_tells_it(desk: Desk) -> None:
    fill(desk, "phoned", "E1", session="COPY")
    fill(desk, "phoned", "E1")
    desk.wait(2 * GRACE)
    assert kinds(desk) == []


@pytest.mark.parametrize(("counts", "found"), [(True, ["missing_here"]), (False, [])])
def test_orders_of_other_systems_on_the_copy_may_be_left_out(
    counts: bool, found: list[str]
) -> None:
    desk = Desk(settings(drop_copy_unknown=counts))
    fill(desk, "another", "E1", session="COPY")
    desk.wait(GRACE)
    assert kinds(desk) == found


def test_no_number_of_executions_that_wait_is_held(desk: Desk) -> None:
    copies = desk.engine.state.copies["ALPHA"]
    for n in range(MOST_WAITING + 3):
        copies.await_copy(("1-1", "trade", f"E{n}"), desk.now)
    assert (len(copies.unseen), copies.uncompared) == (MOST_WAITING, 3)
    assert open_breaks(desk) == ["3 executions of ALPHA were too many to be compared with COPY"]


def test_another_sessions_executions_are_not_compared(desk: Desk) -> None:
    bought = desk.ask_new("1", 100, "10", venue="BETA")
    assert isinstance(bought, Accepted)
    fill(desk, bought.order, "E1", session="BETA")
    desk.wait(2 * GRACE)
    assert kinds(desk) == []


def test_all_but_executions_is_passed_over(desk: Desk) -> None:
    order = desk.buy(1000)
    desk.report(order, "0", "0", leaves=1000, session="COPY")
    desk.report(order, "4", "4", session="COPY")
    desk.wait(2 * GRACE)
    assert (kinds(desk), desk.state_of(order)) == ([], ("A", 0, 1000))


def test_a_copy_is_asked_nothing(desk: Desk) -> None:
    answer = desk.answer(AskStatus(by="tom", session="COPY"))
    assert isinstance(answer, Refused)
    assert answer.text == "COPY is a drop copy: it only listens"


def test_what_is_not_explained_in_days_is_left_to_the_ledger(desk: Desk) -> None:
    fill(desk, desk.buy(1000), "E1")
    desk.wait(GRACE)
    for _ in range(desk.engine.state.settings.engine.keep_days + 1):
        desk.wait(86_400)
    assert kinds(desk) == []
    assert "was not explained in 30 days: no longer held" in desk.alerts[-1].text


TOLD = st.lists(
    st.tuples(
        st.sampled_from(("ALPHA", "COPY")),
        st.sampled_from(("E1", "E2", "E3")),
        st.sampled_from((50, 100)),
        st.sampled_from((0, 10, 40)),
    ),
    max_size=12,
)


@given(TOLD)
def test_a_replay_ends_in_the_same_state_and_the_bookkeeping_is_exact(
    told: list[tuple[str, str, int, int]],
) -> None:
    desk = Desk(settings())
    order = desk.buy(1000)
    sides: dict[str, dict[str, set[int]]] = {"ALPHA": {}, "COPY": {}}
    for session, exec_id, last, wait in told:
        if exec_id in sides[session]:
            continue  # each side tells an execution once here
        sides[session][exec_id] = {last}
        fill(desk, order, exec_id, session=session, last=last)
        desk.wait(wait)
    desk.wait(2 * GRACE)
    ours, theirs = sides["ALPHA"], sides["COPY"]
    expected = ["missing_there" for e in ours if e not in theirs]
    expected += ["missing_here" for e in theirs if e not in ours]
    expected += ["quantity" for e in ours if e in theirs and ours[e] != theirs[e]]
    assert sorted(kinds(desk)) == sorted(expected)
    again = Engine()
    for now, value in desk.log:
        again.step(now, value)
    assert again.shown(desk.now).hash() == desk.shown.hash()


def test_the_hash_counts_what_the_copy_tells() -> None:
    with_copy, without = Desk(settings()), Desk(settings())
    for desk in (with_copy, without):
        desk.buy(1000)
    before = with_copy.shown.hash()
    assert before == without.shown.hash()
    fill(with_copy, "1-1", "E1", session="COPY")
    with_copy.engine.state.links["COPY"].next_in = 1
    assert with_copy.shown.hash() != without.shown.hash()


@pytest.mark.skipif(leg() == COMPILED, reason=WHOLE_JOURNAL)
def test_a_snapshot_holds_what_waits_and_what_differs(desk: Desk, agreed: str) -> None:
    fill(desk, agreed, "E2", session="COPY")
    desk.wait(GRACE)
    fill(desk, agreed, "E3")
    fill(desk, agreed, "E4", session="COPY")
    after = thaw(*freeze(desk.engine.state)).copies["ALPHA"]
    assert (len(after.breaks), len(after.unseen), len(after.untold)) == (1, 1, 1)
    assert after.facts() == desk.engine.state.copies["ALPHA"].facts()


def test_a_position_says_how_many_of_its_executions_are_told_otherwise(
    desk: Desk, agreed: str
) -> None:
    fill(desk, agreed, "E2", session="COPY")
    fill(desk, agreed, "E3")
    desk.wait(GRACE)
    assert [(p.symbol, p.breaks) for p in desk.shown.position_views()] == [("AAPL", 2)]


def settle(desk: Desk, *exec_ids: str) -> Accepted | Refused:
    return desk.answer(
        SettleBreak(by="ann", session="ALPHA", exec_ids=exec_ids, reason="ALPHA books it")
    )


def test_a_person_may_settle_a_break_that_stays(desk: Desk, agreed: str) -> None:
    fill(desk, agreed, "E2", session="COPY")
    desk.wait(GRACE)
    assert isinstance(settle(desk, "E2"), Accepted)
    fill(desk, agreed, "E2", session="COPY")  # a copy repeats itself after a reconnect
    desk.wait(2 * GRACE)
    assert open_breaks(desk) == []


def test_a_settled_break_that_comes_to_differ_otherwise_is_open_again(
    desk: Desk, agreed: str
) -> None:
    fill(desk, agreed, "E2", session="COPY")
    desk.wait(GRACE)
    settle(desk, "E2")
    fill(desk, agreed, "E2", px="11")
    assert [one.kind for one in desk.engine.state.copies["ALPHA"].open_breaks().values()] == [
        "price"
    ]


def test_what_is_no_break_cannot_be_settled(desk: Desk, agreed: str) -> None:
    answer = settle(desk, "E1")
    assert isinstance(answer, Refused)
    assert answer.text == "no drop copy tells ExecID(17) E1 of ALPHA otherwise"
