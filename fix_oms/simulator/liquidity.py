"""What stands in a symbol's book besides the clients: own levels, other traders; and its worth."""

from __future__ import annotations

from typing import Final

from fix_oms.model.units import Fixed
from fix_oms.simulator.book import MatchingBook
from fix_oms.simulator.efficient import EfficientPrice
from fix_oms.simulator.flow import Market, Others
from fix_oms.simulator.own_levels import OwnLevels
from fix_oms.simulator.settings import Listing
from fix_oms.simulator.timers import Timers


class Liquidity:
    """That of one symbol. It comes with :meth:`list`, which may come again with other settings."""

    def __init__(
        self, listing: Listing, book: MatchingBook, timers: Timers, market: Market, seed: str
    ) -> None:
        self.own: Final = OwnLevels(listing, book, timers, market.new_id)
        self.others: Final = Others(market, book, timers, seed)
        self._is_listed = False

    def list(self, now_ns: int, listing: Listing) -> None:
        """Go by this listing from now on. Its levels come into the book the first time only."""
        self.own.listing = self._listing = listing
        self._path = _path(listing)
        if not self._is_listed:
            self._is_listed = True
            self.own.fill(now_ns)
        self.others.begin(now_ns, listing, self._path)

    def middle(self, now_ns: int) -> Fixed | None:
        """The efficient price to half a tick, or the reference; None where there is neither."""
        if self._path is None:
            return None
        half = max(1, self._listing.tick // 2)
        return (self._path.at(now_ns) + half // 2) // half * half


def _path(listing: Listing) -> EfficientPrice | None:
    """The price that the flow and a dark venue go by."""
    if listing.reference is None:
        return None
    flow = listing.flow
    seed, volatility = (0, 0.0) if flow is None else (flow.price_seed, flow.volatility)
    return EfficientPrice(seed, listing.reference, listing.tick, volatility)
