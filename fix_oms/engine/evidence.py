"""What brokers tell: each message that came in, as evidence for the orders it speaks of.

Nothing here may raise: a message that cannot be read is answered with the proper reject and
recorded with an alert; one that makes no sense for its order is evidence all the same. A reject
that names one of our requests (35=9, 35=j by BusinessRejectRefID(379), 35=3 and 35=j by
RefSeqNum(45) within the epoch) is evidence that it was refused.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine import unknown
from fix_oms.engine.doubt import Doubt
from fix_oms.engine.drop_copy import DropCopy
from fix_oms.engine.inquiries import Inquiries
from fix_oms.engine.measure import measure
from fix_oms.engine.state import State
from fix_oms.engine.statements import Statements
from fix_oms.model.codes import STATUS_REJECTED
from fix_oms.model.errors import FieldError, FixOmsError, Garbled, MessageError
from fix_oms.model.fix import (
    BusinessRejectReason,
    CxlRejReason,
    MassCancelResponse,
    MsgType,
)
from fix_oms.model.inputs import FixIn
from fix_oms.model.messages import (
    BusinessMessageReject,
    ExecutionReport,
    OrderCancelReject,
    OrderMassCancelReport,
    SessionReject,
)
from fix_oms.model.outputs import Alert, Output
from fix_oms.model.scope import Scope
from fix_oms.orders import anomalies, legality
from fix_oms.orders.book import EXTERNAL
from fix_oms.orders.legality import UNKNOWN
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request
from fix_oms.routing.links import Link
from fix_oms.wire.text import peek, printable

_QUESTIONS: Final = frozenset({MsgType.ORDER_STATUS_REQUEST, MsgType.ORDER_MASS_STATUS_REQUEST})
_KINDS: Final[dict[str, str]] = {
    MsgType.NEW_ORDER_SINGLE: NEW,
    MsgType.ORDER_CANCEL_REQUEST: CANCEL,
    MsgType.ORDER_CANCEL_REPLACE_REQUEST: REPLACE,
}


class Evidence:
    """Takes application messages of brokers in."""

    def __init__(
        self, state: State, doubt: Doubt, inquiries: Inquiries, statements: Statements
    ) -> None:
        self._state: Final = state
        self.drop_copy: Final = DropCopy(state, inquiries)
        self._doubt: Final = doubt
        self._inquiries: Final = inquiries
        self._statements: Final = statements

    def fix_in(self, now: int, value: FixIn, out: list[Output]) -> None:
        """An application message, or a session Reject, came in on a session."""
        link = self._state.links.get(value.session)
        if link is None:
            out.append(_alert("severe", "unknown_session", f"no session {value.session!r}"))
            return
        try:
            message = self._state.codecs[value.session].decode(value.text)
        except (FieldError, MessageError) as error:
            link.heard(value.text, value.expected, now)
            if not self.drop_copy.captured(now, link, value.text, out):
                self._unreadable(link, value, error, now, out)
            return
        seq = getattr(message, "msg_seq_num", 0)  # what only clients send holds none
        if seq:
            link.heard_number(seq, value.expected, now)
        else:
            link.heard(value.text, value.expected, now)
        if link.settings.drop_copy_of:
            self.drop_copy.told(now, link, message, out)
        elif type(message) is ExecutionReport:
            self._report(now, link, message, out)
        elif type(message) is OrderCancelReject:
            self._cancel_reject(now, link, message, out)
        elif isinstance(message, BusinessMessageReject | SessionReject):
            self._reject(now, link, message, out)
        elif type(message) is OrderMassCancelReport:
            self._mass_cancel_report(now, link, message, out)
        elif type(message) in self._statements.handlers:
            self._statements.handlers[type(message)](now, link, message, out)
        else:
            self._refuse_inbound(link, value.text, "a broker sends no such message", out)

    # -- reports ------------------------------------------------------------------------------

    def _report(self, now: int, link: Link, report: ExecutionReport, out: list[Output]) -> None:
        order = self._state.book.meant(link.name, report)
        if order is None:
            order = self._not_ours(now, link, report, out)
            if order is None:
                return
        self._inquiries.heard(link, order, out)
        if unknown.says_unknown(report) and self._unknown(now, order, report, out):
            return
        before = measure(order)
        was_clear = not _is_doubtful(order)
        # What only we say has ended is no end that the broker's own could contradict.
        stood = order.ord_status if order.lifecycle.told_end or not order.ended else UNKNOWN
        executed = order.add_report(report, link.epoch)
        self._state.learned(order, before, now, out, report.order_id, report.exec_id or "")
        if executed:
            self.drop_copy.executed(now, order, report, out)
            for text in anomalies.of(order, report):
                self._anomaly(link, order, text, out)
        if legality.is_illegal(stood, report.exec_type, report.ord_status):
            said = legality.sentence(stood, legality.kind_of(report))
            self._anomaly(link, order, said, out)
        if report.mass_status_req_id is not None:
            self._inquiries.mass_answered(now, link, report, order, out)
        if was_clear and _is_doubtful(order):
            if order.is_uncertain():
                text = f"only arrival tells which of two reports of {order.reference} is newer"
                out.append(_alert("warning", "uncertain", text, link, order.reference))
            self._inquiries.ask(now, link, order, out)
        if report.ord_status == STATUS_REJECTED and link.says_busy(report.text or ""):
            self._busy(link, now, report.text or "", out)
        elif link.back_off_ns:
            link.eased(now)

    def _anomaly(self, link: Link, order: Order, text: str, out: list[Output]) -> None:
        out.append(_alert("warning", "anomaly", text, link, order.reference))

    def _not_ours(
        self, now: int, link: Link, report: ExecutionReport, out: list[Output]
    ) -> Order | None:
        """A report of an order that we did not send counts at once, in the external account."""
        state = self._state
        if report.mass_status_req_id is not None and report.tot_num_reports == 0:
            self._inquiries.nothing_told(now, link, report.mass_status_req_id, out)
            return None
        if report.symbol:  # before the order is in the book, or its lane would count it twice
            state.gate.lanes.lane(Scope(EXTERNAL, "", report.symbol, link.name, link.name))
        order = (
            None if unknown.says_unknown(report) else state.book.external(link.name, report, now)
        )
        if order is None:
            severity = "severe" if report.last_qty else "warning"
            text = f"a report of {link.name} names no order: ClOrdID(11)={report.cl_ord_id}"
            out.append(_alert(severity, "unknown_order", text, link))
            return None
        lane = state.gate.lanes.lane(order.scope)
        lane.line.reserved(order.buys, 0, 0, order.open_qty, order.worst_px)
        if order.open_qty:
            for levels in lane.levels:
                levels.moved(order.buys, 0, order.touch_px)
        state.gate.beyond(order, lane, now, out)
        text = f"{link.name} reports {order.reference}, which we did not send"
        out.append(_alert("severe", "external_order", text, link, order.reference))
        return order

    def _unknown(
        self,
        now: int,
        order: Order,
        answer: ExecutionReport | OrderCancelReject,
        out: list[Output],
    ) -> bool:
        """The broker says that it does not know the order (D3). Returns whether that is all.

        It ends a new order that is in doubt and of which nothing was ever reported, and only when
        our question left later than the order did, in the same epoch. For an order once reported
        it is a break.
        """
        if unknown.is_of_a_replace(answer, order):
            link = self._state.links[order.session]
            self._anomaly(link, order, f"knows no ClOrdID(11) {answer.cl_ord_id}", out)
            return True
        asked = self._state.questions.get(order.reference)
        is_answer = isinstance(answer, OrderCancelReject) or answer.exec_type == "I"
        if asked is None and not order.reported and not is_answer:
            return False  # nothing was asked: it answers the order itself, an ordinary reject
        before = measure(order)
        new = order.first
        if order.reported:
            order.own_aside().unknown_told = True
        elif new.doubt and asked is not None and asked[0] == new.epoch and asked[1] > new.seq:
            order.refuse(new, answer.text or "the broker does not know the order: it never arrived")
        self._state.learned(order, before, now, out)
        return True

    def _cancel_reject(
        self, now: int, link: Link, reject: OrderCancelReject, out: list[Output]
    ) -> None:
        """35=9 refuses one cancel or replace of this session, found by its ClOrdID(11)."""
        order, request = self._request(link, reject.cl_ord_id)
        if request is not None and request.kind == NEW:
            # Some brokers swap 11 and 41; a new order is never refused by a cancel reject.
            order, request = self._request(link, reject.orig_cl_ord_id)
        if order is None or request is None or request.kind == NEW:
            text = f"a cancel reject of {link.name} names no request: {reject.cl_ord_id}"
            out.append(_alert("warning", "unknown_order", text, link))
            if order is not None:
                self._inquiries.ask(now, link, order, out)
            return
        before = measure(order)
        self._inquiries.heard(link, order, out)
        is_unknown = reject.cxl_rej_reason == CxlRejReason.UNKNOWN_ORDER
        if (
            is_unknown
            and reject.orig_cl_ord_id
            and order.request(reject.orig_cl_ord_id) is not None
        ):
            aside = order.own_aside()
            aside.unknown_ids = aside.unknown_ids | {reject.orig_cl_ord_id}
        order.refuse(request, reject.text or "", None if is_unknown else reject.ord_status)
        self._state.learned(order, before, now, out, reject.order_id)
        if is_unknown and unknown.names_the_order(reject, order):
            # A request is itself a question about the order: it left after the order did.
            if request.seq:
                self._state.questions[order.reference] = (request.epoch, request.seq)
            self._unknown(now, order, reject, out)
        if link.says_busy(reject.text or ""):
            self._busy(link, now, reject.text or "", out)
        if order.leaves_qty and reject.ord_status in ("2", "4", "8", "C"):
            self._inquiries.ask(now, link, order, out)

    def _request(self, link: Link, cl_ord_id: str | None) -> tuple[Order | None, Request | None]:
        """The order and request of this session that bear the ClOrdID(11)."""
        order = self._state.book.by_cl_ord_id(cl_ord_id) if cl_ord_id else None
        if order is None or order.session != link.name:
            return None, None
        return order, order.request(cl_ord_id or "")

    # -- rejects ------------------------------------------------------------------------------

    def _reject(
        self,
        now: int,
        link: Link,
        reject: BusinessMessageReject | SessionReject,
        out: list[Output],
    ) -> None:
        text = reject.text or ""
        busy = False
        cl_ord_id = link.by_seq.get(reject.ref_seq_num or 0)
        if isinstance(reject, BusinessMessageReject):
            code = reject.business_reject_reason
            busy = code == BusinessRejectReason.APPLICATION_NOT_AVAILABLE
            if cl_ord_id is None and reject.ref_msg_type not in _QUESTIONS:
                cl_ord_id = reject.business_reject_ref_id
        if busy or link.says_busy(text):
            self._busy(link, now, text, out)
        if cl_ord_id is None and reject.ref_seq_num and reject.ref_seq_num >= link.next_out:
            # The reject may have overtaken the record that tells what left under this number.
            link.rejected_early(reject.ref_seq_num, text or "rejected")
        kind = reject.ref_msg_type
        if kind in _QUESTIONS and unknown.takes_no_such(reject):
            self._inquiries.refused(now, link, kind or "", text, out)
        if cl_ord_id is None or not self.refused(
            now, link, cl_ord_id, text or "rejected", out, kind
        ):
            what = f"{link.name} rejects our {kind or 'message'}"
            out.append(_alert("warning", "rejected", f"{what} {reject.ref_seq_num}: {text}", link))

    def refused(
        self,
        now: int,
        link: Link,
        cl_ord_id: str,
        text: str,
        out: list[Output],
        msg_type: str | None = None,
    ) -> bool:
        """A reject names the request of this ClOrdID. Returns whether it is one of ours.

        ``msg_type`` is RefMsgType(372), where it was told: a reject of a cancel that names the
        order's own id says nothing about the order.
        """
        if cl_ord_id in self._state.mass_cancels:
            self._doubt.cancel_each(now, cl_ord_id, text, out)
            return True
        order, request = self._request(link, cl_ord_id)
        if order is None or request is None:
            return False
        if _KINDS.get(msg_type or "", request.kind) != request.kind:
            self._inquiries.ask(now, link, order, out)
            return False
        before = measure(order)
        if not request.answered:
            order.refuse(request, text)
        self._state.learned(order, before, now, out)
        return True

    def _mass_cancel_report(
        self, now: int, link: Link, report: OrderMassCancelReport, out: list[Output]
    ) -> None:
        """35=r: taken or refused as a request; it proves nothing about any one order."""
        asked = report.cl_ord_id or ""
        if asked not in self._state.mass_cancels:
            return
        if report.mass_cancel_response == MassCancelResponse.REJECTED:
            reason = report.text or report.mass_cancel_reject_reason or "no reason given"
            self._doubt.cancel_each(now, asked, f"refused ({reason})", out)
        else:
            del self._state.mass_cancels[asked]

    def _busy(self, link: Link, now: int, text: str, out: list[Output]) -> None:
        seconds = link.busy(now)
        said = f"{link.name} is busy ({text}): no new orders for {seconds} s"
        out.append(_alert("warning", "session_busy", said, link))

    # -- what cannot be read ------------------------------------------------------------------

    def _unreadable(
        self, link: Link, value: FixIn, error: FixOmsError, now: int, out: list[Output]
    ) -> None:
        """Answer with the reject that fits; an unreadable report also makes us ask."""
        is_report = "\x0135=8\x01" in value.text
        said = f"a message of {link.name} cannot be read: {error}"
        out.append(_alert("severe" if is_report else "warning", "unreadable", said, link))
        if isinstance(error, FieldError):
            tag: int | None = error.tag
            reason = error.session_reject_reason
            self._session_reject(link, value.text, tag, reason, str(error), out)
        elif isinstance(error, Garbled):
            self._session_reject(link, value.text, None, 99, str(error), out)
        else:
            self._refuse_inbound(link, value.text, str(error), out)
        if is_report:
            order, _ = self._request(link, peek(value.text, "11"))
            if order is not None:
                self._inquiries.ask(now, link, order, out)

    def _session_reject(
        self, link: Link, text: str, tag: int | None, reason: int, said: str, out: list[Output]
    ) -> None:
        seq = peek(text, "34")
        if not seq.isdigit() or peek(text, "35") == MsgType.REJECT:
            return  # nothing to refer to; and a reject is never answered with a reject
        reject = SessionReject(
            ref_seq_num=int(seq),
            ref_tag_id=tag,
            ref_msg_type=peek(text, "35") or None,
            session_reject_reason=str(reason),
            text=printable(said),
        )
        self._state.try_send(link.name, reject, out)

    def _refuse_inbound(self, link: Link, text: str, said: str, out: list[Output]) -> None:
        if peek(text, "35") == MsgType.BUSINESS_MESSAGE_REJECT:
            return
        seq = peek(text, "34")
        reject = BusinessMessageReject(
            ref_msg_type=peek(text, "35") or "?",
            business_reject_reason=BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE,
            ref_seq_num=int(seq) if seq.isdigit() else None,
            text=printable(said),
        )
        self._state.try_send(link.name, reject, out)


def _is_doubtful(order: Order) -> bool:
    """What the broker told does not add up in a way that only the broker can mend."""
    if order.sound:
        return False
    return bool(
        order.aside.unbookable
        or order.unexplained
        or order.is_uncertain()
        or (order.ended and order.open_qty > order.provisional + order.executions.larger)
    )


def _alert(severity: str, code: str, text: str, link: Link | None = None, order: str = "") -> Alert:
    session = link.name if link is not None else ""
    return Alert(severity=severity, code=code, text=text, session=session, order=order)
