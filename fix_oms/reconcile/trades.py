"""An execution as one side has it, after busts and corrections.

Both sides come down to the same thing: a *chain* (a trade, the corrections of it, perhaps a bust)
stands as one :class:`Trade` with the ExecIDs of all its members, the values that count by now and,
where it was busted, by what. So a broker that lists only the corrected line, one that lists the
trade and its correction, and one that marks the line as cancelled say the same.

A broker's :class:`Row` names another row by ``ref`` (ExecRefID(19)); many files give the bust the
ExecID(17) of its trade instead. A row whose trade is in no row of the file still counts: the trade
was in the file of an earlier day.

In a file each row is a booking, so a row that stands twice was booked twice and is kept as two. In
a FIX log the same ExecID(17) with the same values is a repetition and says nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from fix_oms.model.units import Fixed, Notional

TRADE: Final = "trade"
BUST: Final = "bust"
CORRECT: Final = "correct"
KINDS: Final = (TRADE, BUST, CORRECT)
BUYS: Final = frozenset({"1", "3"})
"""Buy and Buy minus of Side(54); all others sell."""


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of one side.

    ``exec_ids`` are those of the whole chain, the trade's own first (empty: the side tells none);
    ``orders`` every name that its order has; ``time_ns`` 0 and ``account`` empty where not told;
    ``day`` its trading day as YYYYMMDD; ``gone`` by what it was busted, or empty; ``where`` the
    place that people can look it up at.
    """

    exec_ids: tuple[str, ...]
    orders: tuple[str, ...]
    account: str
    symbol: str
    buys: bool
    qty: Fixed
    px: Fixed
    time_ns: int = 0
    day: int = 0
    gone: str = ""
    where: str = ""

    @property
    def signed(self) -> Fixed:
        """What it adds to the position."""
        return self.qty if self.buys else -self.qty

    @property
    def cash(self) -> Notional:
        """What it adds to the cash, for a contract whose multiplier is 1."""
        return -self.signed * self.px


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line or message of a broker: a trade, a bust or a correction of the one called ``ref``.

    ``orders`` are the names of its order, the most telling first.
    """

    kind: str = TRADE
    exec_id: str = ""
    ref: str = ""
    orders: tuple[str, ...] = ()
    account: str = ""
    symbol: str
    buys: bool
    qty: Fixed
    px: Fixed
    time_ns: int = 0
    day: int = 0
    where: str = ""


class _Chain:
    """What the rows so far say of one execution."""

    def __init__(self, root: str) -> None:
        self.ids: Final = [root] if root else []
        self.told: Row | None = None
        self.bust: Row | None = None

    def add(self, row: Row) -> None:
        if row.exec_id and row.exec_id not in self.ids:
            self.ids.append(row.exec_id)
        if row.kind == BUST:
            self.bust = row
        elif self.told is None or row.time_ns >= self.told.time_ns:
            self.told = row

    def trade(self) -> Trade:
        row = self.told or self.bust
        assert row is not None, "a chain has a row"
        return Trade(
            exec_ids=tuple(self.ids),
            orders=row.orders,
            account=row.account,
            symbol=row.symbol,
            buys=row.buys,
            qty=row.qty,
            px=row.px,
            time_ns=row.time_ns,
            day=row.day,
            gone=f"busted at {self.bust.where}" if self.bust is not None else "",
            where=row.where,
        )


def folded(rows: Iterable[Row], *, repeats: bool = False) -> list[Trade]:
    """The executions that a broker's rows come to, in the order of their first rows.

    ``repeats``: the same ExecID(17) with the same values says nothing new (a FIX log).
    """
    chains: list[_Chain] = []
    named: dict[str, _Chain] = {}
    amended: list[Row] = []
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        said = (row.kind, row.exec_id, row.ref, row.orders, row.symbol, row.buys, row.qty, row.px)
        if repeats and row.exec_id and said in seen:
            continue
        seen.add(said)
        if row.kind == TRADE:
            chain = _Chain(row.exec_id)
            chain.add(row)
            chains.append(chain)
            named.setdefault(row.exec_id, chain)
        else:
            amended.append(row)  # a bust may stand above its trade
    waiting = amended
    while waiting:
        left = [row for row in waiting if not _amends(row, named)]
        if len(left) == len(waiting):  # the trade of the first of them is in no row
            first, *left = left
            chain = _Chain(first.ref or first.exec_id)
            chain.add(first)
            chains.append(chain)
            for name in chain.ids:
                named.setdefault(name, chain)
        waiting = left
    return [chain.trade() for chain in chains]


def _amends(row: Row, named: dict[str, _Chain]) -> bool:
    """Add a bust or correction to its chain, if that is known by now."""
    name = row.ref or row.exec_id
    chain = named.get(name) if name else None
    if chain is None:
        return False
    chain.add(row)
    if row.exec_id:
        named.setdefault(row.exec_id, chain)
    return True
