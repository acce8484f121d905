"""Percentage of volume: to be a fixed part of what the market trades.

So much is to be executed or at work as ``pct`` percent of all that has traded since the start, by
the trades that venues and feeds tell; our own are among them. It looks every ``every_s`` seconds (5
unless given). What is due waits as its policy says and is left to wait; behind ``min_pct`` what is
missing to that crosses at once, and never is more executed or at work than ``max_pct`` allows.
Where no trades are told nothing is sent. The volume of a pause is followed afterwards
(``after_pause`` = catch_up), or never (spread, shift).
"""

from __future__ import annotations

from collections.abc import Iterator

from fix_oms.algos.algo import Answer, Desk
from fix_oms.algos.asked import CATCH_UP, PERCENT, STAY
from fix_oms.algos.progress import rows_sent
from fix_oms.algos.sizes import least_of, parts_of
from fix_oms.algos.sliced import Sliced
from fix_oms.algos.times import SECOND
from fix_oms.model.algos import AnyAct
from fix_oms.model.units import Fixed, text_of


class Pov(Sliced, kw_only=True):
    """See the module's docstring. It has an end only where one is given."""

    pct: Fixed
    min_pct: Fixed | None = None
    carry: str = STAY

    looked_qty: Fixed = 0
    """What the market had traded when it last looked."""
    crossed: int = 0
    """The number of the newest order that crosses: it is not taken out for another."""

    REMEMBERS = Sliced.REMEMBERS | {"looked_qty", "crossed"}
    AMENDABLE = Sliced.AMENDABLE | {"pct", "min_pct"}

    def wrong_kind(self, desk: Desk, begins: int, ends: int) -> str:
        most = PERCENT if self.max_pct is None else self.max_pct
        if not 0 < self.pct < PERCENT or self.pct > most:
            return f"pct: {text_of(self.pct)} is not from above 0 to max_pct, and below 100"
        if self.min_pct is not None and not 0 < self.min_pct <= self.pct:
            return f"min_pct: {text_of(self.min_pct)} is not from above 0 to pct"
        return ""

    def every(self, begins: int, ends: int) -> int:
        return (self.every_s or 5) * SECOND

    def target(self, desk: Desk) -> Fixed:
        return min(self.qty, self.market(desk) * self.pct // PERCENT)

    def planned_by(self, desk: Desk, at_ns: int) -> Fixed:
        return self.target(desk)

    def schedule(self, desk: Desk) -> tuple[dict[str, str], ...]:
        return rows_sent(self, desk)

    def look(self, desk: Desk) -> Iterator[AnyAct]:
        self.looked_qty = desk.traded(self.symbol, self.venue).qty
        return super().look(desk)

    def on_pause(self, desk: Desk) -> Answer:
        self.looked_qty = desk.traded(self.symbol, self.venue).qty
        return super().on_pause(desk)

    def missed(self, desk: Desk) -> None:
        if self.after_pause != CATCH_UP and self.market_qty >= 0:
            self.market_qty += desk.traded(self.symbol, self.venue).qty - self.looked_qty

    def send(self, desk: Desk) -> Iterator[AnyAct]:
        short = -self.executed(desk)
        if self.min_pct is not None:
            short += min(self.qty, self.market(desk) * self.min_pct // PERCENT)
        if short < least_of(self, desk):
            yield from super().send(desk)
            return
        if self.sent != self.crossed:
            self.stale = self.sent
        yield from self.take_out(desk)
        if not desk.working():
            for qty in parts_of(self, desk, short):
                yield self.place(desk, qty, crosses=True)
            self.crossed = self.sent
