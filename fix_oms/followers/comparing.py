"""One comparison of a day: a broker's files or a FIX log beside what the journal holds.

What may stop a comparison before it says anything false: a file without rows (every execution would
be missing there), rows of another day, a mapping that names no session of the configuration.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Final

import attrs
import msgspec

from fix_oms.engine.state import State
from fix_oms.followers.files import log_lines, text_lines
from fix_oms.followers.ours import OurSide, forgotten_ns
from fix_oms.model.errors import BadFile, FixOmsError, SettingsError
from fix_oms.model.settings import Settings
from fix_oms.model.settings_text import nearest
from fix_oms.model.units import PLACES, Fixed
from fix_oms.reconcile.breaks import Break, BreakClass
from fix_oms.reconcile.broker import Clock, Names, of_day_ns
from fix_oms.reconcile.csv_rows import read_fills, read_holdings
from fix_oms.reconcile.fix_log import read_log
from fix_oms.reconcile.mapping import BrokerFiles, Table
from fix_oms.reconcile.matching import Compared, Terms, compare
from fix_oms.reconcile.positions import (
    Holding,
    Place,
    PositionLine,
    compare_positions,
    position_breaks,
)
from fix_oms.reconcile.trades import Row, Trade, folded

SECOND: Final = 1_000_000_000
DAY_NS: Final = 86_400 * SECOND
LEAST_PLACES: Final = 2
"""A file of whole prices only is still read as one of cents."""
EXECUTIONS: Final = tuple(kind for kind in BreakClass if kind is not BreakClass.POSITION)
POSITIONS: Final = (BreakClass.POSITION,)
_LOG: Final = Table(columns=dict.fromkeys(("symbol", "qty", "px"), ""))
"""A log has no table: this one is never read by."""


class Forgotten(FixOmsError):
    """The day is so old that the state has forgotten orders of it: an older state is needed, with
    all that was heard of since ``since_ns``."""

    def __init__(self, since_ns: int) -> None:
        super().__init__("orders of the day are forgotten")
        self.since_ns: Final = since_ns


@attrs.frozen(kw_only=True)
class Asked:
    """What a person asks for beside the files. ``day`` is YYYYMMDD (None: that of most rows)."""

    day: int | None = None
    cut_off: str | None = None
    is_whole: bool = True
    allow_empty: bool = False
    only_day: bool = False
    """The state is that of long ago: rows of other days may be newer than it."""


@attrs.frozen(kw_only=True)
class Day:
    """What a comparison found. ``whole`` are the classes that it looked at all of for its day;
    ``rows`` their executions or, where only positions were compared, None, and ``other_days`` those
    of them that are of another day; ``left_out`` are not compared, for the state does not know the
    orders of their days; ``ours`` are those of ours that the day has."""

    counterparty: str
    source: str
    day: int
    rows: int | None
    other_days: int
    left_out: int
    ours: int
    compared: Compared
    positions: list[PositionLine] | None
    breaks: list[Break]
    agreed: frozenset[str]
    whole: tuple[BreakClass, ...]


def compare_csv(
    state: State,
    broker: BrokerFiles,
    zone: tzinfo,
    fills: Path | None,
    positions: Path | None,
    asked: Asked,
) -> Day:
    """A broker's CSV files beside our day. Raises BadFile and SettingsError."""
    _must_be_sessions(broker.sessions, state.settings)
    names = names_of(state.settings)
    rows: tuple[Row, ...] = ()
    places = PLACES
    if fills is not None:
        table = broker.fills
        lines = text_lines(fills, table.encoding if table is not None else "utf-8")
        told = read_fills(lines, broker, zone, names, str(fills))
        rows, places = told.rows, told.px_places
        _must_have_rows(rows, fills, asked)
    holdings: tuple[Holding, ...] | None = None
    if positions is not None:
        table = broker.positions
        lines = text_lines(positions, table.encoding if table is not None else "utf-8")
        holdings = read_holdings(lines, broker, zone, names, str(positions))
        _must_have_rows(holdings, positions, asked)
    return _compared(
        state,
        broker,
        Clock(zone=zone, rolls_ns=of_day_ns(broker.day_rolls)),
        rows if fills is not None else None,
        holdings,
        asked,
        tolerance=broker.tolerance.px + half_unit(places),
        source=", ".join(path.name for path in (fills, positions) if path is not None),
    )


def compare_log(
    state: State, session: str, files: Sequence[Path], zone: tzinfo, asked: Asked
) -> Day:
    """Logs of a session's or a drop copy's messages beside our day. Raises as compare_csv."""
    _must_be_sessions((session,), state.settings)
    codec, names = state.codecs[session], names_of(state.settings)
    clock = Clock(zone=zone)
    rows: list[Row] = []
    for path in files:
        found = read_log(log_lines(path), codec, clock, names, str(path))
        rows += [_placed(row, path) for row in found] if len(files) > 1 else found
    if files:
        _must_have_rows(rows, files[-1], asked)
    broker = BrokerFiles(sessions=(session,), fills=_LOG)
    source = ", ".join(path.name for path in files)
    return _compared(state, broker, clock, rows, None, asked, tolerance=0, source=source, log=True)


