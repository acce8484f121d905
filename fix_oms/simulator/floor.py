"""What a venue does with orders: take in, match, cancel, replace, bust; and the report of each.

The floor carries out and reports. It does not ask whether: delays, duplicates, moods and manners
are the :mod:`~fix_oms.simulator.venue`'s. Reports go to the session that owns the order; the
venue's own levels (seeded liquidity) are orders without a session, about which nobody is told.

ExecIDs and OrderIDs are a text that names the run of the venue, and a counter: a venue that starts
again, even without its memory, never repeats one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fix_oms.model.errors import FixOmsError
from fix_oms.model.fix import (
    ExecRestatementReason,
    ExecType,
    FixVersion,
    OrdStatus,
    OrdType,
    Side,
    TimeInForce,
)
from fix_oms.model.messages import ExecutionReport, OrderCancelReplaceRequest, Report, Terms
from fix_oms.model.units import Fixed
from fix_oms.simulator.book import (
    PRICE_TIME,
    Event,
    FillModel,
    Killed,
    MatchingBook,
    Traded,
    Triggered,
)
from fix_oms.simulator.order import Execution, Order
from fix_oms.simulator.settings import Behaviour, Listing
from fix_oms.simulator.timers import Timers

HOUSE: Final = ""
"""The session of the venue's own orders."""
_AT_ONCE: Final = (TimeInForce.IOC, TimeInForce.FOK)
_MS: Final = 1_000_000


class ActRefused(FixOmsError):
    """Something that was asked of the venue's desk makes no sense for this order."""


