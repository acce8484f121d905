"""What people and programs ask for of one order: new, cancel, replace.

Every command ends in one output for its sender: Accepted, or Refused with the control or rule, the
field to blame and the reason. A refused command has changed nothing and nothing has left. Checks
come before the first change, so that a batch can be checked whole without doing any of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from fix_oms.engine.alerts import about
from fix_oms.engine.judging import Judge, Trial, duplicate, not_ready, rule
from fix_oms.engine.state import State
from fix_oms.engine.terms import check_terms
from fix_oms.market.contracts import read_at
from fix_oms.model import inputs
from fix_oms.model.errors import FieldError, Unsupported
from fix_oms.model.fix import OrdRejReason, OrdStatus
from fix_oms.model.messages import (
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    Terms,
)
from fix_oms.model.outputs import Accepted, Output, Refused
from fix_oms.model.scope import FIRM, Key, matches
from fix_oms.model.units import text_of
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request
from fix_oms.risk.check import Candidate
from fix_oms.risk.lanes import Lane


class Entry:
    """The commands, one method each: ``(now, command, out)``."""

    def __init__(self, state: State) -> None:
        self._state: Final = state
        self._judge: Final = Judge(state)

    # -- new orders ---------------------------------------------------------------------------

    def check(self, now: int, commands: Sequence[inputs.Command]) -> list[Refused | None]:
        """For each command of a batch, what would refuse it were the batch submitted now.

        Changes nothing. Only new orders are judged; None stands for "would be taken".
        """
        refused: list[Refused | None] = []
        seen: set[str] = set()
        trial = Trial()
        lanes = self._state.gate.lanes
        mark = lanes.mark()
        try:
            for command in commands:
                found: Refused | None = None
                if isinstance(command, inputs.NewOrder):
                    found = self._dry_run(now, command, trial)
                    if command.client_ref and command.client_ref in seen:
                        found = duplicate(command.client_ref)
                    seen.add(command.client_ref or "")
                    trial.orders += 1
                refused.append(found)
        finally:
            trial.undo()
            lanes.forget(mark)
        return refused

    def _dry_run(self, now: int, command: inputs.NewOrder, trial: Trial) -> Refused | None:
        judged = self._judge.new(now, command, trial)
        if isinstance(judged, Refused):
            return judged
        state = self._state
        session = state.settings.sessions[judged.venue.session]
        try:
            cl_ord_id = state.peek_id(session, 1 + trial.orders)
            message = NewOrderSingle(
                cl_ord_id=cl_ord_id, terms=self._on_wire(judged.terms), transact_time=now
            )
            state.codecs[session.name].encode(message)
        except (Unsupported, FieldError) as error:
            return _unsupported(error)
        trial.add(judged)
        return None

    def new(self, now: int, command: inputs.NewOrder, out: list[Output]) -> None:
        """Send an order."""
        judged = self._judge.new(now, command)
        if isinstance(judged, Refused):
            self._refused(now, judged, out)
            return
        state, lane = self._state, judged.lane
        link = state.links[judged.venue.session]
        leaves: list[Output] = []
        try:
            cl_ord_id = state.next_id(link.settings)
            message = NewOrderSingle(
                cl_ord_id=cl_ord_id, terms=self._on_wire(judged.terms), transact_time=now
            )
            state.send(link.name, message, leaves, cl_ord_id, cl_ord_id)
        except (Unsupported, FieldError) as error:
            out.append(_unsupported(error))
            return
        if judged.candidate is not None:
            self._cancel_resting(now, out)
            state.gate.passed_by(judged.candidate, now, cl_ord_id, out)
        out += leaves
        first = Request(cl_ord_id, NEW, judged.terms, now, link.epoch, judged.worst_px)
        order = Order(first, lane.scope, command.client_ref or "")
        if judged.estimate:
            multiplier = state.settings.instruments[order.symbol].multiplier
            order.estimate_cash(judged.estimate, multiplier)
        state.add_order(order, lane)
        if judged.parent is not None:
            state.gate.parents.adopt(order, judged.parent)
        same = judged.same if judged.parent is None else None
        hedge = judged.candidate is not None and judged.candidate.is_hedge
        state.gate.sent(lane, now, order.buys, same, out, hedge=hedge)
        out.append(
            Accepted(
                order=cl_ord_id,
                cl_ord_id=cl_ord_id,
                session=link.name,
                text=f"order {cl_ord_id} sent to {judged.venue.name}",
            )
        )

    def _refused(self, now: int, refused: Refused, out: list[Output]) -> None:
        """The gate has refused; what it wants cancelled is cancelled all the same."""
        self._state.gate.count_refusal(refused)
        if refused.control == "self_match":
            self._cancel_resting(now, out)
        out.append(refused)

    def _cancel_resting(self, now: int, out: list[Output]) -> None:
        """What the order could trade with of our own goes first; the answer stays the order's."""
        for resting in self._judge.resting:
            if not has_cancel(resting):
                refused = self.send_cancel(now, resting, out)
                if isinstance(refused, Refused):
                    out.append(about("severe", "cannot_cancel", refused.text, resting))

    def _on_wire(self, terms: Terms) -> Terms:
        """The terms with the account's name as the broker knows it."""
        told = self._state.broker_account(terms.account or "")
        if told == (terms.account or ""):
            return terms
        return msgspec.structs.replace(terms, account=told)

    # -- cancel and replace -------------------------------------------------------------------

    def cancel(self, now: int, command: inputs.CancelOrder, out: list[Output]) -> None:
        """Ask for a cancel."""
        found = self.open_order(command.order)
        if isinstance(found, Refused):
            out.append(found)
            return
        if has_cancel(found):
            out.append(rule("order_state", f"a cancel of {found.reference} is already pending"))
            return
        out.append(self.send_cancel(now, found, out))

    def send_cancel(self, now: int, order: Order, out: list[Output]) -> Accepted | Refused:
        """Send an OrderCancelRequest for an open order of ours whose session is ready."""
        state = self._state
        link = state.links[order.session]
        refused = not_ready(link)
        if refused is not None:
            return refused
        try:
            cl_ord_id = state.next_id(link.settings)
            message = OrderCancelRequest(
                cl_ord_id=cl_ord_id,
                orig_cl_ord_id=order.orig_cl_ord_id,
                order_id=order.order_id or None,
                terms=self._on_wire(_newest_terms(order)),
                transact_time=now,
            )
            state.send(link.name, message, out, cl_ord_id, order.reference)
        except (Unsupported, FieldError) as error:
            return _unsupported(error)
        state.add_request(order, Request(cl_ord_id, CANCEL, order.terms, now, link.epoch))
        state.gate.cancelled(state.gate.lanes.lane(order.scope), now, order.buys, out)
        return Accepted(
            order=order.reference,
            cl_ord_id=cl_ord_id,
            session=link.name,
            text=f"cancel {cl_ord_id} of order {order.reference} sent to {order.venue}",
        )

    def replace(self, now: int, command: inputs.ReplaceOrder, out: list[Output]) -> None:
        """Ask for new terms. Judged as the order that it becomes.

        A filled order may be replaced to more: it works again then (J.1.a, C.1.c).
        """
        found = self.open_order(command.order, or_filled=True)
        if isinstance(found, Refused):
            out.append(found)
            return
        state, order = self._state, found
        link = state.links[order.session]
        terms = _replaced(order, command)
        judged = not_ready(link) or self._judge_replace(now, order, terms)
        if isinstance(judged, Refused):
            self._refused(now, judged, out)
            return
        candidate, lane = judged
        leaves: list[Output] = []
        try:
            cl_ord_id = state.next_id(link.settings)
            message = OrderCancelReplaceRequest(
                cl_ord_id=cl_ord_id,
                orig_cl_ord_id=order.orig_cl_ord_id,
                order_id=order.order_id or None,
                terms=self._on_wire(terms),
                transact_time=now,
            )
            state.send(link.name, message, leaves, cl_ord_id, order.reference)
        except (Unsupported, FieldError) as error:
            out.append(_unsupported(error))
            return
        self._cancel_resting(now, out)
        state.gate.passed_by(candidate, now, order.reference, out)
        out += leaves
        asked, px = candidate.terms, candidate.reserve
        state.add_request(order, Request(cl_ord_id, REPLACE, asked, now, link.epoch, px))
        if asked.cash_order_qty is not None:
            multiplier = state.settings.instruments[order.symbol].multiplier
            state.estimate_cash(order, asked.order_qty, multiplier)
        state.gate.replaced(lane, now, order.buys, out, hedge=candidate.is_hedge)
        out.append(
            Accepted(
                order=order.reference,
                cl_ord_id=cl_ord_id,
                session=link.name,
                text=f"replace {cl_ord_id} of order {order.reference} sent to {order.venue}",
            )
        )

    def _judge_replace(
        self, now: int, order: Order, terms: Terms
    ) -> Refused | tuple[Candidate, Lane]:
        """What the gate says to the order that it becomes."""
        settings = self._state.settings
        instrument = settings.instruments.get(order.symbol)
        if instrument is not None:
            instrument = read_at(self._state.contracts, instrument, order.venue)
        refused = check_terms(terms, instrument, settings)
        if refused is not None:
            return refused
        if terms == _as_asked(_newest_terms(order)):
            return rule("terms", f"the replace changes nothing of {order.reference}")
        if terms.cash_order_qty is None and terms.order_qty <= order.cum_qty:
            return rule(
                "terms",
                f"{text_of(order.cum_qty)} has executed already: cancel it instead",
                "OrderQty(38)",
            )
        if order.venue not in settings.venues:
            return rule("venue", f"venue {order.venue!r} is not configured any more", "venue")
        return self._judge.replace(now, order, terms)

    def named_order(self, name: str) -> Order | Refused:
        """The one order that a name stands for; between two of one name nothing is guessed."""
        found = self._state.book.candidates(name)
        if not found:
            return rule("order", f"no order is known as {name!r}", "ClOrdID(11)")
        if len(found) > 1:
            names = ", ".join(o.reference for o in found)
            return rule("order", f"{name!r} may mean {names}: say which", "ClOrdID(11)")
        return found[0]

    def open_order(self, name: str, *, or_filled: bool = False) -> Order | Refused:
        """As :meth:`named_order`, if it is ours and open, or filled where that will do."""
        order = self.named_order(name)
        if isinstance(order, Refused):
            return order
        if order.external:
            return rule("order", f"{order.reference} was not sent by us: ask the broker")
        filled = order.ord_status == OrdStatus.FILLED and not order.ended
        if not (order.open_qty or order.leaves_qty or (filled and or_filled)):
            return rule("order_state", f"order {order.reference} is not open any more")
        return order


