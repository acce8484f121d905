"""Self-match prevention: an order that could trade with one of ours at the same venue.

For each symbol and venue (or what the limit counts apart) the prices of our open orders are kept by
side: how many at each price, and a heap of the prices, so that the best is found at once. An order
is kept at the price at which it is readiest to trade, by all terms that may hold, from before it
leaves until the broker has said that it is out; in doubt it still counts.

``refuse`` refuses the new order. ``cancel_resting`` sends cancels for the resting ones first and
then the order: one session is worked in its order, so the resting ones are out when it arrives; a
resting order at another session of the venue cannot be relied on to be, and refuses.
``cancel_both`` cancels the resting ones and refuses the new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from typing import Final, final

from fix_oms.model.limits import Limit
from fix_oms.model.outputs import Refused
from fix_oms.model.scope import Key, matches
from fix_oms.model.units import LARGEST, Fixed, text_of
from fix_oms.orders.book import OrderBook
from fix_oms.orders.order import Order
from fix_oms.risk.check import Candidate, Check

_SLACK: Final = 64


@final
class Levels:
    """The prices of open orders of one side: a count for each, and the best of them."""

    __slots__ = ("_heap", "_sign", "counts")

    def __init__(self, *, buys: bool) -> None:
        self._sign: Final = -1 if buys else 1
        self._heap: list[int] = []
        self.counts: dict[Fixed, int] = {}

    def add(self, price: Fixed) -> None:
        """An order is open at that price."""
        count = self.counts.get(price, 0)
        self.counts[price] = count + 1
        if not count:
            heappush(self._heap, self._sign * price)
            if len(self._heap) > 2 * len(self.counts) + _SLACK:
                self._heap = [self._sign * held for held in self.counts]
                heapify(self._heap)

    def remove(self, price: Fixed) -> None:
        """One is not any more."""
        count = self.counts[price] - 1
        if count:
            self.counts[price] = count
        else:
            del self.counts[price]

    def best(self) -> Fixed | None:
        """The highest bid or the lowest offer; None where there is none.

        What has no count any more is taken off the heap only here, and only from its top.
        """
        heap = self._heap
        while heap:
            price = self._sign * heap[0]
            if price in self.counts:
                return price
            heappop(heap)
        return None

    def _check(self) -> None:
        best = max(self.counts, default=None) if self._sign < 0 else min(self.counts, default=None)
        assert self.best() == best
        assert all(count > 0 for count in self.counts.values())


@final
class SelfMatch(Check):
    """``self_match``."""

    __slots__ = ("_action", "_book", "bids", "offers")

    def __init__(self, limit: Limit, bucket: Key, book: OrderBook, orders: Iterable[Order]) -> None:
        super().__init__(limit, bucket)
        self._action: Final[str] = limit.action or "refuse"
        self._book: Final = book
        self.bids: Final = Levels(buys=True)
        self.offers: Final = Levels(buys=False)
        for order in orders:
            if matches(bucket, order.scope) and order.open_qty and order.touch_px:
                self.moved(order.buys, 0, order.touch_px)

    def moved(self, buys: bool, before: Fixed, after: Fixed) -> None:
        """An order is open at another price than before; 0: it is not open, or in no book."""
        levels = self.bids if buys else self.offers
        if before:
            levels.remove(before)
        if after:
            levels.add(after)

    def refuse(self, order: Candidate) -> Refused | None:
        terms = order.terms
        if terms.stop_px is not None:
            return None
        best = self.offers.best() if order.buys else self.bids.best()
        if best is None:
            return None
        price = terms.price
        if price is not None and (price < best if order.buys else price > best):
            return None
        resting = self._resting(order, price)
        if not resting and self._action == "cancel_resting" and self.bucket[3] is not None:
            return None  # of the same batch, so of the same session: it would be cancelled first
        if not resting:
            text = "it could trade with our own of the same batch"
            return self.says(text, text_of(best), "", "Price(44)", "99")
        if self._action != "refuse":
            order.cancels += [o for o in resting if not o.external]
            goes_first = all(o.session == order.scope.session and not o.external for o in resting)
            if self._action == "cancel_resting" and goes_first:
                return None
        return self._say(resting)

    def _say(self, resting: list[Order]) -> Refused:
        first = resting[0]
        side = "buy" if first.buys else "sell"
        at = "market" if first.terms.price is None else text_of(first.terms.price)
        more = f" and {len(resting) - 1} more" if len(resting) > 1 else ""
        doing = "" if self._action == "refuse" else ", which is being cancelled"
        return self.says(
            f"it could trade with our own {side} {first.reference} at {at}{more}{doing}",
            at,
            first.reference,
            "Price(44)",
            "99",
        )

    def _resting(self, order: Candidate, price: Fixed | None) -> list[Order]:
        """The orders that it could meet, in the order in which they were made."""
        limit = price if price is not None else (LARGEST if order.buys else 0)
        found = []
        for resting in self._book.open.values():
            if resting.buys is order.buys or resting.symbol != order.terms.symbol:
                continue  # nearly all of them
            touch = resting.touch_px
            if not (touch and resting.open_qty) or resting is order.order:
                continue
            if matches(self.bucket, resting.scope):
                meets = touch <= limit if order.buys else touch >= limit
                if meets:
                    found.append(resting)
        return found

    def found(self, now: int) -> str:
        bid, offer = self.bids.best(), self.offers.best()
        sides = (("bid", bid), ("offer", offer))
        return ", ".join(f"{side} {text_of(px)}" for side, px in sides if px is not None)
