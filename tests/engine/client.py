"""A client for tests: an upstream system that trades through a desk's engine, in its own version.

What it sends and receives is FIX text through the wire codec, so a test reads like the wire. The
client keeps the messages that have left to it, as a file store would.
"""

from __future__ import annotations

from typing import Any

from fix_oms.model import inputs
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import (
    ExecutionReport,
    Message,
    NewOrderSingle,
    OrderCancelReject,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    Terms,
)
from fix_oms.model.outputs import Accepted, Output, Send
from fix_oms.model.units import SCALE, fixed
from fix_oms.wire import SOH, Codec, fields
from tests.engine.desk import Desk, plain_settings

VERSIONS = tuple(v.value for v in FixVersion)


def client_settings(
    version: str = "FIX.4.4", watched: bool = False, **changes: Any
) -> dict[str, Any]:
    """The desk's settings with a client UP, and where asked a drop copy WATCH of everybody."""
    own = {
        "version": version,
        "sender_comp_id": "FIXOMS",
        "target_comp_id": "UP",
        "port": 20100,
        "accounts": ["DESK", "HEDGE"],
    }
    settings = plain_settings(strategies={"UP": {}})
    settings["clients"] = {"UP": {**own, **changes}}
    if watched:
        settings["clients"]["WATCH"] = {
            "version": "FIX.5.0SP2",
            "sender_comp_id": "FIXOMS",
            "target_comp_id": "WATCH",
            "port": 20101,
            "drop_copy": True,
        }
    return settings


class ClientDesk(Desk):
    """A desk with clients: what leaves to them is told as sent, under their own numbers."""

    def __init__(self, settings: dict[str, Any] | None = None, *, served: bool = True) -> None:
        self.lost: set[str] = set()
        """Clients to whom nothing leaves: what is asked for is lost with the process."""
        self.runs = 1
        super().__init__(settings or client_settings())
        for name in self.settings["clients"] if served else ():
            self.serve(name)
            self.log_on(name)

    def restart(self, *, serve: bool = True) -> None:
        """The process was killed and starts again; the brokers' sessions are ready."""
        self.runs += 1
        self.lost.clear()
        self.start(self.runs)
        for name in self.settings["sessions"]:
            self.ready(name)
        for name in self.settings["clients"] if serve else ():
            self.serve(name)
            self.log_on(name)

    def reset(self, name: str) -> list[Output]:
        """The client's numbers begin again."""
        epoch = self.engine.state.clients.peers[name].epoch + 1
        self._seq[name] = 0
        return self.give(inputs.ClientEpoch(session=name, epoch=epoch, reason="asked for"))

    def serve(self, name: str) -> list[Output]:
        return self.give(inputs.ClientServed(session=name))

    def log_on(self, name: str) -> list[Output]:
        return self.give(inputs.ClientUp(session=name))

    def log_off(self, name: str) -> list[Output]:
        return self.give(inputs.ClientDown(session=name, reason="cut"))

    def takes_out(self, order: str) -> str:
        """The desk cancels an order; returns the ClOrdID of its request."""
        answer = self.cancel(order)
        assert isinstance(answer, Accepted), answer
        return answer.cl_ord_id

    def leaves(self, message: Send) -> None:
        peer = self.engine.state.clients.peers.get(message.session)
        if peer is None:
            super().leaves(message)
        elif message.session in self.lost:
            self.sent.remove(message)
        else:
            self.tell_sent(message, peer.epoch)

    def tell_sent(self, message: Send, epoch: int) -> None:
        seq = self._seq[message.session] = self._seq.get(message.session, 0) + 1
        self.give(
            inputs.Sent(
                session=message.session,
                epoch=epoch,
                seq=seq,
                cl_ord_id=message.cl_ord_id,
                text=message.text,
                received_ns=self.now,
                stepped_ns=self.now,
                durable_ns=0,
                sent_ns=self.now,
            )
        )


