"""What clients send: orders, cancels, replaces and questions, each judged and answered.

A client's message meets three things in turn. First itself: what cannot be read is answered by a
session Reject (35=3) or a BusinessMessageReject (35=j) that names the tag. Then what the client may
do: its rate, its permissions, its accounts, symbols and venues. Then the gate that every order
meets. Whatever refuses an order becomes an ExecutionReport with OrdStatus(39)=8, OrdRejReason(103)
and a Text(58) that names the control, the limit and the value; a cancel or replace is refused by
35=9.

**Identity.** ClOrdIDs are the client's own and may be those of other clients. One that was used
before is refused as a duplicate, with two exceptions. A message with PossDupFlag(43)=Y is one that
we have had (our process died after it was journaled and before it was counted): nothing is done,
its answers are on the way. One with PossResend(97)=Y asks: it is answered with the order as it
stands.

**Acceptance.** An order is answered with Pending New when it has passed the gate and is on its way,
and with New when its broker has acknowledged it. A parent is New at once: we are who works it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fix_oms.engine.client_answers import ClientAnswers
from fix_oms.engine.client_reports import ClientReports
from fix_oms.engine.client_rules import (
    Change,
    wrong_change,
    wrong_message,
    wrong_order,
)
from fix_oms.engine.client_state import Ask, Mirror, Peer
from fix_oms.engine.entry import Entry, has_cancel
from fix_oms.engine.judging import rule
from fix_oms.engine.parent_acts import ParentActs
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.errors import FixOmsError
from fix_oms.model.fix import CxlRejReason, OrdRejReason, OrdStatus, OrdType
from fix_oms.model.messages import (
    Message,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
    Terms,
)
from fix_oms.model.outputs import Accepted, Output, Refused
from fix_oms.orders.requests import CANCEL, REPLACE
from fix_oms.wire.text import peek

_STOPS: Final = frozenset({OrdType.STOP.value, OrdType.STOP_LIMIT.value})
_GONE: Final = frozenset("48C")
_ENDED: Final = _GONE | {OrdStatus.FILLED}
"""A filled order may be replaced to more, and works again."""


class ClientGate:
    """Takes what clients send."""

    def __init__(
        self, state: State, entry: Entry, parents: ParentActs, reports: ClientReports
    ) -> None:
        self._state: Final = state
        self._entry: Final = entry
        self._parents: Final = parents
        self._reports: Final = reports
        self._answers: Final = ClientAnswers(state, reports)
        self._takers: Final[dict[type, Callable[[int, Peer, Any, list[Output]], None]]] = {
            NewOrderSingle: self._new,
            OrderCancelRequest: self._cancel,
            OrderCancelReplaceRequest: self._replace,
            OrderStatusRequest: self._answers.status,
            OrderMassStatusRequest: self._answers.mass_status,
            OrderMassCancelRequest: self._mass_cancel,
        }

    def take(self, now: int, value: inputs.ClientIn, out: list[Output]) -> None:
        """An application message of a client."""
        peer = self._state.clients.peers[value.session]
        peer.counts[0] += 1
        try:
            message = self._state.codecs[peer.name].decode(value.text)
        except FixOmsError as error:
            peer.counts[1] += 1
            self._answers.unreadable(peer, value.text, error, out)
            return
        taker = self._takers.get(type(message))
        if taker is None or peer.settings.drop_copy:
            self._answers.unwanted(peer, value.text, message, out)
            return
        name = _name_of(message)
        if peer.knows(name) and self._is_known(now, peer, name, value.text, message, out):
            return
        refused = wrong_message(now, peer, message)
        if refused is not None:
            self._refuse(now, peer, message, refused, out)
            return
        taker(now, peer, message, out)

    def _is_known(
        self, now: int, peer: Peer, name: str, text: str, message: Message, out: list[Output]
    ) -> bool:
        """Whether a message whose id was used before is seen to by that."""
        if type(message) in (OrderStatusRequest, OrderMassStatusRequest):
            return False  # a question has no id of its own
        if peek(text, "43") == "Y":
            return True
        if peek(text, "97") == "Y":
            self._answers.present(now, peer, name, message, out)
            return True
        refused = Refused(
            control="duplicate_ref",
            text=f"ClOrdID(11) {name!r} was used before: nothing is sent twice",
            field="ClOrdID(11)",
            value=name,
            ord_rej_reason=OrdRejReason.DUPLICATE_ORDER,
        )
        self._refuse(now, peer, message, refused, out, known=True)
        return True

    def _refuse(
        self,
        now: int,
        peer: Peer,
        message: Message,
        refused: Refused,
        out: list[Output],
        *,
        known: bool = False,
    ) -> None:
        """Tell the client, in the message that fits what it has sent."""
        peer.counts[1] += 1
        if isinstance(message, NewOrderSingle):
            self._answers.reject_order(now, peer, message, refused, known, out)
        elif isinstance(message, OrderCancelRequest | OrderCancelReplaceRequest):
            mirror = self._named(peer, message)
            reason = CxlRejReason.DUPLICATE_CL_ORD_ID if known else _cxl_reason(refused)
            self._answers.reject_change(now, peer, message, mirror, reason, refused, out)
        else:
            self._answers.reject_other(now, peer, message, refused, out)

    # -- orders -----------------------------------------------------------------------------------

    def _new(self, now: int, peer: Peer, message: NewOrderSingle, out: list[Output]) -> None:
        settings = peer.settings
        wrong = wrong_order(peer, message)
        if isinstance(wrong, Refused):
            self._refuse(now, peer, message, wrong, out)
            return
        terms = wrong
        name, said = f"{peer.name}/{message.cl_ord_id}", list[Output]()
        by, venue = f"client {peer.name}", message.terms.ex_destination
        if settings.policy is not None and venue is None and terms.ord_type not in _STOPS:
            self._parents.new(now, _parent(by, name, terms, peer), said)
        else:
            command = inputs.NewOrder(
                by=by,
                terms=terms,
                venue=venue,
                client_ref=name,
                strategy=settings.strategy,
            )
            self._entry.new(now, command, said)
        answer = _answer(said, out)
        if isinstance(answer, Refused):
            self._refuse(now, peer, message, answer, out)
            return
        clients, reference = self._state.clients, answer.order
        account = terms.account or ""
        mirror = Mirror(reference, peer.name, message.cl_ord_id, account)
        clients.mirrors[reference] = mirror
        clients.due.setdefault(reference, {})
        peer.ids[message.cl_ord_id] = reference
        peer.open[reference] = None

    def _named(self, peer: Peer, message: Change) -> Mirror | None:
        """The client's order that a request means: by OrigClOrdID(41), else by OrderID(37)."""
        mirrors = self._state.clients.mirrors
        reference = peer.ids.get(message.orig_cl_ord_id)
        if reference is None and message.order_id is not None:
            found = mirrors.get(message.order_id)
            return found if found is not None and found.client == peer.name else None
        return mirrors.get(reference or "")

    def _cancel(self, now: int, peer: Peer, message: OrderCancelRequest, out: list[Output]) -> None:
        mirror = self._changeable(now, peer, message, out)
        if mirror is None:
            return
        order = self._state.book.by_cl_ord_id(mirror.reference)
        if order is not None and has_cancel(order):  # our desk's: its answer is the client's too
            ours = next(r.cl_ord_id for r in reversed(order.later) if r.kind == CANCEL)
            self._wait(peer, mirror, message, CANCEL, ours)
            return
        said: list[Output] = []
        command = inputs.CancelOrder(by=f"client {peer.name}", order=mirror.reference)
        self._parents.cancel(now, command, said)
        self._asked(now, peer, mirror, message, _answer(said, out), out)

    def _replace(
        self, now: int, peer: Peer, message: OrderCancelReplaceRequest, out: list[Output]
    ) -> None:
        mirror = self._changeable(now, peer, message, out)
        if mirror is None:
            return
        terms, told = message.terms, mirror.told
        same_time = terms.time_in_force == told.time_in_force
        command = inputs.ReplaceOrder(
            by=f"client {peer.name}",
            order=mirror.reference,
            order_qty=terms.order_qty,
            price=terms.price,
            stop_px=terms.stop_px,
            time_in_force=None if same_time else terms.time_in_force,
        )
        said: list[Output] = []
        self._parents.replace(now, command, said)
        self._asked(now, peer, mirror, message, _answer(said, out), out)

    def _changeable(
        self, now: int, peer: Peer, message: Change, out: list[Output]
    ) -> Mirror | None:
        """The order that is to be changed; None where the request has been refused."""
        mirror, reason = self._named(peer, message), CxlRejReason.OTHER
        if mirror is None:
            reason = CxlRejReason.UNKNOWN_ORDER
            text = f"no order of yours is known as OrigClOrdID(41) {message.orig_cl_ord_id!r}"
            refused: Refused | None = rule("order", text, "OrigClOrdID(41)")
        elif mirror.told.status in (_GONE if message_kind(message) == REPLACE else _ENDED):
            reason = CxlRejReason.TOO_LATE
            refused = rule("order_state", "the order is not open any more")
        elif mirror.asks:
            reason = CxlRejReason.ALREADY_PENDING
            refused = rule("order_state", f"{mirror.asks[-1].cl_ord_id} has no answer yet")
        else:
            refused = wrong_change(peer, message, self._reports.truth(mirror), self._at(mirror))
        if refused is None:
            return mirror
        peer.counts[1] += 1
        self._answers.reject_change(now, peer, message, mirror, reason, refused, out)
        return None

    def _asked(
        self,
        now: int,
        peer: Peer,
        mirror: Mirror,
        message: Change,
        answer: Accepted | Refused,
        out: list[Output],
    ) -> None:
        if isinstance(answer, Refused):
            self._refuse(now, peer, message, answer, out)
            return
        self._wait(peer, mirror, message, message_kind(message), answer.cl_ord_id)

    def _wait(self, peer: Peer, mirror: Mirror, message: Change, kind: str, ours: str) -> None:
        """The request is with the broker, or the router: what becomes of it is told."""
        mirror.asks.append(Ask(message.cl_ord_id, message.orig_cl_ord_id, kind, ours))
        mirror.chain.append(message.cl_ord_id)
        peer.ids[message.cl_ord_id] = mirror.reference
        self._state.clients.due.setdefault(mirror.reference, {})

    def _at(self, mirror: Mirror) -> str:
        """The venue of an order; empty for a parent."""
        order = self._state.book.by_cl_ord_id(mirror.reference)
        return order.venue if order is not None else ""

    # -- all of them --------------------------------------------------------------------------

    def _mass_cancel(
        self, now: int, peer: Peer, message: OrderMassCancelRequest, out: list[Output]
    ) -> None:
        """Each of its orders that works is cancelled by itself: a broker's mass cancel would take
        those of others too."""
        symbol = message.symbol
        if symbol is not None and symbol not in self._state.settings.instruments:
            text = f"no instrument {symbol!r} is configured"
            refused = rule("mass_cancel", text, "Symbol(55)", OrdRejReason.UNKNOWN_SYMBOL)
            self._refuse(now, peer, message, refused, out)
            return
        peer.refuse(message.cl_ord_id, "a mass cancel was taken under this id")
        asked, failed = self.cancel_open(now, peer, f"client {peer.name}", out, symbol)
        self._answers.mass_cancelled(peer, message, asked, failed, out)

    def cancel_open(
        self, now: int, peer: Peer, by: str, out: list[Output], symbol: str | None = None
    ) -> tuple[int, list[str]]:
        """Ask out what works of a client. Returns how many, and why others could not be."""
        asked, failed = 0, []
        for reference in list(peer.open):
            mirror = self._state.clients.mirrors[reference]
            truth = self._reports.truth(mirror)
            if truth is None or symbol not in (None, truth.symbol):
                continue
            order = self._state.book.by_cl_ord_id(reference)
            if order is not None and has_cancel(order):
                asked += 1
                continue
            said: list[Output] = []
            self._parents.cancel(now, inputs.CancelOrder(by=by, order=reference), said)
            answer = _answer(said, out)
            if isinstance(answer, Accepted):
                asked += 1
            elif answer.control != "order_state":  # what has ended, or is being cancelled, is well
                failed.append(answer.text)
        return asked, failed


