"""The picture of the schedules' study: a PNG by matplotlib's Agg, which needs no screen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fix_oms.model.curves import SECOND
from fix_oms.model.units import SCALE
from fix_oms.world.figures import interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fix_oms.world.volume_day import DayOutcome, DayScene

MISSING: Final = "a picture needs matplotlib: pip install 'fix_oms[pictures]'"
_COLOURS: Final = {"twap": "#d1495b", "vwap": "#3b6fb6", "pov": "#2a9d6f"}
_INK: Final = "#222222"
_PALE: Final = "#b9c3cb"
_DPI: Final = 150


def draw(days: Sequence[DayOutcome], scene: DayScene, path: Path, seed: int) -> None:
    """Draw it into the file. Raises ImportError where there is no matplotlib, and OSError."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 8.5), layout="constrained")
    panels = figure.subplots(2, 2)
    _volume(panels[0][0], days[:2], scene)
    _cumulative(panels[0][1], days[1])
    _off(panels[1][0], days)
    _prices(panels[1][1], days, seed)
    for axes in panels.flat:
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.tick_params(colors=_INK, labelsize=9)
        axes.title.set_fontsize(10.5)
    figure.savefig(path, format="png", dpi=_DPI)


def _hours(count: int, each_s: int = 60) -> list[float]:
    """Since the open, at the end of each so many seconds."""
    return [each_s * (n + 1) / 3600 for n in range(count)]


def _volume(axes: Axes, days: Sequence[DayOutcome], scene: DayScene) -> None:
    """What traded in each bucket of the first seed's two days, and what the first day's curve
    says."""
    begins, ends, _ = scene.profile.buckets()[0]
    bucket_s = (ends - begins) // SECOND
    each = bucket_s // scene.sample_s
    for n, day in enumerate(days):
        totals = [0, *[sample.market_qty for sample in day.samples[each - 1 :: each]]]
        volumes = [(after - before) / SCALE for before, after in pairwise(totals)]
        colour = (_PALE, "#5f6b73")[n]
        hours = _hours(len(volumes), bucket_s)
        axes.step(hours, volumes, color=colour, lw=1.1, label=f"day {day.day}")
    total = sum(day.samples[-1].market_qty for day in days) / len(days) / SCALE
    curve = scene.profile.volumes
    axes.plot(
        _hours(len(curve), bucket_s),
        [volume / sum(curve) * total for volume in curve],
        color=_INK,
        lw=1.6,
        label="the curve",
    )
    axes.set_title(f"Shares traded in each {bucket_s // 60} minutes (one seed)")
    axes.set_xlabel("hours since the open")
    axes.legend(frameon=False, fontsize=9)


def _cumulative(axes: Axes, day: DayOutcome) -> None:
    """How much was done when: the market and each algo, as parts of their own day."""
    hours, last = _hours(len(day.samples)), day.samples[-1]
    market = [sample.market_qty / last.market_qty * 100 for sample in day.samples]
    axes.plot(hours, market, color=_INK, lw=2.4, label="the market")
    for n, kind in enumerate(day.kinds):
        done = [sample.executed[n] / last.executed[n] * 100 for sample in day.samples]
        axes.plot(hours, done, color=_COLOURS[kind], lw=1.3, label=kind)
    axes.set_title("Done by then, % of the day (day 2 of the same seed)")
    axes.set_xlabel("hours since the open")
    axes.legend(frameon=False, fontsize=9)


def _off(axes: Axes, days: Sequence[DayOutcome]) -> None:
    """How far each algo's part is from the market's, every day of every seed."""
    for day in days:
        hours, last = _hours(len(day.samples)), day.samples[-1]
        for n, kind in enumerate(day.kinds):
            off = [
                (s.executed[n] / last.executed[n] - s.market_qty / last.market_qty) * 100
                for s in day.samples
            ]
            axes.plot(hours, off, color=_COLOURS[kind], lw=0.7, alpha=0.45)
    axes.axhline(0, color=_INK, lw=0.8)
    axes.set_title("Ahead of the market's volume, % of the day (all days)")
    axes.set_xlabel("hours since the open")


def _prices(axes: Axes, days: Sequence[DayOutcome], seed: int) -> None:
    """What was paid beyond the market's average: each day a dot, and the mean with its interval."""
    kinds = days[0].kinds
    for n, kind in enumerate(kinds):
        for day in (1, 2):
            found = [one.beyond_vwap_bps(kind) for one in days if one.day == day]
            at = n * 2.4 + day - 1
            axes.plot([at] * len(found), found, "o", color=_COLOURS[kind], alpha=0.35, ms=4)
            mean = interval(found, seed)
            axes.errorbar(
                at + 0.22,
                mean.mean,
                yerr=[[mean.mean - mean.low], [mean.high - mean.mean]],
                fmt="D",
                color=_INK,
                ms=4,
                capsize=3,
            )
    axes.axhline(0, color=_INK, lw=0.8)
    axes.set_xticks([n * 2.4 + d for n in range(len(kinds)) for d in (0, 1)])
    axes.set_xticklabels([f"{kind}\nday {d}" for kind in kinds for d in (1, 2)])
    axes.set_title("Paid beyond the market's average price, bps")
