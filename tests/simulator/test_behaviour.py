"""Every behaviour of a venue, in virtual time."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.fix import ExecType, Side
from fix_oms.model.messages import (
    ExecutionReport,
    Message,
    OrderMassStatusRequest,
    OrderStatusRequest,
)
from fix_oms.model.units import SCALE
from fix_oms.simulator import acts
from fix_oms.simulator.floor import ActRefused
from tests.simulator.world import MS, World, cancel, evolved, new, replace, watch

ASKED = OrderStatusRequest(cl_ord_id="X", order_id=None, symbol="AAPL", side=Side.BUY)


# -- delay ----------------------------------------------------------------------------------------


def test_a_delayed_order_is_acknowledged_exactly_after_the_delay() -> None:
    world = World(ack_delay_ms=50)
    world.send(new("X", "buy 100 AAPL @ 10"))
    assert world.venue.next_due() == 50 * MS
    assert world.wait(49) == []
    assert world.wait(1) == ["X NEW/NEW 100 0 100"]


def test_a_shorter_delay_lets_no_request_overtake_another() -> None:
    world = World(ack_delay_ms=50)
    world.send(new("X", "buy 100 AAPL @ 10"))
    world.set(ack_delay_ms=0)
    assert world.send(cancel("Y", "X")) == []
    assert world.wait(50) == ["X NEW/NEW 100 0 100", "Y<-X CANCELED/CANCELED 100 0 0"]


def test_a_venue_without_plans_is_never_due() -> None:
    assert World().venue.next_due() is None


# -- slices ---------------------------------------------------------------------------------------


def test_a_fill_in_slices_comes_in_that_many_parts_so_far_apart() -> None:
    world = World(asks=["1000 @ 10"], fill_slices=3, fill_interval_ms=200)
    assert world.send(new("X", "buy 100 AAPL @ 10")) == [
        "X NEW/NEW 100 0 100",
        "X TRADE/PARTIALLY_FILLED 100 33 67 33@10",
    ]
    assert world.wait(199) == []
    assert world.wait(1) == ["X TRADE/PARTIALLY_FILLED 100 66 34 33@10"]
    assert world.wait(200) == ["X TRADE/FILLED 100 100 0 34@10"]
    assert world.venue.next_due() is None


def test_what_the_book_cannot_fill_rests_after_the_last_slice() -> None:
    world = World(asks=["60 @ 10"], fill_slices=2, fill_interval_ms=10)
    world.send(new("X", "buy 100 AAPL @ 10"))
    assert world.wait(10) == ["X TRADE/PARTIALLY_FILLED 100 60 40 30@10"]
    taker = new("Y", "sell 40 AAPL @ 10", time_in_force="3")
    assert world.send(taker)[-1] == "X TRADE/FILLED 100 100 0 40@10"


def test_a_cancel_between_slices_keeps_what_was_filled() -> None:
    world = World(asks=["1000 @ 10"], fill_slices=2, fill_interval_ms=10)
    world.send(new("X", "buy 100 AAPL @ 10"))
    assert world.send(cancel("Y", "X")) == ["Y<-X CANCELED/CANCELED 100 50 0"]
    assert world.wait(100) == []


def test_a_replace_between_slices_goes_on_with_the_slices_that_are_left() -> None:
    world = World(asks=["1000 @ 10"], fill_slices=2, fill_interval_ms=10)
    world.send(new("X", "buy 100 AAPL @ 10"))
    assert world.send(replace("Y", "X", "buy 80 AAPL @ 10")) == [
        "Y<-X REPLACED/PARTIALLY_FILLED 80 50 30"
    ]
    assert world.wait(10) == ["Y TRADE/FILLED 80 80 0 30@10"]


@pytest.mark.parametrize("time_in_force", ["3", "4"], ids=["IOC", "FOK"])
def test_orders_that_must_fill_at_once_are_not_sliced(time_in_force: str) -> None:
    world = World(asks=["1000 @ 10"], fill_slices=2, fill_interval_ms=10)
    said = world.send(new("X", "buy 100 AAPL @ 10", time_in_force=time_in_force))
    assert said[-1] == "X TRADE/FILLED 100 100 0 100@10"


def test_a_bust_between_slices_does_not_enter_the_order_twice() -> None:
    world = World(asks=["1000 @ 10"], fill_slices=2, fill_interval_ms=10)
    world.send(new("X", "buy 100 AAPL @ 10"))
    world.act(acts.Bust(exec_id=world.exec_ids()[-1]))
    assert world.wait(10) == ["X TRADE/FILLED 100 100 0 100@10"]


# -- liquidity that is not in the book -------------------------------------------------------------


def test_auto_fill_limit_fills_every_limit_order_at_its_price() -> None:
    world = World(auto_fill="limit")
    assert world.send(new("X", "buy 100 AAPL @ 10"))[1:] == ["X TRADE/FILLED 100 100 0 100@10"]


def test_auto_fill_limit_fills_a_market_order_at_the_reference() -> None:
    world = World(auto_fill="limit", reference="12")
    assert world.send(new("X", "buy 100 AAPL"))[1:] == ["X TRADE/FILLED 100 100 0 100@12"]


def test_auto_fill_marketable_fills_what_crosses_beyond_what_is_shown() -> None:
    world = World(auto_fill="marketable", asks=["60 @ 10"])
    assert world.send(new("X", "buy 100 AAPL @ 11"))[1:] == [
        "X TRADE/PARTIALLY_FILLED 100 60 40 60@10",
        "X TRADE/FILLED 100 100 0 40@11",
    ]


def test_auto_fill_marketable_lets_rest_what_does_not_cross() -> None:
    world = World(auto_fill="marketable", asks=["60 @ 10"])
    assert world.send(new("X", "buy 100 AAPL @ 9")) == ["X NEW/NEW 100 0 100"]


def test_auto_fill_comes_in_slices_too() -> None:
    world = World(auto_fill="limit", fill_slices=2, fill_interval_ms=10)
    assert len(world.send(new("X", "buy 100 AAPL @ 10"))) == 2
    assert world.wait(10) == ["X TRADE/FILLED 100 100 0 50@10"]


def test_a_taken_level_is_put_back_after_a_while() -> None:
    world = World(asks=["60 @ 10"], refill_ms=100)
    world.send(new("X", "buy 50 AAPL @ 10"))
    world.wait(100)
    assert world.venue.floor.books["AAPL"].levels(buy=False) == [(10 * 10**8, 60 * 10**8)]


# -- chance ---------------------------------------------------------------------------------------


def outcomes(seed: int, **rates: Any) -> list[str]:
    world = World(seed=seed, **rates)
    return [world.send(new(f"X{n}", "buy 1 AAPL @ 10"))[0].split()[1] for n in range(40)]


def test_a_reject_rate_rejects_that_share_by_the_seed() -> None:
    once = outcomes(7, reject_rate=0.5)
    assert once == outcomes(7, reject_rate=0.5)
    assert {"NEW/NEW", "REJECTED/REJECTED"} == set(once)


def test_a_cancel_reject_rate_of_one_refuses_every_cancel() -> None:
    world = World(cancel_reject_rate=1.0)
    world.send(new("X", "buy 1 AAPL @ 10"))
    assert world.send(cancel("Y", "X")) == ["Y<-X refused NEW BROKER"]


# -- silence --------------------------------------------------------------------------------------


def test_a_silent_venue_takes_orders_and_answers_nothing() -> None:
    world = World(asks=["60 @ 10"], silence=True)
    requests: list[Message] = [
        new("X", "buy 100 AAPL @ 10"),
        ASKED,
        cancel("Y", "Q"),
        watch("M", "1", "AAPL"),
    ]
    assert world.send(*requests) == []
    world.set(silence=False)
    assert world.send(ASKED) == ["X ORDER_STATUS/PARTIALLY_FILLED 100 60 40"]


# -- busy -----------------------------------------------------------------------------------------


def test_a_busy_venue_says_that_it_is_not_available() -> None:
    world = World(busy=True)
    assert world.send(new("X", "buy 1 AAPL @ 10")) == ["j 4 D 1 X: busy: try again later"]


def test_what_was_refused_for_being_busy_may_be_sent_again() -> None:
    world = World(busy=True)
    world.send(new("X", "buy 1 AAPL @ 10"))
    world.set(busy=False)
    assert world.send(new("X", "buy 1 AAPL @ 10")) == ["X NEW/NEW 1 0 1"]


def test_a_busy_venue_may_reject_with_a_text_instead() -> None:
    world = World(busy=True, busy_answer="reject")
    said = world.send(new("X", "buy 1 AAPL @ 10"), cancel("Y", "X"))
    assert said == ["X REJECTED/REJECTED 1 0 0 BROKER", "Y<-X refused REJECTED BROKER"]
    report = next(r for r in world.sent if isinstance(r, ExecutionReport))
    assert report.text == "busy: try again later"


def test_a_question_to_a_busy_venue_is_answered_by_a_business_reject_either_way() -> None:
    world = World(busy=True, busy_answer="reject")
    said = world.send(ASKED, OrderMassStatusRequest(mass_status_req_id="M"))
    assert said == ["j 4 H 1 X: busy: try again later", "j 4 AF 2 M: busy: try again later"]


def test_a_rate_limit_refuses_what_comes_too_fast_and_takes_it_a_second_later() -> None:
    world = World(rate_limit_per_s=2)
    said = world.send(*(new(f"X{n}", "buy 1 AAPL @ 10") for n in range(3)))
    assert said[2] == "j 4 D 3 X2: rate limit of 2 messages per second exceeded"
    world.wait(1000)
    assert world.send(new("X2", "buy 1 AAPL @ 10")) == ["X2 NEW/NEW 1 0 1"]


def test_a_rate_limit_counts_each_client_alone() -> None:
    world = World(rate_limit_per_s=1)
    world.send(new("X", "buy 1 AAPL @ 10"), session="S")
    assert world.send(new("X", "buy 1 AAPL @ 9"), session="T") == ["X NEW/NEW 1 0 1"]


# -- a restart ------------------------------------------------------------------------------------


def test_orders_survive_a_restart_and_exec_ids_are_never_used_again() -> None:
    world = World()
    world.send(new("X", "buy 100 AAPL @ 10"))
    world.venue.open(world.now, "2", evolved(world.settings, pending_reports=True))
    assert world.send(cancel("Y", "X")) == [
        "Y<-X PENDING_CANCEL/PENDING_CANCEL 100 0 100",
        "Y<-X CANCELED/CANCELED 100 0 0",
    ]
    assert len({id_.split("-")[0] for id_ in world.exec_ids()}) == 2


def test_a_restart_does_not_seed_the_same_liquidity_again() -> None:
    world = World(asks=["7 @ 10"])
    world.send(new("X", "buy 7 AAPL @ 10"))
    world.venue.open(world.now, "2", world.settings)
    assert world.venue.floor.books["AAPL"].levels(buy=False) == []


# -- all of it at random ---------------------------------------------------------------------------


@attrs.frozen
class Step:
    """One thing that somebody does. ``pick`` chooses among what is there."""

    kind: str
    pick: int
    side: str
    quantity: int
    price: int
    ord_type: str
    time_in_force: str


DESK = ("fill", "bust", "correct", "cancel_by_hand", "expire", "done", "close", "open")
STEPS = st.builds(
    Step,
    kind=st.sampled_from(["new"] * 8 + ["cancel", "replace", "replace", "wait", *DESK]),
    pick=st.integers(0, 60),
    side=st.sampled_from(["buy", "sell"]),
    quantity=st.integers(1, 60),
    price=st.integers(8, 12),
    ord_type=st.sampled_from("222134"),
    time_in_force=st.sampled_from("00113" + "4"),
)
BEHAVIOURS = st.fixed_dictionaries(
    {
        "ack_delay_ms": st.sampled_from([0, 30]),
        "fill_slices": st.integers(1, 3),
        "fill_interval_ms": st.sampled_from([0, 20]),
        "auto_fill": st.sampled_from(["none", "marketable", "limit"]),
        "pending_reports": st.booleans(),
        "refill_ms": st.sampled_from([0, 40]),
        "reject_rate": st.sampled_from([0.0, 0.2]),
    }
)


def _terms(step: Step, side: str) -> tuple[str, dict[str, Any]]:
    price = f" @ {step.price}" if step.ord_type in "24" else ""
    more: dict[str, Any] = {"ord_type": step.ord_type, "time_in_force": step.time_in_force}
    if step.ord_type in "34":
        more["stop_px"] = step.price * SCALE
    return f"{side} {step.quantity} AAPL{price}", more


def _play(world: World, steps: list[Step]) -> list[str]:
    said: list[str] = []
    ids: list[tuple[str, str, str]] = []  # ClOrdID, side, session
    for n, step in enumerate(steps):
        name = f"n{n}"
        orig, side, session = ids[step.pick % len(ids)] if ids else ("?", "buy", "S")
        if step.kind == "new":
            session = "ST"[n % 2]
            ids.append((name, step.side, session))
            text, more = _terms(step, step.side)
            said += world.send(new(name, text, **more), session=session)
        elif step.kind == "cancel":
            said += world.send(cancel(name, orig), session=session)
        elif step.kind == "replace":
            text, more = _terms(step, side)
            said += world.send(replace(name, orig, text, **more), session=session)
        elif step.kind == "wait":
            said += world.wait(step.pick)
        else:
            said += _by_hand(world, step, orig)
    return said + world.wait(1000)


def _by_hand(world: World, step: Step, order: str) -> list[str]:
    trades = [
        report.exec_id
        for report in world.sent
        if isinstance(report, ExecutionReport) and report.exec_type == ExecType.TRADE
    ]
    exec_id = str(trades[step.pick % len(trades)]) if trades else "?"
    quantity, price = step.quantity * SCALE, step.price * SCALE
    known: dict[str, acts.Act] = {
        "fill": acts.Fill(order=order, quantity=quantity, price=price),
        "bust": acts.Bust(exec_id=exec_id),
        "correct": acts.Correct(exec_id=exec_id, quantity=quantity, price=price),
        "cancel_by_hand": acts.Cancel(order=order),
        "expire": acts.Expire(order=order),
        "done": acts.Done(order=order),
        "close": acts.CloseMarket(),
        "open": acts.OpenMarket(),
    }
    try:
        return world.act(known[step.kind])
    except ActRefused:
        return []  # it makes no sense for what is there, which is an answer too


@given(st.lists(STEPS, max_size=25), BEHAVIOURS)
def test_any_flow_keeps_the_venue_sound_and_repeats_exactly(
    steps: list[Step], behaviour: dict[str, Any]
) -> None:
    worlds = [World(bids=["30 @ 9"], asks=["30 @ 11"], **behaviour) for _ in "12"]
    once, again = (_play(world, steps) for world in worlds)
    ids = worlds[0].exec_ids()
    assert once == again
    assert len(set(ids)) == len(ids)
