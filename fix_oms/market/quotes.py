"""What each venue last said it would trade at: its book, with its age.

Fed by MarketDataSnapshot (W) and MarketDataIncremental (X). A snapshot replaces everything known of
its symbol; one that says SecurityExchange(207) for all of it replaces that market's book. A crossed
or one-sided book is kept as it is; whoever asks for a reference price gets None from it, because a
wrong reference is worse than none (fail closed).

Changes may be numbered by RptSeq(83), one more for each change or message of a symbol. A number
that is left out, or one that is lower than the last, is a *gap*: what was missed may be anything,
so the book is no reference and nothing to trade with until the next snapshot. So is a change of a
kind that is not known here. What is still told meanwhile is applied all the same, for people.
"""

from __future__ import annotations

from typing import Final

from fix_oms.market.ladder import Ladder, Level
from fix_oms.market.places import Places
from fix_oms.market.states import CROSSED, FRESH, GAP, MISSING, NEVER, NO_SEQ, STALE, Gap
from fix_oms.market.volumes import Volumes
from fix_oms.model.fix import MDEntryType, MDUpdateAction
from fix_oms.model.inputs import BookUpdate
from fix_oms.model.messages import MarketDataIncremental, MarketDataSnapshot, MDEntry
from fix_oms.model.units import Fixed

_SIDES: Final = frozenset({MDEntryType.BID, MDEntryType.OFFER})
_ACTIONS: Final = frozenset({None, "", *MDUpdateAction})


class Quote:
    """One symbol at one source: both sides' levels, the last trade, and when each last changed.

    ``bid`` and ``offer`` are the best of each, None where there is none. ``seq`` is the last number
    told, ``gap_ns`` since when changes are missing (0: none is). ``parts`` are the books of a
    session's venues, where it tells them apart: their best counts here too.
    """

    __slots__ = (
        "bid",
        "bids",
        "gap_ns",
        "last",
        "last_ns",
        "offer",
        "offers",
        "parts",
        "seq",
        "updated_ns",
    )

    def __init__(self) -> None:
        self.bids = Ladder(True)
        self.offers = Ladder(False)
        self.bid: Fixed | None = None
        self.offer: Fixed | None = None
        self.updated_ns = 0
        self.last: Fixed = 0
        self.last_ns = 0
        self.seq = NO_SEQ
        self.gap_ns = 0
        self.parts: list[Quote] = []

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        levels = (self.bids.facts(), self.offers.facts())
        return (*levels, self.last, self.last_ns, self.updated_ns, self.seq, self.gap_ns)

    def take(self, buys: bool) -> tuple[Level, ...]:
        """What an order of that side could trade with at once, best first."""
        return (self.offers if buys else self.bids).levels()

    def join(self, buys: bool) -> tuple[Level, ...]:
        """Those among which an order of that side would wait, best first."""
        return (self.bids if buys else self.offers).levels()

    @property
    def sound(self) -> bool:
        """Two-sided, not crossed, and nothing missing."""
        bid, offer = self.bid, self.offer
        return bid is not None and offer is not None and bid <= offer and not self.gap_ns

    @property
    def crossed(self) -> bool:
        """Bid above offer: something is wrong or stale."""
        return self.bid is not None and self.offer is not None and self.bid > self.offer

    def state(self, now: int, max_age_ns: int) -> str:
        """gap, stale, crossed or fresh: the first of them that it is."""
        if self.gap_ns:
            return GAP
        if now - self.updated_ns > max_age_ns:
            return STALE
        return CROSSED if self.crossed else FRESH

    def apply(self, entry: MDEntry, now: int) -> None:
        """Take one entry of W or X; kinds other than bids, offers and trades, and that the book is
        empty, say nothing here."""
        kind = entry.entry_type
        if kind not in _SIDES:
            if kind == MDEntryType.TRADE:
                if entry.price and entry.action != MDUpdateAction.DELETE:
                    self.last, self.last_ns = entry.price, now
            elif kind == MDEntryType.EMPTY_BOOK:
                for quote in (self, *self.parts):
                    quote.bids.clear()
                    quote.offers.clear()
                    quote.bid = quote.offer = None
            elif not kind and entry.entry_id:  # a deletion need not say of which side
                self.bids.drop(entry.entry_id)
                self.offers.drop(entry.entry_id)
                self.touch()
            return
        side = self.bids if kind == MDEntryType.BID else self.offers
        key = entry.entry_id or str(entry.price)
        if entry.action == MDUpdateAction.DELETE or entry.size == 0:
            side.drop(key)
        else:
            side.put(key, entry.price, entry.size)
        if self.parts:
            self.touch()
        else:
            self.bid, self.offer = self.bids.best, self.offers.best

    def told(self, value: BookUpdate, now: int) -> None:
        """Take what a feed tells: levels by price, of which size 0 is none, and trades."""
        for side, levels in ((self.bids, value.bids), (self.offers, value.offers)):
            for price, size in levels:
                if size:
                    side.put(str(price), price, size)
                else:
                    side.drop(str(price))
        for price, _ in value.trades:
            self.last, self.last_ns = price, now
        if value.whole or value.bids or value.offers:
            self.updated_ns = now
        self.touch()

    def touch(self) -> None:
        """The best of each side may have changed."""
        bid, offer = self.bids.best, self.offers.best
        for part in self.parts:
            if part.bid is not None and (bid is None or part.bid > bid):
                bid = part.bid
            if part.offer is not None and (offer is None or part.offer < offer):
                offer = part.offer
        self.bid, self.offer = bid, offer

    def is_next(self, seq: int) -> bool:
        """Take the number of a change; False: one is missing before it, or it is one from before.

        The same number again is another entry of the same change, or the same change again.
        """
        before, self.seq = self.seq, seq
        return before == NO_SEQ or seq in (before, before + 1)


