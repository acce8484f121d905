"""The tables of transaction cost analysis: parents with their total, and the venues.

Basis points have two decimals, money cents. What cannot be said is ``?``, and why stands below.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fix_oms.cli.tables import WIDE, WIDEST, fitted, plain_table
from fix_oms.cli.words import percent, span
from fix_oms.model.fix import Side, word
from fix_oms.model.units import SCALE, Fixed, average, notional_text, text_of

if TYPE_CHECKING:
    from fix_oms.journal.costs import ParentCost, TotalCost, VenueCost
    from fix_oms.journal.tca import Analysis

UNKNOWN: Final = "?"
_PLACES: Final = 100


def tca_tables(found: Analysis, width: int) -> RenderableType:
    """Parents, their total, what is left out of it, and the venues."""
    parts: list[RenderableType] = [_parents(found, width), Text(_legend(found), style="dim")]
    if found.venues:
        parts += [Text(""), _venues(found.venues, found.total.currency, width)]
    return Group(*parts)


def bps_text(value: Fixed | None) -> str:
    """Basis points with two decimals."""
    return UNKNOWN if value is None else notional_text(value * SCALE)


def price_text(price: Fixed) -> str:
    """A price for people, to four decimals where it has more."""
    return text_of(average(price * _PLACES * _PLACES, SCALE) * SCALE // (_PLACES * _PLACES))


def _parents(found: Analysis, width: int) -> Table:
    is_wide, is_widest = width >= WIDE, width >= WIDEST
    table = plain_table(
        "Parent",
        *(("Policy",) if is_wide else ()),
        "Side",
        ">Filled",
        *((">Arrival", ">AvgPx") if is_wide else ()),
        ">Shortfall",
        *(">Price", ">Missed", ">Fees"),
        ">Spread",
        *((">Touch", ">Children", ">Time") if is_widest else ()),
    )
    for cost in found.parents:
        table.add_row(*_row(cost, is_wide=is_wide, is_widest=is_widest))
    if len(found.parents) > 1:
        table.add_section()
        table.add_row(*_total(found.total, is_wide=is_wide, is_widest=is_widest), style="bold")
    return fitted(table, width)


def _row(cost: ParentCost, *, is_wide: bool, is_widest: bool) -> list[str]:
    filled = f"{text_of(cost.cum_qty)}/{text_of(cost.order_qty)}"
    return [
        cost.ref,
        *([cost.policy] if is_wide else []),
        f"{word(Side, cost.side)} {cost.symbol}",
        filled,
        *(
            [
                price_text(cost.arrival_px) if cost.arrival_px else UNKNOWN,
                price_text(cost.avg_px) if cost.cum_qty else "",
            ]
            if is_wide
            else []
        ),
        bps_text(cost.shortfall_bps),
        bps_text(cost.price_bps),
        bps_text(cost.opportunity_bps),
        bps_text(cost.fees_bps),
        bps_text(cost.effective_spread_bps) if cost.fills else "",
        *(
            [
                bps_text(cost.touch_bps) if cost.fills else "",
                str(cost.children),
                span(cost.lasted_ns) if cost.lasted_ns else "",
            ]
            if is_widest
            else []
        ),
    ]


def _total(total: TotalCost, *, is_wide: bool, is_widest: bool) -> list[str]:
    return [
        f"all {total.parents}",
        *([""] if is_wide else []),
        "",
        percent(total.filled, total.paper),
        *(["", ""] if is_wide else []),
        bps_text(total.shortfall_bps),
        bps_text(total.price_bps),
        bps_text(total.opportunity_bps),
        bps_text(total.fees_bps),
        bps_text(total.effective_spread_bps) if total.fills else "",
        *(
            [bps_text(total.touch_bps) if total.fills else "", str(total.children), ""]
            if is_widest
            else []
        ),
    ]


def _legend(found: Analysis) -> str:
    total = found.total
    lines = ["basis points; more is worse; Shortfall = Price + Missed + Fees, of arrival value"]
    if total.parents:
        lines.append(
            f"in {total.currency}: shortfall {notional_text(total.shortfall)} of "
            f"{notional_text(total.paper)} (price {notional_text(total.price_cost)}, missed "
            f"{notional_text(total.opportunity_cost)}, fees {notional_text(total.fees)})"
        )
    lines += [f"{c.ref}: {c.note}" for c in found.parents if c.note and c.ref not in found.left_out]
    lines += [f"{ref}: in no total: {why}" for ref, why in found.left_out.items()]
    return "\n".join(lines)


def _venues(venues: Sequence[VenueCost], currency: str, width: int) -> Table:
    is_wide = width >= WIDE
    table = plain_table(
        "Venue",
        ">Children",
        ">Fills",
        f">Value {currency}",
        ">Took",
        ">Fees",
        *((">Fees bp",) if is_wide else ()),
        ">Spread",
        ">Touch",
    )
    for venue in venues:
        table.add_row(
            venue.venue,
            str(venue.children),
            str(venue.fills),
            notional_text(venue.value),
            percent(venue.took, venue.value),
            notional_text(venue.fees),
            *([bps_text(venue.fees_bps)] if is_wide else []),
            bps_text(venue.effective_spread_bps),
            bps_text(venue.touch_bps),
        )
    return fitted(table, width)
