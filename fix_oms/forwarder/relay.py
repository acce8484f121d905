"""Two connections joined: what the one reads, the other writes.

Back-pressure: while one cannot write, the other is not read, so no more than two buffers are held
for a peer that reads slowly, and whoever sends to it feels that. Half-closes pass: an end that was
read is written on behind all that came before it. FIX has no use for a connection that is open one
way for long, so what is half closed is closed after a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final

from fix_oms.forwarder.stream import TlsEnd

LINGER_S: Final = 10.0
"""How long a connection may be closed one way."""
EARLY: Final = 1 << 16
"""So much is kept of what came before the other connection was there."""
HIGH: Final = 1 << 18


class Side(asyncio.Protocol):
    """One connection, in plain. ``lost`` is called once, when it is gone."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.other: Side | None = None
        self.lost: Callable[[], None] = lambda: None
        self.has_ended = False
        """Its peer says nothing more."""
        self.is_gone = False
        self._has_finished = False
        """Nothing more may be written."""
        self._early = bytearray()

    # -- what is done to it

    def join(self, other: Side) -> None:
        """From now on what is read here is written there; call it on both."""
        self.other = other
        if self._early:
            other.send(bytes(self._early))
            self._early.clear()
        if self.has_ended:
            other.finish()
        else:
            self.transport.resume_reading()

    def send(self, data: bytes) -> None:
        """Write what the other has read."""
        self._put(data)

    def finish(self) -> None:
        """Write that nothing more follows."""
        if not self._has_finished and not self.transport.is_closing():
            self._has_finished = True
            self.transport.write_eof()

    def _put(self, data: bytes) -> None:
        """To the network, while it takes anything."""
        if data and not self._has_finished and not self.transport.is_closing():
            self.transport.write(data)

    def close(self) -> None:
        """End it, behind what is still to be written."""
        self.transport.close()

    def limit(self, timeout_ms: int) -> None:
        """Give it up when what was sent stays unacknowledged for so long."""
        sock: Any = self.transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, timeout_ms)

    # -- what asyncio tells it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=HIGH)

    def data_received(self, data: bytes) -> None:
        self.taken(data)

    def eof_received(self) -> bool:
        self.ended()
        return True

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None and not self.other.has_ended:
            self.other.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_gone = True
        if self.other is not None:
            self.other.close()
        self.lost()

    # -- parts

    def taken(self, data: bytes) -> None:
        """This was read."""
        if not data:
            return
        if self.other is not None:
            self.other.send(data)
        else:
            self._early += data
            if len(self._early) >= EARLY:
                self.transport.pause_reading()

    def ended(self) -> None:
        """Nothing more will be read."""
        if self.has_ended:
            return
        self.has_ended = True
        if self.other is None:
            return
        self.other.finish()
        if self.other.has_ended:
            self.close()
            self.other.close()
        else:
            asyncio.get_running_loop().call_later(LINGER_S, self.close)


class TlsSide(Side):
    """One connection that speaks TLS. ``opened`` is done with the handshake, or fails with it."""

    def __init__(self, context: ssl.SSLContext, server_name: str | None) -> None:
        super().__init__()
        self.end: Final = TlsEnd(context, server_name)
        self.opened: Final[asyncio.Future[None]] = asyncio.get_running_loop().create_future()
        self.heard: Final = asyncio.Event()
        """Something came after the handshake, or will not any more."""
        self.failure: ssl.SSLError | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._step()

    def data_received(self, data: bytes) -> None:
        self.end.feed(data)
        was_open = self.end.is_open
        self._step()
        if was_open:
            self.heard.set()

    def eof_received(self) -> bool:
        self.end.feed(b"")
        self._step()
        self._over()
        self.ended()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._over()
        super().connection_lost(exc)

    def send(self, data: bytes) -> None:
        try:
            self.end.write(data)
        except ssl.SSLError as error:
            self._fail(error)
            return
        self._put(self.end.take())

    def finish(self) -> None:
        self._say_goodbye()
        super().finish()

    def close(self) -> None:
        self._say_goodbye()
        super().close()

    def _say_goodbye(self) -> None:
        if self.end.is_open and self.failure is None and not self._has_finished:
            self.end.finish()
            self._put(self.end.take())

    def _step(self) -> None:
        """Do what the bytes that came allow."""
        data = b""
        try:
            if self.end.shake():
                data = self.end.read()
        except ssl.SSLError as error:
            self._fail(error)
            return
        self._put(self.end.take())
        if self.end.is_open and not self.opened.done():
            self.opened.set_result(None)
        self.taken(data)
        if self.end.has_ended:
            self.ended()

    def _fail(self, error: ssl.SSLError) -> None:
        self.failure = error
        self._put(self.end.take())  # the alert
        self.transport.close()
        if not self.opened.done():
            self.opened.set_exception(error)
        self.heard.set()

    def _over(self) -> None:
        self.heard.set()
        if not self.opened.done():
            self.opened.set_exception(ConnectionResetError("it closed during the handshake"))
