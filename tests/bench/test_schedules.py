"""The study of schedules, in small: that it is exact, the same again, and measures what it says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import attrs
import pytest

from bench.schedules import CURVE, figures, scene, two_days
from bench.schedules_picture import draw
from fix_oms.model.curves import Curve
from fix_oms.model.units import SCALE
from fix_oms.world.calm import Disagreement
from fix_oms.world.volume_day import Day, DayOutcome, DayScene, Sample

PROFILE = Curve(name=CURVE, times=("14:30", "14:32"), volumes=(3, 1))
SECOND_DAY = Curve(name=CURVE, times=("14:30", "14:32"), volumes=(1, 3))


def small() -> DayScene:
    """Four minutes, in which three quarters trade in the first two."""
    whole = scene(0.5, 200, "patient")
    every = {kind: {**more, "every_s": 30} for kind, more in whole.algos.items()}
    return attrs.evolve(whole, profile=PROFILE, algos=every, pace=0.3)


@cache
def days() -> tuple[DayOutcome, ...]:
    return tuple(two_days(small(), SECOND_DAY, 1))


def test_a_day_is_the_same_again() -> None:
    assert Day(small(), 1, 1, PROFILE).run() == days()[0]


def test_schedules_are_done_by_the_close() -> None:
    assert [(one.filled("twap"), one.filled("vwap")) for one in days()] == [(1, 1), (1, 1)]


def test_the_second_day_goes_by_what_the_first_has_traded() -> None:
    first = days()[0]
    known = first.curve(CURVE, PROFILE.buckets()[0][0], 60, 120)
    half = first.samples[1].market_qty
    assert (known.times, known.volumes[0]) == (("14:30", "14:32"), half)
    assert days()[1].planned["vwap"][1] == 200 * SCALE * half // first.samples[-1].market_qty


def test_more_trades_when_the_profile_says_so() -> None:
    early = [one.samples[1].market_qty / one.samples[-1].market_qty for one in days()]
    assert early[0] > 0.5 > early[1]


def test_an_account_that_is_not_the_venues_own_stops_the_study() -> None:
    calm = Day(small(), 1, 1, PROFILE).calm
    calm.process.start()
    with pytest.raises(Disagreement, match="the engine has"):
        calm.agrees("AAPL", (SCALE, 0, 0))


def outcome() -> DayOutcome:
    """100 and 300 shares trade for 10 and 11; the algo has bought 30 and 50 for 10.5."""
    samples = (
        Sample(market_qty=100 * SCALE, market_notional=1000 * SCALE**2, executed=(30 * SCALE,)),
        Sample(market_qty=400 * SCALE, market_notional=4300 * SCALE**2, executed=(80 * SCALE,)),
    )
    return DayOutcome(
        seed=1,
        day=1,
        qty=100 * SCALE,
        kinds=("twap",),
        samples=samples,
        notionals=(840 * SCALE**2,),
        planned={"twap": (50 * SCALE, 100 * SCALE)},
        orders=2,
        digest="",
    )


def test_the_figures_are_what_they_say() -> None:
    of = outcome()
    assert of.market_avg == pytest.approx(10.75)
    assert of.beyond_vwap_bps("twap") == pytest.approx((10.5 / 10.75 - 1) * 10_000)
    assert (of.filled("twap"), of.part("twap")) == pytest.approx((0.8, 0.2))
    assert of.off_volume("twap") == pytest.approx((0.125**2 / 2) ** 0.5)
    assert of.off_plan("twap") == pytest.approx(0.2)


def test_the_digest_is_of_every_day() -> None:
    whole = figures(list(days()), 1)
    changed = figures([days()[0], attrs.evolve(days()[1], digest="")], 1)
    assert whole["digest"] != changed["digest"]
    assert list(whole["rows"]) == [f"{kind}, day {n}" for n in (1, 2) for kind in small().algos]


def test_a_picture_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    draw(days(), small(), tmp_path / "x.png", 1)
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
