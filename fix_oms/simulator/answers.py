"""A venue's answers to questions about orders, and to a mass cancel.

A status report has no ExecID(17): it tells nothing new. Asked by an id that was superseded, the
answer carries the current ClOrdID(11) and the asked one as OrigClOrdID(41) (G.1.c). The reports of
a mass cancel carry each order's own ClOrdID, like an unsolicited cancel: one ClOrdID that names
many orders would leave the receiver to guess.
"""

from __future__ import annotations

from typing import Any, Final

from fix_oms.model.fix import ExecType, MassCancelRequestType, MassCancelResponse, OrdRejReason
from fix_oms.model.messages import (
    ExecutionReport,
    OrderMassCancelReport,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
)
from fix_oms.simulator.floor import Floor
from fix_oms.simulator.order import Order, unknown

_UNKNOWN_SECURITY: Final = "1"
"""MassCancelRejectReason(532)."""
_UNDISCLOSED: Final = "7"
"""Side(54), which a report must state: what FIX has for one that is about no order."""


def status(order: Order | None, message: OrderStatusRequest, now_ns: int) -> ExecutionReport:
    asked, req_id = message.cl_ord_id, message.ord_status_req_id
    if order is None:
        return unknown(
            asked,
            now_ns,
            symbol=message.symbol,
            side=message.side,
            exec_id=None,
            ord_rej_reason=OrdRejReason.UNKNOWN_ORDER,
            ord_status_req_id=req_id,
            text="unknown order",
        )
    orig = asked if asked and asked != order.cl_ord_id else None
    return order.report(
        ExecType.ORDER_STATUS, None, now_ns, orig_cl_ord_id=orig, ord_status_req_id=req_id
    )


def mass_status(
    floor: Floor, session: str, message: OrderMassStatusRequest, now_ns: int
) -> list[ExecutionReport]:
    """Every order of the session that is open, or was spoken of today; one report says so if there
    is none."""
    found = [
        order
        for order in floor.orders.values()
        if order.session == session
        and (order.is_open or order.last_day == floor.day)
        and message.symbol in (None, order.terms.symbol)
    ]
    more: dict[str, Any] = {
        "mass_status_req_id": message.mass_status_req_id,
        "tot_num_reports": len(found),
    }
    if not found:
        none = unknown(
            None, now_ns, exec_id=None, last_rpt_requested=True, text="no orders", **more
        )
        none.symbol, none.side = message.symbol, _UNDISCLOSED
        return [none]
    return [
        order.report(
            ExecType.ORDER_STATUS, None, now_ns, last_rpt_requested=order is found[-1], **more
        )
        for order in found
    ]


def hit_by(floor: Floor, session: str, message: OrderMassCancelRequest) -> list[Order]:
    """The orders that a mass cancel takes out."""
    return [
        order
        for order in floor.orders.values()
        if order.session == session
        and order.accepted
        and order.is_open
        and message.symbol in (None, order.terms.symbol)
    ]


def mass_cancel(
    floor: Floor, message: OrderMassCancelRequest, report_id: str, hit: int
) -> OrderMassCancelReport:
    """35=r: taken, or refused because the symbol is not traded here."""
    symbol = message.symbol
    kind = MassCancelRequestType.ALL if symbol is None else MassCancelRequestType.SECURITY
    report = OrderMassCancelReport(
        cl_ord_id=message.cl_ord_id,
        order_id=report_id,
        mass_cancel_request_type=kind,
        mass_cancel_response=kind.value,
        total_affected_orders=hit,
    )
    if symbol is not None and symbol not in floor.books:
        report.mass_cancel_response = MassCancelResponse.REJECTED
        report.mass_cancel_reject_reason = _UNKNOWN_SECURITY
        report.total_affected_orders = None
        report.text = f"unknown Symbol(55) {symbol}"
    return report
