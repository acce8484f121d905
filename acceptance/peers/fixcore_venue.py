"""A small venue on the ``fixcore-engine`` package, a process: ``PORT VERSION CLIENT STORE``.

Everything it does follows from the order itself, so that a test asks for what it wants by placing
it:

- Symbol ``NOSUCH`` is rejected (OrdRejReason(103)=1, unknown symbol).
- A market order fills at 100; a buy at 100 or more, or a sell at 100 or less, at its own price.
  A fill comes in two halves when OrderQty is even, else in one.
- Anything else rests. Then a cancel or a replace of it succeeds; a replace that crosses 100 fills.
- A cancel or replace of an order that is done is Too late (102=0), of no order Unknown (102=1).
- A status request is answered with the order's state, or Rejected, unknown order (103=5).

It is written in that package's words only: nothing of ours builds or reads its messages.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import attrs
from fixcore import Application, SessionID
from fixcore.message.cracker import MessageCracker
from fixcore.message.message import Message
from fixcore.session.session_settings import SessionSettings
from fixcore.transport.acceptor import SocketAcceptor

MARKET: Final = Decimal(100)
OPEN: Final = frozenset({"0", "1"})


@attrs.define
class Order:
    """One order as this venue sees it."""

    order_id: str
    cl_ord_id: str
    symbol: str
    side: str
    ord_type: str
    quantity: Decimal
    price: Decimal | None
    status: str = "0"
    filled: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)

    @property
    def leaves(self) -> Decimal:
        return self.quantity - self.filled if self.status in OPEN else Decimal(0)

    @property
    def crosses(self) -> bool:
        if self.price is None:
            return True
        return self.price >= MARKET if self.side == "1" else self.price <= MARKET

    def fill(self, quantity: Decimal) -> Decimal:
        price = MARKET if self.price is None else self.price
        self.filled += quantity
        self.paid += quantity * price
        self.status = "2" if self.filled >= self.quantity else "1"
        return price


class Venue(Application, MessageCracker):  # type: ignore[misc]  # fixcore ships no types: Any
    """The application on the acceptor's sessions."""

    def __init__(self, version: str) -> None:
        self._version: Final = version
        self._orders: Final[dict[str, Order]] = {}
        self._numbers: Final = itertools.count(1)
        self._queue: Final[asyncio.Queue[tuple[SessionID, Message]]] = asyncio.Queue()

    async def send_reports(self, acceptor: SocketAcceptor) -> None:
        """Send what the callbacks queued, in order."""
        while True:
            session_id, message = await self._queue.get()
            await acceptor.sessions[session_id].send_app(message)

    def from_app(self, message: Message, session_id: SessionID) -> None:
        self.crack(message, session_id)

    def on_new_order_single(self, message: Message, session_id: SessionID) -> None:
        order = Order(
            order_id=f"FC{next(self._numbers)}",
            cl_ord_id=message[11],
            symbol=message[55],
            side=message[54],
            ord_type=message[40],
            quantity=Decimal(message[38]),
            price=Decimal(message[44]) if 44 in message else None,
        )
        if order.symbol == "NOSUCH":
            order.status = "8"
            self._say(session_id, self._report(order, "8", {103: "1", 58: "unknown symbol"}))
            return
        self._orders[order.cl_ord_id] = order
        self._say(session_id, self._report(order, "0"))
        for report in self._fills(order):
            self._say(session_id, report)

    def on_order_cancel_request(self, message: Message, session_id: SessionID) -> None:
        order = self._orders.get(message[41])
        if order is None or order.status not in OPEN:
            self._say(session_id, self._cancel_reject(message, order, "1"))
            return
        self._rename(order, message)
        order.status = "4"
        self._say(session_id, self._report(order, "4", {41: message[41]}))

    def on_order_cancel_replace_request(self, message: Message, session_id: SessionID) -> None:
        order = self._orders.get(message[41])
        if order is None or order.status not in OPEN:
            self._say(session_id, self._cancel_reject(message, order, "2"))
            return
        self._rename(order, message)
        order.quantity = max(Decimal(message[38]), order.filled)
        order.price = Decimal(message[44]) if 44 in message else None
        if order.filled >= order.quantity:
            order.status = "2"
        self._say(session_id, self._report(order, "5", {41: message[41]}))
        for report in self._fills(order):
            self._say(session_id, report)

    def on_order_status_request(self, message: Message, session_id: SessionID) -> None:
        order = self._orders.get(message[11])
        if order is not None:
            self._say(session_id, self._report(order, "I"))
            return
        unknown = Order("NONE", message[11], message[55], message[54], "2", Decimal(0), None, "8")
        self._say(session_id, self._report(unknown, "I", {103: "5", 58: "unknown order"}))

    def _fills(self, order: Order) -> Iterator[Message]:
        if not order.crosses or order.status not in OPEN:
            return
        half = order.leaves / 2
        slices = [half, half] if half == half.to_integral_value() else [order.leaves]
        for quantity in slices:
            price = order.fill(quantity)
            yield self._report(order, "F", {32: _text(quantity), 31: _text(price)})

    def _rename(self, order: Order, message: Message) -> None:
        order.cl_ord_id = message[11]
        self._orders[order.cl_ord_id] = order

    def _say(self, session_id: SessionID, message: Message) -> None:
        self._queue.put_nowait((session_id, message))

    def _report(self, order: Order, exec_type: str, more: dict[int, str] | None = None) -> Message:
        average = order.paid / order.filled if order.filled else Decimal(0)
        fields = {
            37: order.order_id,
            11: order.cl_ord_id,
            17: f"FX{next(self._numbers)}",
            **self._kind(order, exec_type),
            39: order.status,
            55: order.symbol,
            54: order.side,
            38: _text(order.quantity),
            151: _text(order.leaves),
            14: _text(order.filled),
            6: _text(average),
            60: _now(),
            **(more or {}),
        }
        return _message("8", fields)

    def _kind(self, order: Order, exec_type: str) -> dict[int, str]:
        """ExecType(150), and in 4.2, which has neither F nor I, ExecTransType(20)."""
        if self._version != "FIX.4.2":
            return {150: exec_type}
        status = exec_type == "I"
        return {20: "3" if status else "0", 150: order.status if exec_type in "FI" else exec_type}

    def _cancel_reject(self, message: Message, order: Order | None, response_to: str) -> Message:
        fields = {
            37: order.order_id if order else "NONE",
            11: message[11],
            41: message[41],
            39: order.status if order else "8",
            434: response_to,
            102: "0" if order else "1",
            58: "too late" if order else "unknown order",
        }
        return _message("9", fields)


