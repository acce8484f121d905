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
from fix_oms.engine.inquiries import Inquiries
from fix_oms.engine.measure import measure
from fix_oms.engine.state import State
from fix_oms.engine.waiting import SECOND, Waiting
from fix_oms.model.outputs import Alert, Output, Refused
from fix_oms.routing.links import Link


class Doubt:
    """Keeps account of unanswered requests and asks about them."""

    def __init__(self, state: State, entry: Entry, inquiries: Inquiries) -> None:
        self._state: Final = state
        self._entry: Final = entry
        self._inquiries: Final = inquiries

    def is_due(self, now: int) -> bool:
        """Whether a Tick at ``now`` would change anything."""
        mass_cancels = self._state.mass_cancels.values()
        if any(self._overdue(m.session, m.asked_ns, now) for m in mass_cancels):
            return True
        for waiting in self._state.waiting.values():
            if waiting.is_settled:
                return True
            request = waiting.request
            link = self._state.links[waiting.order.session]
            timeout = link.settings.answer_timeout_s * SECOND
            if not request.doubt and now - request.created_ns > timeout:
                return True
            if request.doubt and self._is_question_due(now, link, waiting):
                return True
        return False

    def tick(self, now: int, out: list[Output]) -> None:
        """Time has passed: find the requests that are overdue, ask about those in doubt."""
        for cl_ord_id, waiting in list(self._state.waiting.items()):
            if waiting.is_settled:  # and perhaps forgotten with the doubt about one before it
                self._state.waiting.pop(cl_ord_id, None)
                continue
            request = waiting.request
            link = self._state.links[waiting.order.session]
            timeout = link.settings.answer_timeout_s * SECOND
            if not request.doubt and now - request.created_ns > timeout:
                self._doubts(waiting, "no answer in time", now, out)
            if request.doubt and self._is_question_due(now, link, waiting):
                self._ask_about(now, link, waiting, out)
        for cl_ord_id, asked in list(self._state.mass_cancels.items()):
            if self._overdue(asked.session, asked.asked_ns, now):
                self.cancel_each(now, cl_ord_id, "no answer in time", out)

    def session_down(self, now: int, link: Link, out: list[Output]) -> None:
        """What was unanswered when the session went down is in doubt."""
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
        """After a logon: begin to ask anew, about every order that is live or in doubt."""
        for waiting in self._unanswered(link):
            waiting.asked = 0
        self._inquiries.session_ready(now, link, out)
        for cl_ord_id, asked in list(self._state.mass_cancels.items()):
            if asked.session == link.name:
                self.cancel_each(now, cl_ord_id, "the session went down before an answer", out)

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

    def _is_question_due(self, now: int, link: Link, waiting: Waiting) -> bool:
        """Whether to ask, now or again: at growing intervals, and after the last question never."""
        checks = link.settings.checks
        if not link.ready or waiting.asked >= checks.most_questions:
            return False
        first = (checks.in_doubt_s or link.settings.answer_timeout_s) * SECOND
        due = waiting.asked_ns + (first << waiting.asked) if waiting.asked_ns else 0
        return now >= due and self._inquiries.may_ask(now, link)

    def _ask_about(self, now: int, link: Link, waiting: Waiting, out: list[Output]) -> None:
        waiting.asked += 1
        most = link.settings.checks.most_questions
        if not self._inquiries.ask(now, link, waiting.order, out):
            waiting.asked = most
        elif waiting.asked == most:
            text = f"{waiting.request.cl_ord_id} stays in doubt after {most} questions"
            out.append(about("severe", "in_doubt", text, waiting.order))
