"""One non-blocking socket in the gate's loop: what waits to be written, whether it is read."""

from __future__ import annotations

import contextlib
import selectors
import socket
from collections.abc import Callable
from typing import Final

READ_BYTES: Final = 65_536
FULL_BYTES: Final = 262_144
"""So much may wait to be written before the other side is not read any more."""


class Pipe:
    """``came`` is called with what was read (empty: the end, or an error), ``eased`` when what
    waited has been written."""

    def __init__(
        self,
        sock: socket.socket,
        selector: selectors.BaseSelector,
        came: Callable[[bytes], None],
        eased: Callable[[], None] = lambda: None,
    ) -> None:
        sock.setblocking(False)
        self._sock: Final = sock
        self._selector: Final = selector
        self._came: Final = came
        self._eased: Final = eased
        self._waiting = bytearray()
        self._events = 0
        self._reads = True
        self.is_open = True
        self._mind()

    @property
    def waiting(self) -> int:
        """How many bytes wait to be written."""
        return len(self._waiting)

    def read(self, wanted: bool) -> None:
        """Read on, or let the other side wait."""
        if wanted != self._reads:
            self._reads = wanted
            self._mind()

    def write(self, data: bytes) -> None:
        """Write it now as far as that goes, the rest as soon as it does."""
        if not self.is_open:
            return
        if self._waiting:
            self._waiting += data
            return
        sent = self._try(data)
        if sent < len(data):
            self._waiting += data[sent:]
            self._mind()

    def turn(self, events: int) -> None:
        """The loop's word that it can be read or written."""
        if events & selectors.EVENT_WRITE and self._waiting:
            sent = self._try(self._waiting)
            del self._waiting[:sent]
            if not self._waiting:
                self._mind()
                self._eased()
        if events & selectors.EVENT_READ and self.is_open and self._reads:
            try:
                data = self._sock.recv(READ_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            self._came(data)

    def close(self) -> None:
        """Let go of it. A second call does nothing."""
        if self.is_open:
            self.is_open = False
            self._mind()
            self._waiting.clear()
            with contextlib.suppress(OSError):
                self._sock.close()

    def shut(self) -> None:
        """Say that nothing more will be written; it is still read."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)

    def limit_silence(self, milliseconds: int) -> None:
        """Give the connection up when what was sent stays unread for so long."""
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    def _try(self, data: bytes | bytearray) -> int:
        try:
            return self._sock.send(data)
        except BlockingIOError:
            return 0
        except OSError:  # the reader finds the end, and closes
            return len(data)

    def _mind(self) -> None:
        """Let the selector wait for what is wanted now."""
        reads = selectors.EVENT_READ if self._reads else 0
        writes = selectors.EVENT_WRITE if self._waiting else 0
        events = reads | writes if self.is_open else 0
        if events == self._events:
            return
        if not self._events:
            self._selector.register(self._sock, events, self.turn)
        elif not events:
            self._selector.unregister(self._sock)
        else:
            self._selector.modify(self._sock, events, self.turn)
        self._events = events
