"""What people are told of an order."""

from __future__ import annotations

from typing import Final

from fix_oms.model.inputs import ClockJumped
from fix_oms.model.outputs import Alert
from fix_oms.orders.order import Order
from fix_oms.wire.times import utc_timestamp

_AGREES_S: Final = 1.0


def about(severity: str, code: str, text: str, order: Order) -> Alert:
    """An alert about one order, with its session and reference."""
    return Alert(
        severity=severity, code=code, text=text, session=order.session, order=order.reference
    )


def clock_jumped(value: ClockJumped) -> Alert:
    """What the machine's clock did, with both times, and what the engine's time does about it."""
    ahead_s = (value.wall_ns - value.engine_ns) / 1e9
    wall, engine = utc_timestamp(value.wall_ns), utc_timestamp(value.engine_ns)
    if value.followed and ahead_s <= _AGREES_S:
        text = f"the machine's clock agrees with the engine's time again ({wall})"
        return Alert(severity="info", code="clock", text=text, subject="clock")
    if value.followed:
        text = f"the machine's clock was set forward {ahead_s:,.1f} s, {engine} to {wall}: followed"
        return Alert(severity="warning", code="clock", text=text, subject="clock")
    if ahead_s < 0:
        text = (
            f"the machine's clock says {wall}, {-ahead_s:,.1f} s behind the engine's time {engine}:"
            " it was set back. The engine's time goes on, a tenth slower, until it has caught up"
        )
    else:
        text = (
            f"the machine's clock says {wall}, {ahead_s:,.1f} s ahead of the engine's time "
            f"{engine}: it was set forward too far to be believed. The engine's time goes on "
            "without it: set the clock right, or restart the engine if it is right"
        )
    return Alert(severity="severe", code="clock", text=text, subject="clock")
