"""An entry and two exits of which one cancels the other, whatever fills and when."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.outputs import Refused
from tests.algos.kept_desk import KeptDesk
from tests.algos.schedule_desk import replayed
from tests.engine.routed import routed_settings

LONG: dict[str, Any] = {"qty": "100", "tp": "11", "sl": "9"}
WATCHED = LONG | {"stop": "synthetic"}


@pytest.fixture
def desk() -> KeptDesk:
    return KeptDesk()


def entered(desk: KeptDesk, **params: Any) -> None:
    """All of the entry has filled."""
    desk.begin("bracket", **(LONG | params))
    desk.fills("p1", 100)


def test_the_exits_grow_with_each_part_of_the_entry(desk: KeptDesk) -> None:
    desk.begin("bracket", **LONG)
    none = desk.at_work
    desk.fills("p1", 30)
    some = desk.at_work
    desk.fills("p1", 70)
    assert (none, some, desk.at_work) == (
        ["p1 100 @ 10"],
        ["p1 70 @ 10", "t2 30 @ 11", "s3 30 stop 9"],
        ["t2 100 @ 11", "s3 100 stop 9"],
    )


@pytest.mark.parametrize(("one", "other"), [("t2", "s3 60 stop 9"), ("s3", "t2 60 @ 11")])
def test_the_other_exit_shrinks_by_what_one_fills(desk: KeptDesk, one: str, other: str) -> None:
    entered(desk)
    desk.fills(one, 40)
    assert other in desk.at_work


@pytest.mark.parametrize("one", ["t2", "s3"])
def test_one_exit_cancels_the_other_and_the_bracket_is_done(desk: KeptDesk, one: str) -> None:
    entered(desk)
    desk.fills(one, 100)
    assert (desk.at_work, desk.ending, desk.position()) == (
        [],
        ("ended", "all that was held has been left again"),
        0,
    )


def test_an_exit_that_is_filled_before_the_entry_is_over_comes_again(desk: KeptDesk) -> None:
    desk.begin("bracket", **LONG)
    desk.fills("p1", 30)
    desk.fills("t2", 30)
    between = desk.at_work
    desk.fills("p1", 70)
    assert between == ["p1 70 @ 10"]
    assert desk.at_work == ["t4 70 @ 11", "s5 70 stop 9"]


def test_both_exits_filled_is_told_and_taken_back(desk: KeptDesk) -> None:
    entered(desk)
    desk.execute("t2", 100, "11")
    desk.execute("s3", 100, "9")
    assert desk.position() == -100
    assert [a.text for a in desk.alerts if a.code == "algo" and a.severity == "severe"] == [
        "algo A1: 100 AAPL too much were left: the position has flipped"
    ]
    desk.takes()
    assert desk.at_work == ["u4 100 @ 10.03 ioc"]
    desk.fills("u4", 100)
    assert (desk.position(), desk.ending[0]) == (0, "ended")


def test_what_is_too_much_is_left_to_a_person_where_that_is_said(desk: KeptDesk) -> None:
    entered(desk, excess="alert")
    desk.execute("t2", 100, "11")
    desk.execute("s3", 100, "9")
    desk.takes()
    assert (desk.at_work, desk.position()) == ([], -100)


def test_a_bust_of_the_entry_makes_the_exits_smaller(desk: KeptDesk) -> None:
    desk.begin("bracket", **LONG)
    desk.fills("p1", 60)
    desk.fills("p1", 40)
    desk.busts(desk.order(desk.of_algo("p1")))
    desk.takes()
    assert desk.at_work == ["t2 60 @ 11", "s3 60 stop 9"]


def test_a_bust_of_an_exit_makes_the_other_larger(desk: KeptDesk) -> None:
    entered(desk)
    desk.fills("t2", 40)
    desk.of(
        desk.order(desk.of_algo("t2")),
        "H",
        "0",
        leaves=100,
        exec_ref_id=desk.shown.fill_views(desk.of_algo("t2"), 100, 0)[-1].exec_id,
    )
    desk.takes()
    assert desk.at_work == ["t2 100 @ 11", "s3 100 stop 9"]


def test_a_position_that_is_held_already_has_its_exits_at_once(desk: KeptDesk) -> None:
    desk.begin("bracket", enters=False, price=None, **LONG)
    assert desk.at_work == ["t1 100 @ 11", "s2 100 stop 9"]


def test_a_sale_has_its_exits_the_other_way_round(desk: KeptDesk) -> None:
    desk.begin("bracket", side="sell", qty="100", tp="9", sl="11")
    desk.fills("p1", 100)
    sides = {order.client_ref: order.side for order in desk.live}
    assert sides == {"A1.t2": "1", "A1.s3": "1"}


def test_a_stop_that_is_watched_fires_once_the_take_profit_is_out(desk: KeptDesk) -> None:
    entered(desk, **WATCHED)
    before = desk.at_work
    desk.market("9.01", "9.03")
    above = desk.at_work
    desk.market("9.00", "9.02")
    asked = [order.pending for order in desk.live]
    desk.takes()
    assert (before, above, asked) == (["t2 100 @ 11"], ["t2 100 @ 11"], [("cancel",)])
    assert desk.at_work == ["x3 100 @ 8.99 ioc"]


def test_what_a_watched_stop_leaves_is_tried_again_at_the_touch_of_then(desk: KeptDesk) -> None:
    entered(desk, **WATCHED)
    desk.market("9.00", "9.02")
    desk.takes()
    desk.fills("x3", 60)
    desk.leaves_none("x3")
    desk.market("8.50", "8.52")
    desk.takes()
    assert desk.at_work == ["x4 40 @ 8.49 ioc"]


def test_a_take_profit_that_fills_while_the_stop_fires_is_not_left_twice(desk: KeptDesk) -> None:
    entered(desk, **WATCHED)
    desk.market("9.00", "9.02")
    desk.execute("t2", 70, "11")
    desk.takes()
    assert desk.at_work == ["x3 30 @ 8.99 ioc"]


def test_a_stop_that_the_venue_rejects_is_watched(desk: KeptDesk) -> None:
    desk.begin("bracket", **LONG)
    desk.execute("p1", 100)
    desk.rejects("s3")
    desk.takes()
    shown = desk.progress("stop_state")
    desk.market("8.99", "9.02")
    desk.takes()
    assert (shown, desk.at_work) == ("watched here", ["x4 100 @ 8.98 ioc"])


def test_a_venue_that_takes_no_stops_has_none() -> None:
    sessions = routed_settings()["sessions"]
    sessions["ALPHA"]["supports"] = {"market_data": True, "stop_orders": False}
    desk = KeptDesk(more={"sessions": sessions})
    entered(desk)
    assert (desk.at_work, desk.progress("stop_state")) == (["t2 100 @ 11"], "watched here")


def test_other_exits_move_the_orders(desk: KeptDesk) -> None:
    entered(desk)
    desk.amend(tp="12", sl="9.5")
    desk.takes()
    assert desk.at_work == ["t2 100 @ 12", "s3 100 stop 9.5"]


def test_paused_the_entry_goes_and_the_exits_only_shrink(desk: KeptDesk) -> None:
    desk.begin("bracket", **LONG)
    desk.fills("p1", 50)
    desk.pause()
    desk.execute("p1", 10)
    desk.takes()
    grown = desk.at_work
    desk.fills("t2", 20)
    shrunk = desk.at_work
    desk.resume_algo()
    desk.takes()
    assert (grown, shrunk, desk.at_work) == (
        ["t2 50 @ 11", "s3 50 stop 9"],
        ["t2 30 @ 11", "s3 40 stop 9"],
        ["t2 40 @ 11", "s3 40 stop 9"],
    )


def test_stopped_all_is_taken_out_and_what_is_held_is_told(desk: KeptDesk) -> None:
    entered(desk)
    desk.do(inputs.StopAlgo(by="ann", ref="A1"))
    assert (desk.at_work, desk.view().state) == ([], "ended")
    assert "100 AAPL are held without an exit" in [a.text for a in desk.alerts][-1]


def test_a_bust_after_its_end_is_told_and_nothing_is_sent(desk: KeptDesk) -> None:
    entered(desk)
    desk.fills("t2", 100)
    desk.busts(desk.order(desk.of_algo("t2")))
    told = [a.text for a in desk.alerts if a.severity == "severe" and a.code == "algo"]
    assert (desk.at_work, told) == (
        [],
        ["algo A1: -100 of t2 after its end: nothing is sent for it"],
    )


def test_an_entry_that_is_refused_ends_it(desk: KeptDesk) -> None:
    desk.down("ALPHA")
    desk.begin("bracket", **LONG)
    state, why = desk.ending
    assert (state, why.startswith("the entry was refused: session ALPHA")) == ("ended", True)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"tp": None, "sl": None}, "tp: give tp, sl or both"),
    ({"tp": "10"}, "tp: 10 is not above price 10, as the exit of a purchase"),
    ({"sl": "10.5"}, "sl: 10.5 is not below price 10, as the exit of a purchase"),
    ({"side": "sell"}, "tp: 11 is not below price 10, as the exit of a sale"),
    ({"price": None, "sl": "11"}, "sl: 11 is not below tp 11, as the exit of a purchase"),
    ({"sl_limit": "9.5"}, "sl_limit: 9.5 is not below or at sl 9, as the exit of a purchase"),
    ({"sl": "9.001"}, "sl: 9.001 is no multiple above 0 of the tick 0.01"),
    ({"enters": False}, "price: there is no entry (enters is false)"),
    ({"stop": "perhaps"}, "stop: 'perhaps' is none of , venue, synthetic"),
    ({"trigger": "hunch"}, "trigger: 'hunch' is none of last, bid, offer, mid, touch"),
    ({"excess": "pray"}, "excess: 'pray' is none of unwind, alert"),
    ({"slip_bps": "10000"}, "slip_bps: 10000 is not from 0 to less than 10000"),
    ({"venue": "OMEGA"}, "venue: AAPL does not trade at 'OMEGA'"),
    ({"qty": "0"}, "qty: 0 is no multiple of the lot 1"),
    ({"side": "up"}, "side: 'up' is none of buy, sell, sell_short"),
]


@pytest.mark.parametrize(("params", "said"), WRONG)
def test_what_is_wrong_is_refused_by_name(
    desk: KeptDesk, params: dict[str, Any], said: str
) -> None:
    answer = desk.try_begin("bracket", **(LONG | params))
    assert isinstance(answer, Refused)
    assert answer.text == f"algo kind bracket: {said}"


def test_a_restart_goes_on_with_the_same_orders(desk: KeptDesk) -> None:
    desk.begin("bracket", **LONG)
    desk.fills("p1", 60)
    desk.restarts()
    desk.fills("p1", 40)
    assert desk.at_work == ["t2 100 @ 11", "s3 100 stop 9"]


def test_a_replay_comes_to_the_same_state(desk: KeptDesk) -> None:
    entered(desk, **WATCHED)
    desk.market("9.00", "9.02")
    desk.takes()
    desk.fills("x3", 60)
    assert replayed(desk).shown(desk.now).hash() == desk.shown.hash()
    assert desk.position() == 40
    assert desk.progress("held") == "40"
