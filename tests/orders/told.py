"""Short ways to say what an order was told: requests, reports, and the state that they came to.

Quantities and prices are whole numbers here, times nanoseconds (``DAY`` of them make a day), and
OrdStatus the wire's character. LeavesQty is OrderQty less CumQty unless something else is said.
"""

from __future__ import annotations

from typing import Any, Final

from fix_oms.model.messages import ExecutionReport, OrderCancelReject, Terms
from fix_oms.model.scope import Scope
from fix_oms.model.units import SCALE
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request

DAY: Final = 86_400 * 10**9
"""One day, and the midnight on which the second of January 1970 begins."""
X, Y, Z = "X", "Y", "Z"
_INACTIVE: Final = "3B48C"

Message = ExecutionReport | OrderCancelReject
State = tuple[str, int, int]
"""OrdStatus, CumQty, LeavesQty."""


def _fixed(value: int | None) -> int | None:
    return None if value is None else value * SCALE


def terms(
    qty: int, *, tif: str = "0", price: int | None = 10, cash: int | None = None, side: str = "1"
) -> Terms:
    return Terms(
        symbol="AAPL",
        side=side,
        order_qty=qty * SCALE,
        ord_type="1" if price is None else "2",
        price=None if price is None else price * SCALE,
        time_in_force=tif,
        cash_order_qty=cash,
    )


def an_order(*more: Request, qty: int = 100, client_ref: str = "", **of: Any) -> Order:
    """An order X for 100 at 10, and the requests of ours that followed it."""
    first = Request(X, NEW, terms(qty, **of), 0, 1)
    order = Order(first, Scope("A", "", "AAPL", "V", "S"), client_ref)
    for request in more:
        order.add_request(request)
    return order


def cancel(cl_ord_id: str) -> Request:
    return Request(cl_ord_id, CANCEL, terms(100), 0, 1)


def replace(cl_ord_id: str, qty: int, **of: Any) -> Request:
    return Request(cl_ord_id, REPLACE, terms(qty, **of), 0, 1)


def report(
    kind: str,
    status: str,
    cum: int | None = 0,
    leaves: int | None = None,
    *,
    exec_id: str | None = None,
    of: str = X,
    qty: int | None = 100,
    last: int | None = None,
    px: int | None = 10,
    price: int | None = None,
    avg: int | None = None,
    time: int = 0,
    **more: Any,
) -> ExecutionReport:
    """A report of ExecType ``kind``; ``of`` is its ClOrdID, ``id`` its ExecID."""
    if leaves is None and qty is not None and cum is not None:
        leaves = 0 if status in _INACTIVE else max(0, qty - cum)
    more.setdefault("order_id", "O1")
    return ExecutionReport(
        cl_ord_id=of,
        exec_id=exec_id or f"{kind}{status}{cum}{leaves}{of}{qty}{time}",
        exec_type=kind,
        ord_status=status,
        order_qty=_fixed(qty),
        cum_qty=_fixed(cum),
        leaves_qty=_fixed(leaves),
        last_qty=_fixed(last),
        last_px=None if last is None else _fixed(px),
        price=_fixed(price),
        avg_px=_fixed(avg),
        transact_time=time or None,
        **more,
    )


def fill(exec_id: str, last: int, cum: int | None, **more: Any) -> ExecutionReport:
    """A trade; Filled when CumQty is all of OrderQty."""
    full = cum is not None and cum >= (more.get("qty") or 100)
    status = more.pop("status", "2" if full else "1")
    return report("F", status, cum, exec_id=exec_id, last=last, **more)


def bust(exec_id: str, ref: str, cum: int | None, **more: Any) -> ExecutionReport:
    return report(
        "H", "1" if cum else "0", cum, exec_id=exec_id, exec_ref_id=ref, last=0, px=0, **more
    )


def correction(exec_id: str, ref: str, last: int, cum: int | None, **more: Any) -> ExecutionReport:
    return report("G", "1", cum, exec_id=exec_id, exec_ref_id=ref, last=last, **more)


def cancel_reject(cl_ord_id: str, status: str = "0") -> OrderCancelReject:
    return OrderCancelReject(
        cl_ord_id=cl_ord_id,
        orig_cl_ord_id=X,
        order_id="O1",
        ord_status=status,
        cxl_rej_response_to="1",
    )


ACK: Final = report("0", "0")


def tell(order: Order, *messages: Message) -> Order:
    """Give the order what it is told, in this order; numbered as a session would number it."""
    for number, message in enumerate(messages, 1):
        if isinstance(message, ExecutionReport):
            message.msg_seq_num = number
            order.add_report(message, epoch=1)
        else:
            request = order.request(message.cl_ord_id)
            assert request is not None
            order.refuse(request, message.text or "", message.ord_status)
        order._check()
    return order


def state(order: Order) -> State:
    return str(order.ord_status), order.cum_qty // SCALE, order.leaves_qty // SCALE


def is_uncertain(order: Order) -> bool:
    """Whether only the order of arrival decided something."""
    return order.is_uncertain()
