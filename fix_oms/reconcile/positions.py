"""Positions beside a broker's, and how much of each difference the breaks of executions explain.

A position is a sum of executions, so most differences have a cause that is already in the ledger:
the broker lacks a fill, has one twice, booked one to another account. Such a difference is shown
with the breaks that make it and is no break of its own; what they do not explain is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from fix_oms.model.units import Fixed
from fix_oms.reconcile.breaks import Break, BreakClass
from fix_oms.reconcile.trades import Trade

Place = tuple[str, str]
"""Account and symbol."""


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """A position as a broker states it: signed, with the place where it says so."""

    account: str
    symbol: str
    qty: Fixed
    where: str = ""


class PositionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One position on both sides. ``explained`` of ``difference`` is by the breaks ``by`` and by
    trades that are pending; what is left is ``unexplained``."""

    account: str
    symbol: str
    ours: Fixed
    theirs: Fixed
    difference: Fixed
    explained: Fixed
    unexplained: Fixed
    by: tuple[str, ...] = ()


def compare_positions(
    ours: Mapping[Place, Fixed],
    theirs: Iterable[Holding],
    breaks: Iterable[Break],
    pending: Iterable[Trade] = (),
    *,
    is_whole: bool = True,
) -> list[PositionLine]:
    """Each position that either side has and that differs. ``is_whole``: one that they do not state
    is flat by their word."""
    told: dict[Place, Fixed] = defaultdict(int)
    for holding in theirs:
        told[holding.account, holding.symbol] += holding.qty
    effects: dict[Place, dict[str, Fixed]] = defaultdict(lambda: defaultdict(int))
    for one in breaks:
        for trade, sign in ((one.ours, -1), (one.theirs, 1)):
            if trade is not None and not trade.gone:
                account = trade.account or one.account
                effects[account, trade.symbol][one.key] += sign * trade.signed
    for trade in pending:
        effects[trade.account, trade.symbol]["pending"] -= trade.signed
    places = set(told) | {place for place, qty in ours.items() if qty and is_whole}
    lines = [_line(place, ours.get(place, 0), told[place], effects) for place in sorted(places)]
    return [line for line in lines if line.difference or line.explained]


def position_breaks(lines: Iterable[PositionLine], day: int) -> list[Break]:
    """The breaks of positions: what no break of executions explains."""
    return [
        Break(
            kind=BreakClass.POSITION,
            key=f"position {line.account} {line.symbol}",
            day=day,
            account=line.account,
            symbol=line.symbol,
            qty=line.unexplained,
            held=line.ours,
            told=line.theirs,
        )
        for line in lines
        if line.unexplained
    ]


def _line(
    place: Place, ours: Fixed, theirs: Fixed, effects: Mapping[Place, Mapping[str, Fixed]]
) -> PositionLine:
    made = {key: qty for key, qty in effects.get(place, {}).items() if qty}
    explained, difference = sum(made.values()), theirs - ours
    return PositionLine(
        account=place[0],
        symbol=place[1],
        ours=ours,
        theirs=theirs,
        difference=difference,
        explained=explained,
        unexplained=difference - explained,
        by=tuple(made),
    )
