"""A part of what the market trades, and never more than its cap."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.algos import Place
from fix_oms.model.outputs import Refused
from tests.algos.schedule_desk import ScheduleDesk, replayed


@pytest.fixture
def desk() -> ScheduleDesk:
    return ScheduleDesk()


def test_it_sends_its_part_of_what_has_traded_since_it_began(desk: ScheduleDesk) -> None:
    desk.trades(5000)
    desk.begin("pov", pct="20")
    desk.trades(300)
    desk.at(4)
    desk.trades(200)
    before = desk.sent_orders()
    desk.at(5)
    desk.trades(100)
    desk.at(10)
    assert (before, desk.sent_orders()) == ([], ["5s 100 @ 10", "10s 20 @ 10"])


def test_trades_elsewhere_count_only_where_no_venue_is_named() -> None:
    sent = []
    for place in ({"venue": "ALPHA"}, {"policy": "post"}):
        desk = ScheduleDesk()
        for venue in ("ALPHA", "BETA"):
            desk.book(venue, [("9.98", 500)], [("10.05", 500)])
        desk.begin("pov", pct="10", **place)
        desk.trades(100, venue="ALPHA")
        desk.trades(300, venue="BETA")
        desk.at(5)
        sent.append([one.split(" @")[0] for one in desk.sent_orders()])
    assert sent == [["5s 10"], ["5s 40"]]


def test_where_no_trade_is_told_nothing_is_sent(desk: ScheduleDesk) -> None:
    desk.begin("pov", pct="20", min_pct="10")
    desk.at(60)
    assert desk.sent_orders() == []


def test_it_ends_when_all_is_executed(desk: ScheduleDesk) -> None:
    desk.begin("pov", pct="50", qty="100")
    desk.trades(1000)
    desk.at(5)
    desk.fill()
    assert (desk.sent_orders(), desk.ending[0]) == (["5s 100 @ 10"], "ended")


def test_behind_the_least_part_what_is_missing_crosses(desk: ScheduleDesk) -> None:
    desk.begin("pov", pct="20", min_pct="10")
    desk.trades(500)
    desk.at(5)
    desk.fill()  # what crossed; the rest of its part waits
    desk.trades(500)
    desk.at(10)
    desk.gone()
    assert desk.sent_orders() == ["5s 50 @ 10 ioc", "5s 50 @ 10", "10s 50 @ 10 ioc"]


@pytest.mark.parametrize("place", [{"venue": "ALPHA"}, {"policy": "post"}])
def test_what_crosses_and_finds_nothing_is_tried_again_later(place: dict[str, str]) -> None:
    desk = ScheduleDesk()
    desk.begin("pov", pct="20", min_pct="15", **place)
    desk.trades(500)
    for seconds in (5, 9, 10.1, 15, 20.2, 39, 40.3):
        desk.at(seconds)
        if "venue" in place and desk.live:
            desk.ends_order()
    causes = [acts.cause for acts in desk.acts if any(type(a) is Place for a in acts.acts)]
    assert causes == ["its time has come"] * 4


BANDS: list[tuple[dict[str, str], list[str]]] = [
    ({"pct": "20"}, ["5s 100 @ 10"]),
    ({"pct": "20", "max_pct": "20", "max_slice": "60"}, ["5s 60 @ 10"]),
    ({"pct": "20", "min_pct": "15"}, ["5s 75 @ 10 ioc"]),
    ({"pct": "0.1"}, []),  # half a share
]


@pytest.mark.parametrize(("band", "expected"), BANDS)
def test_what_it_sends_first_for_500_traded(
    desk: ScheduleDesk, band: dict[str, str], expected: list[str]
) -> None:
    desk.begin("pov", **band)
    desk.trades(500)
    desk.at(5)
    assert desk.sent_orders() == expected


AFTER: list[tuple[str, list[str]]] = [
    ("catch_up", ["60s 200 @ 10"]),
    ("spread", ["65s 20 @ 10"]),
]


@pytest.mark.parametrize(("after_pause", "expected"), AFTER)
def test_the_volume_of_a_pause_is_followed_where_that_is_asked_for(
    desk: ScheduleDesk, after_pause: str, expected: list[str]
) -> None:
    desk.begin("pov", pct="20", after_pause=after_pause)
    desk.pause()
    desk.trades(1000)
    desk.at(60)
    desk.resume_algo()
    desk.trades(100)
    desk.at(65)
    assert desk.sent_orders()[:1] == expected


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"pct": "0"}, "pct: 0 is not from above 0 to max_pct, and below 100"),
    ({"pct": "100"}, "pct: 100 is not from above 0 to max_pct, and below 100"),
    ({"pct": "20", "max_pct": "10"}, "pct: 20 is not from above 0 to max_pct, and below 100"),
    ({"pct": "20", "min_pct": "30"}, "min_pct: 30 is not from above 0 to pct"),
    ({}, "pct: must be given"),
]


@pytest.mark.parametrize(("params", "said"), REFUSED)
def test_a_band_that_makes_no_sense_is_refused(
    desk: ScheduleDesk, params: dict[str, Any], said: str
) -> None:
    answer = desk.try_begin("pov", **params)
    assert isinstance(answer, Refused)
    assert answer.text == f"algo kind pov: {said}"


def test_a_restart_knows_what_had_traded(desk: ScheduleDesk) -> None:
    desk.begin("pov", pct="20")
    desk.trades(500)
    desk.at(5)
    desk.fill()
    desk.restarts()
    desk.at(30)
    desk.book("ALPHA", [("9.98", 500)], [("10.05", 500)])
    desk.trades(100)
    desk.at(40)
    assert desk.sent_orders() == ["5s 100 @ 10", "40s 20 @ 10"]


def test_a_replay_comes_to_the_same_state(desk: ScheduleDesk) -> None:
    desk.begin("pov", pct="20", min_pct="10")
    desk.trades(500)
    desk.at(5)
    desk.fill()
    assert replayed(desk).shown(desk.now).hash() == desk.shown.hash()
