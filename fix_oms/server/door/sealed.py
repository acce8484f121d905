"""A pipe that speaks TLS: what goes in and comes out of it is plain, what is on the network is not.

It stands where a :class:`Pipe` stands and is used like one. The handshake is done by what comes in;
until it is done nothing comes out, so a connection that never finishes it is one whose Logon never
comes. One that fails, and any later error of TLS, is told to ``wrong`` once; what is read after it
is nothing.
"""

from __future__ import annotations

import selectors
import socket
import ssl
from collections.abc import Callable
from typing import Final

from fix_oms.forwarder.reasons import handshake_failed
from fix_oms.forwarder.stream import TlsEnd
from fix_oms.server.door.pipe import Pipe


class Sealed(Pipe):
    """See the module. ``came`` and ``eased`` are as a pipe's."""

    def __init__(
        self,
        sock: socket.socket,
        selector: selectors.BaseSelector,
        context: ssl.SSLContext,
        came: Callable[[bytes], None],
        eased: Callable[[], None],
        wrong: Callable[[str], None],
    ) -> None:
        self._end: Final = TlsEnd(context, None)
        self._plain: Final = came
        self._wrong: Final = wrong
        self._failed = False
        super().__init__(sock, selector, self._opened, eased)

    @property
    def names(self) -> frozenset[str]:
        """What the peer's certificate is for."""
        return self._end.names if self._end.is_open else frozenset()

    def write(self, data: bytes) -> None:
        """Write it; nothing, before the handshake and after an error."""
        if self._end.is_open and not self._failed:
            self._end.write(data)
            super().write(self._end.take())

    def shut(self) -> None:
        """Say that nothing more will be written."""
        if self._end.is_open and not self._failed:
            self._end.finish()
            super().write(self._end.take())
        super().shut()

    def _opened(self, data: bytes) -> None:
        """Bytes came from the network."""
        if self._failed or not data:
            self._plain(b"")
            return
        plain = b""
        self._end.feed(data)
        try:
            if self._end.shake():
                plain = self._end.read()
        except ssl.SSLError as error:
            self._failed = True
            super().write(self._end.take())  # the alert
            self._wrong(handshake_failed(error))
            return
        super().write(self._end.take())
        if plain:
            self._plain(plain)
        if self._end.has_ended and self.is_open:
            self._plain(b"")
