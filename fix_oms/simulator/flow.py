"""Other traders of one symbol at one venue: seeded orders that rest, take and go.

They are what :class:`~fix_oms.simulator.settings.Flow` says, and they know the efficient price of
``lag_ms`` ago. What crosses trades: so quotes that the price has run through are taken or cancelled
and the book follows the price, a little later at each venue. Everything is drawn from one generator
of their own in the order of the events, so other chance of the venue changes nothing of it; but
whoever trades with them changes what comes after, as in a market.

One moment is planned at a time, at the total rate of all that may happen (Gillespie): when it
comes, what happens is drawn by the rates.
"""

from __future__ import annotations

import random
from functools import partial
from typing import Final, Protocol

from fix_oms.model.fix import OrdType, Side, TimeInForce
from fix_oms.model.messages import Terms
from fix_oms.model.units import Fixed
from fix_oms.simulator.book import MatchingBook
from fix_oms.simulator.chance import exponential, lots
from fix_oms.simulator.efficient import EfficientPrice
from fix_oms.simulator.order import OTHERS, Order
from fix_oms.simulator.settings import Listing
from fix_oms.simulator.timers import Timers

_NS: Final = 1_000_000_000
_MS: Final = 1_000_000
_ASK_AGAIN_NS: Final = _NS
"""While nobody may come, they look again so much later."""
_MOST_AT_FIRST: Final = 500


class Market(Protocol):
    """What other traders need of their venue."""

    @property
    def pace(self) -> float:
        """How many times as often as usual they come; 0: not now."""
        ...

    def new_id(self, kind: str) -> str: ...


class Others:
    """The traders, from :meth:`begin` on."""

    def __init__(self, market: Market, book: MatchingBook, timers: Timers, seed: str) -> None:
        self._market: Final = market
        self._book: Final = book
        self._timers: Final = timers
        self._draw: Final = random.Random(seed)
        self._rests: list[Order] = []
        self._turn = 0

    def halt(self) -> None:
        """What is planned does not happen."""
        self._turn += 1

    def begin(self, now_ns: int, listing: Listing, price: EfficientPrice | None) -> None:
        """Trade by this listing from now on. The first time, the book is filled as it would stand
        after a while."""
        flow = listing.flow
        self.halt()
        if flow is None or price is None:
            for order in self._rests:
                self._book.cancel(order)
            self._rests = []
            return
        self._flow, self._listing, self._price = flow, listing, price
        if not self._rests and flow.limit_per_s:
            for _ in range(min(_MOST_AT_FIRST, round(flow.limit_per_s / flow.cancel_per_s))):
                self._place(now_ns)
        self._plan(now_ns)

    # -- when ------------------------------------------------------------------------------------

    def _rates(self) -> tuple[float, float, float]:
        flow = self._flow
        return flow.limit_per_s, flow.market_per_s, flow.cancel_per_s * len(self._rests)

    def _plan(self, now_ns: int) -> None:
        rate, pace = sum(self._rates()), self._market.pace
        wait_ns = _ASK_AGAIN_NS
        if rate and pace:
            wait_ns = 1 + int(exponential(self._draw) * _NS / (rate * pace))
        self._timers.at(now_ns + wait_ns, partial(self._act, self._turn))

    def _act(self, turn: int, now_ns: int) -> None:
        if turn != self._turn:
            return
        self._rests = [order for order in self._rests if order.leaves_qty]
        rates = self._rates()
        if sum(rates) and self._market.pace:
            drawn = self._draw.random() * sum(rates)
            if drawn < rates[0]:
                self._place(now_ns)
            elif drawn < rates[0] + rates[1]:
                self._take(now_ns)
            elif self._rests:
                self._cancel(now_ns)
        self._plan(now_ns)

    # -- what ------------------------------------------------------------------------------------

    def _worth(self, now_ns: int) -> Fixed:
        return self._price.at(max(0, now_ns - self._flow.lag_ms * _MS))

    def _place(self, now_ns: int) -> None:
        """A limit order somewhere around the price."""
        flow, listing, draw = self._flow, self._listing, self._draw
        buys, kind = draw.random() < 0.5, draw.random()
        size = lots(draw, flow.limit_lots) * listing.lot
        display = None
        if kind < flow.hidden:
            display = 0
        elif kind < flow.hidden + flow.iceberg and size > flow.peak_lots * listing.lot:
            display = flow.peak_lots * listing.lot
        margin = 0.0 if display == 0 else flow.margin_ticks
        away = int((margin + exponential(draw) * flow.depth_ticks) * listing.tick)
        worth, tick = self._worth(now_ns), listing.tick
        price = (worth - away) // tick * tick if buys else -(-(worth + away) // tick) * tick
        order = self._enter(now_ns, buys, size, max(tick, price), display)
        if order in self._book:
            self._rests.append(order)

    def _take(self, now_ns: int) -> None:
        """A market order: of whoever sees a quote beyond the price, or of just anybody."""
        worth, draw = self._worth(now_ns), self._draw
        coin, size = draw.random() < 0.5, lots(draw, self._flow.market_lots)
        bid, offer = self._book.best(buy=True), self._book.best(buy=False)
        if offer is not None and offer < worth:
            coin = True
        elif bid is not None and bid > worth:
            coin = False
        self._enter(now_ns, coin, size * self._listing.lot, None, None)

    def _cancel(self, now_ns: int) -> None:
        """The order that the price has run through furthest; or any."""
        worth = self._worth(now_ns)
        furthest, most = self._draw.choice(self._rests), 0
        for order in self._rests:
            beyond = (order.price or 0) - worth
            beyond = beyond if order.is_buy else -beyond
            if beyond > most:
                furthest, most = order, beyond
        self._rests.remove(furthest)
        self._book.cancel(furthest)

    def _enter(
        self, now_ns: int, buys: bool, size: Fixed, price: Fixed | None, display: Fixed | None
    ) -> Order:
        terms = Terms(
            symbol=self._book.symbol,
            side=Side.BUY if buys else Side.SELL,
            order_qty=size,
            ord_type=OrdType.MARKET if price is None else OrdType.LIMIT,
            price=price,
            time_in_force=TimeInForce.IOC if price is None else TimeInForce.GTC,
        )
        order = Order(OTHERS, self._market.new_id("X"), "", terms, display)
        order.accepted = True
        self._book.enter(now_ns, order)
        return order
