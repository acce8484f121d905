"""What there is to tell of an order or of a routed parent, in one form for both.

A parent's executions are its children's, its status its own. *Pending* states are told only to a
client that has asked for something: what our desk or the router asks of a broker is no business of
a client's, and FIX has Pending Cancel (6) and Pending Replace (E) for answers alone.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final, NamedTuple

from fix_oms.engine.client_state import Ask, Mirror
from fix_oms.model.fix import OrdStatus, OrdType
from fix_oms.model.units import Fixed, average
from fix_oms.orders.order import Order
from fix_oms.orders.projection import status_for
from fix_oms.orders.requests import CANCEL, REPLACE
from fix_oms.routing.parents import ParentOrder

NOT_YET: Final = ""
ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
LATE: Final = "late"

PENDING: Final[dict[str, str]] = {
    OrdStatus.PENDING_CANCEL.value: CANCEL,
    OrdStatus.PENDING_REPLACE.value: REPLACE,
}
"""The states that a client is told of while it waits for an answer itself, and to what."""


class Truth(NamedTuple):
    """An order as it stands. ``splits`` counts those that have rescaled its executions; ``text`` is
    what its broker, or the router, said of it last."""

    status: str
    cum_qty: Fixed
    leaves_qty: Fixed
    avg_px: Fixed
    order_qty: Fixed
    cash_order_qty: Fixed | None
    ord_type: str
    price: Fixed | None
    stop_px: Fixed | None
    time_in_force: str
    symbol: str
    side: str
    acked: bool
    splits: int
    text: str


def of_order(order: Order, waits: Set[str]) -> Truth:
    """An order that went to a broker as it is; ``waits`` are those of our requests of which the
    client awaits the answer."""
    terms = order.terms
    return Truth(
        status_for(order, waits),
        order.cum_qty,
        order.leaves_qty,
        order.avg_px,
        terms.order_qty,
        terms.cash_order_qty,
        terms.ord_type,
        terms.price,
        terms.stop_px,
        terms.time_in_force,
        order.symbol,
        order.side,
        order.acked,
        len(order.executions.splits),
        order.text,
    )


def of_parent(parent: ParentOrder, waits: Set[str]) -> Truth:
    """A parent that the router sends in pieces; ``waits`` are the kinds of request of which the
    client awaits the answer."""
    held = parent.held
    done, status = held.executed, parent.ord_status()
    if PENDING.get(status, "") not in {"", *waits}:
        status = working(done, held.order_qty, acked=True)
        if parent.suspended:
            status = OrdStatus.SUSPENDED.value
    return Truth(
        status,
        done,
        parent.leaves_qty,
        average(held.notional, done),
        held.order_qty,
        None,
        OrdType.MARKET if parent.price is None else OrdType.LIMIT,
        parent.price,
        None,
        parent.time_in_force,
        held.symbol,
        held.side,
        True,
        0,
        parent.suspended or parent.text,
    )


def working(cum: Fixed, order_qty: Fixed, acked: bool) -> str:
    """OrdStatus(39) of an order that works, by what has executed."""
    if cum and cum >= order_qty > 0:
        return OrdStatus.FILLED.value
    if cum:
        return OrdStatus.PARTIALLY_FILLED.value
    return (OrdStatus.NEW if acked else OrdStatus.PENDING_NEW).value


# -- what became of a request ----------------------------------------------------------------------


def outcome_at_broker(ask: Ask, order: Order) -> tuple[str, str]:
    """What became of a client's request, and the words that came with it."""
    request = order.request(ask.ours)
    if request is None:
        return LATE, ""
    if request.accepted_somehow and ask.kind == REPLACE:
        return ACCEPTED, ""
    if request.refused or request.unsent:
        return REFUSED, request.text
    over = order.is_moot(request) or (order.ended and not request.accepted_somehow)
    return (LATE, "the order is not open any more") if over else (NOT_YET, "")


def outcome_at_parent(ask: Ask, parent: ParentOrder, mirror: Mirror) -> tuple[str, str]:
    """The same of a request for a parent."""
    if parent.ended:
        return LATE, parent.text or "the order is not open any more"
    if ask.kind == CANCEL or parent.wanted is not None:
        return NOT_YET, ""
    told = mirror.told
    if (parent.held.order_qty, parent.price) == (told.order_qty, told.price):
        return REFUSED, "what works of the order does not allow it"
    return ACCEPTED, ""
