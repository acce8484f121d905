"""One symbol's book: price-time priority, and nothing but matching.

The book holds what rests (limits that did not trade) and what waits (stops). An incoming order
trades at the resting order's price, best price first, earliest first within a price. What cannot
rest ends here: the remainder of a market or IOC order, the whole of an FOK that cannot be filled.

Who trades how much at one price is asked of a :class:`FillModel`, so that a backtest can bring its
own queue; :class:`PriceTime` gives the full displayed size in order of time. A model may give less
than is there; the taker then goes on to the next price, and a remainder that would stand across
the other side is killed instead of resting. So the book is never crossed, whatever the model says.

A replace that only takes quantity away keeps its place; any other loses it. OrderQty(38) is the
total, including what has traded; a total at or below CumQty(14) means "stop executing" and leaves
the order filled at CumQty (FIX 4.4 volume 4, order state change matrices, C.3.c).

Every happening is told at once, while the orders stand as it left them, because a report of the
first of two fills must not show the second. Who is told may not act on the book from there. Nothing
here reads a clock: time is an argument, handed on to the fill model and to who is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, Protocol

from sortedcontainers import SortedDict

from fix_oms.model.fix import OrdType, Side, TimeInForce
from fix_oms.model.units import Fixed

NO_LIQUIDITY: Final = "no liquidity left"
NOT_AT_ONCE: Final = "not filled at once"
WITHHELD: Final = "liquidity withheld"

_STOPS: Final = (OrdType.STOP, OrdType.STOP_LIMIT)
_LIMITED: Final = (OrdType.LIMIT, OrdType.STOP_LIMIT)


class BookOrder:
    """What matching has to know of an order. ``cum_qty`` moves only by :meth:`MatchingBook` acts,
    or by whoever busts and corrects executions, who then calls :meth:`MatchingBook.refresh`."""

    __slots__ = (
        "cum_qty",
        "key",
        "ord_type",
        "order_qty",
        "price",
        "side",
        "stop_px",
        "time_in_force",
        "triggered",
    )

    def __init__(
        self,
        key: str,
        side: str,
        order_qty: Fixed,
        *,
        ord_type: str = OrdType.LIMIT,
        price: Fixed | None = None,
        stop_px: Fixed | None = None,
        time_in_force: str = TimeInForce.DAY,
    ) -> None:
        self.key: Final = key
        self.side: Final = side
        self.order_qty = order_qty
        self.cum_qty: Fixed = 0
        self.ord_type = ord_type
        self.price = price
        self.stop_px = stop_px
        self.time_in_force = time_in_force
        self.triggered = False

    @property
    def leaves_qty(self) -> Fixed:
        return max(0, self.order_qty - self.cum_qty)

    @property
    def limit(self) -> Fixed | None:
        """The worst price it may trade at; None takes any."""
        return self.price if self.ord_type in _LIMITED else None

    @property
    def is_buy(self) -> bool:
        return self.side == Side.BUY

    @property
    def waits(self) -> bool:
        """A stop whose price has not been traded yet."""
        return self.ord_type in _STOPS and not self.triggered


class Traded(NamedTuple):
    """``quantity`` changed hands at ``price``."""

    taker: BookOrder
    maker: BookOrder
    price: Fixed
    quantity: Fixed


class Triggered(NamedTuple):
    """A stop's price was traded: it is now a market or a limit order."""

    order: BookOrder


class Killed(NamedTuple):
    """What is left of the order may not rest: it has ended."""

    order: BookOrder
    reason: str


Event = Traded | Triggered | Killed
Tell = Callable[[int, Event], None]


class FillModel(Protocol):
    """Decides which resting orders at one price trade how much with a taker."""

    def allocate(
        self,
        now_ns: int,
        taker: BookOrder,
        price: Fixed,
        makers: Iterable[BookOrder],
        wanted: Fixed,
    ) -> Iterable[tuple[BookOrder, Fixed]]:
        """Each maker at most once, each quantity above 0 and at most the maker's LeavesQty, their
        sum at most ``wanted``. ``makers`` come earliest first. Called again for the same moment it
        must answer the same: an FOK is planned before it trades."""
        ...


