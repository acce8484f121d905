"""Of a large quantity a small part is shown, again and again."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.algos.iceberg import drawn
from fix_oms.model.outputs import Refused
from fix_oms.model.units import SCALE, text_of
from tests.algos.schedule_desk import ScheduleDesk, replayed


@pytest.fixture
def desk() -> ScheduleDesk:
    return ScheduleDesk()


def test_the_next_is_shown_when_what_was_shown_has_filled(desk: ScheduleDesk) -> None:
    desk.begin("iceberg", display="300")
    for _ in range(4):
        desk.fill()
    sizes = [order.order_qty // SCALE for order in desk.all]
    assert (sizes, desk.ending) == ([300, 300, 300, 100], ("ended", "all of it is executed"))


def test_while_what_is_shown_has_not_filled_nothing_follows(desk: ScheduleDesk) -> None:
    desk.begin("iceberg", display="300")
    desk.fill(299)
    desk.at(3600)
    assert len(desk.all) == 1


def test_a_rest_too_small_to_go_alone_goes_along() -> None:
    desk = ScheduleDesk(min_qty="200")
    desk.begin("iceberg", display="300")
    for _ in range(3):
        desk.fill()
    assert [order.order_qty // SCALE for order in desk.all] == [300, 300, 400]


def test_a_rest_that_cannot_be_sent_is_told() -> None:
    desk = ScheduleDesk(min_qty="200")
    desk.begin("iceberg", display="300", qty="600")
    desk.fill()
    desk.fill(200)
    desk.ends_order()
    desk.at(10)
    assert desk.ending == ("ended", "the rest is less than is taken: 100 of 600 are left")


def test_sizes_vary_as_asked_and_alike_each_time() -> None:
    seen = []
    for seed in (1, 1, 2):
        desk = ScheduleDesk()
        desk.begin("iceberg", display="100", vary_pct=30, seed=seed, qty="2000")
        while desk.live:
            desk.fill()
        seen.append([order.order_qty // SCALE for order in desk.all])
    assert seen[0] == seen[1] != seen[2]
    assert {70 <= size <= 130 for size in seen[0][:-2]} == {True}
    assert sum(seen[0]) == sum(seen[2]) == 2000


def test_draws_are_those_of_splitmix64() -> None:
    assert [drawn(1234567, n) for n in range(3)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


PEGS: list[tuple[dict[str, Any], str]] = [
    ({"peg": "best", "price": None}, "9.98"),
    ({"peg": "best", "price": "9.97"}, "9.97"),
    ({"peg": "mid", "price": None}, "10.01"),
    ({"peg": "best", "price": None, "side": "sell"}, "10.05"),
    ({"peg": "mid", "price": None, "side": "sell"}, "10.02"),
    ({"peg": "best", "price": "10.06", "side": "sell"}, "10.06"),
]


@pytest.mark.parametrize(("params", "expected"), PEGS)
def test_what_is_pegged_stands_where_the_book_says(
    desk: ScheduleDesk, params: dict[str, Any], expected: str
) -> None:
    desk.book("ALPHA", [("9.98", 500)], [("10.05", 500)])
    desk.begin("iceberg", display="300", **params)
    assert [text_of(order.price or 0) for order in desk.all] == [expected]


def test_it_follows_the_others_and_not_itself(desk: ScheduleDesk) -> None:
    desk.book("ALPHA", [("9.98", 500)], [("10.05", 500)])
    desk.begin("iceberg", display="300", peg="best", price="10.02", every_s=2)
    desk.of(desk.all[0], "0", "0", leaves=300)
    prices = []
    steps = (  # what others show, and then with ours among them
        ([("9.98", 500)], [("9.98", 800)]),
        ([("9.99", 100), ("9.98", 800)], [("9.99", 400), ("9.98", 500)]),
        ([("9.99", 300), ("9.97", 500)], [("9.97", 800)]),
    )
    for n, (before, after) in enumerate(steps):
        desk.at(10 * n + 2)
        desk.book("ALPHA", before, [("10.05", 500)])
        order = desk.all[0]
        if "replace" in order.pending:
            name, price = order.requests[-1].cl_ord_id, desk.last_price()
            desk.of(order, "5", "0", named=name, leaves=300, price=price, order_qty=300 * SCALE)
        desk.book("ALPHA", after, [("10.05", 500)])
        prices.append(text_of(desk.all[0].price or 0))
    assert prices == ["9.98", "9.99", "9.97"]


def test_where_there_is_nothing_to_peg_to_nothing_is_sent_until_there_is(
    desk: ScheduleDesk,
) -> None:
    desk.begin("iceberg", display="300", peg="best", price=None)
    before = desk.sent_orders()
    desk.book("ALPHA", [("9.98", 500)], [("10.05", 500)])
    assert (before, desk.sent_orders()) == ([], ["0s 300 @ 9.98"])


def test_without_a_venue_the_router_posts_it(desk: ScheduleDesk) -> None:
    desk.book("ALPHA", [("9.98", 500)], [("10.00", 500)])
    desk.begin("iceberg", display="300", price="9.99", policy="")
    assert desk.seen("A1.s1-1") == ["ALPHA 300 @ 9.99"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"display": "0.5"}, "display: 0.5 is less than is taken: 1"),
    ({"display": "300", "vary_pct": 100}, "vary_pct: 100 is not from 0 to 99"),
    ({"display": "300", "peg": "worst"}, "peg: 'worst' is none of best, mid"),
    ({"display": "300", "price": None}, "price: what is shown rests at one: give it, or peg"),
]


@pytest.mark.parametrize(("params", "said"), REFUSED)
def test_a_parameter_that_makes_no_sense_is_refused_by_name(
    desk: ScheduleDesk, params: dict[str, Any], said: str
) -> None:
    answer = desk.try_begin("iceberg", **params)
    assert isinstance(answer, Refused)
    assert answer.text == f"algo kind iceberg: {said}"


def test_a_pause_takes_out_what_is_shown_and_it_comes_again(desk: ScheduleDesk) -> None:
    desk.begin("iceberg", display="300")
    desk.fill(100)
    desk.pause()
    desk.gone()
    desk.at(60)
    desk.resume_algo()
    assert desk.sent_orders() == ["0s 300 @ 10", "60s 300 @ 10"]


def test_a_restart_shows_no_second_one(desk: ScheduleDesk) -> None:
    desk.begin("iceberg", display="300")
    desk.fill(100)
    desk.restarts()
    desk.at(60)
    assert len(desk.all) == 1


def test_a_replay_comes_to_the_same_state(desk: ScheduleDesk) -> None:
    desk.begin("iceberg", display="100", vary_pct=50, seed=7)
    desk.fill()
    desk.fill(10)
    assert replayed(desk).shown(desk.now).hash() == desk.shown.hash()
