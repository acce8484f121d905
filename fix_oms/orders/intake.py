"""What one ExecutionReport adds to the evidence that an order holds.

Each report is taken apart: the execution that it tells, the highest CumQty(14), what it says of the
order's life, of the request whose ClOrdID(11) it carries, and of the terms. Nothing is moved and
nothing is decided here (see ``order`` and ``projection``), so the same report may come again.

Most reports are fills of an acknowledged order, and say nothing that their execution does not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fix_oms.model.codes import (
    EXEC_NEW,
    EXEC_REJECTED,
    EXEC_REPLACED,
    EXEC_RESTATED,
    EXEC_TRADE,
    EXEC_TRADE_CANCEL,
    EXEC_TRADE_CORRECT,
    STATUS_CANCELED,
    STATUS_FILLED,
    STATUS_NEW,
    STATUS_PARTIALLY_FILLED,
    STATUS_PENDING_CANCEL,
    STATUS_PENDING_NEW,
    STATUS_PENDING_REPLACE,
    STATUS_REJECTED,
)
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import Fixed
from fix_oms.orders import projection, restatements
from fix_oms.orders.execution import Execution
from fix_oms.orders.lifecycle import SAYS_MORE, says_acked
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request
from fix_oms.orders.said import (
    WORKING,
    Said,
    add_once,
    said_of,
    statement,
    trade_date_of,
    when,
)

if TYPE_CHECKING:
    from fix_oms.orders.order import Order

_PENDING: Final = frozenset({STATUS_PENDING_CANCEL, STATUS_PENDING_REPLACE})
_NO_ACCEPTANCE: Final = _PENDING | {STATUS_PENDING_NEW, STATUS_REJECTED}
_FILLS: Final = frozenset({STATUS_PARTIALLY_FILLED, STATUS_FILLED})
_EXECUTIONS: Final = frozenset({EXEC_TRADE, EXEC_TRADE_CANCEL, EXEC_TRADE_CORRECT})


def hold(order: Order, report: ExecutionReport, epoch: int) -> bool:
    """Add the report to the order's evidence. Returns whether it told an execution not yet held."""
    order.reported = True
    cl_ord_id, order_id, told = report.cl_ord_id, report.order_id, report.cum_qty
    index = 0 if cl_ord_id == order.reference else _index(order, cl_ord_id)
    if order_id is not None and (order_id != order.order_id or index != order.order_id_rank):
        _name(order, index, order_id)
    if report.text:
        order.text = report.text
    executed = _add_execution(order, report, epoch)
    if told is not None and told >= order.cum_told:
        order.avg_told = max(report.avg_px or 0, order.avg_told if told == order.cum_told else 0)
        order.cum_told = told
    if report.exec_type == EXEC_REJECTED:
        _add_rejection(order, report, epoch)
    elif not (executed and report.ord_status in _FILLS and _is_plain(order, report, index)):
        _add_answer(order, report, index, epoch)
    return executed


def _index(order: Order, cl_ord_id: str | None) -> int:
    """Which request carried this ClOrdID(11); the first, where none of them did."""
    index = len(order.later)
    while index and order.later[index - 1].cl_ord_id != cl_ord_id:
        index -= 1
    return index


def _name(order: Order, index: int, order_id: str) -> None:
    """The OrderID(37) under the newest request; the highest text between two under one."""
    mine, held = (index, order_id), (order.order_id_rank, order.order_id)
    if order_id != "NONE" and mine > held:
        if order.order_id and order.order_id != order_id:
            aside = order.own_aside()
            aside.order_ids = (*aside.order_ids, order.order_id)
        order.order_id_rank, order.order_id = mine


def _is_plain(order: Order, report: ExecutionReport, index: int) -> bool:
    """Whether a fill under this request says nothing that its execution does not say."""
    request = order.later[index - 1] if index else order.first
    return (
        request.accepted
        and not (index and _raises(request, report))
        and order.acked
        and not _derives(order)
        and order.executions.plain
    )


# -- executions ----------------------------------------------------------------------------------


def _add_execution(order: Order, report: ExecutionReport, epoch: int) -> bool:
    kind = report.exec_type
    if kind not in _EXECUTIONS:
        return False
    added = _held(order, report, kind, epoch)
    if added is None:
        # A trade that lacks its id is provisional where CumQty(14) is told with it; else a break.
        if kind != EXEC_TRADE or (report.cum_qty is None and report.last_qty != 0):
            order.own_aside().unbookable = True
        return False
    if order.aside.stated:
        # What was taken for an increase may turn out to be a split, or a split an increase.
        projection.take_terms(order)
    return added


