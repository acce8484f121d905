"""What is not known, and asking about it (D3: never guess).

A request without an answer is in doubt: after the counterparty's answer timeout, when its session
goes down, or when the peer says that it never saw it. What is in doubt keeps its exposure and is
asked about, with OrderStatusRequest or OrderMassStatusRequest as far as the counterparty supports
them, at growing intervals and not for ever; then a person is told. It ends by evidence only.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine.entry import Entry
from fix_oms.engine.state import SECOND, State, measure
from fix_oms.model.fix import SubscriptionRequestType
from fix_oms.model.messages import (
    MarketDataRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
)
from fix_oms.model.outputs import Alert, Output, Refused
from fix_oms.orders.order import Order
from fix_oms.orders.requests import NEW, Request
from fix_oms.routing.links import Link

MOST_QUESTIONS: Final = 5
"""After so many unanswered questions about one request only a person can help."""


class Doubt:
    """Keeps account of unanswered requests and asks about them."""

    def __init__(self, state: State, entry: Entry) -> None:
        self._state: Final = state
        self._entry: Final = entry

    def tick(self, now: int, out: list[Output]) -> None:
        """Time has passed: find the requests that are overdue, ask about those in doubt."""
        waiting = self._state.waiting
        for cl_ord_id, (order, request) in list(waiting.items()):
            if request.answered or order.ended or (request.kind == NEW and order.reported):
                del waiting[cl_ord_id]
                continue
            link = self._state.links[order.session]
            timeout = link.settings.answer_timeout_s * SECOND
            if not request.doubt and now - request.created_ns > timeout:
                self._doubts(order, request, "no answer in time", now, out)
            if request.doubt and link.ready and now >= self._next_question(request, timeout):
                self._ask_about(now, link, order, request, out)

    def session_down(self, now: int, link: Link, out: list[Output]) -> None:
        """What was unanswered when the session went down is in doubt."""
        for order, request in self._unanswered(link):
            if not request.doubt:
                self._doubts(order, request, f"{link.name} went down before an answer", now, out)

    def not_received(self, now: int, link: Link, begin: int, end: int, out: list[Output]) -> None:
        """The peer asked for these numbers again: what they carried may never have arrived."""
        last = end or max(link.by_seq, default=0)
        for seq in range(begin, last + 1) if last - begin < len(link.by_seq) else list(link.by_seq):
            cl_ord_id = link.by_seq.get(seq)
            entry = self._state.waiting.get(cl_ord_id) if cl_ord_id else None
            if entry is None or not begin <= seq <= last:
                continue
            order, request = entry
            if not (request.answered or order.ended):
                text = f"{link.name} asked for MsgSeqNum(34) {seq} again; it is not resent"
                self._doubts(order, request, text, now, out)
                request.asked_ns = 0

    def session_ready(self, now: int, link: Link, out: list[Output]) -> None:
        """After a logon: ask about every order that is live or in doubt, and for quotes."""
        orders = [
            o for o in self._state.book.open.values() if o.session == link.name and not o.external
        ]
        if orders and not self._mass_status(now, link, None, out):
            for order in orders:
                self.ask(now, link, order, out)
        else:
            for order in orders:
                if not order.reported:  # a mass answer is silent on what the broker never saw
                    self.ask(now, link, order, out)
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
            account=self._broker_account(order),
        )
        sent = self._state.try_send(link.name, request, out, order.reference)
        for waiting in order.outstanding():
            waiting.asked += 1
            waiting.asked_ns = now
        if not sent:
            text = f"{link.name} answers no status request: order {order.reference} needs a person"
            out.append(_alert("severe", "cannot_ask", text, order))
        return sent

    def mass_status(self, now: int, link: Link, out: list[Output]) -> bool:
        """Ask for the status of all orders of a session, one by one if it must be."""
        if self._mass_status(now, link, None, out):
            return True
        orders = [o for o in self._state.book.open.values() if o.session == link.name]
        asked = [self.ask(now, link, order, out) for order in orders]
        return bool(asked) and all(asked)

    def cancel_each(self, now: int, cl_ord_id: str, reason: str, out: list[Output]) -> None:
        """A mass cancel was refused: cancel its orders one by one."""
        session, symbol = self._state.mass_cancels.pop(cl_ord_id)
        out.append(
            Alert(
                severity="warning",
                code="mass_cancel",
                text=f"{session} refuses the mass cancel ({reason}): cancelling one by one",
                session=session,
            )
        )
        for order in list(self._state.book.open.values()):
            if order.session == session and symbol in (None, order.symbol) and order.leaves_qty:
                answer = self._entry.send_cancel(now, order, out)
                if isinstance(answer, Refused):
                    out.append(_alert("severe", "cannot_cancel", answer.text, order))

    def _unanswered(self, link: Link) -> list[tuple[Order, Request]]:
        return [
            (order, request)
            for order, request in self._state.waiting.values()
            if order.session == link.name
            and not (request.answered or order.ended)
            and not (request.kind == NEW and order.reported)
        ]

    def _doubts(
        self, order: Order, request: Request, why: str, now: int, out: list[Output]
    ) -> None:
        before = measure(order)
        request.doubt = True
        text = f"{request.kind} {request.cl_ord_id} of order {order.reference} is in doubt: {why}"
        out.append(_alert("warning", "in_doubt", text, order))
        self._state.learned(order, before, now, out)

    def _next_question(self, request: Request, timeout: int) -> int:
        if request.asked >= MOST_QUESTIONS:
            return 1 << 63
        return request.asked_ns + timeout * (1 << request.asked) if request.asked_ns else 0

    def _ask_about(
        self, now: int, link: Link, order: Order, request: Request, out: list[Output]
    ) -> None:
        sent = self.ask(now, link, order, out)
        if not sent:
            request.asked = MOST_QUESTIONS
        elif request.asked == MOST_QUESTIONS:
            text = f"{request.cl_ord_id} stays in doubt after {MOST_QUESTIONS} questions"
            out.append(_alert("severe", "in_doubt", text, order))

    def _mass_status(self, now: int, link: Link, symbol: str | None, out: list[Output]) -> bool:
        request = OrderMassStatusRequest(
            mass_status_req_id=f"{link.name}-{link.epoch}-{link.next_out}", symbol=symbol
        )
        return self._state.try_send(link.name, request, out)

    def _subscribe(self, link: Link, out: list[Output]) -> None:
        settings = self._state.settings
        venues = {v.name for v in settings.venues.values() if v.session == link.name}
        symbols = tuple(i.symbol for i in settings.instruments.values() if venues & set(i.venues))
        if symbols:
            request = MarketDataRequest(
                md_req_id=f"quotes-{link.epoch}-{link.next_out}",
                subscription_request_type=SubscriptionRequestType.SUBSCRIBE,
                symbols=symbols,
            )
            self._state.try_send(link.name, request, out)

    def _broker_account(self, order: Order) -> str:
        account = self._state.settings.accounts.get(order.account)
        return (account.broker_account if account is not None else None) or order.account


def _alert(severity: str, code: str, text: str, order: Order) -> Alert:
    return Alert(
        severity=severity, code=code, text=text, session=order.session, order=order.reference
    )
