"""What a named person decides where the broker's evidence is silent or not believed.

A request in doubt ends by evidence; where none comes, a person telephones the broker and says what
was learned, with a reason (DESIGN D3). The decision is journaled as a command and is evidence like
any other: a later report of the broker stands beside it, and what contradicts it is a break.

An execution that we do not accept is answered with Don't Know Trade (35=Q). It counts all the same
until the broker busts it: the position is what the broker holds for us, not what we wish.

The broker may also be asked once more, which decides nothing.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine.alerts import about
from fix_oms.engine.entry import Entry
from fix_oms.engine.inquiries import Inquiries
from fix_oms.engine.judging import rule
from fix_oms.engine.measure import measure
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.errors import FieldError, Unsupported
from fix_oms.model.fix import DKReason, OrdStatus
from fix_oms.model.messages import DontKnowTrade
from fix_oms.model.outputs import Accepted, Output, Refused
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL, NEW, Request

ENDINGS: Final[dict[str, OrdStatus]] = {
    "canceled": OrdStatus.CANCELED,
    "expired": OrdStatus.EXPIRED,
    "rejected": OrdStatus.REJECTED,
}
"""Decisions about an order; about a request they are "accepted" and "refused"."""


class Decisions:
    """The commands, one method each: ``(now, command, out)``."""

    def __init__(self, state: State, entry: Entry, inquiries: Inquiries) -> None:
        self._state: Final = state
        self._entry: Final = entry
        self._inquiries: Final = inquiries

    def resolve(self, now: int, command: inputs.Resolve, out: list[Output]) -> None:
        """A person decides what became of a request in doubt, or that an order has ended."""
        order = self._entry.named_order(command.order)
        if isinstance(order, Refused):
            out.append(order)
            return
        if not command.reason.strip() or not command.by.strip():
            out.append(rule("resolve", "a decision needs a name and a reason", "reason"))
            return
        before = measure(order)
        text = f"decided by {command.by}: {command.reason}"
        what: str | Refused
        if command.outcome in ENDINGS:
            what = self._end(order, ENDINGS[command.outcome], now, text)
        else:
            what = self._answer(order, command, text)
        if isinstance(what, Refused):
            out.append(what)
            return
        self._state.learned(order, before, now, out)
        said = f"{what} is {command.outcome}: {text}"
        out.append(about("warning", "resolved", said, order))
        self._inquiries.heard(self._state.links[order.session], order, out)
        out.append(Accepted(order=order.reference, session=order.session, text=said))

    def ask_status(self, now: int, value: inputs.AskStatus, out: list[Output]) -> None:
        """Ask the broker about one order, or about all of a session."""
        state = self._state
        order = self._entry.named_order(value.order) if value.order is not None else None
        if isinstance(order, Refused):
            out.append(order)
            return
        name = order.session if order is not None else value.session
        link = state.links.get(name or "")
        if link is None:
            out.append(rule("session", f"no session named {name!r}"))
        elif not link.ready:
            out.append(rule("session_up", f"session {name} is {link.state}: {link.reason}"))
        elif link.settings.drop_copy_of:
            out.append(rule("supports", f"{name} is a drop copy: it only listens"))
        elif order is not None:
            if self._inquiries.ask(now, link, order, out):
                out.append(Accepted(order=order.reference, session=link.name, text="asked"))
            else:
                out.append(rule("supports", f"{name} answers no status requests"))
        elif self._inquiries.ask_all(now, link, out):
            out.append(Accepted(session=link.name, text="asked"))
        else:
            out.append(rule("supports", f"{name}: no open orders to ask about"))

    def _end(self, order: Order, status: OrdStatus, now: int, text: str) -> str | Refused:
        if order.reference not in self._state.book.open:
            return rule("order_state", f"order {order.reference} is not open any more")
        order.end(status, now, text, self._state.links[order.session].last_arrival)
        return f"order {order.reference}"

    def _answer(self, order: Order, command: inputs.Resolve, text: str) -> str | Refused:
        if command.outcome not in ("accepted", "refused"):
            known = ", ".join(("accepted", "refused", *ENDINGS))
            return rule("resolve", f"no outcome {command.outcome!r} (there are: {known})")
        request = _meant(order, command.request)
        if isinstance(request, Refused):
            return request
        if command.outcome == "refused":
            order.refuse(request, text)
        elif request.kind == CANCEL:
            return rule("resolve", "an accepted cancel ends the order: say canceled")
        else:
            order.accept(request, text)
        return f"{request.kind} {request.cl_ord_id} of order {order.reference}"

    def dont_know(self, now: int, command: inputs.DontKnow, out: list[Output]) -> None:
        """Tell the broker that we do not accept an execution."""
        order = self._entry.named_order(command.order)
        if isinstance(order, Refused):
            out.append(order)
            return
        state, exec_id = self._state, command.exec_id
        held = order.executions.corrections.get(exec_id) or order.executions.trades.get(exec_id)
        link = state.links[order.session]
        if held is None:
            out.append(
                rule("order", f"{order.reference} has no execution {exec_id!r}", "ExecID(17)")
            )
            return
        if command.dk_reason not in frozenset(DKReason):
            known = ", ".join(f"{r.value} {r.name.lower()}" for r in DKReason)
            out.append(rule("terms", f"no reason {command.dk_reason!r}: {known}", "DKReason(127)"))
            return
        if not link.ready:
            out.append(rule("session_up", f"session {link.name} is {link.state}: {link.reason}"))
            return
        message = DontKnowTrade(
            order_id=order.order_id or "NONE",
            exec_id=exec_id,
            dk_reason=command.dk_reason,
            symbol=order.symbol,
            side=order.side,
            order_qty=order.terms.order_qty or None,
            cash_order_qty=order.terms.cash_order_qty,
            last_qty=held.qty,
            last_px=held.px,
            text=command.text or None,
        )
        try:
            state.send(link.name, message, out)
        except (Unsupported, FieldError) as error:
            out.append(rule("supports", str(error)))
            return
        if exec_id not in order.aside.dk:
            order.own_aside().dk = (*order.aside.dk, exec_id)
        state.learned(order, measure(order), now, out)
        text = f"execution {exec_id} of order {order.reference} is not accepted ({command.by})"
        out.append(Accepted(order=order.reference, session=link.name, text=text))


def _meant(order: Order, cl_ord_id: str | None) -> Request | Refused:
    """The request in doubt that is meant: the one named, or the only one."""
    doubtful = [r for r in order.outstanding() if r.doubt]
    if cl_ord_id is not None:
        doubtful = [r for r in doubtful if r.cl_ord_id == cl_ord_id]
    if not doubtful:
        name = cl_ord_id or order.reference
        return rule("resolve", f"nothing of {name} is in doubt: the broker's word stands")
    if len(doubtful) > 1:
        names = ", ".join(f"{r.kind} {r.cl_ord_id}" for r in doubtful)
        return rule("resolve", f"in doubt are {names}: say which", "ClOrdID(11)")
    request = doubtful[0]
    if request.kind == NEW and order.reported:
        return rule("resolve", f"the broker has reported {order.reference}: say how it ended")
    return request
