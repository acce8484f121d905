"""What a client is answered that is no news of an order: refusals, the state that it asks for.

A report that answers a question has no ExecID(17): it tells nothing that was not told. Asked by an
id that was superseded, it carries the present ClOrdID(11), and the asked one as OrigClOrdID(41).
"""

from __future__ import annotations

from typing import Any, Final

from fix_oms.engine.client_news import cancel_reject, report
from fix_oms.engine.client_reports import ClientReports
from fix_oms.engine.client_rules import Change
from fix_oms.engine.client_state import Mirror, Peer
from fix_oms.engine.state import State
from fix_oms.model.errors import FieldError, FixOmsError, UnsupportedMessage
from fix_oms.model.fix import (
    BusinessRejectReason,
    ExecType,
    MassCancelRequestType,
    MassCancelResponse,
    MsgType,
    OrdRejReason,
    OrdStatus,
)
from fix_oms.model.messages import (
    BusinessMessageReject,
    DontKnowTrade,
    ExecutionReport,
    Message,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelReport,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
    SessionReject,
)
from fix_oms.model.outputs import Alert, Output, Refused
from fix_oms.orders.requests import CANCEL, REPLACE
from fix_oms.wire.refusals import refusal
from fix_oms.wire.text import peek, printable

_REJECTS: Final = frozenset({MsgType.REJECT.value, MsgType.BUSINESS_MESSAGE_REJECT.value})
_UNDISCLOSED: Final = "7"
"""Side(54), which a report must state: what FIX has for one that is about no order."""
_OTHER: Final = "99"
_UNKNOWN_SECURITY: Final = "1"
"""MassCancelRejectReason(532)."""


