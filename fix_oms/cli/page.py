"""The page of one order: its terms, where it stands, what we asked for, what was filled."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fix_oms.cli import tables
from fix_oms.cli.words import iso
from fix_oms.model.fix import OrdType, Side, TimeInForce, word
from fix_oms.model.units import text_of
from fix_oms.model.views import FillView, OrderView


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
    terms = f"{side} {text_of(order.order_qty)} {order.symbol} {kind} {priced}".rstrip()
    facts: list[tuple[str, str | Text]] = [
        ("Order", order.reference),
        ("State", tables.state(order)),
        ("Terms", f"{terms} {tif}"),
        ("CumQty(14)", text_of(order.cum_qty)),
        ("LeavesQty(151)", text_of(order.leaves_qty)),
        ("AvgPx(6)", text_of(order.avg_px) if order.cum_qty else ""),
        ("Venue", f"{order.venue} (session {order.session})"),
        ("Account(1)", order.account),
        ("ClOrdID(11)", order.cl_ord_id if order.cl_ord_id != order.reference else ""),
        ("OrderID(37)", order.order_id),
        ("Your ref", order.client_ref),
        ("Created", iso(order.created_ns)),
        ("Updated", iso(order.updated_ns)),
        ("Note", tables.note(order)),
    ]
    for name, value in facts:
        if value:
            grid.add_row(name, value)
    return grid


def _requests(order: OrderView) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("ClOrdID(11)", "Request", "Outcome", "Text(58)"):
        table.add_column(heading, overflow="fold", header_style="dim")
    for request in order.requests:
        doubt = " (in doubt)" if request.in_doubt else ""
        table.add_row(request.cl_ord_id, request.kind, f"{request.outcome}{doubt}", request.text)
    return table
