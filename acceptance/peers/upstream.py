"""An upstream system that is only a socket and simplefix: it can do what no good engine would.

Left alone it is a decent client: it keeps its numbers over connections, asks for what it has
missed, sends again what it is asked for with PossDupFlag(43)=Y, answers TestRequests. What it was
sent is in ``received``, in order, each number once unless the other side repeats itself.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any, Final

import simplefix

from acceptance.peers.raw import APPL_VER_IDS, utc_now

TIMEOUT_S: Final = 20.0
ADMIN: Final = frozenset("0124A5")
Fields = dict[int, str]


class Upstream:
    """One client. ``address`` is where it comes from; messages are dicts of tag to text."""

    def __init__(
        self,
        port: int,
        version: str,
        *,
        us: str = "FIXOMS",
        client: str,
        address: str = "127.0.0.1",
        heartbeat: str = "10",
    ) -> None:
        self.port: Final = port
        self.next_out = 1
        self.next_in = 1
        self.received: Final[list[Fields]] = []
        """Application messages and rejects."""
        self.heartbeat = heartbeat
        self._version: Final = version
        self._us: Final = us
        self._client: Final = client
        self._address: Final = address
        self._socket: socket.socket | None = None
        self._parser: Any = None
        self._said: Final[dict[int, tuple[str, Fields]]] = {}

    # -- the connection

    def connect(self) -> None:
        """Only the connection."""
        self.cut()
        self._socket = socket.create_connection(
            ("127.0.0.1", self.port), TIMEOUT_S, source_address=(self._address, 0)
        )
        self._parser = simplefix.FixParser()

    def log_on(self, *, reset: bool = False, **more: str) -> Fields:
        """Connect and exchange Logons; gives the other side's. ``more``: ``_554="word"``."""
        self.connect()
        self.say_logon(reset=reset, **more)
        return self.wait(35, "A")

    def say_logon(self, *, reset: bool = False, **more: str) -> None:
        """Send the Logon, whatever becomes of it."""
        if reset:
            self.next_out = self.next_in = 1
        fields = {98: "0", 108: self.heartbeat, **({141: "Y"} if reset else {})}
        if self._version.startswith("FIX.5.0"):
            fields[1137] = APPL_VER_IDS[self._version]
        self.send("A", fields | {int(tag.removeprefix("_")): value for tag, value in more.items()})

    def cut(self) -> None:
        """Drop the connection without a word."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def is_closed(self) -> bool:
        """Whether the other side closes; what it still says is taken."""
        try:
            while True:
                self.take()
        except ConnectionError:
            return True

    # -- out

    def send(self, kind: str, fields: Fields) -> None:
        """Send a message under the next number."""
        number, self.next_out = self.next_out, self.next_out + 1
        self._said[number] = kind, fields
        self.send_raw(self._encoded(kind, number, fields))

    def send_raw(self, data: bytes) -> None:
        """Bytes that need be no message."""
        if self._socket is None:
            raise ConnectionError("not connected")
        self._socket.sendall(data)

    def order(
        self, cl_ord_id: str, *, price: str, qty: str = "100", side: str = "1", venue: str = ""
    ) -> None:
        """A limit order of the day; ``venue`` goes into ExDestination(100)."""
        fields = {11: cl_ord_id, 21: "1", 55: "AAPL", 54: side, 60: utc_now(), 38: qty}
        where = {100: venue} if venue else {}
        self.send("D", {**fields, 40: "2", 44: price, 59: "0", **where})

    def _encoded(self, kind: str, number: int, fields: Fields) -> bytes:
        message = simplefix.FixMessage()
        message.append_pair(8, self._begin_string, header=True)
        message.append_pair(35, kind, header=True)
        message.append_pair(49, self._client, header=True)
        message.append_pair(56, self._us, header=True)
        message.append_pair(34, number, header=True)
        message.append_pair(52, utc_now(), header=True)
        for tag, value in fields.items():
            message.append_pair(tag, value)
        encoded: bytes = message.encode()
        return encoded

    @property
    def _begin_string(self) -> str:
        return "FIXT.1.1" if self._version.startswith("FIX.5.0") else self._version

    # -- in

    def wait(self, *wanted: int | str) -> Fields:
        """The first message of this connection from now on with these fields: ``35, "8", 39, "2"``.

        Raises TimeoutError, and ConnectionError where the other side closes first.
        """
        fields = dict(zip(wanted[::2], wanted[1::2], strict=True))
        while True:
            message = self.take()
            if fields.items() <= message.items():
                return message

    def reports(self, cl_ord_id: str) -> list[Fields]:
        """The ExecutionReports of an order that it was sent so far."""
        return [m for m in self.received if m[35] == "8" and m.get(11) == cl_ord_id]

    def take(self) -> Fields:
        """Read the next message, and do what FIX asks for."""
        message = self._read()
        kind, number = message[35], int(message[34])
        if kind == "2":  # answered whatever is missing before it: it is not sent again
            self._send_again(int(message[7]))
        if kind == "4":
            self.next_in = int(message[36])
        elif kind == "A" and message.get(141) == "Y":
            self.next_in = 2
        elif number == self.next_in:
            self.next_in += 1
        elif number > self.next_in and kind != "5":
            self.send("2", {7: str(self.next_in), 16: "0"})
            return message if kind in ADMIN else {}
        elif kind not in ADMIN and message.get(43) != "Y":
            raise AssertionError(f"number {number} again without PossDupFlag: {message}")
        if kind == "1":
            self.send("0", {112: message[112]})
        elif kind not in ADMIN:
            self.received.append(message)
        return message

    def _send_again(self, begin: int) -> None:
        for number in range(begin, self.next_out):
            kind, fields = self._said[number]
            if kind in ADMIN:
                kind, fields = "4", {123: "Y", 36: str(number + 1)}
            fields = {43: "Y", 122: utc_now(), **fields}
            self.send_raw(self._encoded(kind, number, fields))

    def _read(self) -> Fields:
        if self._socket is None:
            raise ConnectionError("not connected")
        by = time.monotonic() + TIMEOUT_S
        while (message := self._parser.get_message()) is None:
            if time.monotonic() > by:
                raise TimeoutError(f"nothing came; before: {self.received[-3:]}")
            with contextlib.suppress(TimeoutError):
                data = self._socket.recv(65_536)
                if not data:
                    raise ConnectionError("the other side closed")
                self._parser.append_buffer(data)
        return {int(tag): value.decode("utf-8") for tag, value in message.pairs}


@contextlib.contextmanager
def upstream(port: int, version: str, **more: Any) -> Iterator[Upstream]:
    """A client whose connection ends with the block."""
    made = Upstream(port, version, **more)
    try:
        yield made
    finally:
        made.cut()
