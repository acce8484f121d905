"""The picture of transaction cost analysis: a PNG by matplotlib's Agg, which needs no screen.

Of several parents: each one's shortfall in its three parts, and what was done at each venue. Of
one: the path of the price while it worked, with its fills, and how much was filled when.

Floats are for drawing only: every figure comes exact from the analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fix_oms.cli.exits import BadInput
from fix_oms.cli.tca_tables import bps_text, price_text
from fix_oms.cli.words import percent
from fix_oms.model.fix import Side, word
from fix_oms.model.units import SCALE, Fixed, text_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.ticker import Locator

    from fix_oms.journal.costs import Done, ParentCost, VenueCost
    from fix_oms.journal.tca import Analysis, PricePath

MOST_BARS: Final = 30
"""So many parents are drawn, those with the largest shortfall in money; the title says so."""
MISSING: Final = "a picture needs matplotlib: pip install 'fix_oms[pictures]'"
_DPI: Final = 150
_PARTS: Final = (
    ("price", "price_bps", "#3b6fb6"),
    ("missed", "opportunity_bps", "#e0a030"),
    ("fees", "fees_bps", "#7a7a7a"),
)
_VENUES: Final = ("#3b6fb6", "#d1495b", "#2a9d6f", "#8e5ea2", "#e0a030", "#5f6b73", "#17a2b8")
_INK: Final = "#222222"


def require_matplotlib() -> None:
    """Raises a bad-input failure that says how to get it."""
    try:
        import matplotlib  # noqa: F401 - only whether it is there
    except ImportError:
        raise BadInput(MISSING) from None


def draw(found: Analysis, path: Path) -> None:
    """Draw it into the file. Raises a bad-input failure where that cannot be written."""
    from matplotlib.figure import Figure

    if len(found.parents) == 1:
        figure = Figure(figsize=(11, 7), layout="constrained")
        _one(figure.subplots(2, 1, sharex=True, height_ratios=(3, 1)), found)
    else:
        bars = min(len(found.parents), MOST_BARS)
        height = 2.4 + 0.34 * bars
        figure = Figure(figsize=(11, height + 3.2), layout="constrained")
        panels = figure.subplot_mosaic(
            [["parents"] * 3, ["value", "fees", "quality"]], height_ratios=(height, 3.2)
        )
        _parents(panels["parents"], found)
        below = [panels[name] for name in ("value", "fees", "quality")]
        _venues(below, found.venues, found.total.currency)
    try:
        figure.savefig(path, format="png", dpi=_DPI)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}") from None


def _number(value: Fixed | None) -> float:
    return 0.0 if value is None else value / SCALE


def _plainly(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=_INK, labelsize=9)


# -- several parents -----------------------------------------------------------------------------


def _parents(axes: Axes, found: Analysis) -> None:
    """A bar for each: the parts that cost to the right of 0, those that gained to the left."""
    costs = [cost for cost in found.parents if cost.shortfall is not None]
    largest = sorted(costs, key=lambda cost: -abs(cost.shortfall or 0))[:MOST_BARS]
    shown = [cost for cost in costs if cost in largest]
    lowest = highest = 0.0
    for n, cost in enumerate(shown):
        right = left = 0.0
        for _, name, colour in _PARTS:
            width = _number(getattr(cost, name))
            start = right if width >= 0 else left
            axes.barh(n, width, left=start, color=colour, height=0.7)
            right, left = (start + width, left) if width >= 0 else (right, start + width)
        lowest, highest = min(lowest, left), max(highest, right)
        axes.plot(_number(cost.shortfall_bps), n, "D", color=_INK, markersize=5, zorder=3)
        axes.annotate(
            bps_text(cost.shortfall_bps),
            (max(right, _number(cost.shortfall_bps)), n),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=_INK,
        )
    for label, _, colour in _PARTS:
        axes.barh(0, 0, color=colour, label=label)
    axes.plot([], [], "D", color=_INK, markersize=5, label="shortfall")
    axes.axvline(0, color=_INK, linewidth=0.8)
    axes.set_yticks(range(len(shown)), [_label(cost) for cost in shown])
    axes.invert_yaxis()
    axes.set_xlabel("basis points of the value at the arrival price (more is worse)", fontsize=9)
    room = (highest - lowest) or 1.0
    axes.set_xlim(lowest - 0.03 * room, highest + 0.1 * room)  # to the right stand the figures
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    total = found.total
    left_out = len(found.parents) - len(shown)
    title = (
        f"Implementation shortfall of {total.parents} parents: {bps_text(total.shortfall_bps)} bp, "
        f"{percent(total.filled, total.paper) or '0 %'} filled"
    )
    title += f" ({left_out} not drawn)" if left_out else ""
    axes.set_title(title, fontsize=12, loc="left", color=_INK, pad=26)
    _legend(axes, 4)
    _plainly(axes)


def _legend(axes: Axes, columns: int) -> None:
    """Between title and panel, from its left edge."""
    axes.legend(
        fontsize=8.5,
        ncols=columns,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
        borderpad=0.2,
        handletextpad=0.5,
    )


def _label(cost: ParentCost) -> str:
    side = word(Side, cost.side)
    return f"{cost.ref}  {side} {text_of(cost.order_qty)} {cost.symbol}"


def _venues(panels: Sequence[Axes], venues: Sequence[VenueCost], currency: str) -> None:
    """For each venue: the value done, taken and posted; the fees; spread and touch."""
    names = [venue.venue for venue in venues]
    places = range(len(venues))
    value, fees, quality = panels
    took = [venue.took / SCALE / SCALE / 1000 for venue in venues]
    posted = [venue.posted / SCALE / SCALE / 1000 for venue in venues]
    value.barh(places, took, color="#3b6fb6", height=0.6, label="took")
    value.barh(places, posted, left=took, color="#9db8dc", height=0.6, label="posted")
    value.set_title("Filled", fontsize=10, loc="left", color=_INK, pad=20)
    value.set_xlabel(f"{currency}, thousands", fontsize=9)
    _legend(value, 2)
    paid = [venue.fees / SCALE / SCALE for venue in venues]
    colours = ["#7a7a7a" if fee >= 0 else "#2a9d6f" for fee in paid]
    fees.barh(places, paid, color=colours, height=0.6)
    fees.set_title("Fees (below 0: rebates)", fontsize=10, loc="left", color=_INK, pad=20)
    fees.set_xlabel(currency, fontsize=9)
    spread = [_number(venue.effective_spread_bps) for venue in venues]
    touch = [_number(venue.touch_bps) for venue in venues]
    quality.barh(
        [p - 0.18 for p in places], spread, color="#3b6fb6", height=0.34, label="effective spread"
    )
    quality.barh(
        [p + 0.18 for p in places], touch, color="#e0a030", height=0.34, label="against the touch"
    )
    quality.set_title("Price", fontsize=10, loc="left", color=_INK, pad=20)
    quality.set_xlabel("basis points (more is worse)", fontsize=9)
    _legend(quality, 2)
    for panel in panels:
        panel.set_yticks(places, names if panel is value else [""] * len(names))
        panel.set_ylim(len(venues) - 0.4, -0.6)
        panel.axvline(0, color=_INK, linewidth=0.8)
        panel.grid(axis="x", color="#dddddd", linewidth=0.6)
        panel.set_axisbelow(True)
        panel.xaxis.set_major_locator(_few_ticks())
        panel.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
        _plainly(panel)


def _few_ticks() -> Locator:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4)


# -- one parent ----------------------------------------------------------------------------------


def _one(panels: Sequence[Axes], found: Analysis) -> None:
    (cost,) = found.parents
    price, filled = panels
    done = found.done[cost.ref]
    origin = cost.created_ns
    end = max([cost.ended_ns, *(one.time_ns for one in done), origin + 1])
    unit, size = _unit(end - origin)

    def at(time_ns: int) -> float:
        return (time_ns - origin) / size

    _path(price, found.paths.get(cost.ref), cost, at(end), at)
    _fills(price, done, cost, at)
    price.set_ylabel(f"price, {cost.currency}" if cost.currency else "price", fontsize=9)
    price.ticklabel_format(axis="y", useOffset=False, style="plain")
    price.grid(color="#eeeeee", linewidth=0.6)
    price.legend(fontsize=8.5, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    price.set_title(_title(cost), fontsize=12, loc="left", color=_INK)
    times, sums, total = [0.0], [0.0], 0
    for one in done:
        total += one.qty
        times.append(at(one.time_ns))
        sums.append(100 * total / cost.order_qty)
    filled.fill_between([*times, at(end)], [*sums, sums[-1]], step="post", color="#9db8dc")
    filled.step([*times, at(end)], [*sums, sums[-1]], where="post", color="#3b6fb6", linewidth=1.2)
    filled.set_ylim(0, 105)
    filled.set_ylabel(f"% of {text_of(cost.order_qty)}\nfilled", fontsize=9)
    began = f"{datetime.fromtimestamp(origin // 10**9, UTC):%Y-%m-%d %H:%M:%S} UTC"
    filled.set_xlabel(f"{unit} since it came ({began})", fontsize=9)
    filled.grid(color="#eeeeee", linewidth=0.6)
    for panel in panels:
        _plainly(panel)


def _path(
    axes: Axes, path: PricePath | None, cost: ParentCost, end: float, at: Callable[[int], float]
) -> None:
    """The middle, and the lines that the fills are compared with."""
    if path is not None and path.times:
        times = [at(time_ns) for time_ns in path.times]
        prices = [price / SCALE for price in path.prices]
        axes.step(
            [*times, max(end, times[-1])],
            [*prices, prices[-1]],
            where="post",
            color="#999999",
            linewidth=1.1,
            label="middle",
        )
    if cost.arrival_px:
        text = f"arrival {price_text(cost.arrival_px)}"
        axes.axhline(cost.arrival_px / SCALE, color=_INK, linestyle="--", linewidth=1, label=text)
    if cost.cum_qty:
        text = f"average {price_text(cost.avg_px)}"
        axes.axhline(cost.avg_px / SCALE, color="#d1495b", linestyle=":", linewidth=1.4, label=text)


def _fills(axes: Axes, done: Sequence[Done], cost: ParentCost, at: Callable[[int], float]) -> None:
    """A mark for each: by venue; filled if it took, hollow if it was posted; as large as it was."""
    largest = max((one.qty for one in done), default=1)
    for n, venue in enumerate(cost.venues):
        colour = _VENUES[n % len(_VENUES)]
        for takes in (True, False):
            held = [one for one in done if one.venue == venue and one.takes == takes]
            if held:
                axes.scatter(
                    [at(one.time_ns) for one in held],
                    [one.px / SCALE for one in held],
                    s=[18 + 130 * one.qty / largest for one in held],
                    facecolors=colour if takes else "white",
                    edgecolors=colour,
                    linewidths=1.3,
                    alpha=0.85,
                    zorder=3,
                )
        qty = text_of(sum(one.qty for one in done if one.venue == venue))
        axes.scatter([], [], s=40, color=colour, label=f"{venue}: {qty}")
    axes.scatter([], [], s=40, facecolors=_INK, edgecolors=_INK, label="took")
    axes.scatter([], [], s=40, facecolors="white", edgecolors=_INK, label="posted")


def _title(cost: ParentCost) -> str:
    what = f"{word(Side, cost.side)} {text_of(cost.order_qty)} {cost.symbol} by {cost.policy}"
    done = percent(cost.cum_qty, cost.order_qty)
    told = f"{cost.ref}: {what}, {done} filled"
    if cost.shortfall_bps is None:
        return f"{told}\n{cost.note}"
    return (
        f"{told}\nshortfall {bps_text(cost.shortfall_bps)} bp = price {bps_text(cost.price_bps)} + "
        f"missed {bps_text(cost.opportunity_bps)} + fees {bps_text(cost.fees_bps)}"
    )


def _unit(length_ns: int) -> tuple[str, int]:
    for name, size in (("hours", 3_600 * 10**9), ("minutes", 60 * 10**9), ("seconds", 10**9)):
        if length_ns >= 2 * size:
            return name, size
    return "milliseconds", 10**6