class ClientAnswers:
    """Makes the answers and hands them to the reports' way out."""

    def __init__(self, state: State, reports: ClientReports) -> None:
        self._state: Final = state
        self._reports: Final = reports

    # -- what cannot be taken ---------------------------------------------------------------------

    def unreadable(self, peer: Peer, text: str, error: FixOmsError, out: list[Output]) -> None:
        """35=3 or 35=j, naming the tag; what is no FIX text is told to people alone."""
        said = printable(f"a message of client {peer.name} cannot be read: {error}")
        out.append(Alert(severity="warning", code="client", text=said, session=peer.name))
        kind, seq = peek(text, "35"), peek(text, "34")
        if kind in _REJECTS or not isinstance(error, FieldError | UnsupportedMessage):
            return
        number = int(seq) if seq.isascii() and seq.isdigit() else None
        reject = refusal(peer.settings.version, kind, number, error)
        reject.text = printable(reject.text or "")
        if isinstance(reject, BusinessMessageReject):
            reject.business_reject_ref_id = peek(text, "11") or None
        self._reports.send(peer, reject, out)

    def unwanted(self, peer: Peer, text: str, message: Message, out: list[Output]) -> None:
        """A message that a client does not send; its rejects and its doubts are told to people."""
        kind = peek(text, "35")
        if isinstance(message, SessionReject | BusinessMessageReject):
            said = f"client {peer.name} rejects our message {message.ref_seq_num}: {message.text}"
            self._trouble(said, peer, out)
            return
        if isinstance(message, DontKnowTrade):
            said = f"client {peer.name} does not accept execution {message.exec_id} of order "
            said += f"{message.order_id}: DKReason(127) {message.dk_reason} {message.text or ''}"
            self._trouble(said.rstrip(), peer, out)
            return
        peer.counts[1] += 1
        reason, why = BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE, "is not taken from a client"
        if peer.settings.drop_copy:
            reason, why = BusinessRejectReason.NOT_AUTHORIZED, "is not taken from a drop copy"
        self._business(peer, text, message, reason, f"MsgType(35) {kind} {why}", out)

    def _business(
        self, peer: Peer, text: str, message: Message, reason: str, said: str, out: list[Output]
    ) -> None:
        seq = peek(text, "34")
        reject = BusinessMessageReject(
            ref_msg_type=peek(text, "35") or "?",
            business_reject_reason=reason,
            ref_seq_num=int(seq) if seq.isascii() and seq.isdigit() else None,
            business_reject_ref_id=_id_of(message),
            text=printable(said),
        )
        self._reports.send(peer, reject, out)

    # -- refusals ---------------------------------------------------------------------------------

    def reject_order(
        self,
        now: int,
        peer: Peer,
        message: NewOrderSingle,
        refused: Refused,
        known: bool,
        out: list[Output],
    ) -> None:
        """35=8 of an order that was not taken; ``known``: its id belongs to another one."""
        said = words(refused)
        if not known:
            peer.refuse(message.cl_ord_id, said)
        made = _rejected(now, message, said, self._reports.next_id())
        made.ord_rej_reason = refused.ord_rej_reason
        self._reports.send(peer, made, out)
        account = message.terms.account or next(iter(peer.settings.accounts), "")
        name = f"{peer.name}/{message.cl_ord_id}"
        mirror = Mirror(name, peer.name, message.cl_ord_id, account)
        self._reports.copy(made, mirror, out)

    def reject_change(
        self,
        now: int,
        peer: Peer,
        message: Change,
        mirror: Mirror | None,
        reason: str,
        refused: Refused,
        out: list[Output],
    ) -> None:
        """35=9; of an order that is not known with OrdStatus(39)=8 and OrderID(37)=NONE."""
        if not peer.knows(message.cl_ord_id):
            peer.refuse(message.cl_ord_id, words(refused))
        replaces = isinstance(message, OrderCancelReplaceRequest)
        reject = cancel_reject(
            message.cl_ord_id,
            message.orig_cl_ord_id if mirror is None else mirror.cl_ord_id,
            REPLACE if replaces else CANCEL,
            None if mirror is None else mirror.reference,
            OrdStatus.REJECTED if mirror is None else mirror.told.status or OrdStatus.PENDING_NEW,
            reason,
            words(refused),
            now,
        )
        self._reports.send(peer, reject, out)

    def reject_other(
        self, now: int, peer: Peer, message: Message, refused: Refused, out: list[Output]
    ) -> None:
        """35=r for a mass cancel, 35=j for a question."""
        if isinstance(message, OrderMassCancelRequest):
            unknown = refused.ord_rej_reason == OrdRejReason.UNKNOWN_SYMBOL
            made = self._mass_report(message, MassCancelResponse.REJECTED)
            made.mass_cancel_reject_reason = _UNKNOWN_SECURITY if unknown else _OTHER
            made.text = words(refused)
            self._reports.send(peer, made, out)
            return
        kind = MsgType.ORDER_STATUS_REQUEST
        if isinstance(message, OrderMassStatusRequest):
            kind = MsgType.ORDER_MASS_STATUS_REQUEST
        reason = BusinessRejectReason.NOT_AUTHORIZED
        if refused.control != "permission":
            reason = BusinessRejectReason.APPLICATION_NOT_AVAILABLE
        reject = BusinessMessageReject(
            ref_msg_type=kind,
            business_reject_reason=reason,
            business_reject_ref_id=_id_of(message),
            text=words(refused),
        )
        self._reports.send(peer, reject, out)

    # -- the state that is asked for --------------------------------------------------------------

    def present(self, now: int, peer: Peer, name: str, message: Message, out: list[Output]) -> None:
        """The order to which an id belongs that comes once more, or that it was refused."""
        mirror = self._state.clients.mirrors.get(peer.ids.get(name, ""))
        if mirror is not None:
            self._status_of(now, peer, mirror, name, out)
        elif isinstance(message, NewOrderSingle):
            self._reports.send(peer, _rejected(now, message, peer.why_refused(name), None), out)
        elif isinstance(message, OrderCancelRequest | OrderCancelReplaceRequest):
            refused = Refused(control="", text=peer.why_refused(name))
            self.reject_change(now, peer, message, None, _OTHER, refused, out)

    def status(self, now: int, peer: Peer, message: OrderStatusRequest, out: list[Output]) -> None:
        """35=H."""
        mirrors, asked = self._state.clients.mirrors, message.cl_ord_id
        mirror = mirrors.get(peer.ids.get(asked, ""))
        if mirror is None and message.order_id is not None:
            mirror = mirrors.get(message.order_id)
        if mirror is not None and mirror.client == peer.name:
            more = {"ord_status_req_id": message.ord_status_req_id}
            self._status_of(now, peer, mirror, asked, out, **more)
            return
        why = peer.why_refused(asked)
        answer = _no_order(now, asked or None, why or f"no order of yours is known as {asked!r}")
        answer.symbol, answer.side = message.symbol, message.side
        answer.ord_rej_reason = None if why else OrdRejReason.UNKNOWN_ORDER
        answer.ord_status_req_id = message.ord_status_req_id
        self._reports.send(peer, answer, out)

    def _status_of(
        self, now: int, peer: Peer, mirror: Mirror, asked: str, out: list[Output], **more: Any
    ) -> None:
        truth = self._reports.truth(mirror)
        if truth is None:
            return
        orig = asked if asked and asked != mirror.cl_ord_id else None
        answer = report(
            truth,
            mirror,
            now,
            cl_ord_id=mirror.cl_ord_id,
            orig_cl_ord_id=orig,
            exec_id=None,
            exec_type=ExecType.ORDER_STATUS,
            ord_status=truth.status,
            cum_qty=truth.cum_qty,
            leaves_qty=truth.leaves_qty,
            avg_px=truth.avg_px,
            **more,
        )
        self._reports.send(peer, answer, out)

    def mass_status(
        self, now: int, peer: Peer, message: OrderMassStatusRequest, out: list[Output]
    ) -> None:
        """35=AF: all open orders of the client; one report says so where there is none."""
        found = []
        for reference in peer.open:
            mirror = self._state.clients.mirrors[reference]
            truth = self._reports.truth(mirror)
            if truth is not None and message.symbol in (None, truth.symbol):
                found.append(mirror)
        asked = message.mass_status_req_id
        if not found:
            answer = _no_order(now, None, "no orders")
            answer.symbol, answer.side = message.symbol, _UNDISCLOSED
            answer.mass_status_req_id, answer.tot_num_reports = asked, 0
            answer.last_rpt_requested = True
            self._reports.send(peer, answer, out)
        for mirror in found:
            more: dict[str, Any] = {
                "mass_status_req_id": asked,
                "tot_num_reports": len(found),
                "last_rpt_requested": mirror is found[-1],
            }
            self._status_of(now, peer, mirror, "", out, **more)

    def mass_cancelled(
        self,
        peer: Peer,
        message: OrderMassCancelRequest,
        asked: int,
        failed: list[str],
        out: list[Output],
    ) -> None:
        """35=r: taken; each order is canceled when its own report says so."""
        symbol = message.symbol
        kind = MassCancelRequestType.ALL if symbol is None else MassCancelRequestType.SECURITY
        made = self._mass_report(message, kind.value)
        made.total_affected_orders = asked
        made.text = printable("; ".join(failed)) or None
        self._reports.send(peer, made, out)

    def _mass_report(self, message: OrderMassCancelRequest, said: str) -> OrderMassCancelReport:
        symbol = message.symbol
        kind = MassCancelRequestType.ALL if symbol is None else MassCancelRequestType.SECURITY
        return OrderMassCancelReport(
            cl_ord_id=message.cl_ord_id,
            order_id=self._reports.next_id(),
            mass_cancel_request_type=kind,
            mass_cancel_response=said,
        )

    def _trouble(self, said: str, peer: Peer, out: list[Output]) -> None:
        text = printable(said)
        out.append(Alert(severity="severe", code="client_trouble", text=text, session=peer.name))


