"""What is not known, and asking about it (D3: never guess).

A request without an answer is in doubt: after the counterparty's answer timeout, when its session
goes down, or when the peer says that it never saw it. What is in doubt keeps its exposure and is
asked about, with OrderStatusRequest or OrderMassStatusRequest as far as the counterparty supports
them, at growing intervals and not for ever; then a person is told. It ends by evidence only.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine.alerts import about
from fix_oms.engine.entry import Entry, has_cancel, is_cancellable
from fix_oms.engine.state import SECOND, State, measure
from fix_oms.engine.waiting import MassStatusAsked, Waiting
from fix_oms.model.fix import SubscriptionRequestType
from fix_oms.model.messages import (
    ExecutionReport,
    MarketDataRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
)
from fix_oms.model.outputs import Alert, Output, Refused
from fix_oms.orders.order import Order
from fix_oms.routing.links import Link

MOST_QUESTIONS: Final = 5
"""After so many unanswered questions about one request only a person can help."""


class Doubt:
    """Keeps account of unanswered requests and asks about them."""

    def __init__(self, state: State, entry: Entry) -> None:
        self._state: Final = state
        self._entry: Final = entry

    def is_due(self, now: int) -> bool:
        """Whether a Tick at ``now`` would change anything."""
        asked_for = [(m.session, m.asked_ns) for m in self._state.mass_cancels.values()]
        asked_for += [(name, m.asked_ns) for name, m in self._state.mass_statuses.items()]
        if any(self._overdue(session, asked_ns, now) for session, asked_ns in asked_for):
            return True
        for waiting in self._state.waiting.values():
            if waiting.is_settled:
                return True
            request = waiting.request
            link = self._state.links[waiting.order.session]
            timeout = link.settings.answer_timeout_s * SECOND
            if not request.doubt and now - request.created_ns > timeout:
                return True
            if request.doubt and link.ready and now >= _next_question(waiting, timeout):
                return True
        return False

    def tick(self, now: int, out: list[Output]) -> None:
        """Time has passed: find the requests that are overdue, ask about those in doubt."""
        for cl_ord_id, waiting in list(self._state.waiting.items()):
            if waiting.is_settled:
                del self._state.waiting[cl_ord_id]
                continue
            request = waiting.request
            link = self._state.links[waiting.order.session]
            timeout = link.settings.answer_timeout_s * SECOND
            if not request.doubt and now - request.created_ns > timeout:
                self._doubts(waiting, "no answer in time", now, out)
            if request.doubt and link.ready and now >= _next_question(waiting, timeout):
                self._ask_about(now, link, waiting, out)
        for cl_ord_id, asked in list(self._state.mass_cancels.items()):
            if self._overdue(asked.session, asked.asked_ns, now):
                self.cancel_each(now, cl_ord_id, "no answer in time", out)
        for name, mass in list(self._state.mass_statuses.items()):
            if self._overdue(name, mass.asked_ns, now):
                self._ask_silent(now, self._state.links[name], mass, out)

    def session_down(self, now: int, link: Link, out: list[Output]) -> None:
        """What was unanswered when the session went down is in doubt."""
        self._state.mass_statuses.pop(link.name, None)
        for waiting in self._unanswered(link):
            if not waiting.request.doubt:
                self._doubts(waiting, f"{link.name} went down before an answer", now, out)

    def not_received(self, now: int, link: Link, begin: int, end: int, out: list[Output]) -> None:
        """The peer asked for these numbers again: what they carried may never have arrived."""
        again = {
            cl_ord_id
            for seq, cl_ord_id in link.by_seq.items()
            if begin <= seq and (seq <= end or end == 0)
        }
        for waiting in self._unanswered(link):
            seq = waiting.request.seq
            if waiting.request.cl_ord_id in again:
                text = f"{link.name} asked for MsgSeqNum(34) {seq} again; it is not resent"
                waiting.asked = waiting.asked_ns = 0
                self._doubts(waiting, text, now, out)
        for cl_ord_id in sorted(again & set(self._state.mass_cancels)):
            self.cancel_each(now, cl_ord_id, "it was not received", out)

    def session_ready(self, now: int, link: Link, out: list[Output]) -> None:
        """After a logon: ask about every order that is live or in doubt, and for quotes."""
        for waiting in self._unanswered(link):
            waiting.asked = 0
        orders = [
            o for o in self._state.book.open.values() if o.session == link.name and not o.external
        ]
        by_mass = bool(orders) and self._mass_status(now, link, out)
        for order in orders:
            # A mass answer is silent on what the broker never saw.
            if not by_mass or not order.reported:
                self.ask(now, link, order, out)
        for cl_ord_id, asked in list(self._state.mass_cancels.items()):
            if asked.session == link.name:
                self.cancel_each(now, cl_ord_id, "the session went down before an answer", out)
        if link.settings.supports.market_data:
            self._subscribe(link, out)

    def ask(self, now: int, link: Link, order: Order, out: list[Output]) -> bool:
        """Ask for the status of one order. Returns whether a question could be sent."""
        if not link.ready:
            return False
        request = OrderStatusRequest(
            cl_ord_id=order.cl_ord_id,
            order_id=order.order_id or None,
            symbol=order.symbol,
            side=order.side,
            account=self._state.broker_account(order.account),
        )
        sent = self._state.try_send(link.name, request, out, order.reference)
        if sent:
            # The question's number is at least this; the Sent record says it exactly.
            self._state.questions[order.reference] = (link.epoch, link.next_out)
        for unanswered in order.outstanding():
            waiting = self._state.waiting.get(unanswered.cl_ord_id)
            if waiting is not None:
                waiting.asked_ns = now
        if not sent:
            text = f"{link.name} answers no status request: order {order.reference} needs a person"
            out.append(about("severe", "cannot_ask", text, order))
        return sent

    def mass_status(self, now: int, link: Link, out: list[Output]) -> bool:
        """Ask for the status of all orders of a session, one by one if it must be."""
        if self._mass_status(now, link, out):
            return True
        orders = [o for o in self._state.book.open.values() if o.session == link.name]
        asked = [self.ask(now, link, order, out) for order in orders]
        return bool(asked) and all(asked)

    def cancel_each(self, now: int, cl_ord_id: str, reason: str, out: list[Output]) -> None:
        """A mass cancel was refused, lost or not answered: cancel its orders one by one.

        While the session is not ready it stays asked for, and is done when it is.
        """
        session, key, _ = self._state.mass_cancels[cl_ord_id]
        link = self._state.links[session]
        if not link.ready:
            return
        del self._state.mass_cancels[cl_ord_id]
        orders = [
            o
            for o in self._state.book.open.values()
            if o.session == session and is_cancellable(o, key) and not has_cancel(o)
        ]
        if not orders:
            return  # unanswered, and done all the same
        out.append(
            Alert(
                severity="severe",
                code="mass_cancel",
                text=f"mass cancel {cl_ord_id} of {session}: {reason}; cancelling one by one",
                session=session,
            )
        )
        for order in orders:
            answer = self._entry.send_cancel(now, order, out)
            if isinstance(answer, Refused):
                out.append(about("severe", "cannot_cancel", answer.text, order))

    def _overdue(self, session: str, asked_ns: int, now: int) -> bool:
        """Whether what was asked of a session then has had its time for an answer."""
        link = self._state.links[session]
        return link.ready and now - asked_ns > link.settings.answer_timeout_s * SECOND

    def _unanswered(self, link: Link) -> list[Waiting]:
        return [
            waiting
            for waiting in self._state.waiting.values()
            if waiting.order.session == link.name and not waiting.is_settled
        ]

    def _doubts(self, waiting: Waiting, why: str, now: int, out: list[Output]) -> None:
        order, request = waiting.order, waiting.request
        before = measure(order)
        request.doubt = True
        text = f"{request.kind} {request.cl_ord_id} of order {order.reference} is in doubt: {why}"
        out.append(about("warning", "in_doubt", text, order))
        self._state.learned(order, before, now, out)

    def _ask_about(self, now: int, link: Link, waiting: Waiting, out: list[Output]) -> None:
        waiting.asked += 1
        if not self.ask(now, link, waiting.order, out):
            waiting.asked = MOST_QUESTIONS
        elif waiting.asked == MOST_QUESTIONS:
            text = f"{waiting.request.cl_ord_id} stays in doubt after {MOST_QUESTIONS} questions"
            out.append(about("severe", "in_doubt", text, waiting.order))

    def mass_answered(
        self, now: int, link: Link, report: ExecutionReport, order: Order, out: list[Output]
    ) -> None:
        """A report answers our mass status request; after the last, who was left out is asked."""
        asked = self._state.mass_statuses.get(link.name)
        if asked is None or asked.req_id != report.mass_status_req_id:
            return
        asked.heard += 1
        asked.silent.pop(order.reference, None)
        if report.last_rpt_requested or asked.heard == report.tot_num_reports:
            self._ask_silent(now, link, asked, out)

    def nothing_told(self, now: int, link: Link, req_id: str, out: list[Output]) -> None:
        """The broker answers a mass status request with no order at all: TotNumReports(911) 0."""
        asked = self._state.mass_statuses.get(link.name)
        if asked is not None and asked.req_id == req_id:
            self._ask_silent(now, link, asked, out)

    def _ask_silent(self, now: int, link: Link, asked: MassStatusAsked, out: list[Output]) -> None:
        """A mass answer that leaves out an open order is no word on it: ask about that one."""
        del self._state.mass_statuses[link.name]
        for order in asked.silent.values():
            if order.reference in self._state.book.open and order.updated_ns <= asked.asked_ns:
                text = f"{link.name} left order {order.reference} out of its mass status answer"
                out.append(about("warning", "left_out", text, order))
                self.ask(now, link, order, out)

    def _mass_status(self, now: int, link: Link, out: list[Output]) -> bool:
        req_id = f"{link.name}-{link.epoch}-{link.next_out}"
        request = OrderMassStatusRequest(mass_status_req_id=req_id)
        if not self._state.try_send(link.name, request, out):
            return False
        known = {
            o.reference: o
            for o in self._state.book.open.values()
            if o.session == link.name and o.reported
        }
        self._state.mass_statuses[link.name] = MassStatusAsked(req_id, known, now)
        return True

    def _subscribe(self, link: Link, out: list[Output]) -> None:
        symbols = self._state.symbols_of(link.name)
        if symbols:
            request = MarketDataRequest(
                md_req_id=f"quotes-{link.epoch}-{link.next_out}",
                subscription_request_type=SubscriptionRequestType.SUBSCRIBE,
                symbols=symbols,
            )
            self._state.try_send(link.name, request, out)


def _next_question(waiting: Waiting, timeout: int) -> int:
    """When to ask again: at growing intervals, and after the last question never."""
    if waiting.asked >= MOST_QUESTIONS:
        return 1 << 63
    return waiting.asked_ns + timeout * (1 << waiting.asked) if waiting.asked_ns else 0
