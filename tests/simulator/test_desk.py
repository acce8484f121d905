"""What the venue's desk does by hand: fills, busts, corrections, cancels, the close of the day."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.errors import SettingsError
from fix_oms.model.units import SCALE
from fix_oms.simulator import acts
from fix_oms.simulator.floor import ActRefused
from tests.simulator.world import World, cancel, new, replace


def opened(*orders: str, **more: Any) -> World:
    """A world with resting orders A, B, …"""
    world = World()
    for name, order in zip("ABCDE", orders, strict=False):
        world.send(new(name, order, **more))
    return world


def fill(order: str, quantity: int, price: int = 10) -> acts.Fill:
    return acts.Fill(order=order, quantity=quantity * SCALE, price=price * SCALE)


def exec_id(world: World) -> str:
    found = world.last_report().exec_id
    assert found is not None
    return found


def test_an_unsolicited_cancel_carries_the_orders_own_id_and_no_other() -> None:
    world = opened("buy 100 AAPL @ 10")  # E.1.b
    world.act(fill("A", 10))
    assert world.act(acts.Cancel(order="A", text="by phone")) == ["A CANCELED/CANCELED 100 10 0"]
    assert world.last_report().text == "by phone"


def test_an_acknowledged_order_may_still_be_rejected() -> None:
    world = opened("buy 100 AAPL @ 10")  # X7
    assert world.act(acts.Refuse(order="A")) == ["A REJECTED/REJECTED 100 0 0 BROKER"]


def test_a_late_fill_counts_and_does_not_reopen_the_order() -> None:
    world = opened("buy 100 AAPL @ 10")
    world.act(acts.Cancel(order="A"))
    assert world.act(fill("A", 40)) == ["A TRADE/CANCELED 100 40 0 40@10"]


def test_more_than_is_left_cannot_be_filled_by_hand() -> None:
    with pytest.raises(ActRefused, match="not within what the order has left"):
        opened("buy 100 AAPL @ 10").act(fill("A", 101))


def test_a_bust_reopens_a_filled_order_and_its_rest_works_again() -> None:
    world = opened("buy 100 AAPL @ 10")  # J.1.a
    world.act(fill("A", 10))
    first = exec_id(world)
    world.act(fill("A", 90))
    assert world.act(acts.Bust(exec_id=first)) == ["A TRADE_CANCEL/PARTIALLY_FILLED 100 90 10"]
    assert world.last_report().exec_ref_id == first
    assert world.send(new("B", "sell 10 AAPL @ 10"))[1:] == [
        "B TRADE/FILLED 10 10 0 10@10",
        "A TRADE/FILLED 100 100 0 10@10",
    ]


def test_a_bust_is_told_to_both_sides_of_the_trade() -> None:
    world = World()
    world.send(new("A", "sell 10 AAPL @ 10"), session="S")
    world.send(new("B", "buy 10 AAPL @ 10", time_in_force="3"), session="T")
    assert world.act(acts.Bust(exec_id=exec_id(world)))[:2] == [
        "A TRADE_CANCEL/NEW 10 0 10",
        "B TRADE_CANCEL/NEW 10 0 10",
    ]


def test_a_bust_after_the_end_leaves_the_order_ended() -> None:
    world = opened("buy 100 AAPL @ 10")
    world.act(fill("A", 40))
    done = exec_id(world)
    world.send(cancel("Y", "A"))
    assert world.act(acts.Bust(exec_id=done)) == ["A TRADE_CANCEL/CANCELED 100 0 0"]


def test_a_bust_cannot_be_busted() -> None:
    world = opened("buy 100 AAPL @ 10")
    world.act(fill("A", 40))
    done = exec_id(world)
    world.act(acts.Bust(exec_id=done))
    with pytest.raises(ActRefused, match="has been busted"):
        world.act(acts.Bust(exec_id=done))


def test_a_correction_states_the_corrected_size_and_names_the_latest() -> None:
    world = opened("buy 100 AAPL @ 10")
    world.act(fill("A", 40))
    first = exec_id(world)
    assert world.act(acts.Correct(exec_id=first, quantity=30 * SCALE, price=9 * SCALE)) == [
        "A TRADE_CORRECT/PARTIALLY_FILLED 100 30 70 30@9"
    ]
    second = exec_id(world)
    world.act(acts.Correct(exec_id=first, quantity=35 * SCALE, price=9 * SCALE))
    assert world.last_report().exec_ref_id == second
    assert world.last_report().avg_px == 9 * SCALE


def test_a_correction_may_not_overfill() -> None:
    world = opened("buy 100 AAPL @ 10")
    world.act(fill("A", 40))
    correct = acts.Correct(exec_id=exec_id(world), quantity=101 * SCALE, price=SCALE)
    with pytest.raises(ActRefused, match="would overfill"):
        world.act(correct)


def test_a_correction_of_a_replaced_orders_fill_carries_the_new_id() -> None:
    world = opened("buy 100 AAPL @ 10")  # J.1.a step 12
    world.act(fill("A", 100))
    done = exec_id(world)
    world.send(replace("Y", "A", "buy 120 AAPL @ 10"))
    assert world.act(acts.Correct(exec_id=done, quantity=105 * SCALE, price=10 * SCALE)) == [
        "Y TRADE_CORRECT/PARTIALLY_FILLED 120 105 15 105@10"
    ]


def test_done_for_the_day_takes_a_day_orders_leaves_away() -> None:
    world = opened("buy 100 AAPL @ 10")  # A.1.b
    world.act(fill("A", 30))
    assert world.act(acts.Done(order="A")) == ["A DONE_FOR_DAY/DONE_FOR_DAY 100 30 0"]


def test_a_good_till_order_done_for_the_day_works_again_on_the_next() -> None:
    world = opened("buy 100 AAPL @ 10", time_in_force="1")  # H.1.a
    world.act(fill("A", 30))
    assert world.act(acts.Done(order="A")) == ["A DONE_FOR_DAY/DONE_FOR_DAY 100 30 70"]
    world.act(acts.CloseMarket())
    assert world.act(acts.OpenMarket()) == ["A RESTATED/PARTIALLY_FILLED 100 30 70"]
    assert world.last_report().exec_restatement_reason == "1"
    assert world.send(new("B", "sell 70 AAPL @ 10"))[-1] == "A TRADE/FILLED 100 100 0 70@10"


def test_an_order_done_for_the_day_cannot_be_done_again() -> None:
    world = opened("buy 100 AAPL @ 10", time_in_force="1")
    world.act(acts.Done(order="A"))
    with pytest.raises(ActRefused, match="done for the day already"):
        world.act(acts.Done(order="A"))


def test_the_close_expires_day_orders_and_good_till_orders_survive() -> None:
    world = opened("buy 100 AAPL @ 10", "buy 5 AAPL @ 9")
    world.send(new("G", "buy 100 AAPL @ 8", time_in_force="1"))
    assert world.act(acts.CloseMarket()) == [
        "A EXPIRED/EXPIRED 100 0 0",
        "B EXPIRED/EXPIRED 5 0 0",
    ]
    world.act(acts.OpenMarket())
    assert world.send(cancel("Y", "G")) == ["Y<-G CANCELED/CANCELED 100 0 0"]


def test_what_a_bust_after_the_close_gives_back_works_no_more() -> None:
    world = opened("buy 100 AAPL @ 10")
    world.act(fill("A", 100))
    done = exec_id(world)
    world.act(acts.CloseMarket())
    world.act(acts.OpenMarket())
    assert world.act(acts.Bust(exec_id=done)) == ["A TRADE_CANCEL/EXPIRED 100 0 0"]


def test_a_closed_market_rejects_new_orders_until_it_opens() -> None:
    world = World()
    world.act(acts.CloseMarket())
    said = world.send(new("X", "buy 1 AAPL @ 10"))
    assert said == ["X REJECTED/REJECTED 1 0 0 EXCHANGE_CLOSED"]
    world.act(acts.OpenMarket())
    assert world.send(new("Y", "buy 1 AAPL @ 10")) == ["Y NEW/NEW 1 0 1"]


def test_one_order_may_be_expired_alone() -> None:
    world = opened("buy 100 AAPL @ 10", "buy 5 AAPL @ 9")
    assert world.act(acts.Expire(order="B")) == ["B EXPIRED/EXPIRED 5 0 0"]


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (acts.Cancel(order="Q"), "there is no order Q"),
        (acts.Bust(exec_id="E9"), "there is no ExecID"),
        (acts.Correct(exec_id="E9", quantity=1, price=1), "there is no ExecID"),
        (fill("A", 0), "not within"),
    ],
)
def test_an_act_that_makes_no_sense_is_refused_with_its_reason(act: acts.Act, reason: str) -> None:
    with pytest.raises(ActRefused, match=reason):
        opened("buy 100 AAPL @ 10").act(act)


def test_an_ended_order_cannot_be_ended_again() -> None:
    world = opened("buy 100 AAPL @ 10")
    world.act(acts.Cancel(order="A"))
    with pytest.raises(ActRefused, match=r"is not open: OrdStatus\(39\) is CANCELED"):
        world.act(acts.Expire(order="A"))


def test_an_order_not_looked_at_yet_cannot_be_filled_by_hand() -> None:
    world = World(ack_delay_ms=50)
    world.send(new("A", "buy 1 AAPL @ 10"))
    with pytest.raises(ActRefused, match="not been acknowledged"):
        world.act(fill("A", 1))


def test_an_unknown_behaviour_is_named_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"ack_delay: unknown key; did you mean 'ack_delay_ms'"):
        World().act(acts.Set(key="ack_delay", value="5"))


def test_an_order_for_a_symbol_that_is_not_traded_here_cannot_be_filled_by_hand() -> None:
    world = opened("buy 100 NONE @ 10")  # rejected, and a late fill of it would have no book
    with pytest.raises(ActRefused, match="does not trade here"):
        world.act(fill("A", 10))
