"""Live order books: the levels of a symbol over all its venues, or at one.

Levels of one price are one, with what each venue has of it. Only fresh books count (``sources``
says what each venue's is worth): a stale, crossed or broken one is no price to trade at. A change
is that of one level.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from fix_oms.client.handlers import Crew
from fix_oms.client.pages import Page
from fix_oms.client.schema import BookLevel
from fix_oms.model.talk_routing import Book
from fix_oms.model.units import Fixed, to_decimal

BID: Final = "BID"
ASK: Final = "ASK"
FRESH: Final = "fresh"
Levels = list[tuple[Fixed, dict[str, Fixed]]]
"""Price, and what each venue has there; best first."""


def levels(book: Book, *, is_bid: bool, venue: str | None = None) -> Levels:
    """One side of a book by price, of the venues whose own book is fresh."""
    fresh = {s.venue for s in book.sources if s.state == FRESH and venue in (None, s.venue)}
    found: dict[Fixed, dict[str, Fixed]] = {}
    for row in book.rows:
        if row.is_bid is is_bid and row.venue in fresh:
            at = found.setdefault(row.price, {})
            at[row.venue] = at.get(row.venue, 0) + row.size
    return sorted(found.items(), reverse=is_bid)


class OrderBook(Page[tuple[str, Decimal], BookLevel]):
    """The book of a symbol: a page of levels by side (BID or ASK) and price.

    ``venue`` None is all venues together. ``depth`` levels of each side are kept (0: all).
    ``sources`` says of each venue what its book is worth: fresh, stale, crossed, gap or missing.
    """

    def __init__(self, crew: Crew, symbol: str, depth: int, venue: str | None) -> None:
        super().__init__(f"book {symbol}" if venue is None else f"book {symbol} {venue}", crew)
        self.symbol: Final = symbol
        self.depth: Final = depth
        self.venue: Final = venue
        self.sources: dict[str, str] = {}
        self.bids: tuple[BookLevel, ...] = ()
        self.asks: tuple[BookLevel, ...] = ()

    @property
    def bid(self) -> Decimal | None:
        """The best bid, or None."""
        return self.bids[0].price if self.bids else None

    @property
    def ask(self) -> Decimal | None:
        """The best offer, or None."""
        return self.asks[0].price if self.asks else None

    @property
    def middle(self) -> Decimal | None:
        """Halfway between them, or None."""
        if self.bid is None or self.ask is None:
            return None
        return (self.bid + self.ask) / 2

    def told(self, book: Book) -> None:
        """The whole book as it is now."""
        self.sources = {s.venue: s.state for s in book.sources if self.venue in (None, s.venue)}
        self.bids = self._side(book, BID)
        self.asks = self._side(book, ASK)
        there = {(BID, level.price) for level in self.bids} | {
            (ASK, level.price) for level in self.asks
        }
        for key in [key for key in self.whole() if key not in there]:
            self.drop(key)

    def _side(self, book: Book, side: str) -> tuple[BookLevel, ...]:
        found = []
        for price, at in levels(book, is_bid=side == BID, venue=self.venue)[: self.depth or None]:
            venues = {venue: to_decimal(size) for venue, size in at.items()}
            level = BookLevel(
                price=to_decimal(price), size=to_decimal(sum(at.values())), venues=venues
            )
            self.put((side, level.price), level)
            found.append(level)
        return tuple(found)


class Books:
    """The order books that are watched."""

    def __init__(self, crew: Crew) -> None:
        self._crew: Final = crew
        self._held: Final[dict[tuple[str, int, str | None], OrderBook]] = {}
        self._newest: Final[dict[str, Book]] = {}

    @property
    def symbols(self) -> tuple[str, ...]:
        """Whose books are watched."""
        return tuple(sorted({book.symbol for book in self._held.values()}))

    def watch(self, symbol: str, depth: int, venue: str | None) -> tuple[OrderBook, bool]:
        """The live book, and whether its symbol was not watched before."""
        key, is_new = (symbol, depth, venue), symbol not in self.symbols
        if key not in self._held:
            made = self._held[key] = OrderBook(self._crew, symbol, depth, venue)
            if symbol in self._newest:
                made.told(self._newest[symbol])
                made.is_current = True
        return self._held[key], is_new

    def put(self, told: Iterable[Book]) -> None:
        """These books are so now."""
        for book in told:
            self._newest[book.symbol] = book
            for watched in self._held.values():
                if watched.symbol == book.symbol:
                    watched.told(book)
                    watched.is_current = True

    def flush(self) -> None:
        for watched in self._held.values():
            watched.flush()

    def down(self) -> None:
        """The connection is lost."""
        self._newest.clear()
        for watched in self._held.values():
            watched.is_current = False