def _held(order: Order, report: ExecutionReport, kind: str, epoch: int) -> bool | None:
    """Whether the execution is new; None where it lacks what is needed to hold it."""
    exec_id, ref, qty, px = report.exec_id, report.exec_ref_id, report.last_qty, report.last_px
    if exec_id is None:
        return None
    if kind == EXEC_TRADE_CANCEL:
        if ref is None:
            return None
        return order.own_executions().bust(_execution(report, exec_id, 0, 0, ref))
    if qty is None or px is None:
        return None
    if kind == EXEC_TRADE:
        if qty <= 0:
            return None
        return order.own_executions().trade(_execution(report, exec_id, qty, px, ""))
    if ref is None:
        return None
    arrival = _arrival(report, epoch)
    return order.own_executions().correct(_execution(report, exec_id, qty, px, ref, arrival))


def _execution(
    report: ExecutionReport, exec_id: str, qty: Fixed, px: Fixed, ref: str, arrival: int = 0
) -> Execution:
    told = report.cum_qty
    return Execution(
        exec_id,
        qty,
        px,
        report.transact_time or 0,
        ref,
        -1 if told is None else told,
        report.order_qty or 0,
        trade_date_of(report) if report.trade_date is not None else 0,
        report.ord_status,
        arrival,
        (report.commission or 0) + (report.misc_fees or 0),
    )


# -- everything else -----------------------------------------------------------------------------


def _add_rejection(order: Order, report: ExecutionReport, epoch: int) -> None:
    """ExecType Rejected speaks of the request it names; only OrdStatus says the order ended."""
    request = order.request(report.cl_ord_id or "")
    if request is not None and request.kind != NEW:
        request.refused = True
        request.text = report.text or ""
        projection.take_terms(order)
        if report.ord_status == STATUS_REJECTED and request.kind == REPLACE:
            # The order itself, if this id is the one that it bears; else the request.
            end = (
                request.cl_ord_id,
                -1 if report.cum_qty is None else report.cum_qty,
                when(report),
            )
            order.own_aside().rejections = (*order.aside.rejections, end)
    elif report.ord_status == STATUS_REJECTED:
        _add_statement(order, report, 0, _arrival(report, epoch))
        order.first.refused = True
        order.first.text = report.text or ""


def _add_answer(order: Order, report: ExecutionReport, index: int, epoch: int) -> None:
    """What the report says of the order, and of the request whose ClOrdID(11) it carries."""
    arrival = _arrival(report, epoch)
    _add_statement(order, report, index, arrival)
    request, status = order.later[index - 1] if index else order.first, report.ord_status
    states = report.exec_type in (EXEC_RESTATED, EXEC_REPLACED)
    if report.exec_type == EXEC_REPLACED and request.kind != REPLACE:
        order.own_aside().loose = add_once(order.aside.loose, statement(report, index, arrival))
        projection.take_terms(order)
    elif status in _PENDING and request.kind != NEW and not states:
        request.pending = True
        return
    elif request.kind == NEW:
        request.accepted = request.accepted or says_acked(report)
    elif request.kind == CANCEL:
        request.accepted = request.accepted or status == STATUS_CANCELED
    elif not request.accepted and (states or status not in _NO_ACCEPTANCE):
        request.accepted = True
        projection.take_terms(order)
    raises = _raises(request, report) and status not in _NO_ACCEPTANCE
    if (states and request.kind != CANCEL) or raises or _derives(order):
        _state_terms(order, statement(report, index, arrival, states=True))


def _derives(order: Order) -> bool:
    """Whether only the broker says what the order's terms are."""
    return order.external or order.first.terms.cash_order_qty is not None


def _raises(request: Request, report: ExecutionReport) -> bool:
    """Whether a report under a replace's id shows that it was accepted at another OrderQty (C.3.c).

    Its Replaced report says so too, and better; it may be late.
    """
    return request.kind == REPLACE and report.order_qty not in (None, request.terms.order_qty)


def _add_statement(order: Order, report: ExecutionReport, index: int, arrival: int) -> None:
    """What the report's OrdStatus(39) says of the order's life."""
    status, time = said_of(report), when(report)
    if says_acked(report):
        order.acked = True
    if report.exec_type == EXEC_TRADE and status in WORKING:
        return  # it says no more than its execution
    if time > order.last_when:
        order.last_when = time
    if report.trade_date is not None:
        order.own_aside().last_date = max(order.aside.last_date, trade_date_of(report))
    if status == STATUS_NEW and report.exec_type == EXEC_NEW and not report.cum_qty:
        order.acked_when = max(order.acked_when, time)
    elif status in SAYS_MORE:
        order.own_lifecycle().add(report, index, arrival)


def _state_terms(order: Order, said: Said) -> None:
    stated = restatements.state(order.aside.stated, said)
    if stated is not order.aside.stated:
        order.own_aside().stated = stated
        projection.take_terms(order)


def _arrival(report: ExecutionReport, epoch: int) -> int:
    return (epoch << 40) + report.msg_seq_num
