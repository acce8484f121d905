"""A two-sided market maker: a bid and an offer around the middle, leaning against what it holds."""

from __future__ import annotations

from fix_oms.algos.algo import Algo, Answer, Desk, Filled, Mine, out
from fix_oms.model.algos import Cancel, Change, Place
from fix_oms.model.units import Fixed


class Maker(Algo, kw_only=True):
    """``qty`` a side, ``half_ticks`` from the middle, which leans by ``skew_ticks`` for each
    ``qty`` that it holds; never long or short of more than ``most_held``."""

    symbol: str
    venue: str
    qty: Fixed
    most_held: Fixed
    half_ticks: int = 3
    skew_ticks: int = 1
    sent: int = 0
    REMEMBERS = frozenset({"sent"})
    AMENDABLE = frozenset({"qty", "most_held", "half_ticks", "skew_ticks"})

    def watches(self) -> frozenset[str]:
        return frozenset({self.symbol})

    def wrong(self, desk: Desk) -> str:
        return "" if self.venue in desk.venues(self.symbol) else "venue: it does not trade there"

    def on_book(self, desk: Desk, symbol: str) -> Answer:
        bids = desk.levels(self.symbol, bids=True, others=True)
        offers = desk.levels(self.symbol, bids=False, others=True)
        if not (bids and offers):
            yield from out(desk)  # nobody else says what it is worth: show nothing
        elif desk.ready(self.symbol, self.venue):
            held = desk.filled(self.symbol, buys=True) - desk.filled(self.symbol, buys=False)
            leans, most = held * self.skew_ticks // self.qty, self.half_ticks - 1
            terms = desk.terms(self.symbol, self.venue)
            middle = (bids[0][0] + offers[0][0]) // 2 - max(-most, min(most, leans)) * terms.tick
            away = self.half_ticks * terms.tick
            yield from self.show(desk, True, terms.price(middle - away, True), held)
            yield from self.show(desk, False, terms.price(middle + away, False), -held)

    def show(self, desk: Desk, buys: bool, price: Fixed, held: Fixed) -> Answer:
        qty, side = max(0, min(self.qty, self.most_held - held)), "1" if buys else "2"
        mine = next((m for m in desk.working() if m.side == side), None)
        if mine is None and qty:
            name, self.sent = f"q{self.sent + 1}", self.sent + 1
            symbol, venue = self.symbol, self.venue
            yield Place(name=name, symbol=symbol, side=side, qty=qty, price=price, venue=venue)
        elif mine is not None and not mine.pending and (mine.price, mine.open_qty) != (price, qty):
            name, new, moves = mine.name, mine.executed + qty, qty and mine.changes < 100
            yield Change(name=name, qty=new, price=price) if moves else Cancel(name=name)

    def on_fill(self, desk: Desk, fill: Filled) -> Answer:
        return self.on_book(desk, self.symbol)

    def on_order(self, desk: Desk, mine: Mine) -> Answer:
        return () if mine.is_open else self.on_book(desk, self.symbol)
