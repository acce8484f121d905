"""One symbol's book: price-time priority, and nothing but matching.

The book holds what rests (limits that did not trade) and what waits (stops). An incoming order
trades at the resting order's price, best price first, earliest first within a price. What cannot
rest ends here: the remainder of a market or IOC order, the whole of an FOK that cannot be filled.

Who trades how much at one price is said in :mod:`~fix_oms.simulator.queues`. A fill model may give
less than is there; the taker then goes on to the next price, and a remainder that would stand
across the other side is killed instead of resting. So the book is never crossed, whatever the model
says.

Where the book has a ``middle`` (a dark pool's reference), a trade is done at the middle if both
limits allow it, and otherwise at the one of them that is nearest to it.

A replace that only takes quantity away keeps its place; any other loses it. OrderQty(38) is the
total, including what has traded; a total at or below CumQty(14) means "stop executing" and leaves
the order filled at CumQty (FIX 4.4 volume 4, order state change matrices, C.3.c).

Every happening is told at once, while the orders stand as it left them, because a report of the
first of two fills must not show the second. Who is told may not act on the book from there. Nothing
here reads a clock: time is an argument, handed on to the fill model and to who is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from sortedcontainers import SortedDict  # type: ignore[import-untyped]  # it ships no types

from fix_oms.model.fix import TimeInForce
from fix_oms.model.units import Fixed
from fix_oms.simulator.queues import PRICE_TIME, Allotment, FillModel, ahead_of, allotted
from fix_oms.simulator.resting import STOPS, BookOrder, Killed, Tell, Traded, Triggered

NO_LIQUIDITY: Final = "no liquidity left"
NOT_AT_ONCE: Final = "not filled at once"
WITHHELD: Final = "liquidity withheld"

Middle = Callable[[int], Fixed | None]
"""The price in the middle of a reference market at a time in ns; None: trade by the book."""

_Level = dict[str, BookOrder]


def _no_middle(now_ns: int) -> Fixed | None:
    return None


def _two_sides() -> dict[bool, SortedDict[Fixed, _Level]]:
    return {True: SortedDict(), False: SortedDict()}


class MatchingBook:
    """The resting and waiting orders of one symbol."""

    def __init__(
        self,
        symbol: str,
        tell: Tell,
        model: FillModel = PRICE_TIME,
        middle: Middle = _no_middle,
    ) -> None:
        self.symbol: Final = symbol
        self.last_px: Fixed | None = None
        self.last_qty: Fixed = 0
        self.version = 0
        """Moves with every change that a reader of the book could see."""
        self._tell: Final = tell
        self._model: Final = model
        self._middle: Final = middle
        self._orders: dict[str, BookOrder] = {}
        # each side: price -> its orders in order of arrival
        self._rests: dict[bool, SortedDict[Fixed, _Level]] = _two_sides()
        self._stops: dict[bool, SortedDict[Fixed, _Level]] = _two_sides()

    # -- acts ------------------------------------------------------------------------------------

    def enter(self, now_ns: int, order: BookOrder) -> None:
        """Match ``order``; rest what may rest. Any stop that its trades trigger follows."""
        if order.key in self._orders:
            raise ValueError(f"order {order.key} is in the book already")
        if order.waits and not self._is_reached(order):
            self._place(order)
        else:
            self._work(now_ns, order)
            self._cascade(now_ns)

    def take(self, now_ns: int, order: BookOrder, most: Fixed) -> None:
        """Let ``order`` trade at most ``most`` now, without resting: one slice of a large fill."""
        self._trade(now_ns, order, self._plan(now_ns, order, min(most, order.leaves_qty)))
        self._cascade(now_ns)

    def cancel(self, order: BookOrder) -> bool:
        """Take ``order`` out; False when it was not in."""
        if order.key not in self._orders:
            return False
        self._remove(order)
        return True

    def amend(
        self,
        order: BookOrder,
        *,
        order_qty: Fixed,
        ord_type: str,
        price: Fixed | None,
        stop_px: Fixed | None,
        time_in_force: str,
        display: Fixed | None = None,
    ) -> bool:
        """Give ``order`` new terms, in the book or not. ``order_qty`` is the total and is raised to
        CumQty where it is less. True when the order keeps its place or has nothing left; otherwise
        it is out of the book now and is to be entered again."""
        same = (ord_type, price, stop_px, time_in_force, display) == (
            order.ord_type,
            order.price,
            order.stop_px,
            order.time_in_force,
            order.display,
        )
        total = max(order_qty, order.cum_qty)
        keeps_place = same and total <= order.order_qty and order.key in self._orders
        if not keeps_place:
            self.cancel(order)
        if ord_type not in STOPS or stop_px != order.stop_px:
            order.triggered = False
        order.order_qty, order.ord_type = total, ord_type
        order.price, order.stop_px, order.time_in_force = price, stop_px, time_in_force
        order.display = display
        if keeps_place:
            self.refresh(order)
        return keeps_place or not order.leaves_qty

    def refresh(self, order: BookOrder) -> None:
        """The quantities of ``order`` were changed from outside: it keeps its place if it has any
        quantity left, and leaves the book otherwise."""
        self.version += 1
        if order.key in self._orders and not order.leaves_qty:
            self._remove(order)

    def print_trade(self, now_ns: int, price: Fixed, quantity: Fixed) -> None:
        """A trade outside the book set the last price: stops may follow."""
        self.last_px, self.last_qty = price, quantity
        self.version += 1
        self._cascade(now_ns)

    # -- questions -------------------------------------------------------------------------------

    def __contains__(self, order: BookOrder) -> bool:
        return order.key in self._orders

    def best(self, buy: bool) -> Fixed | None:
        """The best bid (``buy``) or offer, displayed or not."""
        side = self._rests[buy]
        if not side:
            return None
        price: Fixed = side.keys()[-1 if buy else 0]
        return price

    def levels(self, buy: bool, depth: int = 0) -> list[tuple[Fixed, Fixed]]:
        """(price, displayed quantity), best first; ``depth`` 0 is the whole side. A price at which
        nothing is displayed is no level."""
        found = []
        for price, level in self._ranked(buy):
            if shown := sum(order.shown_qty for order in level.values()):
                found.append((price, shown))
            if depth and len(found) == depth:
                break
        return found

    def at(self, buy: bool, price: Fixed) -> list[BookOrder]:
        """The orders resting at one price, earliest first."""
        return list(self._rests[buy].get(price, {}).values())

    def ahead(self, order: BookOrder) -> Fixed | None:
        """How much at its own price trades before a resting order does; None where it does not
        rest."""
        if order.key not in self._orders or order.waits or order.price is None:
            return None
        return ahead_of(order, self._rests[order.is_buy][order.price].values())

    def available(self, now_ns: int, order: BookOrder) -> Fixed:
        """How much ``order`` could trade against the book at this moment."""
        return sum(quantity for _, quantity in self._plan(now_ns, order, order.leaves_qty))

    # -- matching --------------------------------------------------------------------------------

    def _ranked(self, buy: bool) -> Iterator[tuple[Fixed, _Level]]:
        side = self._rests[buy]
        return ((price, side[price]) for price in (reversed(side) if buy else iter(side)))

    def _crosses(self, order: BookOrder, price: Fixed) -> bool:
        limit = order.limit
        if limit is None:
            return True
        return price <= limit if order.is_buy else price >= limit

    def _plan(self, now_ns: int, taker: BookOrder, most: Fixed) -> list[Allotment]:
        plan: list[Allotment] = []
        for price, level in self._ranked(not taker.is_buy):
            if most <= 0 or not self._crosses(taker, price):
                break
            for part in allotted(self._model, now_ns, taker, price, level.values(), most):
                plan.append(part)
                most -= part[1]
        return plan

    def _trade(self, now_ns: int, taker: BookOrder, plan: list[Allotment]) -> None:
        for maker, quantity in plan:
            price = self._price(now_ns, taker, maker)
            taker.cum_qty += quantity
            maker.cum_qty += quantity
            self.last_px, self.last_qty = price, quantity
            self.refresh(maker)
            if maker.display:
                self._show_next(maker, quantity)
            self._tell(now_ns, Traded(taker, maker, price, quantity))

    def _price(self, now_ns: int, taker: BookOrder, maker: BookOrder) -> Fixed:
        assert maker.price is not None  # only limits rest
        middle = self._middle(now_ns)
        if middle is None:
            return maker.price
        agreed = max if taker.is_buy else min
        price, limit = agreed(middle, maker.price), taker.limit
        if limit is None:
            return price
        return min(price, limit) if taker.is_buy else max(price, limit)

    def _show_next(self, order: BookOrder, traded: Fixed) -> None:
        """So much of a reserve order has traded: once its shown part has, the next is shown, at
        the end of the queue."""
        order.peak_left -= traded
        if order.peak_left <= 0:
            order.peak_left = order.display or 0
            if order.key in self._orders:
                self._remove(order)
                self._place(order)

    def _work(self, now_ns: int, order: BookOrder) -> None:
        """Match an order that is not waiting, and rest or kill what is left of it."""
        if order.waits:
            order.triggered = True
            self._tell(now_ns, Triggered(order))
        plan = self._plan(now_ns, order, order.leaves_qty)
        all_or_none = order.time_in_force == TimeInForce.FOK
        if all_or_none and sum(quantity for _, quantity in plan) < order.leaves_qty:
            self._tell(now_ns, Killed(order, NOT_AT_ONCE))
            return
        self._trade(now_ns, order, plan)
        if not order.leaves_qty:
            return
        facing = self.best(not order.is_buy)
        if order.time_in_force == TimeInForce.IOC:
            self._tell(now_ns, Killed(order, NOT_AT_ONCE))
        elif order.limit is None:
            self._tell(now_ns, Killed(order, NO_LIQUIDITY))
        elif facing is not None and self._crosses(order, facing):
            self._tell(now_ns, Killed(order, WITHHELD))
        else:
            self._place(order)

    def _cascade(self, now_ns: int) -> None:
        """Work the stops that the last price has reached, until it reaches no more."""
        while (order := self._reached()) is not None:
            self._remove(order)
            self._work(now_ns, order)

    def _is_reached(self, order: BookOrder) -> bool:
        if self.last_px is None or order.stop_px is None:
            return False
        return self.last_px >= order.stop_px if order.is_buy else self.last_px <= order.stop_px

    def _reached(self) -> BookOrder | None:
        """The next stop to trigger: the one whose price came first, then the earliest."""
        for buy, nearest in ((True, 0), (False, -1)):
            side = self._stops[buy]
            if side:
                order: BookOrder = next(iter(side.peekitem(nearest)[1].values()))
                if self._is_reached(order):
                    return order
        return None

    def _home(self, order: BookOrder) -> tuple[SortedDict[Fixed, _Level], Fixed]:
        side, price = (self._stops, order.stop_px) if order.waits else (self._rests, order.price)
        if price is None:
            raise ValueError(f"order {order.key} has no price to stand at")
        return side[order.is_buy], price

    def _place(self, order: BookOrder) -> None:
        side, price = self._home(order)
        order.peak_left = order.display or 0
        side.setdefault(price, {})[order.key] = order
        self._orders[order.key] = order
        self.version += 1

    def _remove(self, order: BookOrder) -> None:
        side, price = self._home(order)
        level: _Level = side[price]
        del level[order.key]
        if not level:
            del side[price]
        del self._orders[order.key]
        self.version += 1

    def _check(self) -> None:
        """Raise AssertionError when the book contradicts itself."""
        seen: dict[str, BookOrder] = {}
        for stands, waits in ((self._rests, False), (self._stops, True)):
            for buy, side in stands.items():
                for price, level in side.items():
                    assert level, f"empty level at {price}"
                    for key, order in level.items():
                        assert order.key == key
                        assert key not in seen, f"order {key} stands twice"
                        assert order.is_buy == buy
                        assert order.waits == waits
                        assert price == (order.stop_px if waits else order.price)
                        assert order.leaves_qty > 0, f"order {key} has nothing left"
                        assert order.is_hidden or 0 < order.shown_qty <= order.leaves_qty
                        assert not (waits and self._is_reached(order)), f"stop {key} is due"
                        seen[key] = order
        assert seen == self._orders
        bid, offer = self.best(True), self.best(False)
        assert bid is None or offer is None or bid < offer, f"crossed: {bid} / {offer}"
