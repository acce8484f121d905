"""The consolidated book of a symbol: every venue's levels, by price, and at one price by venue.

Venues stand in the order of the instrument's own list. Each has a state: only *fresh* books are
part of the best bid and offer; those that are stale, crossed by themselves, or have a gap are
shown, and a venue without a book is missing. Across venues a bid may equal another's offer (locked)
or be above it (crossed): that is what two markets without a common queue do, and no error.
Fees are not this book's business: what a level costs is the router's to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from fix_oms.market.quotes import Quote, Quotes
from fix_oms.market.states import FRESH, MISSING
from fix_oms.model.units import Fixed


class Source(NamedTuple):
    """One venue: its book, what that is worth now (``states.STATES``), and its age in ns, -1 for
    none."""

    venue: str
    state: str
    age_ns: int
    book: Quote | None


class Row(NamedTuple):
    """One level of one venue."""

    venue: str
    price: Fixed
    size: Fixed


class Consolidated:
    """The book of one symbol over some venues at one time (ns UTC). A view: it is made when asked
    for, and stays what it was."""

    __slots__ = ("bid", "offer", "sources")

    def __init__(
        self, quotes: Quotes, symbol: str, venues: Iterable[str], now: int, max_age_ns: int
    ) -> None:
        self.sources = [_source(quotes, symbol, venue, now, max_age_ns) for venue in venues]
        fresh = [s.book for s in self.sources if s.state == FRESH and s.book is not None]
        bids = [book.bid for book in fresh if book.bid is not None]
        offers = [book.offer for book in fresh if book.offer is not None]
        self.bid: Fixed | None = max(bids, default=None)
        self.offer: Fixed | None = min(offers, default=None)

    @property
    def is_locked(self) -> bool:
        """The best bid of fresh books is the best offer."""
        return self.bid is not None and self.bid == self.offer

    @property
    def is_crossed(self) -> bool:
        """The best bid of fresh books is above the best offer, which is then another venue's."""
        return self.bid is not None and self.offer is not None and self.bid > self.offer

    def rows(self, bids: bool, depth: int = 0) -> list[Row]:
        """The levels of one side, best price first, the ``depth`` best of each venue; 0: all."""
        sign = -1 if bids else 1
        found: list[tuple[int, int, Row]] = []
        for place, source in enumerate(self.sources):
            if source.book is not None:
                levels = source.book.join(bids)[: depth or None]
                found += [(p * sign, place, Row(source.venue, p, size)) for p, size in levels]
        found.sort(key=lambda one: one[:2])
        return [row for _, _, row in found]


def middle(
    quotes: Quotes, symbol: str, venues: Iterable[str], now: int, max_age_ns: int
) -> Fixed | None:
    """Halfway between the best bid and the best offer of the fresh books, rounded down; None where
    a side has none. A session's prices that are no venue's own count here too."""
    bid: Fixed | None = None
    offer: Fixed | None = None
    for venue in venues:
        quote = quotes.of(venue, symbol)
        if quote is None:
            quote = quotes.quotes.get((quotes.places.sessions.get(venue, ""), symbol))
        if quote is None or quote.state(now, max_age_ns) != FRESH:
            continue
        if quote.bid is not None and (bid is None or quote.bid > bid):
            bid = quote.bid
        if quote.offer is not None and (offer is None or quote.offer < offer):
            offer = quote.offer
    return (bid + offer) // 2 if bid is not None and offer is not None else None


def _source(quotes: Quotes, symbol: str, venue: str, now: int, max_age_ns: int) -> Source:
    book = quotes.of(venue, symbol)
    if book is None:
        return Source(venue, MISSING, -1, None)
    return Source(venue, book.state(now, max_age_ns), max(0, now - book.updated_ns), book)
