"""Each slice gets what the curve says that its time has of the day's volume."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE
from tests.algos.schedule_desk import ScheduleDesk, replayed

CURVES = {
    "curves": {
        # the desk's clock begins at 22:13:20 UTC
        "late": {
            "times": ["22:10", "22:14", "22:15", "22:16", "22:17", "22:18"],
            "volumes": ["0", "40", "20", "10", "10", "20"],
        },
        "early": {"times": ["08:00", "09:00"], "volumes": ["1", "1"]},
    }
}
MINUTES: dict[str, Any] = {
    "curve": "late",
    "start": "22:14Z",
    "end": "22:19Z",
    "every_s": 60,
}


@pytest.fixture
def desk() -> ScheduleDesk:
    return ScheduleDesk(more=CURVES)


def filled_each_minute(desk: ScheduleDesk, minutes: range) -> list[int]:
    """The quantity that each slice sent."""
    sizes = []
    for minute in minutes:
        desk.at((41 if minute else 40.01) + 60 * minute)
        sizes.append(sum(order.leaves_qty // SCALE for order in desk.live))
        for _ in desk.live:
            desk.fill()
    return sizes


def test_a_slice_gets_its_share_of_the_curve(desk: ScheduleDesk) -> None:
    desk.begin("vwap", **MINUTES)
    assert filled_each_minute(desk, range(5)) == [400, 200, 100, 100, 200]
    assert desk.ending == ("ended", "all of it is executed")


def test_what_is_left_after_an_amendment_follows_the_rest_of_the_curve(desk: ScheduleDesk) -> None:
    desk.begin("vwap", **MINUTES)
    before = filled_each_minute(desk, range(1))
    assert isinstance(desk.amend(qty="1600"), Accepted)
    after = [sum(order.leaves_qty // SCALE for order in desk.live)]
    for _ in desk.live:
        desk.fill()
    after += filled_each_minute(desk, range(1, 5))
    assert (before, sum(after)) == ([400], 1200)
    assert after[0] == 480  # from a moment after 22:14 a minute of 40, of 100 that are left


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"curve": "none"}, "curve: no curve 'none' is configured"),
    ({"curve": "early"}, "curve: early says that nothing trades between start and end"),
    ({"end": ""}, "end: a schedule needs one"),
]


@pytest.mark.parametrize(("params", "said"), REFUSED)
def test_a_curve_that_says_nothing_is_refused(
    desk: ScheduleDesk, params: dict[str, Any], said: str
) -> None:
    answer = desk.try_begin("vwap", **(MINUTES | params))
    assert isinstance(answer, Refused)
    assert answer.text == f"algo kind vwap: {said}"


def test_its_schedule_is_the_curve(desk: ScheduleDesk) -> None:
    desk.begin("vwap", **MINUTES)
    assert [row["planned"] for row in desk.view().schedule] == ["400", "200", "100", "100", "200"]


def test_without_its_curve_it_is_held(desk: ScheduleDesk) -> None:
    desk.begin("vwap", **MINUTES)
    desk.engine = replayed(desk)
    settings = {key: value for key, value in desk.settings.items() if key != "curves"}
    desk.give(inputs.Started(run=2, version="test", settings=settings))
    assert desk.ending == ("held", "no curve 'late' is configured any more")


def test_a_replay_comes_to_the_same_state(desk: ScheduleDesk) -> None:
    desk.begin("vwap", **MINUTES)
    filled_each_minute(desk, range(3))
    assert replayed(desk).shown(desk.now).hash() == desk.shown.hash()
