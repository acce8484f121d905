"""Tables of the risk gate: limits with what they count, exposure, money, and position feeds.

Money is rounded to whole units where there is little room; JSON has it exact. A figure that cannot
be had, because a mark or a rate is missing, is shown as ``?`` and never as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fix_oms.cli.tables import WIDE, fitted, plain_table
from fix_oms.cli.words import clock, money_text
from fix_oms.model.controls import CONTROLS, DIMENSIONS
from fix_oms.model.limits import Limit
from fix_oms.model.scope import FIRM, key_text
from fix_oms.model.settings_text import structure
from fix_oms.model.units import Notional, notional_text, text_of
from fix_oms.model.views import BalanceView, ExposureView, FeedView, LimitView

SHOWN_BUCKETS: Final = 5
"""So many figures of one limit are shown in the list; `limits show LIMIT` has all of them."""
UNKNOWN: Final = "?"
EVERYTHING: Final = key_text(FIRM)
_RANK: Final = {control: n for n, control in enumerate(CONTROLS)}


def limit_of(view: LimitView) -> Limit:
    """The limit itself. Raises SettingsError for one that this release cannot read."""
    return structure(Limit, view.plain, view.name)


def limits_table(limits: Sequence[LimitView], width: int) -> Table:
    """One limit a row, in the catalogue's order; of what it counts apart, a line each."""
    is_wide = width >= WIDE
    table = plain_table(
        *("Limit", "At most", *(("For",) if is_wide else ()), "Found now", ">Refused", "State"),
        *(("Source", "Note") if is_wide else ()),
    )
    table.columns[0].no_wrap = is_wide
    for view in sorted(limits, key=lambda view: _RANK[view.control]):
        table.add_row(
            view.name,
            view.limit or "-",
            *([view.scope] if is_wide else []),
            "\n".join(_found(view)),
            str(view.refused),
            _state(view),
            *([view.source, view.note] if is_wide else []),
        )
    return fitted(table, width)


def _found(view: LimitView) -> list[str]:
    """The first figures, by names alone: ``DESK AAPL: 4``."""
    lines = _figures({_bare(where): much for where, much in view.found.items()})
    more = len(lines) - SHOWN_BUCKETS
    return [*lines[:SHOWN_BUCKETS], f"... and {more} more"] if more > 0 else lines


def _figures(found: Mapping[str, str]) -> list[str]:
    """One line for each thing that is counted; a limit of one order has nothing to count."""
    return [
        much if where in ("", EVERYTHING) else f"{where}: {much}"
        for where, much in found.items()
        if much
    ]


def _bare(where: str) -> str:
    """``account DESK, symbol AAPL`` as ``DESK AAPL``; `limits show LIMIT` says which is which."""
    words = [part.partition(" ") for part in where.split(", ")]
    if not all(dimension in DIMENSIONS for dimension, _, _ in words):
        return where
    return " ".join(name or "-" for _, _, name in words)


def _in_full(where: str) -> str:
    """``account DESK, no strategy, symbol AAPL``: an order need not belong to one."""
    return ", ".join(part if part != "strategy " else "no strategy" for part in where.split(", "))


def _state(view: LimitView) -> Text:
    """Latched first: it is what somebody has to act on."""
    where = [_bare(said.partition(" is stopped by ")[0]) for said in view.latched]
    parts = [Text(f"LATCHED {name}".rstrip(), style="bold red") for name in where]
    parts += [Text("soft")] if view.soft else []
    parts += [Text(f"override: {view.override}", style="yellow")] if view.override else []
    return Text("\n").join(parts)


def limit_page(view: LimitView) -> Table:
    """One limit in full, with the rule that asks for its control."""
    control = CONTROLS[view.control]
    limit = limit_of(view)
    facts = {
        "Limit": view.name,
        "Control": view.control,
        "Refuses": control.refuses,
        "At most": view.limit,
        "For": view.scope,
        "Counted apart": ", ".join(limit.apart),
        "Also": _also(limit),
        "Override": view.override or ("may be overridden" if view.soft else "none: it is hard"),
        "Reducing orders": "spared" if control.spares_reducing else "",
        "Latched": "\n".join(map(_in_full, view.latched)) or ("no" if control.latches else ""),
        "Refused": str(view.refused),
        "Found now": "\n".join(_figures({_in_full(w): much for w, much in view.found.items()})),
        "Source": view.source,
        "Note": view.note,
        "Asked for by": control.asked_by,
    }
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in facts.items():
        if text:
            grid.add_row(name, text)
    return grid


