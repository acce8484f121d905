"""What each venue last said it would trade at: the top of its book, with its age.

Fed by MarketDataSnapshot (W) and MarketDataIncremental (X). Entries are kept by MDEntryID(278), or
by price where the venue sends none, so that a change or a delete finds what it means. A snapshot
replaces everything known of its symbol. A crossed or one-sided book is kept as it is; whoever asks
for a reference price gets None from it, because a wrong reference is worse than none (fail closed).
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.fix import MDEntryType, MDUpdateAction
from fix_oms.model.messages import MarketDataIncremental, MarketDataSnapshot, MDEntry
from fix_oms.model.units import Fixed

_SIDES: Final = frozenset({MDEntryType.BID, MDEntryType.OFFER})


class Quote:
    """One symbol at one source: both sides' levels, the last trade, and when each last changed.

    ``bid`` and ``offer`` are the best of each, None where there is none.
    """

    __slots__ = ("bid", "bids", "last", "last_ns", "offer", "offers", "updated_ns")

    def __init__(self) -> None:
        self.bids: dict[str, Fixed] = {}
        self.offers: dict[str, Fixed] = {}
        self.bid: Fixed | None = None
        self.offer: Fixed | None = None
        self.updated_ns = 0
        self.last: Fixed = 0
        self.last_ns = 0

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        levels = (tuple(sorted(self.bids.items())), tuple(sorted(self.offers.items())))
        return (*levels, self.last, self.last_ns, self.updated_ns)

    @property
    def sound(self) -> bool:
        """Two-sided and not crossed."""
        bid, offer = self.bid, self.offer
        return bid is not None and offer is not None and bid <= offer

    @property
    def crossed(self) -> bool:
        """Bid above offer: something is wrong or stale."""
        return self.bid is not None and self.offer is not None and self.bid > self.offer

    def apply(self, entry: MDEntry, now: int) -> None:
        """Take one entry of W or X; kinds other than bids, offers and trades say nothing here."""
        if entry.entry_type not in _SIDES:
            is_trade = entry.entry_type == MDEntryType.TRADE
            if is_trade and entry.price and entry.action != MDUpdateAction.DELETE:
                self.last, self.last_ns = entry.price, now
            return
        side = self.bids if entry.entry_type == MDEntryType.BID else self.offers
        key = entry.entry_id or str(entry.price)
        if entry.action == MDUpdateAction.DELETE or entry.size == 0:
            side.pop(key, None)
        elif entry.price is not None:
            side[key] = entry.price
        self.bid = max(self.bids.values(), default=None)
        self.offer = min(self.offers.values(), default=None)


class Quotes:
    """All quotes, keyed by (session, symbol)."""

    __slots__ = ("quotes",)

    def __init__(self) -> None:
        self.quotes: dict[tuple[str, str], Quote] = {}

    def snapshot(self, session: str, message: MarketDataSnapshot, now: int) -> None:
        """Replace what is known of the symbol."""
        quote = Quote()
        before = self.quotes.get((session, message.symbol))
        if before is not None:  # a snapshot of the book says nothing of a trade before it
            quote.last, quote.last_ns = before.last, before.last_ns
        self.quotes[session, message.symbol] = quote
        quote.updated_ns = now
        for entry in message.entries:
            quote.apply(entry, now)

    def incremental(self, session: str, message: MarketDataIncremental, now: int) -> set[str]:
        """Apply changes; returns the symbols that changed. An entry without a symbol speaks of the
        entry before it (FIX 4.4 X)."""
        symbol: str | None = None
        changed: set[str] = set()
        for entry in message.entries:
            symbol = entry.symbol or symbol
            quote = self.quotes.get((session, symbol)) if symbol else None
            if quote is not None and symbol is not None:
                quote.apply(entry, now)
                if entry.entry_type in _SIDES or entry.entry_type == "":
                    quote.updated_ns = now
                changed.add(symbol)
        return changed

    def forget(self, session: str) -> None:
        """The session is down: what it last said says nothing about now."""
        for key in [k for k in self.quotes if k[0] == session]:
            del self.quotes[key]

    def near(self, session: str, symbol: str, buys: bool, now: int, max_age: int) -> Fixed | None:
        """The price an order of that side would trade at: the other side's best.

        None where there is none, or it is older than ``max_age`` ns, or the book is crossed, or the
        price is no price: a reference of 0 would let every order through the value control.
        """
        quote = self.quotes.get((session, symbol))
        if quote is None or now - quote.updated_ns > max_age or quote.crossed:
            return None
        price = quote.offer if buys else quote.bid
        return price if price is not None and price > 0 else None
