"""What a report says of itself that cannot be true: recorded and told, and never obeyed.

Quantities and states come from the evidence, so a wrong CumQty(14), LeavesQty(151), AvgPx(6) or
OrdStatus(39) on a fill misleads nobody. It is told all the same, once for each field that lies,
because a broker whose sums are wrong is a broker to telephone.

A late report states what was true when it was made. So only what no order of events explains is an
anomaly: a CumQty for which the other executions leave no room, a LeavesQty that is not OrderQty
less CumQty, an OrdStatus that its own quantities contradict, an AvgPx that differs from what the
same executions cost. An AvgPx of 0 tells none: so say venues that compute none. This judges one
report when it comes, so it is a log and no projection.
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.codes import (
    EXEC_TRADE,
    STATUS_CALCULATED,
    STATUS_CANCELED,
    STATUS_DONE_FOR_DAY,
    STATUS_EXPIRED,
    STATUS_FILLED,
    STATUS_NEW,
    STATUS_PARTIALLY_FILLED,
    STATUS_REJECTED,
)
from fix_oms.model.fix import OrdStatus, word
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import SCALE, Fixed, text_of
from fix_oms.orders.order import Order

_FILLS: Final = (STATUS_NEW, STATUS_PARTIALLY_FILLED, STATUS_FILLED)
_INACTIVE: Final = frozenset(
    {
        STATUS_CANCELED,
        STATUS_DONE_FOR_DAY,
        STATUS_EXPIRED,
        STATUS_CALCULATED,
        STATUS_REJECTED,
    }
)
"""Where LeavesQty(151) may be 0 although OrderQty is not done (Q2)."""
AVG_PX_CENTS: Final = SCALE // 100
AVG_PX_PARTS: Final = 1000
"""AvgPx(6) may differ by 0.01 or by 1/1000, whichever is more: brokers round."""


def of(order: Order, report: ExecutionReport) -> list[str]:
    """The fields of a fill that contradict the evidence, in words; call it after ``add_report``."""
    if (report.side or order.side) != order.side or (report.symbol or order.symbol) != order.symbol:
        return _mixed_up(order, report)
    if report.exec_type != EXEC_TRADE or report.exec_id is None or _agrees(order, report):
        return []
    cum, found = _cum_qty(order, report)
    order_qty = report.order_qty or _order_qty(order, report)
    leaves = max(0, order_qty - cum)
    status = report.ord_status
    told = report.leaves_qty
    if told is not None and told != leaves and not (status in _INACTIVE and told == 0):
        found.append(f"LeavesQty(151) {text_of(told)} is not OrderQty(38) less CumQty(14)")
    if status in _FILLS:
        expected = STATUS_FILLED if leaves == 0 else STATUS_PARTIALLY_FILLED
        if status != expected:
            quantities = f"{text_of(cum)} of {text_of(order_qty)}"
            found.append(f"OrdStatus(39) {word(OrdStatus, status)} with {quantities} executed")
    if report.avg_px and cum == order.cum_qty and not order.provisional:
        _avg_px(order.avg_px, report.avg_px, found)
    return found


def _mixed_up(order: Order, report: ExecutionReport) -> list[str]:
    """An execution of another side or symbol than the order's: it counts as the order's own."""
    found = []
    if report.side and report.side != order.side:
        found.append(f"Side(54) {report.side} is not the order's: {order.side}")
    if report.symbol and report.symbol != order.symbol:
        found.append(f"Symbol(55) {report.symbol} is not the order's: {order.symbol}")
    return found


def _order_qty(order: Order, report: ExecutionReport) -> Fixed:
    """OrderQty of the request that the report names: a late fill speaks of its own terms."""
    request = order.request(report.cl_ord_id or "")
    if request is None or request.cl_ord_id == order.cl_ord_id:
        return order.terms.order_qty
    return request.terms.order_qty


def _agrees(order: Order, report: ExecutionReport) -> bool:
    """Whether the report says just what the evidence comes to: nearly every fill does."""
    cum, avg = report.cum_qty, report.avg_px
    return (
        cum == order.cum_qty
        and report.leaves_qty == order.leaves_qty
        and report.ord_status == order.ord_status
        and (not avg or avg * cum == order.executions.notional)
    )


def _cum_qty(order: Order, report: ExecutionReport) -> tuple[Fixed, list[str]]:
    """CumQty as the report should have told it, and whether it told another."""
    told, ours = report.cum_qty, order.executions.qty
    if told is None or told in (ours, order.cum_qty):
        return (order.cum_qty if told is None else told), []
    if told > ours or _may_be_late(order, report, told):
        return told, []
    return ours, [f"CumQty(14) {text_of(told)} does not fit the executions: {text_of(ours)}"]


def _may_be_late(order: Order, report: ExecutionReport, told: Fixed) -> bool:
    """Whether a CumQty(14) below ours can have been true before other executions that we hold."""
    done = order.executions
    held = done.trades.get(report.exec_id or "")
    if held is None or held.told != told:
        return True
    if told < held.qty or not done.fits(held):
        return False
    # OrderQty(38) and LeavesQty(151) may bear each other out: CumQty is the third of them.
    if report.leaves_qty is not None and (report.order_qty or 0) - report.leaves_qty == done.qty:
        return False
    others = [*done.trades.values(), *done.corrections.values(), *done.busts.values()]
    return not all(held.time > other.time > 0 for other in others if other is not held)


def _avg_px(ours: Fixed, told: Fixed, found: list[str]) -> None:
    if abs(told - ours) > max(AVG_PX_CENTS, ours // AVG_PX_PARTS):
        found.append(f"AvgPx(6) {text_of(told)} is not what the executions cost: {text_of(ours)}")