class Floor:
    """All orders and books of one venue."""

    def __init__(
        self, version: FixVersion, timers: Timers, tell: Callable[[str, Report], None]
    ) -> None:
        self.version = version
        self.behaviour = Behaviour()
        self.orders: dict[str, Order] = {}
        self.books: dict[str, MatchingBook] = {}
        self.prints: list[tuple[str, Fixed, Fixed]] = []
        """(symbol, price, quantity) of the trades since market data last asked."""
        self.run = "1"
        self.day = 1
        self._timers: Final = timers
        self._tell: Final = tell
        self._made = 0
        self._listings: dict[str, Listing] = {}
        self._executions: dict[str, tuple[Order, Execution]] = {}
        self._refilling: set[tuple[str, bool, Fixed]] = set()

    def list_symbol(
        self, now_ns: int, symbol: str, listing: Listing, model: FillModel = PRICE_TIME
    ) -> None:
        """Trade a symbol. Its levels are seeded when it is listed for the first time."""
        self._listings[symbol] = listing
        if symbol in self.books:
            return
        self.books[symbol] = MatchingBook(symbol, self._happened, model)
        for buy, levels in ((True, listing.bids), (False, listing.asks)):
            for level in levels:
                self._seed(now_ns, symbol, buy, level.price, level.size)

    def listing(self, symbol: str) -> Listing | None:
        return self._listings.get(symbol)

    def book(self, order: Order) -> MatchingBook:
        return self.books[order.terms.symbol]

    def new_id(self, kind: str) -> str:
        self._made += 1
        return f"{self.run}-{kind}{self._made}"

    # -- the life of an order ----------------------------------------------------------------------

    def add(self, session: str, cl_ord_id: str, terms: Terms) -> Order:
        """Know of an order; nothing is answered yet."""
        order = Order(session, self.new_id("O"), cl_ord_id, terms)
        self.orders[order.order_id] = order
        return order

    def accept(self, now_ns: int, order: Order) -> None:
        order.accepted = True
        self.say(now_ns, order, ExecType.NEW)
        self._enter(now_ns, order)

    def reject(self, now_ns: int, order: Order, reason: str, text: str) -> None:
        order.ended = OrdStatus.REJECTED
        self.say(now_ns, order, ExecType.REJECTED, ord_rej_reason=reason, text=text)

    def end(self, now_ns: int, order: Order, status: OrdStatus, **more: Any) -> None:
        """Canceled, Expired, or Done for Day: it leaves the book, and its owner is told."""
        self.book(order).cancel(order)
        order.generation += 1
        order.slices_left = 0
        if status == OrdStatus.DONE_FOR_DAY and order.is_good_till:
            order.done_for_day = True
        else:
            order.ended = status
        self.say(now_ns, order, ExecType(status.value), **more)

    def replace(self, now_ns: int, order: Order, request: OrderCancelReplaceRequest) -> None:
        terms, orig = request.terms, order.cl_ord_id
        order.cl_ord_id, order.terms = request.cl_ord_id, terms
        order.generation += 1
        was_sliced, order.slices_left = order.slices_left, 0
        keeps_place = self.book(order).amend(
            order,
            order_qty=terms.order_qty,
            ord_type=terms.ord_type,
            price=terms.price,
            stop_px=terms.stop_px,
            time_in_force=terms.time_in_force,
        )
        self.say(now_ns, order, ExecType.REPLACED, orig_cl_ord_id=orig)
        if not keeps_place and not order.done_for_day:
            if was_sliced:  # what was left of the first order's slices is left to the new one
                self._start_slices(now_ns, order, was_sliced, self.behaviour.fill_interval_ms)
            else:
                self._enter(now_ns, order)

    def fill(self, now_ns: int, order: Order, quantity: Fixed, price: Fixed) -> None:
        """A trade by hand: outside the book, also of an order that has ended (a late fill)."""
        if not 0 < quantity <= order.order_qty - order.cum_qty:
            raise ActRefused("the quantity is not within what the order has left")
        if not order.accepted and order.ended is None:
            raise ActRefused("the order has not been acknowledged yet")
        if order.terms.symbol not in self.books:
            raise ActRefused(f"Symbol(55) {order.terms.symbol} does not trade here")
        book = self.book(order)
        order.cum_qty += quantity
        book.refresh(order)
        self._execute(now_ns, order, quantity, price)
        self._print(now_ns, book, price, quantity)

    def reinstate(self, now_ns: int, order: Order) -> None:
        """The next day of a Good Till order that was done for the day (H.1.a)."""
        order.done_for_day = False
        reason = ExecRestatementReason.GT_RENEWAL
        self.say(now_ns, order, ExecType.RESTATED, exec_restatement_reason=reason)
        self._enter(now_ns, order)

    # -- executions: busts and corrections ---------------------------------------------------------

    def bust(self, now_ns: int, exec_id: str, text: str | None = None) -> None:
        """Undo a trade, on both sides of it. What it took becomes LeavesQty again, if alive."""
        order, execution = self._standing(exec_id)
        for party, done in self._both(order, execution):
            done.busted = True
            party.cum_qty -= done.quantity
            ref, done.exec_id = done.exec_id, self.new_id("E")
            self._executions[done.exec_id] = (party, done)
            self.say(
                now_ns,
                party,
                ExecType.TRADE_CANCEL,
                exec_id=done.exec_id,
                exec_ref_id=ref,
                last_qty=0,
                last_px=0,
                text=text,
            )
            self._work_again(now_ns, party)

    def correct(
        self, now_ns: int, exec_id: str, quantity: Fixed, price: Fixed, text: str | None = None
    ) -> None:
        """Restate a trade's size and price, on both sides of it."""
        order, execution = self._standing(exec_id)
        if quantity <= 0 or price <= 0:
            raise ActRefused("a correction to nothing is a bust")
        parties = self._both(order, execution)
        for party, done in parties:
            if party.cum_qty - done.quantity + quantity > party.order_qty:
                raise ActRefused("the corrected size would overfill an order")
        for party, done in parties:
            party.cum_qty += quantity - done.quantity
            done.quantity, done.price = quantity, price
            ref, done.exec_id = done.exec_id, self.new_id("E")
            self._executions[done.exec_id] = (party, done)
            self.say(
                now_ns,
                party,
                ExecType.TRADE_CORRECT,
                exec_id=done.exec_id,
                exec_ref_id=ref,
                last_qty=quantity,
                last_px=price,
                text=text,
            )
            self._work_again(now_ns, party)

    def _standing(self, exec_id: str) -> tuple[Order, Execution]:
        found = self._executions.get(exec_id)
        if found is None:
            raise ActRefused(f"there is no ExecID(17) {exec_id}")
        if found[1].busted:
            raise ActRefused(f"ExecID(17) {exec_id} has been busted")
        return found

    def _both(self, order: Order, execution: Execution) -> list[tuple[Order, Execution]]:
        other = execution.other
        return [(order, execution)] if other is None else [(order, execution), other]

    def _work_again(self, now_ns: int, order: Order) -> None:
        """Its quantities moved: a live order stands in the book with what it has left now."""
        book = self.book(order)
        book.refresh(order)
        if order.is_live and order not in book and not order.slices_left:
            self._enter(now_ns, order)

    # -- matching --------------------------------------------------------------------------------

    def _enter(self, now_ns: int, order: Order) -> None:
        """Hand an order to matching, in slices where the venue fills in slices."""
        order.generation += 1
        order.slices_left = 0
        behaviour, book = self.behaviour, self.book(order)
        can_slice = not order.waits and order.time_in_force not in _AT_ONCE
        slices = behaviour.fill_slices if can_slice else 1
        has_price = not order.waits and self._synthetic_px(order) is not None
        if has_price or (slices > 1 and book.available(now_ns, order)):
            self._start_slices(now_ns, order, slices, 0)
        else:
            book.enter(now_ns, order)

    def _start_slices(self, now_ns: int, order: Order, slices: int, wait_ms: int) -> None:
        order.slices_left = slices
        step = partial(self._slice, order, order.generation)
        if wait_ms:
            self._timers.at(now_ns + wait_ms * _MS, step)
        else:
            step(now_ns)

    def _slice(self, order: Order, generation: int, now_ns: int) -> None:
        if order.generation != generation:
            return
        if not order.is_live:
            order.slices_left = 0
            return
        book, price = self.book(order), self._synthetic_px(order)
        all_ = order.leaves_qty if price is not None else book.available(now_ns, order)
        if all_:
            lot = self._listings[book.symbol].lot
            part = min(all_, max(lot, -(-all_ // order.slices_left) // lot * lot))
            part = all_ if order.slices_left == 1 else part
            before = order.cum_qty
            book.take(now_ns, order, part)
            short = part - (order.cum_qty - before)
            if price is not None and short:
                order.cum_qty += short
                self._execute(now_ns, order, short, price)
                self._print(now_ns, book, price, short)
        order.slices_left -= 1
        if not order.leaves_qty:
            order.slices_left = 0
        elif order.slices_left and all_:
            wait_ns = self.behaviour.fill_interval_ms * _MS
            self._timers.at(now_ns + wait_ns, partial(self._slice, order, generation))
        else:
            order.slices_left = 0
            book.enter(now_ns, order)

    def _print(self, now_ns: int, book: MatchingBook, price: Fixed, quantity: Fixed) -> None:
        """A trade that the book did not make: it sets the last price, and stops may follow."""
        self.prints.append((book.symbol, price, quantity))
        book.print_trade(now_ns, price, quantity)

    def _synthetic_px(self, order: Order) -> Fixed | None:
        """Where liquidity that is not in the book fills ``order``; None where there is none."""
        kind, limit = self.behaviour.auto_fill, order.limit
        if kind == "none":
            return None
        facing = self.book(order).best(not order.is_buy)
        if limit is None:
            return facing if facing is not None else self._listings[order.terms.symbol].reference
        if kind == "limit":
            return limit
        crosses = facing is not None and (facing <= limit if order.is_buy else facing >= limit)
        return limit if crosses else None

    def _happened(self, now_ns: int, event: Event) -> None:
        """What the book tells while it matches."""
        if isinstance(event, Traded):
            taker, maker = event.taker, event.maker
            assert isinstance(taker, Order)
            assert isinstance(maker, Order)
            first = self._execute(now_ns, taker, event.quantity, event.price)
            second = self._execute(now_ns, maker, event.quantity, event.price)
            if first is not None and second is not None:
                first.other, second.other = (maker, second), (taker, first)
            self.prints.append((taker.terms.symbol, event.price, event.quantity))
            return
        order = event.order
        assert isinstance(order, Order)
        if isinstance(event, Killed):
            order.generation += 1
            order.ended = OrdStatus.CANCELED
            self.say(now_ns, order, ExecType.CANCELED, text=event.reason)
        elif isinstance(event, Triggered) and self.version is FixVersion.FIX50SP2:
            self.say(now_ns, order, ExecType.TRIGGERED)  # 4.2 and 4.4 have no code for it

    def _execute(
        self, now_ns: int, order: Order, quantity: Fixed, price: Fixed
    ) -> Execution | None:
        """Write down and report a trade that ``order.cum_qty`` already holds."""
        if order.session == HOUSE:
            self._plan_refill(now_ns, order)
            return None
        execution = Execution(self.new_id("E"), quantity, price)
        order.executions.append(execution)
        self._executions[execution.exec_id] = (order, execution)
        self.say(
            now_ns,
            order,
            ExecType.TRADE,
            exec_id=execution.exec_id,
            last_qty=quantity,
            last_px=price,
        )
        return execution

    # -- the venue's own levels --------------------------------------------------------------------

    def _seed(self, now_ns: int, symbol: str, buy: bool, price: Fixed, size: Fixed) -> None:
        terms = Terms(
            symbol=symbol,
            side=Side.BUY if buy else Side.SELL,
            order_qty=size,
            ord_type=OrdType.LIMIT,
            price=price,
            time_in_force=TimeInForce.GTC,
        )
        order = Order(HOUSE, self.new_id("L"), "", terms)
        order.accepted = True
        self.books[symbol].enter(now_ns, order)

    def _plan_refill(self, now_ns: int, order: Order) -> None:
        price, wait_ms = order.price, self.behaviour.refill_ms
        level = (order.terms.symbol, order.is_buy, price or 0)
        if wait_ms and level not in self._refilling:
            self._refilling.add(level)
            self._timers.at(now_ns + wait_ms * _MS, partial(self._refill, *level))

    def _refill(self, symbol: str, buy: bool, price: Fixed, now_ns: int) -> None:
        self._refilling.discard((symbol, buy, price))
        book, listing = self.books[symbol], self._listings[symbol]
        size = sum(v.size for v in (listing.bids if buy else listing.asks) if v.price == price)
        for order in book.at(buy, price):
            if isinstance(order, Order) and order.session == HOUSE:
                book.cancel(order)
        if size:
            self._seed(now_ns, symbol, buy, price, size)

    # -- reports ---------------------------------------------------------------------------------

    def say(
        self, now_ns: int, order: Order, exec_type: str, exec_id: str | None = None, **more: Any
    ) -> None:
        """Send the order's owner a report of it as it stands."""
        order.last_day = self.day
        if order.session != HOUSE:
            made = exec_id or self.new_id("E")
            report: ExecutionReport = order.report(exec_type, made, now_ns, **more)
            self._tell(order.session, report)

    def _check(self) -> None:
        """Raise AssertionError when orders and books contradict each other."""
        for book in self.books.values():
            book._check()
        for order in self.orders.values():
            order._check()
            if order.terms.symbol not in self.books:
                continue
            assert not (order in self.book(order) and not order.is_live)
            if order.is_live and not order.slices_left:
                assert order in self.book(order), f"{order.order_id} is live and nowhere"