class PriceTime:
    """The earliest first, each in full: what displayed exchanges publish."""

    def allocate(
        self,
        now_ns: int,
        taker: BookOrder,
        price: Fixed,
        makers: Iterable[BookOrder],
        wanted: Fixed,
    ) -> Iterator[tuple[BookOrder, Fixed]]:
        for maker in makers:
            if wanted <= 0:
                return
            quantity = min(wanted, maker.leaves_qty)
            wanted -= quantity
            yield maker, quantity


PRICE_TIME: Final = PriceTime()

_Level = dict[str, BookOrder]


def _two_sides() -> dict[bool, SortedDict[Fixed, _Level]]:
    return {True: SortedDict(), False: SortedDict()}


class MatchingBook:
    """The resting and waiting orders of one symbol."""

    def __init__(self, symbol: str, tell: Tell, model: FillModel = PRICE_TIME) -> None:
        self.symbol: Final = symbol
        self.last_px: Fixed | None = None
        self.last_qty: Fixed = 0
        self.version = 0
        """Moves with every change that a reader of the book could see."""
        self._tell: Final = tell
        self._model: Final = model
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
    ) -> bool:
        """Give ``order`` new terms, in the book or not. ``order_qty`` is the total and is raised to
        CumQty where it is less. True when the order keeps its place or has nothing left; otherwise
        it is out of the book now and is to be entered again."""
        same = (ord_type, price, stop_px, time_in_force) == (
            order.ord_type,
            order.price,
            order.stop_px,
            order.time_in_force,
        )
        total = max(order_qty, order.cum_qty)
        keeps_place = same and total <= order.order_qty and order.key in self._orders
        if not keeps_place:
            self.cancel(order)
        if ord_type not in _STOPS or stop_px != order.stop_px:
            order.triggered = False
        order.order_qty, order.ord_type = total, ord_type
        order.price, order.stop_px, order.time_in_force = price, stop_px, time_in_force
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
        """The best bid (``buy``) or offer."""
        side = self._rests[buy]
        if not side:
            return None
        price: Fixed = side.keys()[-1 if buy else 0]
        return price

    def levels(self, buy: bool, depth: int = 0) -> list[tuple[Fixed, Fixed]]:
        """(price, displayed quantity), best first; ``depth`` 0 is the whole side."""
        found = []
        for price, level in self._ranked(buy):
            found.append((price, sum(order.leaves_qty for order in level.values())))
            if len(found) == depth:
                break
        return found

    def at(self, buy: bool, price: Fixed) -> list[BookOrder]:
        """The orders resting at one price, earliest first."""
        return list(self._rests[buy].get(price, {}).values())

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

    def _plan(self, now_ns: int, taker: BookOrder, most: Fixed) -> list[tuple[BookOrder, Fixed]]:
        plan: list[tuple[BookOrder, Fixed]] = []
        for price, level in self._ranked(not taker.is_buy):
            if most <= 0 or not self._crosses(taker, price):
                break
            for maker, quantity in self._model.allocate(now_ns, taker, price, level.values(), most):
                if not 0 < quantity <= min(most, maker.leaves_qty):
                    raise ValueError(f"the fill model gave {quantity} of order {maker.key}")
                plan.append((maker, quantity))
                most -= quantity
        return plan

    def _trade(self, now_ns: int, taker: BookOrder, plan: list[tuple[BookOrder, Fixed]]) -> None:
        for maker, quantity in plan:
            assert maker.price is not None  # only limits rest
            taker.cum_qty += quantity
            maker.cum_qty += quantity
            self.last_px, self.last_qty = maker.price, quantity
            self.refresh(maker)
            self._tell(now_ns, Traded(taker, maker, maker.price, quantity))

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
                        assert not (waits and self._is_reached(order)), f"stop {key} is due"
                        seen[key] = order
        assert seen == self._orders
        bid, offer = self.best(True), self.best(False)
        assert bid is None or offer is None or bid < offer, f"crossed: {bid} / {offer}"