def is_cancellable(order: Order, key: Key = FIRM) -> bool:
    """Whether a wider act may cancel it: ours, working, and of that scope."""
    return order.may_trade and not order.external and matches(key, order.scope)


def has_cancel(order: Order) -> bool:
    """Whether a cancel of it has left and may yet be answered."""
    return any(r.kind == CANCEL and not (r.doubt or r.answered) for r in order.later)


def _newest_terms(order: Order) -> Terms:
    """The terms of our newest replace that was not refused; those of the order where it stands."""
    for request in reversed(order.requests):
        if request.kind == REPLACE and request.may_hold:
            return order.terms if request.accepted_somehow else request.terms
    return order.terms


def _as_asked(terms: Terms) -> Terms:
    """The terms as we would ask for them: of a cash order without what its broker derived."""
    if terms.cash_order_qty is None or not terms.order_qty:
        return terms
    return msgspec.structs.replace(terms, order_qty=0)


def _replaced(order: Order, command: inputs.ReplaceOrder) -> Terms:
    """The terms that the replace asks for: the newest that we asked for, with the changes."""
    base = _newest_terms(order)
    changes = {
        name: value
        for name, value in (
            ("order_qty", command.order_qty),
            ("price", command.price),
            ("stop_px", command.stop_px),
            ("time_in_force", command.time_in_force),
        )
        if value is not None
    }
    if command.order_qty is not None and base.cash_order_qty is not None:
        base = msgspec.structs.replace(base, cash_order_qty=None)
    base = _as_asked(base)
    return msgspec.structs.replace(base, **changes) if changes else base


def _unsupported(error: Unsupported | FieldError) -> Refused:
    field = error.label if isinstance(error, FieldError) else ""
    return Refused(
        control="supports",
        text=str(error),
        field=field,
        ord_rej_reason=OrdRejReason.UNSUPPORTED_ORDER_CHARACTERISTIC,
    )