def _message(msg_type: str, fields: dict[int, str]) -> Message:
    message = Message()
    message[35] = msg_type
    for tag, value in fields.items():
        message[tag] = value
    return message


def _text(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


def _settings(port: str, version: str, client: str, store: str) -> SessionSettings:
    fixt = version.startswith("FIX.5.0")
    spec = f"{version.replace('.', '')}.xml"
    keys = {
        "ConnectionType": "acceptor",
        "SocketAcceptHost": "127.0.0.1",
        "SocketAcceptPort": port,
        "NonStopSession": "Y",
        "FileStorePath": store,
        "UseDataDictionary": "Y",
        **(
            {"TransportDataDictionary": "FIXT11.xml", "AppDataDictionary": spec}
            if fixt
            else {"DataDictionary": spec}
        ),
        **({"DefaultApplVerID": version} if fixt else {}),
    }
    settings = SessionSettings()
    session_id = SessionID("FIXT.1.1" if fixt else version, "FIXCORE", client)
    settings.set_session(session_id, keys)
    return settings


async def serve(port: str, version: str, client: str, store: str) -> None:
    """Until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    venue = Venue(version)
    async with SocketAcceptor(_settings(port, version, client, store), venue) as acceptor:
        sender = asyncio.create_task(venue.send_reports(acceptor))
        await stop.wait()
        sender.cancel()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
