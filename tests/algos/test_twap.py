"""Equal pieces at equal times, whatever becomes of them."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE
from tests.algos.schedule_desk import ScheduleDesk, replayed

MINUTES: dict[str, Any] = {"end": "+5m", "every_s": 60}


@pytest.fixture
def desk() -> ScheduleDesk:
    return ScheduleDesk()


def filled_each_minute(desk: ScheduleDesk, minutes: int = 5) -> None:
    for minute in range(minutes):
        desk.at(60 * minute)
        desk.fill()


def test_a_piece_is_sent_when_its_slice_begins(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    filled_each_minute(desk)
    assert desk.sent_orders() == [f"{60 * n}s 200 @ 10" for n in range(5)]
    assert desk.ending == ("ended", "all of it is executed")


SIZES: list[tuple[dict[str, Any], dict[str, Any], list[int]]] = [
    ({}, {"qty": "1000", "slices": 3, "every_s": 0}, [333, 334, 333]),
    ({}, {"qty": "3"}, [1, 0, 1, 0, 1]),
    ({"lot": "100"}, {"qty": "1000", "slices": 4, "every_s": 0}, [300, 200, 300, 200]),
    ({"min_qty": "250"}, {}, [0, 400, 0, 600, 0]),  # 200 left could not go alone
    ({"min_notional": "3000"}, {}, [0, 400, 0, 600, 0]),
    ({}, {"max_slice": "150"}, [150, 150, 150, 150, 150]),
    ({}, {"qty": "1000", "end": "+150s"}, [400, 400, 200]),  # the last slice is half as long
]


@pytest.mark.parametrize(("instrument", "params", "expected"), SIZES)
def test_pieces_are_whole_lots_within_the_bounds(
    instrument: dict[str, Any], params: dict[str, Any], expected: list[int]
) -> None:
    desk = ScheduleDesk(**instrument)
    desk.begin("twap", **(MINUTES | params))
    every = 60 if params.get("every_s", 60) else 300 // params["slices"]
    sizes = []
    for n in range(len(expected)):
        desk.at(n * every)
        sizes.append(sum(order.leaves_qty // SCALE for order in desk.live))
        for _ in desk.live:
            desk.fill()
    assert sizes == expected


def test_what_a_slice_has_not_filled_comes_with_the_next(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    desk.fill(50)
    desk.at(60)
    assert desk.live[0].pending == ("cancel",)
    desk.gone()
    assert desk.sent_orders() == ["0s 200 @ 10", "60s 200 @ 10", "60s 150 @ 10"]


def test_what_waits_may_stay(desk: ScheduleDesk) -> None:
    desk.begin("twap", carry="stay", **MINUTES)
    desk.fill(50)
    desk.at(60)
    assert [order.pending for order in desk.live] == [(), ("new",)]


def test_nothing_is_sent_for_what_may_fill_yet(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    for minute in range(1, 5):
        desk.at(60 * minute)
    assert sum(order.order_qty for order in desk.all) == 1000 * SCALE


def test_what_is_rejected_is_tried_again_more_and_more_slowly(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    for seconds in (5.1, 15.2, 35.3):
        desk.ends_order("8")
        desk.at(seconds - 1)
        desk.at(seconds)
    assert desk.sent_orders() == [f"{n}s 200 @ 10" for n in (0, 5, 15, 35)]


def test_a_bust_reopens_what_it_takes_back(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    desk.fill()
    desk.at(60)
    desk.fill()
    desk.busts(desk.all[0])
    desk.at(120)
    desk.fill(300)
    assert desk.sent_orders()[2:] == ["60s 200 @ 10", "120s 200 @ 10"]


def test_a_bust_after_the_end_is_told(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    filled_each_minute(desk)
    desk.busts(desk.all[-1])
    texts = [alert.text for alert in desk.alerts if alert.code == "algo"]
    assert texts == ["algo A1: 200 of s5-5 was taken back after the end: 200 left"]


FINISHES: list[tuple[str, list[str], str]] = [
    ("cancel", [], "its time is over: 1000 of 1000 are left"),
    ("cross", ["60s 1000 @ 10 ioc"], "all of it is executed"),
    ("leave", [], "all of it is executed"),
]


@pytest.mark.parametrize(("finish", "more", "why"), FINISHES)
def test_the_end_is_as_it_was_asked_for(
    desk: ScheduleDesk, finish: str, more: list[str], why: str
) -> None:
    desk.begin("twap", finish=finish, end="+1m", every_s=60)
    desk.at(60)
    desk.gone()
    for _ in desk.live:
        desk.fill()
    assert desk.sent_orders() == ["0s 1000 @ 10", *more]
    assert desk.ending == ("ended", why)


def test_a_rest_that_nobody_takes_is_left_and_told(desk: ScheduleDesk) -> None:
    desk.begin("twap", finish="cross", end="+1m", every_s=60)
    desk.at(60)
    desk.gone()
    for seconds in (60, 65.1, 75.2):
        desk.at(seconds)
        desk.ends_order()
    why = "its time is over: 1000 of 1000 are left"
    assert desk.sent_orders()[1:] == [f"{n}s 1000 @ 10 ioc" for n in (60, 65, 75)]
    assert desk.ending == ("ended", why)
    assert f"algo A1: {why}" in [alert.text for alert in desk.alerts]


def test_a_rest_that_is_less_than_a_lot_is_told() -> None:
    desk = ScheduleDesk(lot="10")
    desk.begin("twap", end="+1m", every_s=60, finish="cross")
    desk.fill(997)
    desk.at(60)
    desk.gone()
    assert desk.ending == ("ended", "its time is over: 3 of 1000 are left")


def test_a_later_start_is_waited_for(desk: ScheduleDesk) -> None:
    desk.begin("twap", start="+30s", **MINUTES)
    desk.at(29)
    before = desk.sent_orders()
    desk.at(30)
    assert (before, desk.sent_orders()) == ([], ["30s 200 @ 10"])


AFTER: list[tuple[str, list[str]]] = [
    ("catch_up", ["180s 600 @ 10", "240s 200 @ 10"]),
    ("spread", ["180s 400 @ 10", "240s 400 @ 10"]),
    ("shift", ["180s 200 @ 10", "240s 200 @ 10", "300s 200 @ 10", "360s 200 @ 10"]),
]


@pytest.mark.parametrize(("after_pause", "expected"), AFTER)
def test_after_a_pause_it_goes_on_as_asked(
    desk: ScheduleDesk, after_pause: str, expected: list[str]
) -> None:
    """A piece has filled, and from a minute on it is paused for two."""
    desk.begin("twap", after_pause=after_pause, **MINUTES)
    desk.fill()
    desk.at(59.999)
    desk.pause()
    desk.at(180)
    desk.resume_algo()
    for seconds in (240.1, 300.1, 360.1):
        for _ in desk.live:
            desk.fill()
        desk.at(seconds)
    assert desk.sent_orders()[1:] == expected


def test_while_it_is_paused_nothing_is_sent(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    desk.pause()
    desk.gone()
    desk.at(240)
    assert desk.sent_orders() == ["0s 200 @ 10"]


def test_an_amended_quantity_is_spread_over_what_is_left_of_the_time(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    desk.fill()
    desk.at(60)
    desk.fill()
    desk.at(120)
    assert isinstance(desk.amend(qty="700"), Accepted)
    desk.gone()
    for seconds in (120, 180.1, 240.1):
        desk.at(seconds)
        desk.fill()
    assert desk.sent_orders()[3:] == ["120s 100 @ 10", "180s 100 @ 10", "240s 100 @ 10"]
    assert desk.ending == ("ended", "all of it is executed")


def test_an_amended_end_and_price_hold_from_then_on(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    desk.fill()
    assert isinstance(desk.amend(end="+9m", price="9.99"), Accepted)
    desk.fill()
    desk.at(60.1)
    assert desk.sent_orders()[1:] == ["0s 89 @ 9.99", "60s 89 @ 9.99"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"side": "up"}, "side: 'up' is none of buy, sell, sell_short"),
    ({"symbol": "XYZ"}, "no instrument 'XYZ' is configured"),
    ({"venue": "MOON"}, "AAPL does not trade at 'MOON'"),
    ({"venue": None, "policy": "swep"}, "no policy 'swep' is configured"),
    ({"venue": "ALPHA", "policy": "post"}, "policy: venue ALPHA is named: no router chooses"),
    ({"qty": "0"}, "qty: 0 is no multiple of the lot 1"),
    ({"qty": "-5"}, "qty: -5 is no multiple of the lot 1"),
    ({"qty": "1.5"}, "qty: 1.5 is no multiple of the lot 1"),
    ({"price": "10.001"}, "price: 10.001 is no multiple of the tick 0.01"),
    ({"price": "-1"}, "price: -1 is no multiple of the tick 0.01"),
    ({"end": ""}, "end: a schedule needs one"),
    ({"end": "later"}, 'end: \'later\' is no time: write "2027-01-04T15:30:00Z", "15:30Z" or'),
    ({"end": "2027-01-04T15:30:00"}, "end: '2027-01-04T15:30:00' does not say its offset"),
    ({"end": "2001-01-04T15:30:00Z"}, "end: 2001-01-04T15:30:00Z is not after the start"),
    ({"end": "+999999999h"}, "end: +999999999h is more than 30 days after the start"),
    ({"end": "25:00Z"}, "end: '25:00Z' is no time of day"),
    ({"start": "2001-01-04T15:30:00Z"}, "start: 2001-01-04T15:30:00Z is in the past"),
    ({"start": "+800h", "end": "+1h"}, "start: +800h is more than 30 days away"),
    ({"slices": 5}, "slices: every_s is given already"),
    ({"slices": -1, "every_s": 0}, "slices: -1 is not from 1 to 2000"),
    ({"slices": 400, "every_s": 0}, "slices: 400 are shorter than a second each"),
    ({"every_s": 1, "end": "+10h"}, "every_s: makes 36000 slices, more than 2000"),
    ({"every_s": 10**18}, "every_s: 1000000000000000000 is not from 1 to 86400"),
    ({"finish": "run"}, "finish: 'run' is none of cancel, cross, leave"),
    ({"carry": ""}, "carry: '' is none of anew, stay"),
    ({"after_pause": "x"}, "after_pause: 'x' is none of catch_up, spread, shift"),
    ({"max_slice": "0.5"}, "max_slice: 0.5 is less than a lot"),
    ({"max_pct": "101"}, "max_pct: 101 is not from above 0 to 100"),
    ({"retry_s": 0}, "retry_s: 0 is not from 1 to 3600"),
    ({"every_s": "often"}, "every_s: Expected `int`, got `str`"),
]


@pytest.mark.parametrize(("params", "said"), REFUSED)
def test_a_parameter_that_makes_no_sense_is_refused_by_name(
    desk: ScheduleDesk, params: dict[str, Any], said: str
) -> None:
    answer = desk.try_begin("twap", **(MINUTES | params))
    assert isinstance(answer, Refused)
    assert answer.text.startswith(f"algo kind twap: {said}")
    assert desk.sent_orders() == []


def test_less_than_is_executed_is_refused(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    desk.fill()
    answer = desk.amend(qty="100")
    assert isinstance(answer, Refused)
    assert answer.text == "algo A1: qty: 100 is less than the 200 executed already"


def test_the_cap_follows_what_the_market_trades(desk: ScheduleDesk) -> None:
    desk.begin("twap", max_pct="10", **MINUTES)
    desk.trades(500)
    desk.at(60)
    assert desk.sent_orders() == ["60s 50 @ 10"]


def test_a_restart_goes_on_in_the_same_place(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    desk.fill()
    desk.at(60)
    desk.fill()
    desk.restarts()
    desk.at(119)
    desk.at(120)
    assert desk.sent_orders() == ["0s 200 @ 10", "60s 200 @ 10", "120s 200 @ 10"]


def test_a_routed_piece_is_a_parent(desk: ScheduleDesk) -> None:
    desk.book("BETA", [("9.98", 500)], [("10.00", 500)])
    desk.begin("twap", policy="sweep", **MINUTES)
    assert [child.venue for child in desk.children("A1.s1-1")] == ["BETA"]


def test_its_schedule_and_progress_are_shown(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    desk.fill(px="10")
    desk.at(60)
    desk.fill(100, px="9.97")
    desk.trades(700, "9.98")
    view = desk.view()
    assert [(r["planned"], r["sent"], r["filled"]) for r in view.schedule[:3]] == [
        ("200", "200", "200"),
        ("200", "200", "100"),
        ("200", "0", "0"),
    ]
    assert [r.get("deviation") for r in view.schedule[:3]] == ["0", "-100", None]
    names = ("executed", "done_pct", "ahead", "avg_px", "market_avg", "part_pct")
    shown = [view.progress[name] for name in names]
    assert shown == ["300", "30.00", "100", "9.99", "9.98", "42.85"]


def test_a_replay_comes_to_the_same_state(desk: ScheduleDesk) -> None:
    desk.begin("twap", **MINUTES)
    filled_each_minute(desk, 3)
    desk.trades(100)
    engine = replayed(desk)
    assert engine.shown(desk.now).hash() == desk.shown.hash()
