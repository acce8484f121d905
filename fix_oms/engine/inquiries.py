"""Asking a counterparty what it knows of our orders and positions: one by one or all at once.

After a start or a reconnect every order that is live or in doubt there is *unheard of*: what
happened to it meanwhile is not known, whatever was known before. The broker is asked about all of
them, with one OrderMassStatusRequest where it takes such a thing and with an OrderStatusRequest for
each where it does not, or where its answer left one out. Each answer is evidence like any other
report; an order in it that is not ours counts at once, as an external one. The same is done in the
running day, every ``checks.open_orders_s`` and ``checks.positions_s``.

*Pace.* Single questions leave at ``checks.questions_per_s`` at most, with a second's worth at once
after a pause; the rest follows with the timer. An answer that does not come is asked for again at
growing intervals, ``checks.most_questions`` times. Then what we know stands, and a person is told.

*New risk is held.* Until its broker has spoken of it, an order that is unheard of after a reconnect
refuses new orders of its account and symbol on that session (``held``), but those that surely
reduce. Its worst case is counted anyway; but whoever sends more of the same while one side has lost
its memory repeats the order that got lost. It ends with the broker's word, with a person's decision
and, for an order that was not in doubt, with the last question: what the session layer had to
repeat has been repeated by then.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine.alerts import about
from fix_oms.engine.state import State
from fix_oms.engine.statements import Statements
from fix_oms.engine.waiting import SECOND, Inquiry, MassStatusAsked, Unheard
from fix_oms.model.fix import MsgType
from fix_oms.model.messages import ExecutionReport, OrderMassStatusRequest, OrderStatusRequest
from fix_oms.model.outputs import Alert, Output
from fix_oms.orders.order import Order
from fix_oms.routing.links import Link

NEVER: Final = 1 << 63


class Inquiries:
    """Asks, and keeps account of what has not been heard of."""

    def __init__(self, state: State, statements: Statements) -> None:
        self._state: Final = state
        self._statements: Final = statements

    # -- time -----------------------------------------------------------------------------------

    def is_due(self, now: int) -> bool:
        """Whether a Tick at ``now`` would change anything."""
        for name, inquiry in self._state.inquiries.items():
            link = self._state.links[name]
            if link.ready and (
                now >= min(inquiry.next_ns, inquiry.orders_ns, inquiry.positions_ns)
                or self._is_overdue(link, inquiry, now)
            ):
                return True
        return False

    def tick(self, now: int, out: list[Output]) -> None:
        """Time has passed: ask what is due."""
        for name, inquiry in self._state.inquiries.items():
            link = self._state.links[name]
            if not link.ready:
                continue
            if self._is_overdue(link, inquiry, now):
                self._ask_silent(now, link, inquiry, out)
            if now >= inquiry.orders_ns:
                self._check_orders(now, link, inquiry, out)
            if now >= inquiry.positions_ns:
                inquiry.positions_ns = _after(now, link.settings.checks.positions_s)
                self._statements.ask_positions(now, link, out, once=True)
            if now >= inquiry.next_ns:
                self._pursue(now, link, inquiry, out)

    # -- rounds ---------------------------------------------------------------------------------

    def session_down(self, link: Link) -> None:
        """What was asked will not be answered any more."""
        self._state.inquiries[link.name].clear()

    def session_ready(self, now: int, link: Link, out: list[Output]) -> None:
        """After a logon: ask about every order that is live or in doubt."""
        inquiry, checks = self._state.inquiries[link.name], link.settings.checks
        inquiry.clear()
        inquiry.orders_ns = _after(now, checks.open_orders_s)
        inquiry.positions_ns = NEVER
        if link.settings.supports.positions:
            inquiry.positions_ns = _after(now, checks.positions_s)
        orders = self._open(link)
        for order in orders:
            inquiry.add(order, holds=checks.hold_unheard)
        inquiry.holding = len(orders) if checks.hold_unheard else 0
        if orders:
            self._mass_status(now, link, inquiry, out)
            self._pursue(now, link, inquiry, out)

    def ask_all(self, now: int, link: Link, out: list[Output]) -> bool:
        """Ask for the status of all orders of a session, one by one if it must be. Returns whether
        there was anything to ask, and a way."""
        inquiry = self._state.inquiries[link.name]
        if self._mass_status(now, link, inquiry, out):
            return True
        orders = self._open(link)
        for order in orders:
            inquiry.add(order)
        can_ask = link.settings.supports.status
        self._pursue(now, link, inquiry, out)
        return bool(orders) and can_ask

    def ask_about(self, now: int, link: Link, orders: list[Order], out: list[Output]) -> None:
        """Ask about these as the pace allows; while the session is away, when it is back."""
        inquiry = self._state.inquiries[link.name]
        if link.ready:
            for order in orders:
                inquiry.add(order)
            self._pursue(now, link, inquiry, out)

    def report_lost(self, now: int, link: Link, out: list[Output]) -> None:
        """A report was lost, nobody knows whose: ask about all, unless that is just being done."""
        inquiry = self._state.inquiries[link.name]
        if link.ready and inquiry.mass is None and not inquiry.unheard:
            self.ask_all(now, link, out)

    def _check_orders(self, now: int, link: Link, inquiry: Inquiry, out: list[Output]) -> None:
        """The running day's check: all at once, or one by one those that were not heard of since
        the last one. While one is going on no other begins."""
        period = link.settings.checks.open_orders_s * SECOND
        inquiry.orders_ns = now + period
        if inquiry.mass is not None or inquiry.unheard:
            return
        orders = self._open(link)
        if orders and not self._mass_status(now, link, inquiry, out):
            for order in orders:
                if order.updated_ns <= now - period:
                    inquiry.add(order)
            self._pursue(now, link, inquiry, out)

    def _open(self, link: Link) -> list[Order]:
        """The orders that the broker of this session should know."""
        return [
            o for o in self._state.book.open.values() if o.session == link.name and not o.external
        ]

    # -- asking -----------------------------------------------------------------------------------

    def ask(self, now: int, link: Link, order: Order, out: list[Output]) -> bool:
        """Ask for the status of one order, at once. Returns whether a question could be sent."""
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
        inquiry = self._state.inquiries[link.name]
        inquiry.spend(now, link.settings.checks.questions_per_s)
        if sent:
            # The question's number is at least this; the Sent record says it exactly.
            self._state.questions[order.reference] = (link.epoch, link.next_out)
        unheard = inquiry.unheard.get(order.reference)
        if unheard is not None:
            unheard.asked_ns = now
        for unanswered in order.outstanding():
            waiting = self._state.waiting.get(unanswered.cl_ord_id)
            if waiting is not None:
                waiting.asked_ns = now
        if not sent:
            text = f"{link.name} answers no status request: order {order.reference} needs a person"
            out.append(about("severe", "cannot_ask", text, order))
        return sent

    def may_ask(self, now: int, link: Link) -> bool:
        """Whether the pace allows another question."""
        return now >= self._state.inquiries[link.name].pace_ns

    def _pursue(self, now: int, link: Link, inquiry: Inquiry, out: list[Output]) -> None:
        """Ask about what is due, as far as the pace allows; say when that is next."""
        inquiry.next_ns = NEVER
        checks = link.settings.checks
        timeout = link.settings.answer_timeout_s * SECOND
        for unheard in list(inquiry.unheard.values()):
            order = unheard.order
            if order.reference not in self._state.book.open:
                self._forget(link, inquiry, order, out)
                continue
            due = _next(unheard, timeout, checks.most_questions)
            if unheard.asked and any(r.doubt for r in order.outstanding()):
                continue  # asked about as what it is, a request in doubt
            if due > now:
                inquiry.next_ns = min(inquiry.next_ns, due)
            elif unheard.asked >= checks.most_questions:
                self._give_up(link, inquiry, order, out)
            elif now < inquiry.pace_ns:
                inquiry.next_ns = inquiry.pace_ns
                return
            else:
                unheard.asked += 1
                if self.ask(now, link, order, out):
                    due = _next(unheard, timeout, checks.most_questions)
                    inquiry.next_ns = min(inquiry.next_ns, due)
                else:
                    unheard.asked = checks.most_questions
                    self._let_go(link, inquiry, order, out)

    def _mass_status(self, now: int, link: Link, inquiry: Inquiry, out: list[Output]) -> bool:
        """One question about all. What it is silent on is asked about afterwards."""
        req_id = f"{link.name}-{link.epoch}-{link.next_out}"
        request = OrderMassStatusRequest(mass_status_req_id=req_id)
        if not self._state.try_send(link.name, request, out):
            return False
        known = {o.reference: o for o in self._open(link) if o.reported}
        for reference, order in known.items():
            # A mass answer is silent on what the broker never saw: that is asked about at once.
            unheard = inquiry.unheard.get(reference) or inquiry.add(order)
            unheard.asked, unheard.asked_ns = 1, now
        inquiry.mass = MassStatusAsked(req_id, known, now)
        return True

    # -- what is told ---------------------------------------------------------------------------

    def heard(self, link: Link, order: Order, out: list[Output]) -> None:
        """The broker has spoken of the order, or a person has decided."""
        inquiry = self._state.inquiries[link.name]
        if order.reference in inquiry.unheard:
            self._forget(link, inquiry, order, out)

    def mass_answered(
        self, now: int, link: Link, report: ExecutionReport, order: Order, out: list[Output]
    ) -> None:
        """A report answers our mass status request; after the last, who was left out is asked."""
        inquiry = self._state.inquiries[link.name]
        asked = inquiry.mass
        if asked is None or asked.req_id != report.mass_status_req_id:
            return
        asked.heard += 1
        asked.silent.pop(order.reference, None)
        if report.last_rpt_requested or asked.heard == report.tot_num_reports:
            self._ask_silent(now, link, inquiry, out)

    def nothing_told(self, now: int, link: Link, req_id: str, out: list[Output]) -> None:
        """The broker answers a mass status request with no order at all: TotNumReports(911) 0."""
        inquiry = self._state.inquiries[link.name]
        if inquiry.mass is not None and inquiry.mass.req_id == req_id:
            self._ask_silent(now, link, inquiry, out)

    def refused(self, now: int, link: Link, msg_type: str, said: str, out: list[Output]) -> None:
        """The broker takes no such question (35=j 380=3, 35=3 373=11): it is not put again."""
        inquiry = self._state.inquiries[link.name]
        if msg_type == MsgType.ORDER_MASS_STATUS_REQUEST:
            if inquiry.mass is not None:
                self._ask_silent(now, link, inquiry, out, told=False)
        elif msg_type == MsgType.ORDER_STATUS_REQUEST and inquiry.unheard:
            text = f"{link.name} takes no OrderStatusRequest ({said}): its orders need a person"
            out.append(Alert(severity="severe", code="cannot_ask", text=text, session=link.name))
            for unheard in list(inquiry.unheard.values()):
                self._let_go(link, inquiry, unheard.order, out)

    def _ask_silent(
        self, now: int, link: Link, inquiry: Inquiry, out: list[Output], *, told: bool = True
    ) -> None:
        """A mass answer that leaves out an open order is no word on it: ask about that one."""
        asked, inquiry.mass = inquiry.mass, None
        if asked is None:
            return
        for order in asked.silent.values():
            if order.reference in self._state.book.open and order.updated_ns <= asked.asked_ns:
                if told:
                    text = f"{link.name} left order {order.reference} out of its mass status answer"
                    out.append(about("warning", "left_out", text, order))
                unheard = inquiry.unheard.get(order.reference) or inquiry.add(order)
                unheard.asked = unheard.asked_ns = 0
        self._pursue(now, link, inquiry, out)

    def _is_overdue(self, link: Link, inquiry: Inquiry, now: int) -> bool:
        """Whether a mass status request has had its time for an answer."""
        timeout = link.settings.answer_timeout_s * SECOND
        return inquiry.mass is not None and now - inquiry.mass.asked_ns > timeout

    # -- the end of it --------------------------------------------------------------------------

    def _give_up(self, link: Link, inquiry: Inquiry, order: Order, out: list[Output]) -> None:
        """No answer to the last question either."""
        text = (
            f"{link.name} has not answered {link.settings.checks.most_questions} questions about "
            f"order {order.reference}"
        )
        out.append(about("severe", "no_answer", text, order))
        self._let_go(link, inquiry, order, out)

    def _let_go(self, link: Link, inquiry: Inquiry, order: Order, out: list[Output]) -> None:
        """Nothing more is asked. What is in doubt stays held until it is not."""
        if any(r.doubt for r in order.outstanding()):
            inquiry.unheard[order.reference].asked = NEVER
        else:
            self._forget(link, inquiry, order, out)

    def _forget(self, link: Link, inquiry: Inquiry, order: Order, out: list[Output]) -> None:
        inquiry.drop(order)
        if inquiry.holding and not inquiry.held:
            text = f"{link.name} has told of all {inquiry.holding} orders that were open there"
            out.append(Alert(severity="info", code="reconciled", text=text, session=link.name))
            inquiry.holding = 0


def _after(now: int, seconds: int) -> int:
    """So much later; 0 seconds is never."""
    return now + seconds * SECOND if seconds else NEVER


def _next(unheard: Unheard, timeout: int, most: int) -> int:
    """When to ask again, or to give up: at growing intervals, and after that never."""
    if unheard.asked > most:
        return NEVER
    return unheard.asked_ns + (timeout << unheard.asked - 1) if unheard.asked else 0
