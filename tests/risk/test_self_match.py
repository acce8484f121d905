"""Our own orders never meet: at one venue, by the price at which each is readiest to trade."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import fixed
from fix_oms.risk.self_match import Levels, SelfMatch
from tests.engine.desk import Desk, plain_settings
from tests.properties.floor import Floor


def desk_with(action: str = "", **more: Any) -> Desk:
    plain = plain_settings(limits=[{"control": "self_match", "action": action, **more}])
    plain["instruments"]["AAPL"]["reference"] = "10"
    return Desk(plain)


def refused(desk: Desk, *order: Any, **more: Any) -> bool:
    return isinstance(desk.ask_new(*order, **more), Refused)


PAIRS: dict[str, tuple[tuple[str, int, str | None], tuple[str, int, str | None], bool]] = {
    "a sale at our bid": (("1", 10, "10"), ("2", 5, "10"), True),
    "a sale above our bid": (("1", 10, "10"), ("2", 5, "10.01"), False),
    "a purchase at our offer": (("2", 10, "10"), ("1", 5, "10"), True),
    "a purchase below our offer": (("2", 10, "10"), ("1", 5, "9.99"), False),
    "a market sale": (("1", 10, "10"), ("2", 5, None), True),
    "an order against one at market": (("1", 10, None), ("2", 5, "99"), True),
    "two of one side": (("1", 10, "10"), ("1", 5, "10"), False),
}


@pytest.mark.parametrize(("first", "second", "meets"), PAIRS.values(), ids=PAIRS.keys())
def test_what_could_trade_with_our_own_is_refused(
    first: tuple[str, int, str | None], second: tuple[str, int, str | None], meets: bool
) -> None:
    desk = desk_with()
    desk.ask_new(*first)
    assert refused(desk, *second) is meets


def test_an_order_at_another_venue_cannot_be_met() -> None:
    desk = desk_with()
    desk.buy(10, "10")
    assert not refused(desk, "2", 5, "10", venue="BETA")


def test_an_order_of_another_account_can_be_met() -> None:
    desk = desk_with()
    desk.buy(10, "10", account="HEDGE")
    assert refused(desk, "2", 5, "10")


def test_accounts_that_are_counted_apart_do_not_meet() -> None:
    desk = desk_with(per=["account", "symbol", "venue"])
    desk.buy(10, "10", account="HEDGE")
    assert not refused(desk, "2", 5, "10")


def test_an_order_that_is_out_is_no_more_in_the_way() -> None:
    desk = desk_with()
    name = desk.buy(10, "10")
    desk.report(name, "4", "4")
    assert not refused(desk, "2", 5, "10")


def test_an_order_that_is_being_cancelled_is_in_the_way_until_it_is_out() -> None:
    desk = desk_with()
    desk.cancel(desk.buy(10, "10"))
    assert refused(desk, "2", 5, "10")


def test_a_replace_that_is_not_answered_is_in_the_way_at_either_price() -> None:
    desk = desk_with()
    name = desk.buy(10, "10")
    desk.report(name, "0", "0", leaves=10)
    desk.replace(name, price=fixed("9"))
    assert refused(desk, "2", 5, "10")


def test_a_replace_into_our_own_order_is_refused() -> None:
    desk = desk_with()
    name = desk.buy(10, "9")
    desk.ask_new("2", 5, "10")
    assert isinstance(desk.replace(name, price=fixed("10")), Refused)


def test_a_stop_rests_in_no_book() -> None:
    desk = desk_with()
    desk.ask_new("1", 10, None, ord_type="3", stop_px=fixed("10"))
    assert not refused(desk, "2", 5, "10")


def test_the_resting_order_can_be_cancelled_for_the_new_one() -> None:
    desk = desk_with("cancel_resting")
    desk.buy(10, "10")
    assert not refused(desk, "2", 5, "10")


def test_its_cancel_leaves_before_the_new_order() -> None:
    desk = desk_with("cancel_resting")
    desk.buy(10, "10")
    desk.ask_new("2", 5, "10")
    assert [message.text[3] for message in desk.sent] == ["D", "F", "D"]


def test_both_can_be_taken_out() -> None:
    desk = desk_with("cancel_both")
    desk.buy(10, "10")
    answer = refused(desk, "2", 5, "10")
    assert (answer, [message.text[3] for message in desk.sent]) == (True, ["D", "F"])


def test_an_order_that_is_being_cancelled_is_not_asked_out_twice() -> None:
    desk = desk_with("cancel_both")
    desk.buy(10, "10")
    refused(desk, "2", 5, "10")
    refused(desk, "2", 5, "10")
    assert [message.text[3] for message in desk.sent] == ["D", "F"]


def test_an_order_that_another_limit_refuses_cancels_nothing() -> None:
    desk = desk_with("cancel_both")
    put = {"control": "max_order_qty", "limit": "4"}
    desk.answer(inputs.SetLimits(by="ann", reason="less", put=(put,)))
    desk.buy(4, "10")
    refused(desk, "2", 5, "10")
    assert [message.text[3] for message in desk.sent] == ["D"]


def test_a_limit_that_is_new_knows_what_rests_already() -> None:
    desk = Desk()
    desk.buy(10, "10")
    put = {"control": "self_match"}
    desk.answer(inputs.SetLimits(by="ann", reason="new", put=(put,)))
    assert refused(desk, "2", 5, "10")


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 6)), max_size=40), st.booleans())
def test_the_best_level_is_the_best_of_those_that_are_held(
    acts: list[tuple[bool, int]], buys: bool
) -> None:
    levels, held = Levels(buys=buys), []
    for adds, price in acts:
        if adds or price not in held:
            levels.add(price)
            held.append(price)
        else:
            levels.remove(price)
            held.remove(price)
        levels._check()


@given(st.integers(0, 2**32 - 1))
def test_the_levels_are_those_of_the_orders_that_are_open(seed: int) -> None:
    floor = Floor(seed, limits=[{"control": "self_match", "per": ["symbol", "venue"]}])
    chance = Random(seed)
    for _ in range(100):
        floor.acts(beyond=chance.random() < 0.5)
    book = floor.desk.engine.state.book
    for check in floor.desk.engine.state.gate.lanes.checks.values():
        if isinstance(check, SelfMatch):
            anew = SelfMatch(check.limit, check.bucket, book, book.open.values())
            assert (check.bids.counts, check.offers.counts) == (
                anew.bids.counts,
                anew.offers.counts,
            )


def test_the_refusal_names_the_order_in_the_way() -> None:
    desk = desk_with()
    name = desk.buy(10, "10")
    answer = desk.ask_new("2", 5, "9")
    assert isinstance(answer, Refused)
    assert (answer.value, answer.limit) == (name, "10")


def test_an_accepted_order_is_in_the_way_from_before_its_acknowledgement() -> None:
    desk = desk_with()
    assert isinstance(desk.ask_new("1", 10, "10"), Accepted)
    assert refused(desk, "2", 10, "10")
