"""A client's side as one plain socket, from any address of the loopback network."""

from __future__ import annotations

import socket
import time

LIMIT_S = 20.0
SOH = "\x01"


def whole(
    kind: str, number: int, body: str = "", *, sender: str = "UP", version: str = "FIX.4.4"
) -> bytes:
    """A message to us, ``|`` for SOH."""
    now = time.strftime("%Y%m%d-%H:%M:%S", time.gmtime())
    text = f"35={kind}|34={number}|49={sender}|52={now}|56=US|{body}".replace("|", SOH).encode()
    text = f"8={version}\x019={len(text)}\x01".encode() + text
    return text + b"10=%03d\x01" % (sum(text) % 256)


class Caller:
    """One connection; ``address`` is where it comes from."""

    def __init__(self, port: int, address: str, sender: str) -> None:
        self._sender = sender
        self._socket = socket.create_connection(
            ("127.0.0.1", port), LIMIT_S, source_address=(address, 0)
        )
        self._buffer = b""
        self.number = 0

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, kind: str, body: str = "") -> None:
        self.number += 1
        self.send_raw(whole(kind, self.number, body, sender=self._sender))

    def send_raw(self, data: bytes) -> None:
        self._socket.sendall(data)

    def log_on(self, body: str = "", heartbeat: str = "30") -> None:
        self.send("A", f"98=0|108={heartbeat}|{body}")

    def read(self, kind: str) -> dict[str, str]:
        """The next message of this kind; others are passed over."""
        while True:
            message = self.next()
            if message["35"] == kind:
                return message

    def next(self) -> dict[str, str]:
        while (end := self._buffer.find(b"\x0110=")) < 0 or len(self._buffer) < end + 8:
            data = self._socket.recv(65_536)
            if not data:
                raise ConnectionError("closed")
            self._buffer += data
        text, self._buffer = self._buffer[: end + 8], self._buffer[end + 8 :]
        return dict(part.split("=", 1) for part in text.decode().split(SOH) if part)

    def rest(self) -> list[str]:
        """The kinds of all messages until the other side closes."""
        kinds = []
        while True:
            try:
                kinds.append(self.next()["35"])
            except ConnectionError:
                return kinds
