"""What an order comes to for all who keep sums: taken before evidence is added, and after."""

from __future__ import annotations

from fix_oms.model.units import Fixed, Notional
from fix_oms.orders.order import Order

Before = tuple[Fixed, Notional, Fixed, Fixed, Fixed, Fixed]
"""Of an order before evidence came: executed quantity, notional and fees; open quantity and the
worst price of it, and the price at which it is readiest to trade (0: in no book)."""


def measure(order: Order) -> Before:
    """What ``State.learned`` compares with; taken before evidence is added."""
    done, open_qty = order.executions, order.open_qty
    if not open_qty:
        return done.qty, done.notional, done.fees, 0, 0, 0
    first = order.first
    terms, price = first.terms, first.terms.price
    if order.later or order.terms is not terms or price is None or terms.stop_px is not None:
        worst, touch = order.worst_px, order.touch_px
    else:  # as of nearly every order: a limit order that stands as it was sent
        worst, touch = first.worst_px, price
    return done.qty, done.notional, done.fees, open_qty, worst, touch
