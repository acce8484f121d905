"""A broker on paper: it takes every order at once, and fills it by the books that are told.

*Taking.* An order that comes in (or has just been triggered) trades with what its venue's book
shows within its limit, level by level, at their prices; what it takes is still shown to the next.
*Resting.* What is left waits, and all of it fills at its own limit as soon as the book's other side
reaches that price, before anything arrives that this brings about: who quotes is hit by the move,
and not warned by it. In life a quote also fills by what trades at its price, and in pieces. A stop
is triggered when the price that it would trade at reaches it.

The books are as they were told: nothing of the orders here stands in them, while an algo's desk
takes its own off (``Desk.levels``), so a level that is no larger than its own order is hidden.

This is a model to try an algo with, and no measure of what it would earn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import attrs

from fix_oms.market.quotes import Quotes
from fix_oms.model.fix import OrdStatus, OrdType, Side, TimeInForce
from fix_oms.model.messages import (
    ExecutionReport,
    Message,
    NewOrderSingle,
    OrderCancelReject,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderStatusRequest,
    Terms,
)
from fix_oms.model.units import Fixed, Notional, average

_AT_ONCE: Final = frozenset({TimeInForce.IOC.value, TimeInForce.FOK.value})
_STOPS: Final = frozenset({OrdType.STOP.value, OrdType.STOP_LIMIT.value})
Reply = Iterator[Message]


class PaperFill(NamedTuple):
    """An execution: the request's ClOrdID(11), and what of it at which price."""

    time_ns: int
    cl_ord_id: str
    symbol: str
    side: str
    qty: Fixed
    px: Fixed


@attrs.define
class _Held:
    """An order that the broker has."""

    order_id: str
    cl_ord_id: str
    venue: str
    terms: Terms
    cum: Fixed = 0
    notional: Notional = 0
    waits: bool = False
    """A stop that nothing has triggered."""

    @property
    def left(self) -> Fixed:
        return self.terms.order_qty - self.cum

    @property
    def buys(self) -> bool:
        return self.terms.side == Side.BUY