def message_kind(message: Change) -> str:
    """What a request of a client's asks for."""
    return REPLACE if isinstance(message, OrderCancelReplaceRequest) else CANCEL


def _answer(said: list[Output], out: list[Output]) -> Accepted | Refused:
    """The answer to a command. What else came of it goes ``out``, and the acceptance: by it people
    find the client's message among what befell the order."""
    answer: Accepted | Refused = Refused(control="fault", text="the command was not answered")
    for output in said:
        if isinstance(output, Accepted | Refused):
            answer = output
        if not isinstance(output, Refused):
            out.append(output)
    return answer


def _parent(by: str, name: str, terms: Terms, peer: Peer) -> inputs.NewParent:
    return inputs.NewParent(
        by=by,
        ref=name,
        symbol=terms.symbol,
        side=terms.side,
        order_qty=terms.order_qty,
        account=terms.account,
        strategy=peer.settings.strategy,
        routed=True,
        policy=peer.settings.policy or "",
        price=terms.price,
        time_in_force=terms.time_in_force,
    )


def _name_of(message: Message) -> str:
    name = getattr(message, "cl_ord_id", None) or getattr(message, "mass_status_req_id", None)
    return name or ""


def _cxl_reason(refused: Refused) -> str:
    return CxlRejReason.TOO_LATE if refused.control == "order_state" else CxlRejReason.BROKER
