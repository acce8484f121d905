"""Tables for people: what fits 80 columns, and more where there is room.

Numbers are right-aligned and ungrouped, so that they can be typed back. Marks after a state say
what a glance must not miss, and are explained under the table when they occur. Money is grouped,
and told with its currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fix_oms.cli.words import clock, money_text
from fix_oms.model.fix import OrdStatus, OrdType, Side, TimeInForce, word
from fix_oms.model.units import SCALE, notional_text, text_of
from fix_oms.model.views import FillView, HaltView, OrderView, PositionView, SessionView

WIDE: Final = 120
WIDEST: Final = 150
SHOWN_UNCONFIRMED: Final = 10
"""So many unconfirmed orders of a kill are shown in a table; the rest is counted."""

MARKS: Final = {
    "*": "a request of ours awaits its answer",
    "?": "in doubt: the broker is being asked (fix-oms resolve ends it by hand)",
    "~": "provisional: part of it is the broker's word, and proven by no execution yet",
    "%": "not explained: what the broker told and the executions do not agree",
    "^": "uncertain: only the order of arrival tells which report is newer",
    "!": "a break: something does not add up",
}
_GAP: Final = 2
_WORD: Final = 8
"""A column of words is not made narrower than this to keep numbers in one line."""
_STATE_STYLE: Final[dict[str, str]] = {
    OrdStatus.NEW: "cyan",
    OrdStatus.PARTIALLY_FILLED: "yellow",
    OrdStatus.FILLED: "green",
    OrdStatus.REJECTED: "red",
    OrdStatus.CANCELED: "dim",
    OrdStatus.EXPIRED: "dim",
}
_SESSION_STYLE: Final = {"ready": "green", "up": "yellow", "down": "red", "disabled": "dim"}


def orders_table(orders: Sequence[OrderView], width: int) -> RenderableType:
    """One line an order, and under it what the marks mean, if any occur."""
    table = plain_table("Order", "State", "Side", ">Filled", "Symbol", ">Price", ">AvgPx", "Venue")
    has_parents = width >= WIDE and any(order.parent for order in orders)
    if width >= WIDE:
        parent = ("Parent",) if has_parents else ()
        for name in ("TIF", "Account", "Ref", *parent, "Updated (UTC)", "Note"):
            table.add_column(name, overflow="fold")
    for order in orders:
        cells: list[str | Text] = [
            order.reference,
            state(order),
            word(Side, order.side),
            done_words(order),
            order.symbol,
            price_words(order),
            text_of(order.avg_px) if order.cum_qty else "",
            order.venue,
        ]
        if width >= WIDE:
            cells += [
                word(TimeInForce, order.time_in_force),
                order.account,
                order.client_ref,
                *((order.parent,) if has_parents else ()),
                clock(order.updated_ns),
                note(order),
            ]
        table.add_row(*cells)
    seen = {mark for order in orders for mark in _marks(order)}
    legend = "\n".join(f"{mark} {text}" for mark, text in MARKS.items() if mark in seen)
    return Group(table, Text(legend, style="dim")) if legend else table


def state(order: OrderView) -> Text:
    """The status by FIX's name, with the marks of what is not settled."""
    text = Text(word(OrdStatus, order.ord_status), style=status_style(order.ord_status))
    marks = _marks(order)
    return text.append(f" {marks}", style="bold red") if marks else text


def status_style(ord_status: str) -> str:
    """How a state is coloured."""
    return _STATE_STYLE.get(ord_status, "")


def _marks(order: OrderView) -> str:
    found = (
        bool(order.pending),
        order.in_doubt,
        bool(order.provisional_qty),
        bool(order.unexplained_qty),
        order.uncertain,
        bool(order.breaks),
    )
    return "".join(mark for mark, is_on in zip(MARKS, found, strict=True) if is_on)


def note(order: OrderView) -> str:
    """What the marks stand for in this order, and the broker's text."""
    parts = [f"{name} pending" for name in dict.fromkeys(order.pending)]
    parts += ["in doubt"] if order.in_doubt else []
    if order.provisional_qty:
        parts.append(f"{text_of(order.provisional_qty)} not yet proven")
    if order.unexplained_qty:
        parts.append(f"{text_of(order.unexplained_qty)} not explained")
    parts += ["uncertain"] if order.uncertain else []
    parts += [*order.breaks, *([order.text] if order.text else [])]
    return "; ".join(parts)


def price_words(order: OrderView) -> str:
    """``150.25``, ``market``, ``stop 149`` or ``150.25 stop 149``."""
    parts = [] if order.price is None else [text_of(order.price)]
    if order.stop_px is not None:
        parts.append(f"stop {text_of(order.stop_px)}")
    return " ".join(parts) or word(OrdType, order.ord_type).lower()


def done_words(order: OrderView) -> str:
    """``40/100``; of a cash order whose quantity its broker has not derived, ``40 of 10,000``."""
    if order.cash_order_qty is not None and not order.order_qty:
        return f"{text_of(order.cum_qty)} of {cash_words(order)}"
    return f"{text_of(order.cum_qty)}/{text_of(order.order_qty)}"


def cash_words(order: OrderView) -> str:
    """CashOrderQty(152) as money; empty for an order of a quantity."""
    if order.cash_order_qty is None:
        return ""
    return f"{money_text(order.cash_order_qty)} {order.currency or 'cash'}"


def sentence(order: OrderView) -> str:
    """One order in one line: ``Filled 100/100 @ 150.2 Buy AAPL on ALPHA``."""
    done = done_words(order)
    at = f" @ {text_of(order.avg_px)}" if order.cum_qty else ""
    side = word(Side, order.side)
    line = f"{word(OrdStatus, order.ord_status)} {done}{at} {side} {order.symbol} on {order.venue}"
    said = note(order)
    return f"{line}: {said}" if said else line