class PaperBroker:
    """All orders of one session. ``fills`` are its executions, in order."""

    def __init__(self, quotes: Quotes) -> None:
        self._quotes: Final = quotes
        self._held: Final[dict[str, _Held]] = {}
        self._count = 0
        self.fills: list[PaperFill] = []

    def answers(self, now: int, message: Message, venue: str) -> Reply:
        """What it says to a request."""
        if isinstance(message, NewOrderSingle):
            yield from self._new(now, message, venue)
        elif isinstance(message, OrderCancelRequest | OrderCancelReplaceRequest):
            held = self._held.pop(message.orig_cl_ord_id, None)
            if held is None:
                yield _too_late(message)
            elif isinstance(message, OrderCancelReplaceRequest):
                yield from self._replace(now, message, held)
            else:
                held.cl_ord_id = message.cl_ord_id
                orig = message.orig_cl_ord_id
                yield self._report(now, held, "4", OrdStatus.CANCELED, orig=orig)
        elif isinstance(message, OrderStatusRequest):
            found = self._held.get(message.cl_ord_id)
            if found is not None:
                yield self._report(now, found, "I", _status(found))

    def moved(self, now: int, symbol: str) -> Reply:
        """The books of a symbol have changed."""
        for held in list(self._held.values()):
            if held.terms.symbol != symbol:
                continue
            far = self._best(held)
            if held.waits and far is not None and _reaches(held, far):
                held.waits = False
                yield from self._take(now, held)
            elif not held.waits and far is not None and _trades_at(held, far):
                yield self._fill(now, held, held.left, held.terms.price or far)

    # -- parts --------------------------------------------------------------------------------

    def _new(self, now: int, message: NewOrderSingle, venue: str) -> Reply:
        self._count += 1
        held = _Held(f"P{self._count}", message.cl_ord_id, venue, message.terms)
        self._held[held.cl_ord_id] = held
        yield self._report(now, held, "0", OrdStatus.NEW)
        far = self._best(held)
        held.waits = message.terms.ord_type in _STOPS and not (far and _reaches(held, far))
        if not held.waits:
            yield from self._take(now, held)

    def _replace(self, now: int, message: OrderCancelReplaceRequest, held: _Held) -> Reply:
        if message.terms.order_qty <= held.cum:
            self._held[held.cl_ord_id] = held
            yield _too_late(message)
            return
        held.cl_ord_id, held.terms = message.cl_ord_id, message.terms
        self._held[held.cl_ord_id] = held
        yield self._report(now, held, "5", _status(held), orig=message.orig_cl_ord_id)
        if not held.waits:
            yield from self._take(now, held)

    def _take(self, now: int, held: _Held) -> Reply:
        book = self._quotes.of(held.venue, held.terms.symbol)
        for price, size in book.take(held.buys) if book is not None else ():
            if held.left and _trades_at(held, price):
                yield self._fill(now, held, min(size, held.left), price)
        if held.left and (held.terms.time_in_force in _AT_ONCE or held.terms.price is None):
            self._held.pop(held.cl_ord_id, None)
            yield self._report(now, held, "4", OrdStatus.CANCELED)

    def _best(self, held: _Held) -> Fixed | None:
        book = self._quotes.of(held.venue, held.terms.symbol)
        levels = book.take(held.buys) if book is not None else ()
        return levels[0][0] if levels else None

    def _fill(self, now: int, held: _Held, qty: Fixed, px: Fixed) -> ExecutionReport:
        held.cum += qty
        held.notional += qty * px
        if not held.left:
            self._held.pop(held.cl_ord_id, None)
        side, symbol = held.terms.side, held.terms.symbol
        self.fills.append(PaperFill(now, held.cl_ord_id, symbol, side, qty, px))
        return self._report(now, held, "F", _status(held), last=(qty, px))

    def _report(
        self,
        now: int,
        held: _Held,
        exec_type: str,
        status: str,
        *,
        orig: str | None = None,
        last: tuple[Fixed, Fixed] | None = None,
    ) -> ExecutionReport:
        self._count += 1
        is_over = status in (OrdStatus.CANCELED, OrdStatus.FILLED)
        return ExecutionReport(
            cl_ord_id=held.cl_ord_id,
            orig_cl_ord_id=orig,
            order_id=held.order_id,
            exec_id=f"E{self._count}",
            exec_type=exec_type,
            ord_status=status,
            symbol=held.terms.symbol,
            side=held.terms.side,
            order_qty=held.terms.order_qty,
            price=held.terms.price,
            cum_qty=held.cum,
            leaves_qty=0 if is_over else held.left,
            avg_px=average(held.notional, held.cum) if held.cum else 0,
            last_qty=last[0] if last else None,
            last_px=last[1] if last else None,
            transact_time=now,
        )


def _status(held: _Held) -> str:
    if not held.left:
        return OrdStatus.FILLED
    return OrdStatus.PARTIALLY_FILLED if held.cum else OrdStatus.NEW


def _trades_at(held: _Held, far: Fixed) -> bool:
    """Whether its limit lets it trade at that price of the other side."""
    price = held.terms.price
    return price is None or (far <= price if held.buys else far >= price)


def _reaches(held: _Held, far: Fixed) -> bool:
    stop = held.terms.stop_px or 0
    return far >= stop if held.buys else far <= stop


def _too_late(message: OrderCancelRequest | OrderCancelReplaceRequest) -> OrderCancelReject:
    is_cancel = isinstance(message, OrderCancelRequest)
    return OrderCancelReject(
        cl_ord_id=message.cl_ord_id,
        orig_cl_ord_id=message.orig_cl_ord_id,
        order_id="NONE",
        ord_status=OrdStatus.FILLED,
        cxl_rej_response_to="1" if is_cancel else "2",
        cxl_rej_reason="0",
    )
