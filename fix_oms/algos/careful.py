"""What algos have in common that keep an order or two where they should be: peg, trailing, bracket.

They decide anew at each event by what the desk shows, so it does not matter which event it was.
What is refused or rejected is tried again after 1 s, 2 s, 4 s … up to a minute; after
``MOST_TRIES`` running a person has to look. A counterparty that cannot replace is sent a cancel,
and the new order when the old one is out.

*Triggers.* A price is watched by ``trigger``: ``last`` trade, best ``bid``, best ``offer``, their
``mid``, or the ``touch``: the side that the order would trade with, so the bid for a sale. Books
that are stale, crossed or have gaps trigger nothing.

*Taking.* What has to trade at once is a limit that takes at once (IOC), ``slip_bps`` hundredths of
a percent beyond the touch, so that an empty book is not swept to its end; what it leaves is tried
again ``retry_ms`` later at the touch of then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fix_oms.algos.algo import Algo, Answer, Desk, Filled, Mine, Refusal
from fix_oms.algos.asked import SIDES
from fix_oms.model.algos import AnyAct, Cancel, Change, Hold, Place, Wake
from fix_oms.model.fix import OrdStatus, Side, TimeInForce
from fix_oms.model.units import Fixed, text_of

RUNNING: Final = "running"
MOST_TRIES: Final = 6
MOST_CHANGES: Final = 100
MILLISECOND: Final = 1_000_000
SECOND: Final = 1000 * MILLISECOND
BPS: Final = 10_000 * 10**8
"""One, in hundredths of a percent, as a Fixed."""
TRIGGERS: Final = ("last", "bid", "offer", "mid", "touch")
_LONGEST: Final = 60 * SECOND


class Careful(Algo, kw_only=True):
    """The base of the three. ``side`` is buy, sell or sell_short; all orders go to ``venue``, or
    where the gate chooses. What it remembers: how many orders it has named, how often running it
    was turned away, when it may try again and has asked to be told, whether the counterparty
    replaces."""

    symbol: str
    side: str
    qty: Fixed
    venue: str = ""
    retry_ms: int = 250

    named: int = 0
    tries: int = 0
    next_ns: int = 0
    woken: int = 0
    replaces: bool = True
    REMEMBERS = frozenset({"named", "tries", "next_ns", "woken", "replaces"})

    # -- what a kind says ---------------------------------------------------------------------

    def decide(self, desk: Desk) -> Iterator[AnyAct]:
        """What is to be done as it stands."""
        raise NotImplementedError

    # -- events -------------------------------------------------------------------------------

    def watches(self) -> frozenset[str]:
        return frozenset({self.symbol})

    def on_start(self, desk: Desk) -> Answer:
        return self.decide(desk)

    def on_restart(self, desk: Desk) -> Answer:
        return self.decide(desk)

    def on_book(self, desk: Desk, symbol: str) -> Answer:
        return self.decide(desk)

    def on_order(self, desk: Desk, mine: Mine) -> Answer:
        if mine.status == OrdStatus.REJECTED:
            yield from self.turned_away(desk, f"{mine.name} was rejected: {mine.text}")
        elif mine.is_open and mine.status in _TAKEN:
            self.tries = 0
        yield from self.decide(desk)

    def on_fill(self, desk: Desk, fill: Filled) -> Answer:
        return self.decide(desk)

    def on_time(self, desk: Desk) -> Answer:
        return self.decide(desk)

    def on_amend(self, desk: Desk) -> Answer:
        return self.decide(desk)

    def on_resume(self, desk: Desk) -> Answer:
        self.tries = self.next_ns = 0
        return self.decide(desk)

    def on_refused(self, desk: Desk, refusal: Refusal) -> Answer:
        if refusal.act == "change" and refusal.control == "supports":
            self.replaces = False
            yield from self.decide(desk)
        elif refusal.act != "cancel":
            yield from self.turned_away(desk, refusal.text)

    def turned_away(self, desk: Desk, why: str) -> Iterator[AnyAct]:
        """Not now: later, or not without a person."""
        self.tries += 1
        if self.tries > MOST_TRIES:
            yield Hold(why=f"turned away {self.tries} times running: {why}")
        else:
            self.next_ns = desk.now + min(SECOND << (self.tries - 1), _LONGEST)
            yield from self.wake(desk)

    # -- parts --------------------------------------------------------------------------------

    @property
    def buys(self) -> bool:
        return self.side == "buy" or self.side == Side.BUY

    def may_send(self, desk: Desk) -> bool:
        """Whether an order may be sent now: the time to try again has come, and it could leave."""
        if desk.state != RUNNING or desk.now < self.next_ns:
            return False
        return desk.ready(self.symbol, self.venue)

    def place(
        self,
        stem: str,
        side: str,
        qty: Fixed,
        price: Fixed | None,
        *,
        stop_px: Fixed | None = None,
        tif: TimeInForce = TimeInForce.DAY,
    ) -> Place:
        """An order under a new name."""
        self.named += 1
        return Place(
            name=f"{stem}{self.named}",
            symbol=self.symbol,
            side=side,
            qty=qty,
            price=price,
            stop_px=stop_px,
            time_in_force=tif.value,
            venue=self.venue or None,
        )

    def wake(self, desk: Desk) -> Iterator[AnyAct]:
        """Be told when the time to try again has come; asked for once."""
        if desk.state == RUNNING and desk.now < self.next_ns != self.woken:
            self.woken = self.next_ns
            yield Wake(at_ns=self.next_ns)

    def change(
        self, mine: Mine, qty: Fixed, price: Fixed | None = None, stop_px: Fixed | None = None
    ) -> Iterator[AnyAct]:
        """Let an order that waits for no answer be so much in all, at that price; one that cannot
        be replaced, or has been very often, is taken out, and its place is free when it is out."""
        if mine.pending:
            return
        if self.replaces and qty > mine.executed and mine.changes < MOST_CHANGES:
            yield Change(name=mine.name, qty=qty, price=price, stop_px=stop_px)
        else:
            yield Cancel(name=mine.name)

    def take(
        self,
        desk: Desk,
        stem: str,
        side: str,
        qty: Fixed,
        slip_bps: Fixed,
        worst: Fixed | None = None,
    ) -> Iterator[AnyAct]:
        """So much at once, within ``slip_bps`` of the touch and never beyond ``worst``; the next
        try is ``retry_ms`` later."""
        buys = side == Side.BUY
        px = self.touch(desk, buys)
        if px is None or not self.may_send(desk):
            return
        beyond = px * slip_bps // BPS
        terms = desk.terms(self.symbol, self.venue)
        limit = px + beyond if buys else px - beyond
        if worst is not None:
            limit = min(limit, worst) if buys else max(limit, worst)
        limit = terms.price(limit, buys)
        self.next_ns = desk.now + self.retry_ms * MILLISECOND
        yield self.place(stem, side, qty, max(limit, terms.tick), tif=TimeInForce.IOC)
        yield from self.wake(desk)

    def touch(self, desk: Desk, buys: bool) -> Fixed | None:
        """What an order of that side would trade with now."""
        found = desk.levels(self.symbol, bids=not buys, venue=self.venue)
        return found[0][0] if found else None

    def seen(self, desk: Desk, trigger: str, buys: bool) -> Fixed | None:
        """The price that is watched, for an order of that side."""
        if trigger == "last":
            return desk.last(self.symbol, self.venue)
        bid, offer = self.touch(desk, False), self.touch(desk, True)
        if trigger == "mid":
            return (bid + offer) // 2 if bid is not None and offer is not None else None
        if trigger == "touch":
            return offer if buys else bid
        return bid if trigger == "bid" else offer

    def wrong_place(self, desk: Desk) -> str:
        """What is wrong with symbol, venue, side, quantity."""
        venues = desk.venues(self.symbol)
        if not venues:
            return f"symbol: no instrument {self.symbol!r} is configured"
        if self.venue and self.venue not in venues:
            return f"venue: {self.symbol} does not trade at {self.venue!r}"
        if self.side not in SIDES:
            return f"side: {self.side!r} is none of buy, sell, sell_short"
        lot = desk.terms(self.symbol, self.venue).lot
        if self.qty <= 0 or self.qty % lot:
            return f"qty: {text_of(self.qty)} is no multiple of the lot {text_of(lot)}"
        if not 1 <= self.retry_ms <= 3_600_000:
            return f"retry_ms: {self.retry_ms} is not from 1 to 3600000"
        return ""

    def wrong_price(self, desk: Desk, name: str, price: Fixed | None) -> str:
        """What is wrong with a price that may be left out."""
        tick = desk.terms(self.symbol, self.venue).tick
        if price is not None and (price <= 0 or price % tick):
            return f"{name}: {text_of(price)} is no multiple above 0 of the tick {text_of(tick)}"
        return ""


def wrong_slip(slip_bps: Fixed) -> str:
    """What is wrong with a slippage."""
    if 0 <= slip_bps < BPS:
        return ""
    return f"slip_bps: {text_of(slip_bps)} is not from 0 to less than 10000"


def wrong_word(name: str, word: str, words: tuple[str, ...]) -> str:
    """What is wrong with one of several words."""
    return "" if word in words else f"{name}: {word!r} is none of {', '.join(words)}"


_TAKEN: Final = frozenset({OrdStatus.NEW.value, OrdStatus.PARTIALLY_FILLED.value})