class Quotes:
    """All quotes, keyed by (session, symbol); by (venue, symbol) the ``books`` of the venues that
    share a session. ``gaps`` stand by (session, symbol, venue), where the venue is empty for what
    the session itself tells.

    ``begun`` are the gaps that the last call has found; ``volumes`` what has traded.
    """

    __slots__ = ("begun", "books", "gaps", "places", "quotes", "volumes")

    def __init__(self) -> None:
        self.places = Places()
        self.quotes: dict[tuple[str, str], Quote] = {}
        self.books: dict[tuple[str, str], Quote] = {}
        self.gaps: dict[tuple[str, str, str], Gap] = {}
        self.begun: list[tuple[str, str, str]] = []
        self.volumes = Volumes()

    def configure(self, places: Places) -> None:
        """Take which venue a price belongs to."""
        self.places = places

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        return (
            sorted((*k, *q.facts()) for k, q in self.quotes.items()),
            sorted((*k, *q.facts()) for k, q in self.books.items()),
            sorted((*k, *g.facts()) for k, g in self.gaps.items()),
            self.volumes.facts(),
        )

    # -- what is told -------------------------------------------------------------------------

    def snapshot(self, session: str, message: MarketDataSnapshot, now: int) -> None:
        """Replace what is known of the symbol, or of the symbol at the market that is named."""
        self.begun.clear()
        if session in self.places.fed:
            return
        symbol, markets = message.symbol, self.places.markets.get(session)
        venue = markets.get(message.market or "") if markets is not None else None
        quote = self.quotes.get((session, symbol))
        if quote is None or venue is None:
            quote = self.quotes[session, symbol] = _after(quote)
        if markets is not None:
            for name in [venue] if venue is not None else self._named(session, symbol, message):
                book = self.books[name, symbol] = _after(self.books.get((name, symbol)))
                book.updated_ns = now
            self._join(session, symbol, quote)
        quote.updated_ns, quote.seq = now, NO_SEQ
        for entry in message.entries:
            self._book(quote, venue, symbol, entry, markets).apply(entry, now)
            if quote.parts and entry.entry_type == MDEntryType.TRADE:
                quote.apply(entry, now)
            if entry.rpt_seq is not None:
                quote.seq = max(quote.seq, entry.rpt_seq)
        if message.rpt_seq is not None:
            quote.seq = message.rpt_seq
        quote.touch()
        self._healed(quote, (session, symbol, ""))

    def incremental(self, session: str, message: MarketDataIncremental, now: int) -> set[str]:
        """Apply changes; returns the symbols that changed. An entry without a symbol speaks of the
        entry before it (FIX 4.4 X)."""
        self.begun.clear()
        symbol: str | None = None
        changed: set[str] = set()
        if session in self.places.fed:
            return changed
        for entry in message.entries:
            symbol = entry.symbol or symbol
            quote = self.quotes.get((session, symbol)) if symbol else None
            if quote is not None and symbol is not None:
                self._change(quote, session, symbol, entry, now)
                changed.add(symbol)
        return changed

    def _change(self, quote: Quote, session: str, symbol: str, entry: MDEntry, now: int) -> None:
        book = self._book(quote, None, symbol, entry, self.places.markets.get(session))
        is_trade = entry.entry_type == MDEntryType.TRADE
        if entry.entry_type == MDEntryType.EMPTY_BOOK:
            # The venue begins anew: nothing is missing of an empty book, and numbers may be lower.
            for emptied in (book, *book.parts):
                emptied.gap_ns = 0
            quote.seq = entry.rpt_seq if entry.rpt_seq is not None else NO_SEQ
            self._healed(quote, (session, symbol, ""))
        elif entry.action not in _ACTIONS or (
            entry.rpt_seq is not None and not quote.is_next(entry.rpt_seq)
        ):
            for missed in quote.parts:
                missed.gap_ns = missed.gap_ns or now
            self._missed(quote, (session, symbol, ""), now)
        book.apply(entry, now)
        if not is_trade:
            book.updated_ns = quote.updated_ns = now
        if book is not quote:
            if is_trade:
                quote.apply(entry, now)
            quote.touch()

    def update(self, value: BookUpdate, now: int) -> bool:
        """What a feed tells of a venue's book. Returns whether anything has changed: a change of a
        book never seen whole says nothing."""
        self.begun.clear()
        venue, symbol = value.venue, value.symbol
        session = self.places.sessions.get(venue)
        if session is None or self.places.feeds.get(venue) != value.feed:
            return False  # taken out of the configuration while it was on its way
        shared, at = session in self.places.markets, (session, symbol)
        book = self.of(venue, symbol)
        key = (session, symbol, venue)
        if value.whole:
            book = _after(book)
            if shared:
                self.books[venue, symbol] = book
            else:
                self.quotes[at] = book
            book.seq = value.seq
            self.gaps.pop(key, None)
        elif book is None:
            return False
        elif value.seq != NO_SEQ and not book.is_next(value.seq):
            self._missed(book, key, now)
        told_ns = min(now, value.time_ns or now)
        book.told(value, told_ns)
        if shared:
            quote = self.quotes.get(at)
            if quote is None:
                quote = self.quotes[at] = Quote()
            self._join(session, symbol, quote)
            quote.gap_ns = max(part.gap_ns for part in quote.parts)
            quote.updated_ns = max(part.updated_ns for part in quote.parts)
            if value.trades:
                quote.last, quote.last_ns = book.last, book.last_ns
            quote.touch()
        return True

    def forget(self, session: str) -> None:
        """The session is down: what it last said says nothing about now. What feeds tell stays."""
        if session in self.places.fed:
            return
        for key in [k for k in self.quotes if k[0] == session]:
            del self.quotes[key]
        for key in [k for k in self.books if self.places.sessions.get(k[0], session) == session]:
            del self.books[key]
        for gap in [k for k in self.gaps if k[0] == session]:
            del self.gaps[gap]

    def forget_all(self) -> None:
        """A process has begun: nobody knows what was told while there was none."""
        self.quotes.clear()
        self.books.clear()
        self.gaps.clear()

    # -- what is asked ------------------------------------------------------------------------

    def of(self, venue: str, symbol: str) -> Quote | None:
        """The venue's own book: what could be traded with there; None while there is none."""
        places = self.places
        session = places.sessions.get(venue)
        if session is None:
            return None
        if session in places.markets:
            return self.books.get((venue, symbol))
        return self.quotes.get((session, symbol))

    def state(self, venue: str, symbol: str, now: int, max_age_ns: int) -> str:
        """What the venue's own book is worth: one of ``STATES``."""
        book = self.of(venue, symbol)
        return MISSING if book is None else book.state(now, max_age_ns)

    def near(self, session: str, symbol: str, buys: bool, now: int, max_age: int) -> Fixed | None:
        """The price an order of that side would trade at: the other side's best.

        None where there is none, or it is older than ``max_age`` ns, or the book is crossed or has
        a gap, or the price is no price: a reference of 0 would let every order through the value
        control.
        """
        quote = self.quotes.get((session, symbol))
        if quote is None or now - quote.updated_ns > max_age or quote.crossed or quote.gap_ns:
            return None
        price = quote.offer if buys else quote.bid
        return price if price is not None and price > 0 else None

    # -- parts --------------------------------------------------------------------------------

    def _named(self, session: str, symbol: str, message: MarketDataSnapshot) -> list[str]:
        """The venues whose books a whole snapshot tells: all of the session's, if it names one, or
        has before; else their books are not told apart."""
        markets = self.places.markets[session]
        venues = list(markets.values())
        if any(entry.market in markets for entry in message.entries if entry.market):
            return venues
        return venues if any((venue, symbol) in self.books for venue in venues) else []

    def _join(self, session: str, symbol: str, quote: Quote) -> None:
        names = self.places.venues.get(session, ())
        found = [self.books.get((name, symbol)) for name in names]
        quote.parts = [book for book in found if book is not None]

    def _book(
        self,
        quote: Quote,
        venue: str | None,
        symbol: str,
        entry: MDEntry,
        markets: dict[str, str] | None,
    ) -> Quote:
        """The book that an entry is of: of the venue of its market, else what all share."""
        if markets is None or not quote.parts:
            return quote
        venue = markets.get(entry.market or "") or venue
        if venue is not None:
            return self.books.get((venue, symbol)) or quote
        name = entry.entry_id
        if name:  # a change may name its entry alone
            for part in quote.parts:
                if name in part.bids.entries or name in part.offers.entries:
                    return part
        return quote

    def _missed(self, quote: Quote, key: tuple[str, str, str], now: int) -> None:
        if not quote.gap_ns:
            quote.gap_ns = now
            self.gaps[key] = Gap(now, NEVER if key[2] else now)
            self.begun.append(key)

    def _healed(self, quote: Quote, key: tuple[str, str, str]) -> None:
        """Nothing is missing, unless of the book of another market."""
        if all(not part.gap_ns for part in quote.parts):
            quote.gap_ns = 0
            self.gaps.pop(key, None)


def _after(before: Quote | None) -> Quote:
    """A new quote: a snapshot of the book says nothing of a trade before it."""
    quote = Quote()
    if before is not None:
        quote.last, quote.last_ns = before.last, before.last_ns
    return quote
