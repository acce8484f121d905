"""Breaks as people read them and as programs do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from fix_oms.cli.as_json import plain
from fix_oms.cli.tables import WIDE, fitted, plain_table
from fix_oms.cli.words import clock, iso, notional_decimal
from fix_oms.followers.break_ledger import OPEN, Entry, Happened
from fix_oms.followers.comparing import Day
from fix_oms.followers.live import Live
from fix_oms.model.units import notional_text, text_of
from fix_oms.reconcile.breaks import IN_WORDS, Break, BreakClass
from fix_oms.reconcile.positions import PositionLine
from fix_oms.reconcile.trades import Trade

_MINUTE: Final = 60_000_000_000
_STYLES: Final = {OPEN: "yellow"}


# -- a comparison ----------------------------------------------------------------------------------


def day_page(
    found: Day, entries: Sequence[Entry] | None, now_ns: int, width: int
) -> Iterator[RenderableType]:
    """What was compared, what agrees, and the breaks that are open now."""
    yield Text(f"{found.counterparty}, {day_text(found.day)}: {found.source}", style="bold")
    done = found.compared
    if found.rows is not None:
        agree = sum(done.passes.values())
        ways = ", ".join(f"{count} by {how}" for how, count in done.passes.items())
        late = f" ({found.other_days} of other days)" if found.other_days else ""
        yield Text(f"{_many(found.rows, 'execution')} of theirs{late}, {found.ours} of ours")
        yield Text(f"{agree} matched" + (f" ({ways})" if ways else ""))
        if not agree and found.rows and found.ours:
            yield Text("nothing matches: is it the right file, session and day?", style="yellow")
    if found.left_out:
        days = (
            f"{_many(found.left_out, 'execution')} of other days not compared: say --day for them"
        )
        yield Text(days, style="yellow")
    if done.pending:
        yield Text(f"{_many(len(done.pending), 'execution')} after the cut-off: pending, no break")
    if done.unseen:
        yield Text(f"{_many(done.unseen, 'execution')} of ours not in this part")
    if found.positions is not None:
        yield from _positions(found.positions, entries, width)
    yield from _open_now(found.breaks, entries, now_ns, width)


def _open_now(
    found: Sequence[Break], entries: Sequence[Entry] | None, now_ns: int, width: int
) -> Iterator[RenderableType]:
    """The ledger's open breaks; without a ledger those that were found."""
    if entries is None:
        count = len(found)
        yield Text(f"{_many(count, 'break')} found" if count else "no breaks", style="bold")
        if found:
            yield found_table(found, width)
    elif entries:
        yield Text(f"{_many(len(entries), 'break')} open", style="bold")
        yield breaks_table(entries, now_ns, width)
    else:
        yield Text("no breaks are open", style="bold green")


def _positions(
    lines: Sequence[PositionLine], entries: Sequence[Entry] | None, width: int
) -> Iterator[RenderableType]:
    if not lines:
        yield Text("all positions agree")
        return
    numbers = {entry.found.key: f"#{entry.id}" for entry in entries or ()}
    table = plain_table("Account", "Symbol", ">Ours", ">Theirs", ">Difference", "Explained by")
    for line in lines:
        by = [numbers.get(key, key) for key in line.by]
        rest = f"unexplained {text_of(line.unexplained)}" if line.unexplained else ""
        table.add_row(
            line.account,
            line.symbol,
            text_of(line.ours),
            text_of(line.theirs),
            text_of(line.difference),
            Text("; ".join(part for part in (", ".join(by), rest) if part)),
        )
    yield fitted(table, width)


def day_as_json(found: Day, entries: Sequence[Entry] | None) -> dict[str, Any]:
    """All of a comparison; ``open`` are the ledger's open breaks, None after a dry run."""
    return {
        "counterparty": found.counterparty,
        "day": day_text(found.day),
        "source": found.source,
        "theirs": found.rows,
        "theirs_of_other_days": found.other_days,
        "theirs_left_out": found.left_out,
        "ours": found.ours,
        "matched": found.compared.passes,
        "pending": [plain(trade) for trade in found.compared.pending],
        "not_in_this_part": found.compared.unseen,
        "breaks": [break_as_json(one) for one in found.breaks],
        "positions": None if found.positions is None else [plain(p) for p in found.positions],
        "open": None if entries is None else [entry_as_json(entry) for entry in entries],
    }


# -- a drop copy -----------------------------------------------------------------------------------


def live_page(
    found: Sequence[Live], entries: Sequence[Entry] | None, now_ns: int, width: int
) -> Iterator[RenderableType]:
    """What each drop copy was compared with, and the breaks that are open now."""
    for one in found:
        line = f"{one.session}, drop copy {one.copy}: {_many(one.ours, 'execution')} of ours"
        line += f", {one.waiting} wait for the other side" if one.waiting else ""
        line += f", {one.uncompared} were too many to compare" if one.uncompared else ""
        yield Text(line)
    breaks = [broken for one in found for broken in one.breaks]
    yield from _open_now(breaks, entries, now_ns, width)


def live_as_json(found: Sequence[Live], entries: Sequence[Entry] | None) -> dict[str, Any]:
    """As :func:`day_as_json`."""
    return {
        "copies": [
            {
                "session": one.session,
                "copy": one.copy,
                "ours": one.ours,
                "waiting": one.waiting,
                "uncompared": one.uncompared,
                "breaks": [break_as_json(broken) for broken in one.breaks],
            }
            for one in found
        ],
        "open": None if entries is None else [entry_as_json(entry) for entry in entries],
    }