class Upstream:
    """One client of the desk. ``told`` are the messages that it has received, decoded."""

    def __init__(self, desk: ClientDesk, name: str = "UP") -> None:
        self.desk = desk
        self.name = name
        self.codec = Codec(FixVersion(desk.settings["clients"][name]["version"]))
        self._seq = 0
        self._read = 0

    @property
    def texts(self) -> list[str]:
        """All that has left to it."""
        return [m.text for m in self.desk.sent if m.session == self.name]

    def new(self) -> list[Message]:
        """What it has received since it was last asked."""
        texts = self.texts[self._read :]
        self._read += len(texts)
        return [self.codec.decode(text) for text in texts]

    def reports(self) -> list[tuple[str, str, str | None, int, int]]:
        """The new ExecutionReports: ExecType, OrdStatus, ClOrdID, CumQty, LeavesQty."""
        return [
            (
                m.exec_type,
                m.ord_status,
                m.cl_ord_id,
                (m.cum_qty or 0) // SCALE,
                (m.leaves_qty or 0) // SCALE,
            )
            for m in self.new()
            if isinstance(m, ExecutionReport)
        ]

    def fields(self) -> dict[int, str]:
        """The fields of the message that it has received last."""
        return dict(fields(self.texts[-1]))

    # -- what it sends ------------------------------------------------------------------------

    def say(self, message: Message, **header: str) -> list[Message]:
        """Send a message; returns what comes back at once."""
        return self.say_text(self.codec.encode(message), **header)

    def say_text(self, body: str, **header: str) -> list[Message]:
        self.new()
        self._seq += 1
        first, soh, rest = body.partition(SOH)
        more = "".join(f"{tag[1:]}={value}{SOH}" for tag, value in header.items())
        frame = f"8=FIX{SOH}9=0{SOH}{first}{soh}49=UP{SOH}56=FIXOMS{SOH}34={self._seq}{SOH}"
        text = f"{frame}{more}{rest}10=000{SOH}"
        self.desk.give(inputs.ClientIn(session=self.name, text=text, expected=self._seq))
        return self.new()

    def terms(self, qty: int = 100, price: str | None = "10", **more: Any) -> Terms:
        given: dict[str, Any] = {
            "symbol": "AAPL",
            "side": "1",
            "ord_type": "1" if price is None else "2",
            "price": None if price is None else fixed(price),
            "order_qty": qty * SCALE,
        }
        return Terms(**(given | more))

    def order(
        self,
        cl_ord_id: str = "c1",
        qty: int = 100,
        price: str | None = "10",
        *,
        header: dict[str, str] | None = None,
        extra: dict[str, str] | None = None,
        venue: str | None = "ALPHA",
        **more: Any,
    ) -> list[Message]:
        """Send a NewOrderSingle, of AAPL on ALPHA where nothing else is said."""
        terms = self.terms(qty, price, ex_destination=venue, **more)
        message = NewOrderSingle(
            cl_ord_id=cl_ord_id, terms=terms, transact_time=self.desk.now, extra=extra or {}
        )
        return self.say(message, **(header or {}))

    def say_order(self, cl_ord_id: str = "c1", **more: Any) -> None:
        """The same; what comes back is read later."""
        self.order(cl_ord_id, **more)
        self._read = 0

    def cancel(
        self, cl_ord_id: str, orig: str, *, header: dict[str, str] | None = None, **more: Any
    ) -> list[Message]:
        message = OrderCancelRequest(
            cl_ord_id=cl_ord_id,
            orig_cl_ord_id=orig,
            order_id=None,
            terms=self.terms(**more),
            transact_time=self.desk.now,
        )
        return self.say(message, **(header or {}))

    def replace(
        self,
        cl_ord_id: str,
        orig: str,
        qty: int = 100,
        price: str | None = "10",
        *,
        header: dict[str, str] | None = None,
        **more: Any,
    ) -> list[Message]:
        message = OrderCancelReplaceRequest(
            cl_ord_id=cl_ord_id,
            orig_cl_ord_id=orig,
            order_id=None,
            terms=self.terms(qty, price, **more),
            transact_time=self.desk.now,
        )
        return self.say(message, **(header or {}))

    # -- what it knows ------------------------------------------------------------------------

    def ours(self, cl_ord_id: str = "c1") -> str:
        """Our reference of its order."""
        return self.desk.engine.state.clients.peers[self.name].ids[cl_ord_id]

    def request_of(self, cl_ord_id: str) -> str:
        """The ClOrdID of our own request for its cancel or replace."""
        mirror = self.desk.engine.state.clients.mirrors[self.ours(cl_ord_id)]
        return next(ask.ours for ask in mirror.asks if ask.cl_ord_id == cl_ord_id)


def rejected(messages: list[Message]) -> ExecutionReport | OrderCancelReject:
    """The one refusal among what came back."""
    found = [m for m in messages if isinstance(m, ExecutionReport | OrderCancelReject)]
    assert len(found) == 1, messages
    return found[0]


def working(desk: ClientDesk, up: Upstream, broker: str = "ALPHA", **more: Any) -> str:
    """An order c1 that its broker has acknowledged; returns our reference."""
    up.order(venue=broker, **more)
    desk.report(up.ours(), "0", "0", leaves=100, session=broker)
    up.new()
    return up.ours()
