"""What people are told of an order."""

from __future__ import annotations

from fix_oms.model.outputs import Alert
from fix_oms.orders.order import Order


def about(severity: str, code: str, text: str, order: Order) -> Alert:
    """An alert about one order, with its session and reference."""
    return Alert(
        severity=severity, code=code, text=text, session=order.session, order=order.reference
    )
