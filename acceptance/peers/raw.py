"""A FIX client that is only a socket and simplefix: it shows that a counterparty stands by itself.

It logs on with ResetSeqNumFlag(141)=Y, answers TestRequests, and hands over application messages
and rejects as they come. No engine of ours or of QuickFIX is involved.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import simplefix

from acceptance.peers.process import Peer

TIMEOUT_S: Final = 10.0
APPL_VER_IDS: Final = {"FIX.5.0": "7", "FIX.5.0SP2": "9"}


class RawClient:
    """One connection. Messages are dicts of tag to text."""

    def __init__(self, peer: Peer) -> None:
        self._peer: Final = peer
        self._socket: Final = socket.create_connection(("127.0.0.1", peer.port), TIMEOUT_S)
        self._parser: Final = simplefix.FixParser()
        self._next_out = 1

    def send(self, msg_type: str, fields: dict[int, str]) -> None:
        """Send a message; header and trailer are added."""
        message = simplefix.FixMessage()
        message.append_pair(8, self._peer.begin_string, header=True)
        message.append_pair(35, msg_type, header=True)
        message.append_pair(49, self._peer.target_comp_id, header=True)
        message.append_pair(56, self._peer.sender_comp_id, header=True)
        message.append_pair(34, self._next_out, header=True)
        message.append_pair(52, utc_now(), header=True)
        for tag, value in fields.items():
            message.append_pair(tag, value)
        self._next_out += 1
        self._socket.sendall(message.encode())

    def next(self) -> dict[int, str]:
        """The next message that is not a heartbeat. Raises TimeoutError or ConnectionError."""
        while True:
            message = self._read()
            if message[35] == "1":
                self.send("0", {112: message[112]})
            elif message[35] != "0":
                return message

    def log_on(self) -> dict[int, str]:
        """Exchange logons, both sides from number 1; gives the peer's."""
        fields = {98: "0", 108: "30", 141: "Y"}
        if self._peer.begin_string == "FIXT.1.1":
            fields[1137] = APPL_VER_IDS[self._peer.version]
        self.send("A", fields)
        return self.next()

    def log_out(self) -> dict[int, str]:
        """Exchange logouts; gives the peer's."""
        self.send("5", {})
        return self.next()

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> dict[int, str]:
        limit = time.monotonic() + TIMEOUT_S
        while (message := self._parser.get_message()) is None:
            if time.monotonic() > limit:
                raise TimeoutError("the peer said nothing")
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("the peer closed the connection")
            self._parser.append_buffer(data)
        return _fields(message)


@contextmanager
def logged_on(peer: Peer) -> Iterator[RawClient]:
    """A client that has logged on, and logs out at the end of the block."""
    client = RawClient(peer)
    try:
        assert client.log_on()[35] == "A"
        yield client
        assert client.log_out()[35] == "5"
    finally:
        client.close()


def utc_now() -> str:
    """The present as a UTCTimestamp with milliseconds."""
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


def _fields(message: Any) -> dict[int, str]:
    return {int(tag): value.decode("utf-8") for tag, value in message.pairs}