def names_of(settings: Settings) -> Names:
    """Our accounts by what the broker calls them."""
    return Names(
        accounts={a.broker_account: a.name for a in settings.accounts.values() if a.broker_account}
    )


def half_unit(places: int) -> Fixed:
    """Half of the last decimal of a file: what rounding to it can have taken."""
    shown = max(LEAST_PLACES, places)
    return int(5 * 10 ** (PLACES - 1 - shown)) if shown < PLACES else 0


def _compared(
    state: State,
    broker: BrokerFiles,
    clock: Clock,
    rows: Sequence[Row] | None,
    holdings: Sequence[Holding] | None,
    asked: Asked,
    *,
    tolerance: Fixed,
    source: str,
    log: bool = False,
) -> Day:
    day = _day_of(rows or (), asked, source)
    begins_ns = clock.at(day, 0) - DAY_NS  # whatever the hour at which its day rolls
    if forgotten_ns(state) > begins_ns:
        raise Forgotten(begins_ns)
    ours = OurSide(state, broker.sessions, clock.day)
    terms = _terms(broker, clock, day, asked, tolerance, ours)
    told = folded((_dated(row, day) for row in rows or ()), repeats=log)
    kept_ns = forgotten_ns(state) + DAY_NS
    theirs = [
        row
        for row in told
        if row.day == day or not (asked.only_day or clock.at(row.day, 0) < kept_ns)
    ]
    found = compare(ours.trades if rows is not None else [], theirs, terms)
    breaks, agreed, lines = list(found.breaks), set(found.agreed), None
    if holdings is not None:
        lines, wrong, right = _positions(ours.positions(day), holdings, found, asked, day)
        breaks += wrong
        agreed |= right
    looked_at = (EXECUTIONS if rows is not None else ()) + (POSITIONS if lines is not None else ())
    return Day(
        counterparty=",".join(broker.sessions),
        source=source,
        day=day,
        rows=_counted(theirs) if rows is not None else None,
        left_out=_counted(told) - _counted(theirs),
        other_days=sum(row.day != day and not row.gone for row in theirs),
        ours=sum(trade.day == day and not trade.gone for trade in ours.trades),
        compared=found,
        positions=lines,
        breaks=breaks,
        agreed=frozenset(agreed),
        whole=looked_at if asked.is_whole else (),
    )


def _terms(
    broker: BrokerFiles, clock: Clock, day: int, asked: Asked, tolerance: Fixed, ours: OurSide
) -> Terms:
    cut_off = asked.cut_off or broker.cut_off
    return Terms(
        day=day,
        px_tolerance=tolerance,
        avg_tolerance=max(tolerance, 1),
        time_tolerance_ns=broker.tolerance.time_s * SECOND,
        cut_off_ns=clock.at(day, of_day_ns(cut_off)) if cut_off is not None else 0,
        is_whole=asked.is_whole,
        sums=broker.fills.sums if broker.fills is not None else False,
        multipliers=ours.multipliers(),
    )


def _counted(rows: Iterable[Trade]) -> int:
    return sum(not row.gone for row in rows)


def _day_of(rows: Sequence[Row], asked: Asked, source: str) -> int:
    """The day that was asked for, or the one that most rows are of. Raises BadFile where it has
    none, or where all of its rows are of other days."""
    told = Counter(row.day for row in rows if row.day)
    if asked.day is None and not told:
        raise BadFile(f"{source}: tells no day: say which it is of by --day")
    day = asked.day or max(told, key=lambda of: (told[of], of))
    if told and day not in told and not asked.allow_empty:
        days = ", ".join(sorted(map(str, told)))
        raise BadFile(f"{source}: no row is of {day}: they are of {days}")
    return day


def _positions(
    ours: Mapping[Place, Fixed],
    holdings: Sequence[Holding],
    found: Compared,
    asked: Asked,
    day: int,
) -> tuple[list[PositionLine], list[Break], set[str]]:
    """The positions that differ, the breaks among them, and the keys of what agrees."""
    lines = compare_positions(ours, holdings, found.breaks, found.pending, is_whole=asked.is_whole)
    wrong = position_breaks(lines, day)
    places = {(h.account, h.symbol) for h in holdings} | (set(ours) if asked.is_whole else set())
    keys = {f"position {account} {symbol}" for account, symbol in places}
    return lines, wrong, keys - {one.key for one in wrong}


def _dated(row: Row, day: int) -> Row:
    """A row that tells no day is of the file's."""
    return row if row.day else msgspec.structs.replace(row, day=day)


def _placed(row: Row, path: Path) -> Row:
    return msgspec.structs.replace(row, where=f"{path.name} {row.where}")


def _must_have_rows(rows: Iterable[object], path: Path, asked: Asked) -> None:
    if not any(True for _ in rows) and not asked.allow_empty:
        raise BadFile(f"{path}: has no rows; if it is right so, say --allow-empty")


def _must_be_sessions(sessions: Sequence[str], settings: Settings) -> None:
    for name in sessions:
        if name not in settings.sessions:
            hint = nearest(name, list(settings.sessions))
            raise SettingsError("reconcile", "sessions", f"no session is named {name!r}{hint}")
