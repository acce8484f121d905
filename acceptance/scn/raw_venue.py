"""The venue's end of a FIX session, with nothing but a socket: it sends what a script tells it to.

Only the session protocol that a scripted venue needs: logon (numbers from 1, or as they stand when
the other side comes back), heartbeats, TestRequests, a gap fill for any ResendRequest, logout. It
never sends on its own what a script has not said.
"""

from __future__ import annotations

import itertools
import queue
import socket
import threading
from datetime import UTC, datetime
from typing import Final

import simplefix

from acceptance.peers.process import free_port
from acceptance.scn.driver import Silent
from fix_oms.model.fix import FixVersion

SOH: Final = "\x01"
HEADER: Final = frozenset({8, 9, 34, 49, 52, 56, 10, 43, 97, 122, 1128})
TIMEOUT_S: Final = 10.0


class RawVenue:
    """Listens at ``port`` and serves one connection at a time, on a thread of its own."""

    def __init__(self, version: FixVersion, comp_id: str, client: str) -> None:
        self._version: Final = version
        self._ids: Final = (comp_id, client)
        self._listener, self.port = _listener()
        self._connection: socket.socket | None = None
        self._next_out = 1
        self._sending: Final = threading.Lock()
        self._received: Final[queue.SimpleQueue[tuple[str, int]]] = queue.SimpleQueue()
        self._answers: Final[queue.SimpleQueue[str]] = queue.SimpleQueue()
        self._questions: Final = itertools.count(1)
        self._thread: Final = threading.Thread(target=self._serve, name="raw-venue", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and drop the connection."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._connection is not None:
            self._connection.close()
        self._thread.join(TIMEOUT_S)

    def next(self) -> tuple[str, int]:
        """The next application message (from MsgType on) and its number. Raises Silent."""
        try:
            return self._received.get(timeout=TIMEOUT_S)
        except queue.Empty:
            raise Silent(f"no message came within {TIMEOUT_S:.0f} s") from None

    def send(self, text: str) -> None:
        """Send a message, given from MsgType(35) on."""
        with self._sending:
            assert self._connection is not None, "nobody is connected"
            self._connection.sendall(self._whole(text).encode())
            self._next_out += 1

    def settle(self) -> None:
        """Return when everything sent before has been taken in: FIX answers in order."""
        question = f"Q{next(self._questions)}"
        self.send(f"35=1{SOH}112={question}{SOH}")
        while self._answers.get(timeout=TIMEOUT_S) != question:
            pass

    def _whole(self, text: str) -> str:
        kind, _, body = text.partition(SOH)
        now = datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
        ours, theirs = self._ids
        head = [kind, f"34={self._next_out}", f"49={ours}", f"52={now}", f"56={theirs}"]
        inner = SOH.join(head) + SOH + body
        whole = f"8={self._version.begin_string}{SOH}9={len(inner.encode())}{SOH}{inner}"
        return f"{whole}10={sum(whole.encode()) % 256:03d}{SOH}"

    def _serve(self) -> None:
        while True:
            try:
                self._connection, _ = self._listener.accept()
            except OSError:
                return
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            parser = simplefix.FixParser()
            while data := self._receive(self._connection):
                parser.append_buffer(data)
                while (message := parser.get_message()) is not None:
                    self._take([(int(t), v.decode()) for t, v in message.pairs])

    def _receive(self, connection: socket.socket) -> bytes:
        try:
            return connection.recv(65536)
        except OSError:
            return b""

    def _take(self, pairs: list[tuple[int, str]]) -> None:
        fields = dict(pairs)
        kind = fields[35]
        if kind == "A":
            if fields.get(141) == "Y":
                self._next_out = 1
            reset = f"141=Y{SOH}" if fields.get(141) == "Y" else ""
            version = f"1137=9{SOH}" if self._version is FixVersion.FIX50SP2 else ""
            self.send(f"35=A{SOH}98=0{SOH}108={fields[108]}{SOH}{reset}{version}")
        elif kind == "1":
            self.send(f"35=0{SOH}112={fields[112]}{SOH}")
        elif kind == "0":
            self._answers.put(fields.get(112, ""))
        elif kind == "2":
            self._fill_gap(int(fields[7]))
        elif kind == "5":
            self.send(f"35=5{SOH}")
        elif kind != "4":
            text = "".join(f"{tag}={value}{SOH}" for tag, value in pairs if tag not in HEADER)
            self._received.put((text, int(fields[34])))

    def _fill_gap(self, begin: int) -> None:
        with self._sending:
            after, self._next_out = self._next_out, begin
        self.send(f"35=4{SOH}43=Y{SOH}123=Y{SOH}36={after}{SOH}")
        with self._sending:
            self._next_out = after


def _listener() -> tuple[socket.socket, int]:
    """A listening socket on a free port below those of outgoing connections."""
    while True:
        port = free_port()
        try:
            return socket.create_server(("127.0.0.1", port)), port
        except OSError:
            continue
