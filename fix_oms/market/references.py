"""The prices that others are judged by: the touch, the last trade, what was stated.

Three sources in this order, for a reference: the venue's fresh quote, what a person stated while
the engine runs, what the configuration states. A stale, crossed or one-sided quote is none: whoever
needs a price and finds none refuses (fail closed).

A *mark*, which positions are worth, is the middle of the freshest uncrossed quote, else the last
trade, else what was stated. It stays when the quote goes: a loss does not end because a feed did.
"""

from __future__ import annotations

from typing import Final

from fix_oms.market.consolidated import Consolidated, middle
from fix_oms.market.quotes import Quotes
from fix_oms.model.settings import Settings
from fix_oms.model.units import Fixed

SECOND: Final = 1_000_000_000


class References:
    """``told`` holds what people stated, by symbol; ``rates`` currencies in the base currency."""

    __slots__ = (
        "_base",
        "_currencies",
        "_max_age_ns",
        "_settings",
        "quotes",
        "rates",
        "told",
    )

    def __init__(self, quotes: Quotes, settings: Settings) -> None:
        self.quotes: Final = quotes
        self.told: dict[str, Fixed] = {}
        self.rates: dict[str, Fixed] = {}
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Take the configuration of a start."""
        self._settings = settings
        self._max_age_ns: int = settings.engine.quote_max_age_s * SECOND
        self._base: str = settings.engine.base_currency
        self._currencies: dict[str, str] = {
            name: instrument.currency for name, instrument in settings.instruments.items()
        }

    @property
    def max_age_ns(self) -> int:
        """How old a quote may be to be a reference."""
        return self._max_age_ns

    def near(self, session: str, symbol: str, buys: bool, now: int) -> Fixed | None:
        """What an order of that side would trade at there; else what was stated."""
        near = self.quotes.near(session, symbol, buys, now, self._max_age_ns)
        return near if near is not None else self.stated(symbol)

    def stated(self, symbol: str) -> Fixed | None:
        """What a person stated, else what the configuration states."""
        told = self.told.get(symbol)
        if told is not None:
            return told
        instrument = self._settings.instruments.get(symbol)
        return instrument.reference if instrument is not None else None

    def last(self, session: str, symbol: str, now: int) -> Fixed | None:
        """The last trade that the venue told, if it is fresh."""
        quote = self.quotes.quotes.get((session, symbol))
        if quote is None or not quote.last or now - quote.last_ns > self._max_age_ns:
            return None
        return quote.last

    def unreasonable(self, session: str, symbol: str, now: int, age_ns: int) -> str:
        """What is wrong with the venue's quote; empty when it is two-sided, uncrossed and fresh."""
        quote = self.quotes.quotes.get((session, symbol))
        if quote is None:
            return "missing"
        age = now - quote.updated_ns
        if age > age_ns:
            return f"{age / SECOND:.3f} s old"
        if quote.gap_ns:
            return "incomplete"
        if quote.bid is None or quote.offer is None:
            return "one-sided"
        return "crossed" if quote.crossed else ""

    def mark(self, session: str, symbol: str) -> Fixed:
        """The price that positions are worth after news of that session; 0 when it tells none."""
        quote = self.quotes.quotes.get((session, symbol))
        if quote is None:
            return self.stated(symbol) or 0
        bid, offer = quote.bid, quote.offer
        if bid is not None and offer is not None and 0 < bid <= offer:
            return (bid + offer) // 2
        return quote.last or 0

    # -- books --------------------------------------------------------------------------------

    def middle(self, symbol: str, now: int) -> Fixed | None:
        """The middle of the symbol's consolidated book (``consolidated.middle``)."""
        instrument = self._settings.instruments.get(symbol)
        if instrument is None:
            return None
        return middle(self.quotes, symbol, instrument.venues, now, self._max_age_ns)

    def book_state(self, venue: str, symbol: str, now: int) -> str:
        """What the venue's own book is worth now: one of ``states.STATES``."""
        return self.quotes.state(venue, symbol, now, self._max_age_ns)

    def consolidated(self, symbol: str, now: int) -> Consolidated:
        """The symbol's consolidated book; without sources for a symbol that nobody defined."""
        instrument = self._settings.instruments.get(symbol)
        venues = instrument.venues if instrument is not None else ()
        return Consolidated(self.quotes, symbol, venues, now, self._max_age_ns)

    # -- currencies ---------------------------------------------------------------------------

    def currency(self, symbol: str) -> str:
        """The instrument's currency; the base one for an instrument that nobody defined."""
        return self._currencies.get(symbol, self._base)

    def multiplier(self, symbol: str) -> Fixed:
        """What turns price times quantity into money."""
        instrument = self._settings.instruments.get(symbol)
        return instrument.multiplier if instrument is not None else 100_000_000

    def rate(self, currency: str) -> Fixed:
        """One unit in the base currency: as told, else as configured; 0 where nobody said."""
        if currency == self._base:
            return 100_000_000
        told = self.rates.get(currency)
        return told if told is not None else self._settings.rates.get(currency, 0)
