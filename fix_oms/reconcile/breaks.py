"""What is wrong between two sides: one class for each break, and what it comes to.

The classes are those that FIX itself has for the two moments at which a counterparty's word is
refused: DKReason(127) for an execution, AllocRejCode(88) for an allocation. Both know the unknown
trade, the wrong side, symbol, quantity, price and account; a desk's file adds the duplicate.

| class         | what it is                                           | 127 / 88     |
|---------------|------------------------------------------------------|--------------|
| missing_here  | they have an execution that counts and we do not     | D / 5        |
| missing_there | we have an execution that counts and they do not     |              |
| duplicate     | one side has one execution twice                     |              |
| symbol        | both have it, in different instruments               | A            |
| side          | both have it, one bought and one sold                | B            |
| quantity      | both have it, of different size                      | C / 1        |
| price         | both have it, at different prices                    | E / 2        |
| account       | both have it, for different accounts                 | / 0          |
| position      | a position that no break of executions explains      |              |

A pair that differs in several things is *one* break, of the first class above that fits; ``fields``
names all of them. A busted execution does not count: one that they bust and we still hold is
missing there, one that we hold as busted and they still have is missing here, and the note says so.
What both have busted is no break, and neither is a bust of something that we never had.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from fix_oms.model.units import SCALE, Fixed, Notional
from fix_oms.reconcile.trades import Trade


class BreakClass(StrEnum):
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    DUPLICATE = "duplicate"
    SYMBOL = "symbol"
    SIDE = "side"
    QUANTITY = "quantity"
    PRICE = "price"
    ACCOUNT = "account"
    POSITION = "position"


IN_WORDS: Final[dict[str, str]] = {
    BreakClass.MISSING_HERE: "missing here",
    BreakClass.MISSING_THERE: "missing there",
}
"""Classes that people read differently; the others are one word already."""

FIELDS: Final = (
    BreakClass.SYMBOL,
    BreakClass.SIDE,
    BreakClass.QUANTITY,
    BreakClass.PRICE,
    BreakClass.ACCOUNT,
)
"""What a pair can differ in, the gravest first: it gives the break its class."""


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """One difference. ``ours`` and ``theirs`` are the evidence; ``day`` is YYYYMMDD.

    ``qty`` and ``money`` say how position and cash would change if their word became ours (money is
    in the instrument's currency). ``key`` names the execution or position that it is about: it is
    the same from run to run, whatever class the break has by then.
    """

    kind: BreakClass
    key: str
    day: int
    account: str
    symbol: str
    ours: Trade | None = None
    theirs: Trade | None = None
    fields: tuple[str, ...] = ()
    qty: Fixed = 0
    money: Notional = 0
    note: str = ""
    held: Fixed | None = None
    told: Fixed | None = None


def differences(ours: Trade, theirs: Trade, px_tolerance: Fixed = 0) -> tuple[BreakClass, ...]:
    """What the two sides of one execution differ in, the gravest first."""
    differs = (
        ours.symbol != theirs.symbol,
        ours.buys != theirs.buys,
        ours.qty != theirs.qty,
        abs(ours.px - theirs.px) > px_tolerance,
        bool(theirs.account) and ours.account != theirs.account,
    )
    return tuple(name for name, is_so in zip(FIELDS, differs, strict=True) if is_so)


def key_of(trade: Trade) -> str:
    """What an execution is called from run to run: by ExecID(17) and day, else by its terms."""
    if trade.exec_ids:
        return f"exec {trade.exec_ids[0]} of {trade.day}"
    side = "buy" if trade.buys else "sell"
    order = trade.orders[0] if trade.orders else "no order"
    at = f"{trade.qty}@{trade.px} {trade.time_ns} of {trade.day}"
    return f"row {order} {side} {trade.symbol} {at}"


def found(
    kind: BreakClass,
    ours: Trade | None,
    theirs: Trade | None,
    multipliers: Mapping[str, Fixed],
    *,
    fields: tuple[str, ...] = (),
    note: str = "",
) -> Break:
    """The break that two sides come to. A side that is busted, or None, has nothing."""
    named = ours or theirs
    assert named is not None, "a break has a side"
    key = key_of(named)
    if kind is BreakClass.DUPLICATE:
        key = f"twice {key}"
    mine, other = _counted(ours), _counted(theirs)
    return Break(
        kind=kind,
        key=key,
        day=named.day,
        account=named.account,
        symbol=named.symbol,
        ours=ours,
        theirs=theirs,
        fields=fields,
        qty=(other.signed if other else 0) - (mine.signed if mine else 0),
        money=_cash(other, multipliers) - _cash(mine, multipliers),
        note=note,
    )


def pair(
    ours: Trade,
    theirs: Trade,
    multipliers: Mapping[str, Fixed],
    px_tolerance: Fixed = 0,
    note: str = "",
) -> Break | None:
    """What is wrong between two sides of one execution; None where nothing is."""
    if ours.gone and theirs.gone:
        return None
    if theirs.gone:
        said = _and(f"{theirs.gone} there", note)
        return found(BreakClass.MISSING_THERE, ours, theirs, multipliers, note=said)
    if ours.gone:
        said = _and(f"{ours.gone} here", note)
        return found(BreakClass.MISSING_HERE, ours, theirs, multipliers, note=said)
    differs = differences(ours, theirs, px_tolerance)
    if not differs:
        return None
    fields = tuple(str(name) for name in differs)
    return found(differs[0], ours, theirs, multipliers, fields=fields, note=note)


def _counted(trade: Trade | None) -> Trade | None:
    return None if trade is None or trade.gone else trade


def _cash(trade: Trade | None, multipliers: Mapping[str, Fixed]) -> Notional:
    if trade is None:
        return 0
    return trade.cash * multipliers.get(trade.symbol, SCALE) // SCALE


def _and(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
