"""One order that is kept where the queue is: where, how often, and never beyond."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.outputs import Refused
from fix_oms.model.units import fixed, text_of
from tests.algos.kept_desk import KeptDesk
from tests.algos.schedule_desk import replayed
from tests.engine.routed import routed_settings

BIDS = [("9.99", 100), ("9.97", 200), ("9.90", 300)]
OFFERS = [("10.03", 100), ("10.05", 200)]


@pytest.fixture
def desk() -> KeptDesk:
    return KeptDesk()


def books(desk: KeptDesk) -> None:
    desk.passes(1_000_000_000)
    desk.book("ALPHA", BIDS, OFFERS)


@pytest.mark.parametrize(
    ("params", "buys_at", "sells_at"),
    [
        ({}, "9.99", "10.03"),
        ({"to": "queue_1"}, "9.99", "10.03"),
        ({"to": "queue_2"}, "9.97", "10.05"),
        ({"to": "queue_9"}, "9.9", "10.05"),
        ({"to": "mid"}, "10.01", "10.01"),
        ({"to": "opposite"}, "10.03", "9.99"),
        ({"to": "opponent_2"}, "10.05", "9.97"),
        ({"offset_ticks": 1}, "10", "10.02"),
        ({"offset_ticks": -2}, "9.97", "10.05"),
        ({"offset_ticks": 50}, "10.02", "10"),
        ({"to": "opposite", "offset_ticks": 1}, "10.04", "9.98"),
    ],
)
def test_where_it_stands(desk: KeptDesk, params: Any, buys_at: str, sells_at: str) -> None:
    books(desk)
    desk.begin("peg", price=None, **params)
    bought = [text_of(order.price or 0) for order in desk.live]
    other = KeptDesk()
    books(other)
    other.begin("peg", price=None, side="sell", **params)
    sold = [text_of(order.price or 0) for order in other.live]
    assert (bought, sold) == ([buys_at], [sells_at])


@pytest.mark.parametrize(("side", "price"), [("buy", "9.98"), ("sell", "10.04")])
def test_never_beyond_its_limit(desk: KeptDesk, side: str, price: str) -> None:
    books(desk)
    desk.begin("peg", side=side, price=price)
    assert [order.price for order in desk.live] == [fixed(price)]


def test_the_middle_of_an_odd_spread_is_rounded_away_from_the_other_side(desk: KeptDesk) -> None:
    desk.market("9.99", "10.00")
    desk.begin("peg", price=None, to="mid")
    assert desk.at_work == ["p1 1000 @ 9.99"]


def test_it_follows_the_book(desk: KeptDesk) -> None:
    desk.begin("peg", price=None)
    desk.market("10.00", "10.02")
    desk.takes()
    desk.market("9.95", "9.97")
    desk.takes()
    assert desk.at_work == ["p1 1000 @ 9.95"]


def test_its_own_order_is_not_what_it_pegs_to(desk: KeptDesk) -> None:
    desk.begin("peg", price=None)
    desk.passes(1_000_000_000)
    desk.book("ALPHA", [("9.99", 1000), ("9.95", 500)], [("10.01", 100)])
    desk.takes()
    assert desk.at_work == ["p1 1000 @ 9.95"]


def test_it_moves_only_by_so_many_ticks(desk: KeptDesk) -> None:
    desk.begin("peg", price=None, move_ticks=3)
    desk.market("10.01", "10.03")
    near = desk.at_work
    desk.market("10.02", "10.04")
    desk.takes()
    assert (near, desk.at_work) == (["p1 1000 @ 9.99"], ["p1 1000 @ 10.02"])


def test_it_moves_not_more_often_than_it_may(desk: KeptDesk) -> None:
    desk.begin("peg", price=None, every_ms=5000)
    desk.market("10.00", "10.02")
    at_once = desk.at_work
    count = len(desk.acts)
    desk.market("10.01", "10.03")
    woken = len(desk.acts)
    desk.wait(5)
    desk.takes()
    assert (at_once, woken - count, desk.at_work) == (
        ["p1 1000 @ 9.99"],
        0,
        ["p1 1000 @ 10.01"],
    )


def test_a_venue_that_cannot_replace_is_sent_a_cancel_and_a_new_order() -> None:
    sessions = routed_settings()["sessions"]
    sessions["ALPHA"]["supports"] = {"market_data": True, "replace": False}
    desk = KeptDesk(more={"sessions": sessions})
    desk.begin("peg", price=None)
    desk.market("10.00", "10.02")
    for _ in range(2):
        desk.wait(1)
        desk.takes()
    assert desk.at_work == ["p2 1000 @ 10"]


def test_what_has_filled_is_not_sent_again(desk: KeptDesk) -> None:
    desk.begin("peg", price=None, qty="100")
    desk.fills("p1", 30)
    desk.market("10.00", "10.02")
    desk.takes()
    moved = desk.at_work
    desk.fills("p1", 70)
    assert (moved, desk.ending) == (["p1 70 @ 10"], ("ended", "all of it has executed"))


def test_without_a_book_it_waits_and_stays(desk: KeptDesk) -> None:
    desk.book("ALPHA", [], OFFERS)
    desk.begin("peg", price=None)
    none = desk.at_work
    books(desk)
    desk.takes()
    desk.book("ALPHA", [], OFFERS)
    assert (none, desk.at_work) == ([], ["p1 1000 @ 9.99"])


def test_an_order_that_is_rejected_again_and_again_holds_it(desk: KeptDesk) -> None:
    desk.begin("peg", price=None, every_ms=1)
    for n in range(1, 8):
        desk.rejects(f"p{n}")
        desk.wait(70)
        desk.market("9.99", "10.01")
    assert desk.ending[0] == "held"


def test_other_terms_move_it(desk: KeptDesk) -> None:
    desk.begin("peg", price=None)
    desk.passes(1_000_000_000)
    desk.amend(qty="600", to="queue_2")
    desk.takes()
    assert desk.at_work == ["p1 600 @ 9.98"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"to": "front"}, "to: 'front' is none of best, mid, opposite, queue_N, opponent_N"),
    ({"to": "queue_0"}, "to: 'queue_0' is none of best, mid, opposite, queue_N, opponent_N"),
    ({"move_ticks": 0}, "move_ticks: 0 is not from 1 to 10000"),
    ({"every_ms": 0}, "every_ms: 0 is not from 1 to 3600000"),
    ({"offset_ticks": 10001}, "offset_ticks: 10001 is not from -10000 to 10000"),
    ({"price": "10.001"}, "price: 10.001 is no multiple above 0 of the tick 0.01"),
    ({"retry_ms": 0}, "retry_ms: 0 is not from 1 to 3600000"),
]


@pytest.mark.parametrize(("params", "said"), WRONG)
def test_what_is_wrong_is_refused_by_name(desk: KeptDesk, params: Any, said: str) -> None:
    answer = desk.try_begin("peg", **params)
    assert isinstance(answer, Refused)
    assert answer.text == f"algo kind peg: {said}"


def test_a_replay_comes_to_the_same_state(desk: KeptDesk) -> None:
    desk.begin("peg", price=None, qty="100")
    desk.fills("p1", 30)
    desk.market("10.00", "10.02")
    assert replayed(desk).shown(desk.now).hash() == desk.shown.hash()


def test_a_restart_takes_it_up_where_it_is(desk: KeptDesk) -> None:
    desk.begin("peg", price=None)
    desk.restarts()
    desk.market("10.00", "10.02")
    desk.takes()
    assert desk.at_work == ["p1 1000 @ 10"]
