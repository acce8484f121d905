"""Parents for people: one line each, and the page of one.

A parent is shown as what its children amount to: FIX's own words for its state, and beside what is
filled the two things that a trader asks next: how much of the rest is out with children, and how
much is not sent and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fix_oms.cli import tables
from fix_oms.cli.words import clock, iso
from fix_oms.model.fix import OrdStatus, Side, TimeInForce, word
from fix_oms.model.units import Fixed, text_of
from fix_oms.model.views import OrderView, ParentView

BY_HAND: Final = "by hand"
"""The policy's place, of a parent whose children somebody else sends."""
_STYLE: Final[dict[str, str]] = {
    OrdStatus.SUSPENDED: "bold red",
    OrdStatus.PENDING_CANCEL: "yellow",
    OrdStatus.PENDING_REPLACE: "yellow",
}


def parents_table(parents: Sequence[ParentView], width: int) -> RenderableType:
    """One line a parent, and under it what keeps one from going on, if anything does."""
    headings = ["Parent", "State", "Side", ">Filled", "Symbol", ">Price", ">AvgPx", "Policy"]
    headings += [">Open", ">Unsent"]
    if width >= tables.WIDE:
        headings += [">Children", "TIF", "Account", "Updated (UTC)"]
    table = tables.plain_table(*headings)
    for parent in parents:
        cells: list[str | Text] = [
            parent.ref,
            parent_state(parent),
            word(Side, parent.side),
            filled_words(parent),
            parent.symbol,
            limit_words(parent.price),
            text_of(parent.avg_px) if parent.cum_qty else "",
            parent.policy or BY_HAND,
            text_of(parent.open_qty) if parent.open_qty else "",
            text_of(parent.unrouted) if parent.unrouted else "",
        ]
        if width >= tables.WIDE:
            cells += [
                str(len(parent.children)),
                word(TimeInForce, parent.time_in_force) if parent.time_in_force else "",
                parent.account,
                clock(parent.updated_ns),
            ]
        table.add_row(*cells)
    whole = tables.fitted(table, width)
    notes = [(parent, parent_note(parent)) for parent in parents]
    lines = [
        Text(f"{parent.ref}: {said}", style="red" if is_stuck(parent) else "dim")
        for parent, said in notes
        if said
    ]
    return Group(whole, *lines) if lines else whole


def parent_state(parent: ParentView) -> Text:
    """The status by FIX's name, ``?`` where a child's request is in doubt."""
    style = _STYLE.get(parent.ord_status) or tables.status_style(parent.ord_status)
    text = Text(word(OrdStatus, parent.ord_status), style=style)
    return text.append(" ?", style="bold red") if parent.in_doubt else text


def filled_words(parent: ParentView) -> str:
    return f"{text_of(parent.cum_qty)}/{text_of(parent.order_qty)}"


def limit_words(price: Fixed | None) -> str:
    """``150.25``, or ``market`` where a parent has no limit."""
    return "market" if price is None else text_of(price)


def is_stuck(parent: ParentView) -> bool:
    """Whether it waits for a person."""
    return parent.ord_status == OrdStatus.SUSPENDED


def parent_note(parent: ParentView) -> str:
    """Why it stands where it stands: what is awaited, what keeps the rest, how it ended."""
    parts = [f"{parent.pending} pending"] if parent.pending else []
    parts += ["a child is in doubt"] if parent.in_doubt else []
    if parent.held:
        unsent = f"{text_of(parent.unrouted)} not sent: " if parent.unrouted else ""
        parts.append(unsent + parent.held)
    parts += [parent.text] if parent.text and not parent.pending else []
    return "; ".join(parts)


def parent_sentence(parent: ParentView) -> str:
    """One parent in one line: ``PartiallyFilled 600/1000 @ 10.01 Buy AAPL by sweep, …``."""
    at = f" @ {text_of(parent.avg_px)}" if parent.cum_qty else ""
    policy = f" by {parent.policy}" if parent.policy else ""
    line = f"{word(OrdStatus, parent.ord_status)} {filled_words(parent)}{at} "
    line += f"{word(Side, parent.side)} {parent.symbol}{policy}, {children_words(parent)}"
    said = parent_note(parent)
    return f"{line}: {said}" if said else line


def children_words(parent: ParentView) -> str:
    """``3 children``, and what is open with them."""
    count = len(parent.children)
    sent = "no children" if not count else "1 child" if count == 1 else f"{count} children"
    return f"{sent}, {text_of(parent.open_qty)} open" if parent.open_qty else sent


def parent_facts(parent: ParentView) -> Table:
    """Facts by name."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    side, tif = word(Side, parent.side), word(TimeInForce, parent.time_in_force)
    terms = f"{side} {text_of(parent.order_qty)} {parent.symbol} {limit_words(parent.price)} {tif}"
    strategy = f", strategy {parent.strategy}" if parent.strategy else ""
    facts: list[tuple[str, str | Text]] = [
        ("Parent", parent.ref),
        ("State", parent_state(parent)),
        ("Terms", terms.rstrip()),
        ("Policy", parent.policy or "none: its children are sent by hand"),
        ("CumQty(14)", text_of(parent.cum_qty)),
        ("AvgPx(6)", text_of(parent.avg_px) if parent.cum_qty else ""),
        ("LeavesQty(151)", _leaves(parent)),
        ("Arrival price", arrival_words(parent)),
        ("Account(1)", f"{parent.account}{strategy}"),
        ("Came", iso(parent.created_ns)),
        ("Updated", iso(parent.updated_ns)),
        ("Note", Text(parent_note(parent), style="red" if is_stuck(parent) else "")),
    ]
    for name, value in facts:
        if value:
            grid.add_row(name, value)
    return grid


def _leaves(parent: ParentView) -> str:
    if not parent.leaves_qty:
        return "0"
    out, unsent = text_of(parent.open_qty), text_of(parent.unrouted)
    return f"{text_of(parent.leaves_qty)}: {out} with children, {unsent} not sent"


def arrival_words(parent: ParentView) -> str:
    """The middle of the market when it came, and how the average compares: cost is positive."""
    arrival = parent.arrival_px
    if not arrival:
        return ""
    if not parent.cum_qty:
        return text_of(arrival)
    buys = parent.side == Side.BUY
    paid = parent.avg_px - arrival if buys else arrival - parent.avg_px
    hundredths = (abs(paid) * 2_000_000 // arrival + 1) // 2
    bps = f"{hundredths // 100}.{hundredths % 100:02d} bp"
    than = "worse" if paid > 0 else "better" if paid < 0 else ""
    return f"{text_of(arrival)}; the average is {bps} {than}" if than else f"{text_of(arrival)}"


def parent_page(parent: ParentView, children: Sequence[OrderView], width: int) -> RenderableType:
    """Facts by name, then its children."""
    parts: list[RenderableType] = [parent_facts(parent)]
    if children:
        parts += [Text("\nChildren", style="bold"), tables.orders_table(children, width)]
    gone = len(parent.children) - len(children)
    if gone > 0:
        parts.append(Text(f"{gone} more are in the journal alone", style="dim"))
    return Group(*parts)
