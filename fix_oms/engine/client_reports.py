"""What is told to clients and drop copies, and that it arrives.

At the end of each step every order of which something was learned is compared with its mirror, and
the difference is told: to the client whose order it is, and to each drop copy that watches its
account or its client.

*A drop copy* tells of orders as they were entered: of a parent, not of the children that the router
sends for it. Its reports have our own identifiers: OrderID(37) and ClOrdID(11) are our reference of
the order, which never changes, and SecondaryClOrdID(526) is the client's ClOrdID where it is a
client's. ExecIDs are those that the client is told.
"""

from __future__ import annotations

from typing import Final

import msgspec

from fix_oms.engine.client_news import Answer, changes, news
from fix_oms.engine.client_state import Ask, Mirror, Parcel, Peer
from fix_oms.engine.client_truth import NOT_YET, Truth, of_order, of_parent, outcome_at_broker
from fix_oms.engine.client_truth import outcome_at_parent as at_parent
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.errors import FieldError, Unsupported
from fix_oms.model.fix import ExecType
from fix_oms.model.messages import ExecutionReport, Message, OrderCancelReject
from fix_oms.model.outputs import Acted, Alert, Decided, Output, Send
from fix_oms.orders.order import Order
from fix_oms.routing.parents import ParentOrder
from fix_oms.wire import Codec

_CARRIED_OUT: Final = (Decided, Acted)
_RESEND: Final = "97=Y\x01"
_KEPT: Final = ("35=8\x01", "35=9\x01", "35=r\x01")
"""What is told again after a reset of the numbers. A session or business reject names a number that
is then no more."""


