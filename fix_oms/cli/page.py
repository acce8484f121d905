"""The page of one order: its terms, where it stands, what we asked for, what was filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fix_oms.cli import tables
from fix_oms.cli.words import iso
from fix_oms.model.fix import OrdType, Side, TimeInForce, word
from fix_oms.model.units import text_of
from fix_oms.model.views import FillView, OrderView

_GOOD_TILL: Final = frozenset({TimeInForce.GTC, TimeInForce.GTD})


def order_page(order: OrderView, fills: Sequence[FillView], width: int) -> RenderableType:
    """Facts by name, then a table of requests, then one of fills."""
    parts: list[RenderableType] = [_facts(order)]
    if order.requests:
        parts += [Text("\nRequests", style="bold"), _requests(order)]
    if fills:
        parts += [Text("\nFills", style="bold"), tables.fills_table(fills, width)]
    return Group(*parts)


def _facts(order: OrderView) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    side, kind = word(Side, order.side), word(OrdType, order.ord_type)
    tif = word(TimeInForce, order.time_in_force)
    priced = "" if order.price is None and order.stop_px is None else tables.price_words(order)
    cash = tables.cash_words(order)
    what = f"{order.symbol} for {cash}" if cash else f"{text_of(order.order_qty)} {order.symbol}"
    terms = f"{side} {what} {kind} {priced}".rstrip()
    facts: list[tuple[str, str | Text]] = [
        ("Order", order.reference),
        ("State", tables.state(order)),
        ("Terms", f"{terms} {tif}"),
        ("OrderQty(38)", _order_qty(order)),
        ("CumQty(14)", _cum_qty(order)),
        ("LeavesQty(151)", text_of(order.leaves_qty)),
        ("AvgPx(6)", text_of(order.avg_px) if order.cum_qty else ""),
        ("The day", _day(order)),
        ("Venue", f"{order.venue} (session {order.session})"),
        ("Account(1)", order.account),
        ("ClOrdID(11)", order.cl_ord_id if order.cl_ord_id != order.reference else ""),
        ("OrderID(37)", order.order_id),
        ("Your ref", order.client_ref),
        ("Parent", order.parent),
        ("Created", iso(order.created_ns)),
        ("Updated", iso(order.updated_ns)),
        ("Note", tables.note(order)),
    ]
    for name, value in facts:
        if value:
            grid.add_row(name, value)
    return grid


def _order_qty(order: OrderView) -> str:
    """Told apart only where the terms do not say it: for a cash order."""
    if order.cash_order_qty is None:
        return ""
    return text_of(order.order_qty) if order.order_qty else "not told yet"


def _cum_qty(order: OrderView) -> str:
    """With what of it stands on the broker's word alone, and what the word does not explain."""
    doubts = []
    if order.provisional_qty:
        doubts.append(f"{text_of(order.provisional_qty)} of it not yet proven by executions")
    if order.unexplained_qty:
        doubts.append(f"{text_of(order.unexplained_qty)} not explained")
    return "; ".join([text_of(order.cum_qty), *doubts])


def _day(order: OrderView) -> str:
    """The fields of FIX for an order that lives across days, as they are today."""
    if order.time_in_force not in _GOOD_TILL or order.day_order_qty is None:
        return ""
    day = f"DayOrderQty(424) {text_of(order.day_order_qty)}"
    if order.day_cum_qty is not None:
        day += f", DayCumQty(425) {text_of(order.day_cum_qty)}"
    if order.day_cum_qty and order.day_avg_px is not None:
        day += f", DayAvgPx(426) {text_of(order.day_avg_px)}"
    return day


def _requests(order: OrderView) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("ClOrdID(11)", "Request", "Outcome", "Text(58)"):
        table.add_column(heading, overflow="fold", header_style="dim")
    for request in order.requests:
        doubt = " (in doubt)" if request.in_doubt else ""
        table.add_row(request.cl_ord_id, request.kind, f"{request.outcome}{doubt}", request.text)
    return table