def _also(limit: Limit) -> str:
    """The keys that only some controls take."""
    parts = [
        f"{key} {', '.join(held) if isinstance(held, tuple) else held}"
        for key in CONTROLS[limit.control].keys
        if (held := getattr(limit, key))
    ]
    return "; ".join(parts)


# -- what it could come to -------------------------------------------------------------------------


def exposure_table(rows: Sequence[ExposureView], width: int) -> RenderableType:
    """The worst case of each; under it, what is missing to know it."""
    is_wide = width >= WIDE
    shares = ("Position", "Open buy", "Open sell") if is_wide else ()
    money = ("Open value", "Gross", "Net long", "Net short") if is_wide else ("Gross", "Net")
    numbers = (*shares, "Longest", "Shortest", *money, "Profit")
    table = plain_table("Of", *(f">{name}" for name in numbers))
    for row in rows:
        counted = (row.position, row.open_buy, row.open_sell) if is_wide else ()
        quantities = (*counted, row.longest, row.shortest)
        is_symbol = row.dimension == "symbol"
        table.add_row(
            _of(row),
            *(text_of(quantity) if is_symbol else "" for quantity in quantities),
            *(UNKNOWN if row.missing else text for text in _sums(row, is_wide=is_wide)),
        )
    currency = next((row.currency for row in rows), "")
    legend = [f"worst case, were every open order to fill; money in {currency}"]
    legend += [f"{UNKNOWN} {_of(row)}: {row.missing}" for row in rows if row.missing]
    legend += [_doubt(row) for row in rows if row.dimension == "symbol"]
    legend = [line for line in legend if line]
    return Group(fitted(table, width), Text("\n".join(legend), style="dim"))


def _doubt(row: ExposureView) -> str:
    """What of the open quantity may be there or not: it counts as if it were."""
    sides = (("to buy", row.doubt_buy), ("to sell", row.doubt_sell))
    parts = [f"{text_of(quantity)} {side}" for side, quantity in sides if quantity]
    return f"{_of(row)}: {' and '.join(parts)} hang on an answer of the broker" if parts else ""


def _of(row: ExposureView) -> str:
    return f"{row.dimension} {row.name}".rstrip()


def _sums(row: ExposureView, *, is_wide: bool) -> list[str]:
    """The money of a row; where there is little room, of net the worse way, and no cents."""
    if is_wide:
        sums = (row.open_value, row.gross, row.net_long, row.net_short, row.profit)
        return [notional_text(held) for held in sums]
    net = max(row.net_long, row.net_short, key=abs)
    return [notional_text(held, 0) for held in (row.gross, net, row.profit)]


def balances_table(rows: Sequence[BalanceView], width: int) -> Table:
    is_wide = width >= WIDE
    table = plain_table(
        "Account", "Ccy", ">Available", ">Used since", ">Left", "Stated (UTC)", "Source"
    )
    if is_wide:
        table.add_column("Total", justify="right", no_wrap=True)
        table.add_column("Margin used", justify="right", no_wrap=True)
    for row in rows:
        cells: list[str | Text] = [
            row.account,
            row.currency,
            money_text(row.available),
            notional_text(row.used_since),
            _signed(row.left),
            clock(row.stated_ns)[:8],
            row.source,
        ]
        if is_wide:
            cells += [money_text(held) if held else "" for held in (row.total, row.margin_used)]
        table.add_row(*cells)
    return fitted(table, width)


def feeds_table(rows: Sequence[FeedView], width: int) -> RenderableType:
    """Ours and theirs side by side, and under it in words what somebody has to explain."""
    table = plain_table(
        "Account", "Symbol", ">Ours", ">Told", ">Difference", ">Unconfirmed", "Told (UTC)", "Source"
    )
    for row in rows:
        differs = "bold red" if row.difference else ""
        table.add_row(
            row.account,
            row.symbol,
            text_of(row.ours),
            text_of(row.told) if row.told_ns else "",
            Text(text_of(row.difference) if row.told_ns else "", style=differs),
            str(row.unconfirmed),
            clock(row.told_ns)[:8],
            row.source,
        )
    missing = [f"{row.account} {row.symbol}: {row.missing}" for row in rows if row.missing]
    shown = fitted(table, width)
    return Group(shown, Text("\n".join(missing), style="yellow")) if missing else shown


def _signed(value: Notional) -> Text:
    return Text(notional_text(value), style="bold red" if value < 0 else "")
