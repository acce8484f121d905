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
    TimeInForce,
)
from fix_oms.model.messages import ExecutionReport, OrderCancelReplaceRequest, Report, Terms
from fix_oms.model.routing import NO_FEES
from fix_oms.model.units import Fixed
from fix_oms.simulator import auto_fill
from fix_oms.simulator.book import MatchingBook
from fix_oms.simulator.liquidity import Liquidity
from fix_oms.simulator.order import HOUSE, Execution, Order
from fix_oms.simulator.queues import PRICE_TIME, FillModel
from fix_oms.simulator.resting import Event, Killed, Traded, Triggered
from fix_oms.simulator.settings import Behaviour, Listing
from fix_oms.simulator.tariff import cost
from fix_oms.simulator.timers import Timers

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
        self.is_closed = False
        self.run = "1"
        self.day = 1
        self._timers: Final = timers
        self._tell: Final = tell
        self._made = 0
        self._listings: dict[str, Listing] = {}
        self._executions: dict[str, tuple[Order, Execution]] = {}
        self._liquidity: dict[str, Liquidity] = {}

    def list_symbol(
        self,
        now_ns: int,
        symbol: str,
        listing: Listing,
        *,
        model: FillModel = PRICE_TIME,
        seed: str = "",
    ) -> None:
        """Trade a symbol. Its levels are put there when it is listed for the first time. ``seed``
        is that of other traders, who keep what they have drawn from it when it is listed again."""
        self._listings[symbol] = listing
        if symbol not in self.books:
            middle = partial(self._middle, symbol)
            book = self.books[symbol] = MatchingBook(symbol, self._happened, model, middle)
            self._liquidity[symbol] = Liquidity(listing, book, self._timers, self, seed)
        self._liquidity[symbol].list(now_ns, listing)

    def halt_flow(self) -> None:
        """Other traders do nothing until their symbol is listed again."""
        for liquidity in self._liquidity.values():
            liquidity.others.halt()

    @property
    def pace(self) -> float:
        """How often other traders come, by what is usual."""
        return 0.0 if self.is_closed else self.behaviour.flow_pace

    def _middle(self, symbol: str, now_ns: int) -> Fixed | None:
        return self._liquidity[symbol].middle(now_ns) if self.behaviour.dark else None

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

    def replace(
        self,
        now_ns: int,
        order: Order,
        request: OrderCancelReplaceRequest,
        display: Fixed | None = None,
    ) -> None:
        """New terms, which were found good; ``display`` is how much of it is shown at a time."""
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
            display=display,
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
        rests = order in book
        order.cum_qty += quantity
        book.refresh(order)
        self._execute(now_ns, order, quantity, price, is_maker=rests)
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
                **self._fee(done),
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
        reference = self._listings[order.terms.symbol].reference
        return auto_fill.price(self.behaviour.auto_fill, order, self.book(order), reference)

    def _happened(self, now_ns: int, event: Event) -> None:
        """What the book tells while it matches."""
        if isinstance(event, Traded):
            taker, maker = event.taker, event.maker
            assert isinstance(taker, Order)
            assert isinstance(maker, Order)
            first = self._execute(now_ns, taker, event.quantity, event.price)
            second = self._execute(now_ns, maker, event.quantity, event.price, is_maker=True)
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
        self, now_ns: int, order: Order, quantity: Fixed, price: Fixed, *, is_maker: bool = False
    ) -> Execution | None:
        """Write down and report a trade that ``order.cum_qty`` already holds."""
        if not order.is_told:
            if order.session == HOUSE:
                own = self._liquidity[order.terms.symbol].own
                own.plan_refill(now_ns, order, self.behaviour.refill_ms)
            return None
        execution = Execution(self.new_id("E"), quantity, price, is_maker=is_maker)
        order.executions.append(execution)
        self._executions[execution.exec_id] = (order, execution)
        self.say(
            now_ns,
            order,
            ExecType.TRADE,
            exec_id=execution.exec_id,
            last_qty=quantity,
            last_px=price,
            **self._fee(execution),
        )
        return execution

    def _fee(self, execution: Execution) -> dict[str, Fixed]:
        """What a report of it says of its cost: 4.2 has no fees in a report but a commission."""
        fees = self.behaviour.fees
        if fees == NO_FEES:
            return {}
        field = "commission" if self.version is FixVersion.FIX42 else "misc_fees"
        is_maker = execution.is_maker
        return {field: cost(fees, execution.quantity, execution.price, is_maker=is_maker)}

    # -- reports ---------------------------------------------------------------------------------

    def say(
        self, now_ns: int, order: Order, exec_type: str, exec_id: str | None = None, **more: Any
    ) -> None:
        """Send the order's owner a report of it as it stands."""
        order.last_day = self.day
        if order.is_told:
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
