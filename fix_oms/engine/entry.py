"""What people and programs ask for of one order: new, cancel, replace.

Every command ends in one output for its sender: Accepted, or Refused with the control or rule, the
field to blame and the reason. A refused command has changed nothing and nothing has left. Checks
come before the first change, so that a batch can be checked whole without doing any of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from fix_oms.engine.state import State
from fix_oms.engine.terms import cash_estimate, check_terms, default_terms
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
from fix_oms.model.settings import Venue
from fix_oms.model.units import Fixed, text_of
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request
from fix_oms.routing.links import Link
from fix_oms.routing.router import choose

Judged = tuple[Venue, Terms, Fixed]
"""Where a new order may go, its terms with the defaults filled in, and a cash order's estimate."""


class Entry:
    """The commands, one method each: ``(now, command, out)``."""

    def __init__(self, state: State) -> None:
        self._state: Final = state

    # -- new orders ---------------------------------------------------------------------------

    def check(self, now: int, commands: Sequence[inputs.Command]) -> list[Refused | None]:
        """For each command of a batch, what would refuse it were the batch submitted now.

        Changes nothing. Only new orders are judged; None stands for "would be taken".
        """
        refused: list[Refused | None] = []
        ahead = 0
        seen: set[str] = set()
        for command in commands:
            found: Refused | None = None
            if isinstance(command, inputs.NewOrder):
                found = self._dry_run(now, command, ahead)
                if command.client_ref and command.client_ref in seen:
                    found = _duplicate(command.client_ref)
                seen.add(command.client_ref or "")
                ahead += 1
            refused.append(found)
        return refused

    def _dry_run(self, now: int, command: inputs.NewOrder, ahead: int) -> Refused | None:
        judged = self._judge_new(now, command, ahead)
        if isinstance(judged, Refused):
            return judged
        state = self._state
        venue, terms, _ = judged
        session = state.settings.sessions[venue.session]
        try:
            cl_ord_id = state.peek_id(session, 1 + ahead)
            message = NewOrderSingle(
                cl_ord_id=cl_ord_id, terms=self._on_wire(terms), transact_time=now
            )
            state.codecs[session.name].encode(message)
        except (Unsupported, FieldError) as error:
            return _unsupported(error)
        return None

    def new(self, now: int, command: inputs.NewOrder, out: list[Output]) -> None:
        """Send an order."""
        judged = self._judge_new(now, command, 0)
        if isinstance(judged, Refused):
            out.append(judged)
            return
        state = self._state
        venue, terms, estimate = judged
        link = state.links[venue.session]
        try:
            cl_ord_id = state.next_id(link.settings)
            message = NewOrderSingle(
                cl_ord_id=cl_ord_id, terms=self._on_wire(terms), transact_time=now
            )
            state.send(link.name, message, out, cl_ord_id)
        except (Unsupported, FieldError) as error:
            out.append(_unsupported(error))
            return
        account = terms.account or ""
        order = Order(
            Request(cl_ord_id, NEW, terms, now, link.epoch),
            session=link.name,
            venue=venue.name,
            account=account,
            client_ref=command.client_ref or "",
        )
        if estimate:
            order.estimate_cash(estimate)
        state.add_order(order)
        state.gate.count(account, terms.symbol, venue.name, now, "new")
        out.append(
            Accepted(
                order=cl_ord_id,
                cl_ord_id=cl_ord_id,
                session=link.name,
                text=f"order {cl_ord_id} sent to {venue.name}",
            )
        )

    def _judge_new(self, now: int, command: inputs.NewOrder, ahead: int) -> Refused | Judged:
        state = self._state
        settings = state.settings
        instrument = settings.instruments.get(command.terms.symbol)
        refused = check_terms(command.terms, instrument, settings)
        if refused is not None or instrument is None:
            return refused or rule("terms", "unknown instrument", "Symbol(55)")
        if command.client_ref and state.book.is_taken(command.client_ref):
            return _duplicate(command.client_ref)
        venue = choose(command.venue, instrument, settings.venues, state.links, now)
        if venue is None:
            return rule("venue", f"no venue named {command.venue!r} is configured", "venue")
        refused = self._judge_link(state.links[venue.session], now)
        if refused is not None:
            return refused
        terms = default_terms(command.terms, settings, venue)
        reference = state.reference_price(venue, terms.symbol, terms.side == "1", now)
        account = terms.account or ""
        estimate: Fixed = 0
        judged = terms
        if terms.cash_order_qty is not None:
            estimated = cash_estimate(terms, instrument, settings, reference)
            if isinstance(estimated, Refused):
                return estimated
            estimate = estimated
            judged = msgspec.structs.replace(terms, order_qty=estimate)
        refused = state.gate.check(
            judged, instrument, account, venue.name, reference, now, ahead=ahead
        )
        return refused or (venue, terms, estimate)

    def _judge_link(self, link: Link, now: int) -> Refused | None:
        refused = _not_ready(link)
        if refused is None and link.busy_until > now:
            seconds = -(-(link.busy_until - now) // 1_000_000_000)
            refused = rule("session_busy", f"{link.name} is busy: we back off for {seconds} s")
        return refused

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
        if any(r.kind == CANCEL and not (r.doubt or r.answered) for r in found.requests):
            out.append(rule("order_state", f"a cancel of {found.reference} is already pending"))
            return
        out.append(self.send_cancel(now, found, out))

    def send_cancel(self, now: int, order: Order, out: list[Output]) -> Accepted | Refused:
        """Send an OrderCancelRequest for an open order of ours whose session is ready."""
        state = self._state
        link = state.links[order.session]
        refused = _not_ready(link)
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
            state.send(link.name, message, out, cl_ord_id)
        except (Unsupported, FieldError) as error:
            return _unsupported(error)
        state.add_request(order, Request(cl_ord_id, CANCEL, order.terms, now, link.epoch))
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
        judged = _not_ready(link) or self._judge_replace(now, order, terms)
        if isinstance(judged, Refused):
            out.append(judged)
            return
        try:
            cl_ord_id = state.next_id(link.settings)
            message = OrderCancelReplaceRequest(
                cl_ord_id=cl_ord_id,
                orig_cl_ord_id=order.orig_cl_ord_id,
                order_id=order.order_id or None,
                terms=self._on_wire(terms),
                transact_time=now,
            )
            state.send(link.name, message, out, cl_ord_id)
        except (Unsupported, FieldError) as error:
            out.append(_unsupported(error))
            return
        state.add_request(order, Request(cl_ord_id, REPLACE, judged, now, link.epoch))
        if judged.cash_order_qty is not None:
            state.estimate_cash(order, judged.order_qty)
        state.gate.count(order.account, order.symbol, order.venue, now, "replace")
        out.append(
            Accepted(
                order=order.reference,
                cl_ord_id=cl_ord_id,
                session=link.name,
                text=f"replace {cl_ord_id} of order {order.reference} sent to {order.venue}",
            )
        )

    def _judge_replace(self, now: int, order: Order, terms: Terms) -> Refused | Terms:
        """The terms to reserve for: those asked for, of a cash order with the most it may buy."""
        settings = self._state.settings
        instrument = settings.instruments.get(order.symbol)
        refused = check_terms(terms, instrument, settings)
        if refused is not None or instrument is None:
            return refused or rule("terms", "unknown instrument", "Symbol(55)")
        if terms == _newest_terms(order):
            return rule("terms", f"the replace changes nothing of {order.reference}")
        if terms.cash_order_qty is None and terms.order_qty <= order.cum_qty:
            return rule(
                "terms",
                f"{text_of(order.cum_qty)} has executed already: cancel it instead",
                "OrderQty(38)",
            )
        venue = settings.venues.get(order.venue)
        if venue is None:
            return rule("venue", f"venue {order.venue!r} is not configured any more", "venue")
        reference = self._state.reference_price(venue, order.symbol, order.buys, now)
        reduces = _only_reduces(order, terms)
        if terms.cash_order_qty is not None:
            estimated = cash_estimate(terms, instrument, settings, reference)
            if isinstance(estimated, Refused):
                return estimated
            terms = msgspec.structs.replace(terms, order_qty=estimated)
            reduces = False
        gate = self._state.gate
        refused = gate.check(
            terms,
            instrument,
            order.account,
            order.venue,
            reference,
            now,
            kind="replace",
            reduces=reduces,
        )
        return refused or terms

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


def is_cancellable(order: Order, symbol: str | None) -> bool:
    """Whether a wider act may cancel it: ours, working, and of the symbol (None: of any)."""
    return bool(order.leaves_qty) and not order.external and symbol in (None, order.symbol)


def _newest_terms(order: Order) -> Terms:
    """The terms of our newest replace that was not refused; those of the order where it stands."""
    for request in reversed(order.requests):
        if request.kind == REPLACE and request.may_hold:
            return order.terms if request.accepted_somehow else request.terms
    return order.terms


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
    return msgspec.structs.replace(base, **changes) if changes else base


def _only_reduces(order: Order, new: Terms) -> bool:
    """Whether the new terms take risk away from whatever terms may hold now."""
    unanswered = [r.terms for r in order.requests if r.kind == REPLACE and not r.answered]
    return all(
        new.order_qty < old.order_qty
        and new.price == old.price
        and new.stop_px == old.stop_px
        and new.time_in_force == old.time_in_force
        for old in (order.terms, *unanswered)
    )


def _not_ready(link: Link) -> Refused | None:
    if link.ready:
        return None
    return rule("session_up", f"session {link.name} is {link.state}: {link.reason}")


def rule(control: str, text: str, field: str = "") -> Refused:
    """A refusal by a rule that is no risk control."""
    return Refused(control=control, text=text, field=field, ord_rej_reason=OrdRejReason.OTHER)


def _duplicate(client_ref: str) -> Refused:
    return Refused(
        control="duplicate_ref",
        text=f"an order was sent before as {client_ref!r}: nothing is sent twice",
        field="client_ref",
        value=client_ref,
        ord_rej_reason=OrdRejReason.DUPLICATE_ORDER,
    )


def _unsupported(error: Unsupported | FieldError) -> Refused:
    field = error.label if isinstance(error, FieldError) else ""
    return Refused(
        control="supports",
        text=str(error),
        field=field,
        ord_rej_reason=OrdRejReason.UNSUPPORTED_ORDER_CHARACTERISTIC,
    )
