"""What a broker says that it does not know: an order, a request, a kind of question.

"Unknown order" ends an order that is in doubt (D3), so it must be told apart from a broker that
does not know a replace of ours that never came, and of the order itself has said nothing.
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.codes import STATUS_REJECTED
from fix_oms.model.fix import BusinessRejectReason, OrdRejReason
from fix_oms.model.messages import (
    BusinessMessageReject,
    ExecutionReport,
    OrderCancelReject,
    SessionReject,
)
from fix_oms.orders.order import Order
from fix_oms.orders.requests import REPLACE

_INVALID_MSG_TYPE: Final = "11"
"""SessionRejectReason(373)."""


def takes_no_such(reject: BusinessMessageReject | SessionReject) -> bool:
    """Whether it refuses the type of the message, and not this one message."""
    if isinstance(reject, BusinessMessageReject):
        return reject.business_reject_reason == BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE
    return reject.session_reject_reason == _INVALID_MSG_TYPE


def names_the_order(reject: OrderCancelReject, order: Order) -> bool:
    """Whether the order itself is what the broker does not know, and not a replace of it that
    never came: then OrigClOrdID(41) is the replace's."""
    replaced = any(request.kind == REPLACE for request in order.later)
    return reject.orig_cl_ord_id == order.reference or not (reject.orig_cl_ord_id or replaced)


def says_unknown(report: ExecutionReport) -> bool:
    return (
        report.ord_status == STATUS_REJECTED and report.ord_rej_reason == OrdRejReason.UNKNOWN_ORDER
    )


def is_of_a_replace(answer: ExecutionReport | OrderCancelReject, order: Order) -> bool:
    """Whether a status answer does not know a replace of the order that it never accepted."""
    if not isinstance(answer, ExecutionReport) or answer.exec_type != "I":
        return False
    named = order.request(answer.cl_ord_id or "")
    return named is not None and named.kind == REPLACE and not named.accepted_somehow