class ClientReports:
    """Tells clients what changed, and keeps what they may not have received."""

    def __init__(self, state: State) -> None:
        self._state: Final = state

    # -- what changed -----------------------------------------------------------------------------

    def tell(self, now: int, out: list[Output]) -> None:
        """See to every order of which something was learned in this step."""
        clients = self._state.clients
        due, clients.due = clients.due, {}
        # What is decided is carried out at once, in a step of its own, and told after this.
        decided = [out.pop()] if out and type(out[-1]) in _CARRIED_OUT else []
        for reference, executed in due.items():
            parent = self._state.routed.parents.get(reference)
            order = None if parent is not None else self._state.book.find(reference)
            mirror = clients.mirrors.get(reference)
            if mirror is None and clients.copiers:
                mirror = self._new_mirror(reference, parent, order)
                executed = dict.fromkeys(parent.held.children) if parent is not None else executed
            if mirror is None:
                continue
            if parent is not None:
                self._tell_parent(now, mirror, parent, executed, out)
            elif order is not None:
                self._tell_order(now, mirror, order, out)
        out += decided

    def _new_mirror(
        self, reference: str, parent: ParentOrder | None, order: Order | None
    ) -> Mirror | None:
        """Of an order that no client has sent: only drop copies are told of it."""
        if parent is not None:
            account = parent.held.account
        elif order is not None:
            account = order.account
        else:
            return None
        if not any(p.settings.copies(account, "") for p in self._state.clients.copiers.values()):
            return None
        mirror = self._state.clients.mirrors[reference] = Mirror(reference, "", reference, account)
        return mirror

    def _tell_order(self, now: int, mirror: Mirror, order: Order, out: list[Output]) -> None:
        answers = [Answer(ask, *outcome_at_broker(ask, order)) for ask in mirror.asks]
        truth = of_order(order, {ask.ours for ask in _waiting(answers)})
        self._tell(now, mirror, truth, [order], answers, out)
        self._note_open(mirror, order.is_open())

    def _tell_parent(
        self,
        now: int,
        mirror: Mirror,
        parent: ParentOrder,
        executed: dict[str, None],
        out: list[Output],
    ) -> None:
        book = self._state.book
        found = [book.by_cl_ord_id(reference) for reference in executed]
        orders = [order for order in found if order is not None]
        answers = [Answer(ask, *at_parent(ask, parent, mirror)) for ask in mirror.asks]
        truth = of_parent(parent, {ask.kind for ask in _waiting(answers)})
        self._tell(now, mirror, truth, orders, answers, out)
        self._note_open(mirror, not parent.ended)

    def truth(self, mirror: Mirror) -> Truth | None:
        """The order as it stands; None where it is not known any more."""
        parent = self._state.routed.parents.get(mirror.reference)
        if parent is not None:
            return of_parent(parent, {ask.kind for ask in mirror.asks})
        order = self._state.book.by_cl_ord_id(mirror.reference)
        return of_order(order, {ask.ours for ask in mirror.asks}) if order is not None else None

    def _note_open(self, mirror: Mirror, is_open: bool) -> None:
        peer = self._state.clients.peers.get(mirror.client)
        if peer is not None and is_open:
            peer.open[mirror.reference] = None
        elif peer is not None:
            peer.open.pop(mirror.reference, None)

    def _tell(
        self,
        now: int,
        mirror: Mirror,
        truth: Truth,
        orders: list[Order],
        answers: list[Answer],
        out: list[Output],
    ) -> None:
        was = mirror.told.status
        said = news(now, mirror, truth, changes(mirror, orders), answers, self.next_id)
        if was in ("4", "8", "C") and truth.leaves_qty:
            text = f"{mirror.reference} was told to be at its end, and works"
            self._trouble(text, mirror.client, out, mirror.reference)
        for message in said:
            self.deliver(mirror, message, out)

    # -- what leaves ------------------------------------------------------------------------------

    def next_id(self) -> str:
        """An ExecID(17), or another name for a message, that was never used before."""
        self._state.clients.reports += 1
        return f"X{self._state.run}-{self._state.clients.reports}"

    def deliver(
        self, mirror: Mirror, message: ExecutionReport | OrderCancelReject, out: list[Output]
    ) -> None:
        """To the client, and of reports a copy to those who watch."""
        peer = self._state.clients.peers.get(mirror.client)
        if peer is not None:
            self.send(peer, message, out)
        if isinstance(message, ExecutionReport):
            self.copy(message, mirror, out)

    def copy(self, message: ExecutionReport, mirror: Mirror, out: list[Output]) -> None:
        """To each drop copy that watches the account or the client."""
        for copier in self._state.clients.copiers.values():
            if not copier.settings.copies(mirror.account, mirror.client):
                continue
            theirs = message.cl_ord_id if mirror.client else None
            copied = msgspec.structs.replace(
                message,
                cl_ord_id=mirror.reference,
                orig_cl_ord_id=None,
                extra={**message.extra, "526": theirs} if theirs else message.extra,
            )
            self.send(copier, copied, out)

    def send(self, peer: Peer, message: Message, out: list[Output]) -> None:
        """One message to one client. What cannot be said in its version is told to people."""
        number = getattr(message, "exec_id", None) or self.next_id()
        # One that is not configured any more is told when it is again.
        codec = self._state.codecs.get(peer.name) or Codec(peer.settings.version)
        try:
            text = codec.encode(message)
        except (Unsupported, FieldError) as error:
            self._trouble(f"client {peer.name} cannot be told: {error}", peer.name, out)
            return
        peer.unsent[number] = Parcel(text, kept=_is_kept(message, text))
        if peer.served:
            self._ask(peer, number, out)

    def _ask(self, peer: Peer, number: str, out: list[Output]) -> None:
        parcel = peer.unsent[number]
        parcel.asked = True
        out.append(Send(session=peer.name, text=parcel.text, cl_ord_id=number))

    def _again(self, peer: Peer, number: str, text: str, *, kept: bool, out: list[Output]) -> None:
        """Send what may have left already."""
        peer.unsent[number] = Parcel(_marked(text), kept=kept)
        if peer.served:
            self._ask(peer, number, out)

    # -- what became of it ------------------------------------------------------------------------

    def sent(self, now: int, value: inputs.Sent, out: list[Output]) -> bool:
        """A message has left. Returns whether it was one to a client."""
        peer = self._state.clients.peers.get(value.session)
        if peer is None:
            return False
        parcel = peer.unsent.get(value.cl_ord_id)
        if parcel is not None and parcel.kept and value.epoch < peer.epoch:
            # It went into a store that a reset has emptied since.
            self._again(peer, value.cl_ord_id, parcel.text, kept=True, out=out)
        else:
            peer.left(value.cl_ord_id, now)
        return True

    def not_sent(self, value: inputs.NotSent) -> bool:
        """A message did not leave: it waits for the client's next logon. Returns as above."""
        peer = self._state.clients.peers.get(value.session)
        if peer is None:
            return False
        parcel = peer.unsent.get(value.cl_ord_id)
        if parcel is not None:
            parcel.asked = False
        return True

    def served(self, now: int, value: inputs.ClientServed, out: list[Output]) -> None:
        """The client's messages are taken from here on."""
        peer = self._peer(value.session)
        peer.served = True
        for number, parcel in list(peer.unsent.items()):
            if parcel.asked:
                self._again(peer, number, parcel.text, kept=parcel.kept, out=out)
            else:
                self._ask(peer, number, out)

    def up(self, now: int, value: inputs.ClientUp, out: list[Output]) -> None:
        """The client has logged on."""
        peer = self._peer(value.session)
        peer.up, peer.up_ns, peer.since_ns = True, now, now
        peer.reason, peer.leaving_ns = "logged on", 0
        _note(f"client {peer.name} has logged on", peer.name, out)
        for number, parcel in list(peer.unsent.items()):
            if not parcel.asked:
                self._ask(peer, number, out)

    def epoch(self, now: int, value: inputs.ClientEpoch, out: list[Output]) -> None:
        """The numbers begin again, and what the store kept for the client is gone."""
        peer = self._peer(value.session)
        peer.epoch = value.epoch
        recent = list(peer.recent)
        peer.recent.clear()
        for number, text, _ in recent:
            self._again(peer, number, text, kept=True, out=out)
        said = f"client {peer.name} began again at 1 ({value.reason})"
        if recent:
            said += f": {len(recent)} messages that it may not have are sent again"
        _note(said, peer.name, out)

    def _peer(self, name: str) -> Peer:
        return self._state.clients.peers[name]

    def _trouble(self, text: str, client: str, out: list[Output], order: str = "") -> None:
        out.append(
            Alert(severity="severe", code="client_trouble", text=text, session=client, order=order)
        )


def _waiting(answers: list[Answer]) -> list[Ask]:
    """The requests that have no answer yet."""
    return [answer.ask for answer in answers if answer.outcome == NOT_YET]


def _note(text: str, client: str, out: list[Output]) -> None:
    out.append(Alert(severity="info", code="client", text=text, session=client))


def _is_kept(message: Message, text: str) -> bool:
    """Whether it is told again after a reset: what tells of an event."""
    if isinstance(message, ExecutionReport) and message.exec_type == ExecType.ORDER_STATUS:
        return message.ord_status_req_id is None and message.mass_status_req_id is None
    return text.startswith(_KEPT)


def _marked(text: str) -> str:
    """The message with PossResend(97)=Y."""
    head, soh, rest = text.partition("\x01")
    return text if rest.startswith(_RESEND) else f"{head}{soh}{_RESEND}{rest}"
