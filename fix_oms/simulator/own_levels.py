"""The venue's own levels: liquidity that is listed in its settings, and comes back when taken."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from fix_oms.model.fix import OrdType, Side, TimeInForce
from fix_oms.model.messages import Terms
from fix_oms.model.units import Fixed
from fix_oms.simulator.book import MatchingBook
from fix_oms.simulator.order import HOUSE, Order
from fix_oms.simulator.settings import Level, Listing
from fix_oms.simulator.timers import Timers

_MS: Final = 1_000_000


class OwnLevels:
    """Those of one symbol. Its ``listing`` may change; what it says holds from the next refill."""

    def __init__(
        self, listing: Listing, book: MatchingBook, timers: Timers, new_id: Callable[[str], str]
    ) -> None:
        self.listing = listing
        self._book: Final = book
        self._timers: Final = timers
        self._new_id: Final = new_id
        self._refilling: set[tuple[bool, Fixed]] = set()

    def fill(self, now_ns: int) -> None:
        """Put them all into the book."""
        for buy, levels in ((True, self.listing.bids), (False, self.listing.asks)):
            for level in levels:
                self._enter(now_ns, buy, level)

    def plan_refill(self, now_ns: int, order: Order, wait_ms: int) -> None:
        """One of them has traded: it is put back so much later."""
        place = (order.is_buy, order.price or 0)
        if wait_ms and place not in self._refilling:
            self._refilling.add(place)
            self._timers.at(now_ns + wait_ms * _MS, partial(self._refill, *place))

    def _enter(self, now_ns: int, buy: bool, level: Level) -> None:
        terms = Terms(
            symbol=self._book.symbol,
            side=Side.BUY if buy else Side.SELL,
            order_qty=level.size,
            ord_type=OrdType.LIMIT,
            price=level.price,
            time_in_force=TimeInForce.GTC,
        )
        order = Order(HOUSE, self._new_id("L"), "", terms, level.display)
        order.accepted = True
        self._book.enter(now_ns, order)

    def _refill(self, buy: bool, price: Fixed, now_ns: int) -> None:
        self._refilling.discard((buy, price))
        for order in self._book.at(buy, price):
            if isinstance(order, Order) and order.session == HOUSE:
                self._book.cancel(order)
        for level in self.listing.bids if buy else self.listing.asks:
            if level.price == price:
                self._enter(now_ns, buy, level)
