"""Algos for people: one line each, and the page of one.

A line says how it stands and how far it has come; what keeps one from running stands under the
table. The page adds what it was asked, its schedule, its orders and what it did last, in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fix_oms.cli import tables
from fix_oms.cli.words import clock, iso
from fix_oms.model.algos import Acts, AnyAct, Cancel, Change, Done, Hold, Place, Tell, Wake
from fix_oms.model.fix import Side, TimeInForce, word
from fix_oms.model.talk_algos import AlgoView
from fix_oms.model.units import text_of
from fix_oms.model.views import OrderView

if TYPE_CHECKING:
    from fix_oms.journal.rehearsal import Rehearsal

_STYLE: Final = {
    "running": "green",
    "paused": "yellow",
    "held": "bold red",
    "ending": "cyan",
    "ended": "dim",
}
_FIRST: Final = ("symbol", "side", "qty", "venue", "price")
_MOST_ROWS: Final = 60


def algos_table(algos: Sequence[AlgoView], width: int) -> RenderableType:
    """One line an algo, and under it why one does not run."""
    headings = ["Algo", "Kind", "State", "What", "Progress", ">Working", ">Acts"]
    if width >= tables.WIDE:
        headings += ["Account", "By", "Updated (UTC)"]
    table = tables.plain_table(*headings)
    for algo in algos:
        cells: list[str | Text] = [
            algo.ref,
            algo.kind,
            Text(algo.state, style=_STYLE.get(algo.state, "")),
            what(algo.params),
            progress_words(algo.progress),
            str(len(algo.working)) if algo.working else "",
            str(algo.number),
        ]
        if width >= tables.WIDE:
            cells += [algo.account, algo.by, clock(algo.updated_ns)]
        table.add_row(*cells)
    notes = [(algo, note(algo)) for algo in algos]
    lines = [
        Text(f"{algo.ref}: {said}", style="red" if algo.state == "held" else "dim")
        for algo, said in notes
        if said
    ]
    whole = tables.fitted(table, width)
    return Group(whole, *lines) if lines else whole


def note(algo: AlgoView) -> str:
    """Why it does not run."""
    if not algo.known:
        return f"algo kind {algo.kind} is not known to the engine, or is another by now"
    return algo.why


def what(params: Mapping[str, str]) -> str:
    """``buy 500 AAPL``, as far as its parameters say so."""
    side, qty, symbol = (params.get(name, "") for name in ("side", "qty", "symbol"))
    return " ".join(word for word in (side, qty, symbol) if word)


def progress_words(progress: Mapping[str, str]) -> str:
    """Its first figures, in a line."""
    return ", ".join(f"{_spoken(name)} {value}" for name, value in list(progress.items())[:3])


def algo_page(
    algo: AlgoView, orders: Sequence[OrderView], acts: Sequence[Acts], width: int
) -> RenderableType:
    """All of one."""
    parts: list[RenderableType] = [_facts(algo)]
    given = {name: value for name, value in algo.params.items() if value}
    parts += _named("Parameters", given)
    parts += _named("Progress", {_spoken(n): value for n, value in algo.progress.items()})
    if algo.schedule:
        parts += [_heading("Schedule"), schedule_table(algo.schedule)]
    if orders:
        parts += [_heading("Orders"), tables.orders_table(orders, width)]
        gone = len(algo.orders) - len(orders)
        parts += [Text(f"{gone} more are over", style="dim")] if gone > 0 else []
    if acts:
        parts += [_heading("What it did last"), acts_table(acts)]
    return Group(*parts)


def schedule_table(rows: Sequence[Mapping[str, str]]) -> RenderableType:
    """A row for each thing that it plans or has done."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = tables.plain_table(*[_column(name, rows) for name in names])
    for row in rows[:_MOST_ROWS]:
        table.add_row(*[row.get(name, "") for name in names])
    if len(rows) <= _MOST_ROWS:
        return table
    return Group(table, Text(f"{len(rows) - _MOST_ROWS} more rows: see --json", style="dim"))


def acts_table(acts: Sequence[Acts]) -> Table:
    """A row for each record: why, and what it did about it."""
    table = tables.plain_table(">No", "Because", "Did")
    for record in acts:
        said = "\n".join(act_words(act) for act in record.acts) or "nothing"
        table.add_row(str(record.number), record.cause, said)
    return table