def words(refused: Refused) -> str:
    """Text(58): the control, what it says, and limit and value where it has them."""
    said = f"{refused.control}: {refused.text}" if refused.control else refused.text
    bounds = [
        f"{name} {held}"
        for name, held in (("limit", refused.limit), ("value", refused.value))
        if held and held not in refused.text
    ]
    return printable(f"{said} ({', '.join(bounds)})" if bounds else said)


def _rejected(now: int, message: NewOrderSingle, said: str, exec_id: str | None) -> ExecutionReport:
    terms = message.terms
    made = _no_order(now, message.cl_ord_id, said)
    made.exec_id = exec_id
    made.exec_type = ExecType.ORDER_STATUS if exec_id is None else ExecType.REJECTED
    made.symbol, made.side, made.account = terms.symbol, terms.side, terms.account
    made.order_qty, made.cash_order_qty = terms.order_qty or None, terms.cash_order_qty
    made.ord_type, made.price, made.stop_px = terms.ord_type, terms.price, terms.stop_px
    made.time_in_force = terms.time_in_force
    return made


def _no_order(now: int, cl_ord_id: str | None, said: str) -> ExecutionReport:
    """A report of what is no order of ours."""
    return ExecutionReport(
        cl_ord_id=cl_ord_id,
        order_id=None,
        exec_id=None,
        exec_type=ExecType.ORDER_STATUS,
        ord_status=OrdStatus.REJECTED,
        cum_qty=0,
        leaves_qty=0,
        avg_px=0,
        transact_time=now,
        text=said,
    )


def _id_of(message: Message) -> str | None:
    name = getattr(message, "cl_ord_id", None) or getattr(message, "mass_status_req_id", None)
    return name or None