# -- breaks ----------------------------------------------------------------------------------------


def breaks_table(entries: Sequence[Entry], now_ns: int, width: int) -> Table:
    """The ledger's breaks, one a line."""
    table = _table(width, "#")
    if width >= WIDE:
        for name in ("Broker", "Day", "Age", "Owner", "State"):
            table.add_column(name, overflow="fold")
    for entry in entries:
        cells: list[str | Text] = [str(entry.id), *_cells(entry.found)]
        if width >= WIDE:
            cells += [
                entry.counterparty,
                day_text(entry.found.day),
                age(now_ns - entry.first_ns),
                entry.owner,
                Text(entry.state, style=_STYLES.get(entry.state, "dim")),
            ]
        table.add_row(*cells)
    return fitted(table, width)


def found_table(breaks: Sequence[Break], width: int) -> Table:
    """Breaks that stand in no ledger."""
    table = _table(width)
    for one in breaks:
        table.add_row(*_cells(one))
    return fitted(table, width)


def _table(width: int, *first: str) -> Table:
    return plain_table(*first, "Class", "Account", "Symbol", "Ours", "Theirs", ">Money")


def _cells(one: Break) -> list[str | Text]:
    if one.kind is BreakClass.POSITION:
        ours, theirs = text_of(one.held or 0), text_of(one.told or 0)
        money = ""
    else:
        ours, theirs = _side(one.ours), _side(one.theirs)
        money = notional_text(one.money)
    return [Text(words(one.kind), style="bold"), one.account, one.symbol, ours, theirs, money]


def _side(trade: Trade | None) -> str:
    if trade is None:
        return "-"
    gone = " busted" if trade.gone else ""
    return f"{_terms(trade)}{gone}, {trade.where}"


def _terms(trade: Trade) -> str:
    return f"{'Buy' if trade.buys else 'Sell'} {text_of(trade.qty)} @ {text_of(trade.px)}"


def entry_page(entry: Entry, history: Sequence[Happened], now_ns: int) -> Iterator[str]:
    """One break in full, line by line."""
    one = entry.found
    owner = f", {entry.owner}'s" if entry.owner else ""
    yield f"Break {entry.id}: {words(one.kind)} at {entry.counterparty}, {day_text(one.day)}"
    old = age(now_ns - entry.first_ns)
    yield f"{entry.state}{owner}, {old} old; last found by {entry.found_by}"
    if entry.resolution and entry.state != OPEN:
        yield f"by {entry.resolution}"
    if one.kind is BreakClass.POSITION:
        yield f"  ours    {text_of(one.held or 0)} {one.symbol} for {one.account}"
        yield f"  theirs  {text_of(one.told or 0)}; {text_of(one.qty)} not explained"
    else:
        yield f"  ours    {_in_full(one.ours)}"
        yield f"  theirs  {_in_full(one.theirs)}"
        if len(one.fields) > 1:
            yield f"  differ in {', '.join(one.fields)}"
        if one.note:
            yield f"  {one.note}"
        yield f"  by their word: position {text_of(one.qty)}, cash {notional_text(one.money)}"
    for event in history:
        at = iso(event.at_ns)
        yield f"{at[:10]} {clock(event.at_ns)[:8]} {event.by}: {event.what}: {event.text}"


def _in_full(trade: Trade | None) -> str:
    if trade is None:
        return "nothing"
    said = [f"{_terms(trade)} {trade.symbol}"]
    said += [f"for {trade.account}"] if trade.account else []
    said += [f"ExecID(17) {', '.join(trade.exec_ids)}"] if trade.exec_ids else []
    said += [f"{iso(trade.time_ns)}"] if trade.time_ns else []
    said += [trade.where] if trade.where else []
    said += [trade.gone] if trade.gone else []
    return ", ".join(said)


def sentence(entry: Entry) -> str:
    """``break 3, price at ALPHA: open, ann's``."""
    owner = f", {entry.owner}'s" if entry.owner else ""
    said = f"break {entry.id}, {words(entry.found.kind)} at {entry.counterparty}: {entry.state}"
    return said + owner


def entry_as_json(entry: Entry, history: Sequence[Happened] = ()) -> dict[str, Any]:
    """A break of the ledger, with its history where that is given."""
    shown: dict[str, Any] = plain(entry)
    shown.pop("found")
    shown["break"] = break_as_json(entry.found)
    if history:
        shown["history"] = plain(history)
    return shown


def break_as_json(one: Break) -> dict[str, Any]:
    """A break, its class under ``class``."""
    shown: dict[str, Any] = plain(one)
    return {
        "class": str(shown.pop("kind")),
        **shown,
        "day": day_text(one.day),
        "money": notional_decimal(one.money),
    }


def words(kind: str) -> str:
    """A class as people read it."""
    return IN_WORDS.get(kind, str(kind))


def day_text(day: int) -> str:
    """A day YYYYMMDD as ISO 8601."""
    return f"{day // 10_000:04d}-{day // 100 % 100:02d}-{day % 100:02d}"


def age(ns: int) -> str:
    """``12 min``, ``5 h``, ``3 d``."""
    minutes = ns // _MINUTE
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def _many(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"