def fills_table(fills: Sequence[FillView], width: int) -> Table:
    table = plain_table(
        "Time (UTC)", "Order", "Side", ">Qty", "Symbol", ">Price", "Venue", "ExecID"
    )
    if width >= WIDE:
        table.add_column("Account")
    table.add_column("State")
    for fill in fills:
        cells: list[str | Text] = [
            clock(fill.transact_time),
            fill.order,
            word(Side, fill.side),
            text_of(fill.last_qty),
            fill.symbol,
            text_of(fill.last_px),
            fill.venue,
            fill.exec_id,
        ]
        cells += [fill.account] if width >= WIDE else []
        is_counted = fill.state == "effective"
        cells.append(Text("" if is_counted else fill.state, style="red"))
        table.add_row(*cells)
    return table


def positions_table(positions: Sequence[PositionView], width: int) -> RenderableType:
    """The more room, the more figures: what is open at its mark, fees, what the day began with.

    Under it, what a drop copy tells otherwise."""
    table = plain_table(
        *(
            "Account",
            "Symbol",
            ">Position",
            ">AvgPx",
            ">Realised",
            "Ccy",
            ">Open buy",
            ">Open sell",
        ),
        *((">Unrealised", ">Fees", ">Bought", ">Sold") if width >= WIDE else ()),
        *((">Mark", ">Opening") if width >= WIDEST else ()),
    )
    for held in positions:
        cells: list[str | Text] = [
            held.account,
            held.symbol,
            Text(text_of(held.quantity), style="red" if held.quantity < 0 else ""),
            text_of(held.average_px) if held.quantity else "",
            notional_text(held.realised),
            held.currency,
            text_of(held.open_buy),
            text_of(held.open_sell),
        ]
        is_marked = held.mark > 0 and held.quantity != 0
        if width >= WIDE:
            cells += [
                notional_text(held.unrealised) if is_marked else "",
                notional_text(held.fees * SCALE) if held.fees else "",
                text_of(held.bought),
                text_of(held.sold),
            ]
        if width >= WIDEST:
            cells += [
                text_of(held.mark) if is_marked else "",
                text_of(held.opening) if held.opening else "",
            ]
        table.add_row(*cells)
    broken = "\n".join(_copied_otherwise(held) for held in positions if held.breaks)
    whole = fitted(table, width)
    return Group(whole, Text(broken, style="red")) if broken else whole


def _copied_otherwise(held: PositionView) -> str:
    what = "1 execution" if held.breaks == 1 else f"{held.breaks} executions"
    return f"! {held.account} {held.symbol}: a drop copy tells {what} otherwise (reconcile live)"


def sessions_table(sessions: Sequence[SessionView], width: int) -> Table:
    table = plain_table(
        "Session", "Version", "State", ">In", ">Out", ">Epoch", "Since (UTC)", "Reason"
    )
    for session in sessions:
        shown = Text(session.state, style=_SESSION_STYLE.get(session.state, ""))
        if session.backing_off:
            shown.append(" busy", style="yellow")
        table.add_row(
            session.name,
            session.version,
            shown,
            str(session.next_in),
            str(session.next_out),
            str(session.epoch),
            clock(session.since_ns)[:8],
            session.reason,
        )
    return table


def halts_table(halts: Sequence[HaltView]) -> RenderableType:
    """One line a halt or kill, and under it what the broker has not confirmed of each kill."""
    table = plain_table("Act", "Scope", "Since (UTC)", "By", "Reason")
    for halt in halts:
        table.add_row(
            "kill" if halt.kill else "halt",
            Text(scope_words(halt), style="bold red"),
            clock(halt.since_ns)[:8],
            halt.by,
            halt.reason,
        )
    open_ends = [line for halt in halts for line in unconfirmed_lines(halt)]
    return Group(table, Text("\n".join(open_ends), style="yellow")) if open_ends else table


def unconfirmed_lines(halt: HaltView, most: int = SHOWN_UNCONFIRMED) -> list[str]:
    """How many orders of a kill are not confirmed out, and ``most`` of them, each with why."""
    count = len(halt.unconfirmed)
    if not count:
        return []
    orders = "1 order" if count == 1 else f"{count} orders"
    lines = [f"kill of {scope_words(halt)}: {orders} not confirmed out"]
    lines += [f"  {line}" for line in halt.unconfirmed[:most]]
    return lines + ([f"  ... and {count - most} more"] if count > most else [])


def scope_words(halt: HaltView) -> str:
    """``everything``, or ``venue ALPHA, symbol AAPL``."""
    parts = [
        f"{name} {value}"
        for name, value in (
            ("venue", halt.venue),
            ("symbol", halt.symbol),
            ("account", halt.account),
            ("strategy", halt.strategy),
        )
        if value is not None
    ]
    return ", ".join(parts) or "everything"


def plain_table(*headings: str) -> Table:
    """A plain table; a heading that begins with ``>`` is of numbers. The first is never cut."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for n, heading in enumerate(headings):
        is_number = heading.startswith(">")
        table.add_column(
            heading.removeprefix(">"),
            justify="right" if is_number else "left",
            no_wrap=n == 0 or is_number,
            overflow="fold",
        )
    return table


def fitted(table: Table, width: int) -> Table:
    """The table with its numbers folded where they do not fit: one that is cut reads as less."""
    needed = -_GAP
    for column in table.columns:
        longest = max(len(str(cell)) for cell in (column.header, *column.cells))
        needed += _GAP + (longest if column.no_wrap else min(longest, _WORD))
    if needed > width:
        for column in table.columns:
            column.no_wrap = False
    return table
