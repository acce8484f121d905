"""The table of the venues' scorecards.

What there is nothing to say of is left empty: no orders are no 0 %. Money is rounded to cents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from fix_oms.cli.tables import WIDE, WIDEST, fitted, plain_table
from fix_oms.cli.words import percent, span
from fix_oms.model.units import SCALE, Fixed, notional_text, text_of
from fix_oms.model.views import VenueView

_FAST: Final = "half of the orders are faster (p50)"
_SLOW: Final = "one in a hundred is slower (p99)"


def venues_table(views: Sequence[VenueView], width: int) -> RenderableType:
    """One line a venue; under it what the columns are, and why nothing goes to one that is shut."""
    is_wide, is_widest = width >= WIDE, width >= WIDEST
    table = plain_table(
        "Venue",
        ">Orders",
        ">Rejected",
        ">Took",
        *((">of",) if is_widest else ()),
        ">Posted",
        *((">of",) if is_widest else ()),
        *((">Ack p50", ">Ack p99", ">Fill p50", ">Fill p99") if is_wide else (">Ack", ">Fill")),
        *((">Wait p50",) if is_wide else ()),
        *((">Wait p99",) if is_widest else ()),
        ">Better",
        ">Fees",
    )
    for view in views:
        table.add_row(*_row(view, is_wide=is_wide, is_widest=is_widest))
    return Group(fitted(table, width), Text("\n".join(_legend(views, is_wide)), style="dim"))


def _row(view: VenueView, *, is_wide: bool, is_widest: bool) -> list[str | Text]:
    dealt = view.took or view.posted
    name = Text(view.venue)
    return [
        name.append(" !", style="bold red") if view.shut else name,
        str(view.orders),
        percent(view.rejected, view.orders),
        percent(view.took, view.take_sent),
        *([_quantity(view.take_sent)] if is_widest else []),
        percent(view.posted, view.post_sent),
        *([_quantity(view.post_sent)] if is_widest else []),
        _span(view.ack_p50_ns),
        *([_span(view.ack_p99_ns)] if is_wide else []),
        _span(view.fill_p50_ns),
        *([_span(view.fill_p99_ns), _span(view.wait_p50_ns)] if is_wide else []),
        *([_span(view.wait_p99_ns)] if is_widest else []),
        _money(view.improvement) if view.took else "",
        _money(view.fees) if dealt else "",
    ]


def _legend(views: Sequence[VenueView], is_wide: bool) -> list[str]:
    currency = next((view.currency for view in views if view.currency), "")
    times = f"p50: {_FAST}; p99: {_SLOW}" if is_wide else f"Ack, Fill: {_FAST}"
    money = f"money in {currency}: Better than the book showed, Fees by the tariff (- is a rebate)"
    return [times, money, *(f"! {view.venue}: {view.shut}" for view in views if view.shut)]


def _span(ns: int) -> str:
    return span(ns) if ns else ""


def _money(held: Fixed) -> str:
    return notional_text(held * SCALE)


def _quantity(held: Fixed) -> str:
    """What has faded is no whole number any more: no places are shown that say nothing."""
    whole = (abs(held) + SCALE // 2) // SCALE
    return f"{whole}" if whole else text_of(held)
