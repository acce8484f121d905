"""A stop that follows the market while it goes well, and fires when it turns."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.outputs import Refused
from fix_oms.model.units import fixed, text_of
from tests.algos.kept_desk import KeptDesk
from tests.algos.schedule_desk import replayed

SELLS: dict[str, Any] = {"side": "sell", "price": None, "qty": "100", "trail": "0.10"}
BUYS = SELLS | {"side": "buy"}


@pytest.fixture
def desk() -> KeptDesk:
    return KeptDesk()


def quoted(desk: KeptDesk, *bids: str) -> list[str]:
    """The stop after each of these bids, of a spread of two ticks; what works last."""
    stops = []
    for bid in bids:
        desk.market(bid, text_of(fixed(bid) + fixed("0.02")))
        stops.append(desk.view().progress.get("stop", ""))
    return stops


def test_the_stop_of_a_sale_only_rises_and_fires(desk: KeptDesk) -> None:
    desk.begin("trailing", **SELLS)
    stops = quoted(desk, "10.00", "10.20", "10.11", "10.30", "10.21")
    before = desk.at_work
    quoted(desk, "10.20")
    assert (stops, before) == (["9.9", "10.1", "10.1", "10.2", "10.2"], [])
    assert desk.at_work == ["x1 100 @ 10.18 ioc"]


def test_the_stop_of_a_purchase_only_falls_and_fires(desk: KeptDesk) -> None:
    desk.begin("trailing", **BUYS)
    stops = quoted(desk, "9.98", "9.78", "9.80", "9.68")
    quoted(desk, "9.79")
    assert stops == ["10.1", "9.9", "9.9", "9.8"]
    assert desk.at_work == ["x1 100 @ 9.82 ioc"]


@pytest.mark.parametrize(
    ("trail", "stop"),
    [({"trail": "0.25"}, "9.74"), ({"trail_ticks": 7}, "9.92"), ({"trail_bps": "100"}, "9.8901")],
)
def test_how_far_away_it_stands(desk: KeptDesk, trail: Any, stop: str) -> None:
    desk.begin("trailing", **(SELLS | {"trail": None} | trail))
    assert desk.progress("stop") == stop


def test_nothing_is_followed_before_the_activation(desk: KeptDesk) -> None:
    desk.begin("trailing", activation="10.20", **SELLS)
    stops = quoted(desk, "10.10", "9.50", "10.20", "10.15")
    assert (stops, desk.at_work) == (["", "", "10.1", "10.1"], [])


@pytest.mark.parametrize(
    ("trigger", "extreme"), [("bid", "9.99"), ("offer", "10.01"), ("mid", "10"), ("last", "10.5")]
)
def test_what_is_watched(desk: KeptDesk, trigger: str, extreme: str) -> None:
    desk.trades(5, "10.5")
    desk.begin("trailing", trigger=trigger, **SELLS)
    assert desk.progress("extreme") == extreme


def test_what_is_left_is_sent_again_at_the_touch_of_then(desk: KeptDesk) -> None:
    desk.begin("trailing", **SELLS)
    quoted(desk, "9.80")
    desk.fills("x1", 40)
    desk.leaves_none("x1")
    quoted(desk, "9.50")
    desk.takes()
    left = desk.at_work
    desk.fills("x2", 60)
    assert (left, desk.ending) == (["x2 60 @ 9.49 ioc"], ("ended", "all of it has executed"))


def test_it_never_trades_beyond_its_worst(desk: KeptDesk) -> None:
    desk.begin("trailing", worst="9.79", **SELLS)
    quoted(desk, "9.70")
    none = desk.at_work
    quoted(desk, "9.80")
    assert (none, desk.at_work) == ([], ["x1 100 @ 9.79 ioc"])


def test_a_stop_that_has_fired_stays_fired(desk: KeptDesk) -> None:
    desk.begin("trailing", **SELLS)
    quoted(desk, "9.80")
    desk.leaves_none("x1")
    quoted(desk, "10.50")
    assert desk.at_work == ["x2 100 @ 10.48 ioc"]


def test_other_terms_never_move_the_stop_the_bad_way(desk: KeptDesk) -> None:
    desk.begin("trailing", **SELLS)
    desk.amend(trail="0.50")
    wider = desk.progress("stop")
    desk.amend(trail="0.05")
    assert (wider, desk.progress("stop")) == ("9.89", "9.94")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"trail": None}, "trail: give one of trail, trail_ticks and trail_bps"),
    ({"trail_ticks": 3}, "trail: give one of trail, trail_ticks and trail_bps"),
    ({"trail": "0"}, "trail: 0 is not above 0"),
    ({"trail": None, "trail_bps": "10000"}, "trail_bps: 10000 is not above 0 and below 10000"),
    ({"trail": None, "trail_ticks": -1}, "trail_ticks: -1 is not from 1 to 1000000"),
    ({"worst": "9.999"}, "worst: 9.999 is no multiple above 0 of the tick 0.01"),
]


@pytest.mark.parametrize(("params", "said"), WRONG)
def test_what_is_wrong_is_refused_by_name(desk: KeptDesk, params: Any, said: str) -> None:
    answer = desk.try_begin("trailing", **(SELLS | params))
    assert isinstance(answer, Refused)
    assert answer.text == f"algo kind trailing: {said}"


def test_a_restart_remembers_the_best_price(desk: KeptDesk) -> None:
    desk.begin("trailing", **SELLS)
    quoted(desk, "10.30")
    desk.restarts()
    assert desk.progress("extreme") == "10.3"
    assert desk.at_work == ["x1 100 @ 9.98 ioc"]


def test_a_replay_comes_to_the_same_state(desk: KeptDesk) -> None:
    desk.begin("trailing", **SELLS)
    quoted(desk, "10.30", "10.10")
    desk.fills("x1", 40)
    assert replayed(desk).shown(desk.now).hash() == desk.shown.hash()
