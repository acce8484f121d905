"""Limits are changed, overridden and re-armed while the engine runs, in somebody's name."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE
from tests.engine.desk import SECOND, Desk, plain_settings

QTY: dict[str, Any] = {"control": "max_order_qty", "limit": "100"}
SOFT: dict[str, Any] = {**QTY, "id": "soft", "soft": True}


def desk_with(*limits: dict[str, Any]) -> Desk:
    return Desk(plain_settings(limits=list(limits)))


def put(desk: Desk, *limits: dict[str, Any], **more: Any) -> Accepted | Refused:
    return desk.answer(inputs.SetLimits(by="ann", reason="today", put=limits, **more))


def override(desk: Desk, name: str = "soft", **more: Any) -> Accepted | Refused:
    return desk.answer(inputs.Override(by="ann", reason="a block", limit=name, **more))


def names(desk: Desk) -> list[str]:
    return [view.name for view in desk.shown.limit_views()]


def passes(desk: Desk, qty: int, **more: Any) -> bool:
    return isinstance(desk.ask_new(qty=qty, **more), Accepted)


# -- changes ---------------------------------------------------------------------------------------


def test_a_changed_limit_holds_from_then_on() -> None:
    desk = desk_with(QTY)
    put(desk, {**QTY, "limit": "200"})
    assert (passes(desk, 200), passes(desk, 201)) == (True, False)


def test_a_change_says_who_and_why() -> None:
    desk = desk_with(QTY)
    put(desk, {**QTY, "limit": "200"})
    assert desk.alerts[-1].text == (
        "limits changed by ann (today): max_order_qty from 100 shares to 200 shares"
    )


def test_a_limit_that_is_new_holds() -> None:
    desk = desk_with()
    put(desk, QTY)
    assert not passes(desk, 101)


def test_a_removed_limit_holds_no_more() -> None:
    desk = desk_with(QTY)
    desk.answer(inputs.SetLimits(by="ann", reason="off", remove=("max_order_qty",)))
    assert passes(desk, 101)


def test_a_whole_file_leaves_only_what_it_holds() -> None:
    desk = desk_with(QTY, {"control": "price_collar", "limit": "5"})
    put(desk, {"control": "max_order_value", "limit": "9"}, whole=True)
    assert names(desk) == ["max_order_value"]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no such control": ({"control": "max_orderqty", "limit": "1"}, "limits[1].control"),
    "no such key": ({**QTY, "limt": "1"}, "limits[1].limt"),
    "a limit of nothing": ({"control": "max_order_qty", "limit": "0"}, "limits[1].limit"),
    "a fraction of a count": ({"control": "message_rate", "limit": "1.5"}, "limits[1].limit"),
    "an account that is not": ({**QTY, "account": "NOBODY"}, "limits[1].account"),
    "a strategy that is not": ({**QTY, "strategy": "x"}, "limits[1].strategy"),
    "a number that is text": ({**QTY, "window_s": "1"}, "limits[1].window_s"),
    "a window where there is none": ({**QTY, "window_s": 5}, "limits[1].window_s"),
    "a float": ({"control": "max_order_value", "limit": 0.1}, "limits[1].limit"),
    "a key of another control": ({**QTY, "action": "refuse"}, "limits[1].action"),
    "a name twice": ({"control": "price_collar", "limit": "7"}, "limits[1]"),
}


@pytest.mark.parametrize(("wrong", "key"), BAD.values(), ids=BAD.keys())
def test_a_file_with_one_wrong_limit_is_refused_by_its_key(wrong: dict[str, Any], key: str) -> None:
    answer = put(desk_with(QTY), {"control": "price_collar", "limit": "5"}, wrong)
    assert isinstance(answer, Refused)
    assert answer.field == key


@pytest.mark.parametrize(("wrong", "key"), BAD.values(), ids=BAD.keys())
def test_a_file_with_one_wrong_limit_changes_nothing(wrong: dict[str, Any], key: str) -> None:
    desk = desk_with(QTY)
    before = desk.shown.hash()
    put(desk, {"control": "price_collar", "limit": "5"}, wrong)
    assert desk.shown.hash() == before


def test_a_name_that_is_not_there_cannot_be_removed() -> None:
    desk = desk_with(QTY)
    answer = desk.answer(inputs.SetLimits(by="ann", reason="off", remove=("nothing",)))
    assert isinstance(answer, Refused)
    assert answer.text == "there is no limit 'nothing'"


def test_a_change_holds_after_a_restart() -> None:
    desk = desk_with(QTY)
    put(desk, {**QTY, "limit": "200"})
    desk.start(2)
    desk.ready("ALPHA")
    assert (passes(desk, 200), passes(desk, 201)) == (True, False)


def test_a_removal_holds_after_a_restart() -> None:
    desk = desk_with(QTY)
    desk.answer(inputs.SetLimits(by="ann", reason="off", remove=("max_order_qty",)))
    desk.start(2)
    assert names(desk) == []


def test_the_file_is_the_newer_word_about_a_limit_that_it_has_changed() -> None:
    desk = desk_with(QTY)
    put(desk, {**QTY, "limit": "200"})
    desk.settings = plain_settings(limits=[{**QTY, "limit": "50"}])
    desk.start(2)
    desk.ready("ALPHA")
    assert (passes(desk, 50), passes(desk, 51)) == (True, False)


def test_what_the_file_takes_back_is_told() -> None:
    desk = desk_with(QTY)
    put(desk, {**QTY, "limit": "200"})
    desk.settings = plain_settings(limits=[{**QTY, "limit": "50"}])
    desk.start(2)
    assert desk.alerts[-1].text == (
        "limit max_order_qty: the configuration has been changed since, so the change to "
        "200 shares by ann (today) holds no more"
    )


def test_the_tightest_of_all_that_match_wins() -> None:
    desk = desk_with(
        QTY, {**QTY, "limit": "30", "account": "DESK"}, {**QTY, "limit": "20", "symbol": "MSFT"}
    )
    assert (passes(desk, 30), passes(desk, 31), passes(desk, 100, account="HEDGE")) == (
        True,
        False,
        True,
    )


# -- overrides -------------------------------------------------------------------------------------


def test_a_soft_limit_refuses_until_it_is_overridden() -> None:
    desk = desk_with(SOFT)
    before = passes(desk, 101)
    override(desk)
    assert (before, passes(desk, 101)) == (False, True)


def test_a_refusal_by_a_soft_limit_says_that_it_is_one() -> None:
    answer = desk_with(SOFT).ask_new(qty=101)
    assert isinstance(answer, Refused)
    assert (answer.soft, answer.limit_name) == (True, "soft")


def test_an_override_is_for_one_order() -> None:
    desk = desk_with(SOFT)
    override(desk)
    assert [passes(desk, 101), passes(desk, 101)] == [True, False]


def test_an_order_that_needs_no_override_uses_none() -> None:
    desk = desk_with(SOFT)
    override(desk)
    assert [passes(desk, 100), passes(desk, 101)] == [True, True]


def test_an_override_expires() -> None:
    desk = desk_with(SOFT)
    override(desk, for_s=60)
    desk.passes(60 * SECOND)
    assert not passes(desk, 101)


def test_an_override_may_be_for_one_account() -> None:
    desk = desk_with(SOFT)
    override(desk, account="HEDGE")
    assert [passes(desk, 101), passes(desk, 101, account="HEDGE")] == [False, True]


def test_what_passes_by_an_override_is_told_with_name_and_reason() -> None:
    desk = desk_with(SOFT)
    override(desk)
    desk.ask_new(qty=101)
    assert desk.alerts[-1].text == "order 1-1 passed soft by the override of ann: a block"


def test_an_override_of_a_soft_limit_passes_no_hard_one() -> None:
    desk = desk_with(SOFT, {**QTY, "limit": "150"})
    override(desk)
    answer = desk.ask_new(qty=151)
    assert isinstance(answer, Refused)
    assert answer.limit_name == "max_order_qty"


def test_an_order_that_a_hard_limit_refuses_uses_no_override() -> None:
    desk = desk_with(SOFT, {**QTY, "limit": "150"})
    override(desk)
    desk.ask_new(qty=151)
    assert passes(desk, 150)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a hard limit": ({"name": "max_order_qty"}, "is a hard limit"),
    "no such limit": ({"name": "nothing"}, "there is no limit"),
    "no uses": ({"uses": 0}, "for 1 order or more"),
    "no time": ({"for_s": 0}, "lasts 1 to 86400 s"),
    "too much time": ({"for_s": 86_401}, "lasts 1 to 86400 s"),
}


@pytest.mark.parametrize(("more", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_an_override_that_cannot_be_is_refused(more: dict[str, Any], says: str) -> None:
    answer = override(desk_with(SOFT, {**QTY, "limit": "500"}), **more)
    assert isinstance(answer, Refused)
    assert says in answer.text


def test_an_override_needs_a_reason() -> None:
    command = inputs.Override(by="ann", reason=" ", limit="soft")
    assert isinstance(desk_with(SOFT).answer(command), Refused)


# -- latches ---------------------------------------------------------------------------------------

RATE = {"control": "order_rate", "limit": "2"}


def shut() -> Desk:
    desk = desk_with(RATE)
    for _ in range(3):
        desk.buy(1)
    return desk


def test_a_latch_that_shuts_is_told_severely() -> None:
    assert [(a.severity, a.code) for a in shut().alerts][-1] == ("severe", "latched")


def test_a_latch_stays_shut_when_its_window_has_passed() -> None:
    desk = shut()
    desk.passes(3600 * SECOND)
    assert not passes(desk, 1)


def test_a_latch_stays_shut_over_a_restart() -> None:
    desk = shut()
    desk.start(2)
    desk.ready("ALPHA")
    assert not passes(desk, 1)


def test_a_latch_stays_shut_when_its_limit_is_raised() -> None:
    desk = shut()
    put(desk, {**RATE, "limit": "10"})
    assert not passes(desk, 1)


def test_a_latch_is_opened_by_a_person() -> None:
    desk = shut()
    desk.answer(inputs.Rearm(by="ann", reason="looked at it", limit="order_rate"))
    assert passes(desk, 1)


def test_after_that_it_counts_from_nothing() -> None:
    desk = shut()
    desk.answer(inputs.Rearm(by="ann", reason="looked at it", limit="order_rate"))
    assert [passes(desk, 1) for _ in range(4)] == [True, True, True, False]


def test_what_has_stopped_nobody_cannot_be_rearmed() -> None:
    answer = desk_with(RATE).answer(inputs.Rearm(by="ann", reason="x", limit="order_rate"))
    assert isinstance(answer, Refused)
    assert answer.text == "order_rate has stopped nobody"


def test_a_latch_of_one_account_stops_no_other() -> None:
    assert passes(shut(), 1, account="HEDGE")


# -- looking ---------------------------------------------------------------------------------------


def test_looking_changes_nothing() -> None:
    desk = shut()
    before = desk.shown.hash()
    shown = desk.shown
    shown.limit_views(), shown.exposure_views(), shown.balance_views(), shown.feed_views()
    shown.halt_views(), shown.position_views()
    assert desk.shown.hash() == before


def test_a_limit_shows_what_it_counts_and_whom_it_has_stopped() -> None:
    desk = shut()
    desk.ask_new(qty=1)
    view = desk.shown.limit_views()[0]
    where = "account DESK, strategy , symbol AAPL"
    assert (view.found, view.refused, len(view.latched)) == ({where: "3"}, 1, 1)


def test_a_question_leaves_nothing_that_a_replay_would_not_have() -> None:
    desk = desk_with(RATE, {"control": "self_match"}, {"control": "position_feed", "limit": "1"})
    asked = inputs.NewOrder(by="t", terms=desk.terms("1", 1, "10"), venue="ALPHA")
    desk.engine.check(desk.now, [asked] * 5)
    desk.wait(5)
    again = Engine()
    for now, value in desk.log:
        again.step(now, value)
    assert again.shown(desk.now).hash() == desk.shown.hash()


def test_a_batch_that_is_beyond_a_limit_together_is_refused_from_where_it_is_beyond() -> None:
    desk = desk_with({"control": "position_limit", "limit": "100"})
    order = inputs.NewOrder(by="t", terms=desk.terms("1", 40, "10"), venue="ALPHA")
    refused = desk.engine.check(desk.now, [order] * 4)
    assert [r is None for r in refused] == [True, True, False, False]


def test_judging_a_batch_reserves_nothing() -> None:
    desk = desk_with({"control": "position_limit", "limit": "100"}, {"control": "self_match"})
    order = inputs.NewOrder(by="t", terms=desk.terms("1", 40, "10"), venue="ALPHA")
    desk.engine.check(desk.now, [order] * 2)
    assert passes(desk, 100)


def test_the_quantity_of_a_replace_counts_for_what_it_adds() -> None:
    desk = desk_with({"control": "position_limit", "limit": "100"})
    name = desk.buy(60)
    over = desk.replace(name, order_qty=101 * SCALE)
    at = desk.replace(name, order_qty=100 * SCALE)
    assert (type(over), type(at)) == (Refused, Accepted)