def act_words(act: AnyAct) -> str:
    """An act in words: ``place p1: Buy 500 AAPL @ 150.4 at ALPHA``."""
    if isinstance(act, Place):
        return _placed(act)
    if isinstance(act, Change):
        to = [text_of(act.qty)] if act.qty is not None else []
        to += [f"@ {text_of(act.price)}"] if act.price is not None else []
        to += [f"stop {text_of(act.stop_px)}"] if act.stop_px is not None else []
        return f"change {act.name} to {' '.join(to)}"
    if isinstance(act, Cancel):
        return f"cancel {act.name}"
    if isinstance(act, Wake):
        return f"wake at {clock(act.at_ns)}" if act.at_ns else "never mind the time"
    if isinstance(act, Tell):
        return f"tell ({act.severity}): {act.text}"
    if isinstance(act, Hold):
        return f"hold: {act.why}"
    return f"done: {act.why}" if isinstance(act, Done) else type(act).__name__


def _placed(act: Place) -> str:
    at = "at the market" if act.price is None else f"@ {text_of(act.price)}"
    if act.stop_px is not None:
        at = f"stop {text_of(act.stop_px)}" + ("" if act.price is None else f" {at}")
    tif = "" if act.time_in_force == TimeInForce.DAY else f" {word(TimeInForce, act.time_in_force)}"
    by = "" if act.policy is None else f" by {act.policy or 'the router'}"
    to = f" at {act.venue}" if act.venue else ""
    terms = f"{word(Side, act.side)} {text_of(act.qty)} {act.symbol} {at}{tif}"
    return f"place {act.name}: {terms}{by}{to}"


def rehearsed(stage: Rehearsal, width: int) -> RenderableType:
    """What an algo would have done, and what would have come of it."""
    algo, fills = stage.algo, stage.fills
    parts: list[RenderableType] = [_facts(algo), *_named("Progress", algo.progress)]
    acts = sum(len(record.acts) for record in stage.acts)
    symbols = sorted({fill.symbol for fill in fills})
    held = ", ".join(f"{text_of(stage.position(symbol))} {symbol}" for symbol in symbols)
    figures = {
        "records": str(len(stage.acts)),
        "acts": str(acts),
        "refused": str(len(stage.refused)),
        "executions": str(len(fills)),
        "held at the end": held or "nothing",
        "state hash": stage.engine.shown(stage.now).hash(),
    }
    parts += _named("What it would have done", figures)
    if stage.acts:
        parts += [_heading("At last"), acts_table(stage.acts[-10:])]
    return Group(*parts)


# -- parts -----------------------------------------------------------------------------------------


def _facts(algo: AlgoView) -> Table:
    grid = _grid()
    state = Text(algo.state, style=_STYLE.get(algo.state, ""))
    strategy = f", strategy {algo.strategy}" if algo.strategy else ""
    facts: list[tuple[str, str | Text]] = [
        ("Algo", algo.ref),
        ("Kind", algo.kind),
        ("State", state),
        ("Why", Text(note(algo), style="red" if algo.state == "held" else "")),
        ("Account(1)", f"{algo.account}{strategy}"),
        ("By", algo.by),
        ("Came", iso(algo.created_ns)),
        ("Updated", iso(algo.updated_ns)),
    ]
    for name, value in facts:
        if value:
            grid.add_row(name, value)
    return grid


def _named(heading: str, values: Mapping[str, str]) -> list[RenderableType]:
    if not values:
        return []
    grid = _grid()
    first = [name for name in _FIRST if name in values]
    for name in (*first, *[name for name in values if name not in first]):
        grid.add_row(name, values[name])
    return [_heading(heading), grid]


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True, min_width=12)
    grid.add_column(overflow="fold")
    return grid


def _heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _column(name: str, rows: Sequence[Mapping[str, str]]) -> str:
    """The heading; figures stand to the right."""
    values = [row[name] for row in rows if row.get(name)]
    is_number = all(value.lstrip("-").replace(".", "", 1).isdigit() for value in values)
    return f"{'>' if is_number else ''}{_spoken(name).capitalize()}"
