"""One end of a TLS connection as bytes in, bytes out: no sockets, no waiting.

``feed`` what the network brought, ``read`` what the peer said in it; ``write`` what is to be said;
and after each of them, ``take`` what the network has to carry, also when one of them raised: then
it is the alert that tells the peer why.

Half-closes pass: after the peer's close_notify we may still write, after ours still read. An end
without close_notify is an end as well: FIX knows by itself where its messages end.
"""

from __future__ import annotations

import contextlib
import ssl
from typing import Any, Final

CUT: Final = "UNEXPECTED_EOF_WHILE_READING"
"""The reason of an error: the connection has ended in the middle of something."""
CN: Final = "commonName"
_CHUNK: Final = 1 << 16


class TlsEnd:
    """One end. ``server_name`` is who the other one must be; None on the server's side."""

    def __init__(self, context: ssl.SSLContext, server_name: str | None) -> None:
        self._in: Final = ssl.MemoryBIO()
        self._out: Final = ssl.MemoryBIO()
        self._tls: Final = context.wrap_bio(
            self._in, self._out, server_side=server_name is None, server_hostname=server_name
        )
        self.is_open = False
        """The handshake is done."""
        self.has_ended = False
        """The peer says nothing more."""

    def feed(self, data: bytes) -> None:
        """What came; empty: nothing more will."""
        if data:
            self._in.write(data)
        else:
            self._in.write_eof()

    def shake(self) -> bool:
        """Go on with the handshake; whether it is done. Raises ssl.SSLError where it fails."""
        if not self.is_open:
            with contextlib.suppress(ssl.SSLWantReadError):
                self._tls.do_handshake()
                self.is_open = True
        return self.is_open

    def read(self) -> bytes:
        """What the peer has said so far. Raises ssl.SSLError for what is no TLS, or its alert."""
        parts: list[bytes] = []
        try:
            while part := self._tls.read(_CHUNK):
                parts.append(part)
            self.has_ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.has_ended = True
        except ssl.SSLError as error:
            if error.reason != CUT:
                raise
            self.has_ended = True
        return b"".join(parts)

    def write(self, data: bytes) -> None:
        """Say this. Raises ssl.SSLError after our own end."""
        at = memoryview(data)
        while at:
            at = at[self._tls.write(at) :]

    def finish(self) -> None:
        """Say that nothing more follows."""
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()

    def take(self) -> bytes:
        """What is to be carried to the peer."""
        return self._out.read()

    @property
    def certificate(self) -> dict[str, Any]:
        """The peer's, verified; empty where it showed none."""
        return self._tls.getpeercert() or {}

    @property
    def names(self) -> frozenset[str]:
        """What the peer's certificate is for: its alternative names, and its common name."""
        shown = self.certificate
        subject = [value for part in shown.get("subject", ()) for kind, value in part if kind == CN]
        return frozenset([*subject, *(value for _, value in shown.get("subjectAltName", ()))])

    @property
    def version(self) -> str:
        """The version of TLS that is spoken, ``TLSv1.3``."""
        return self._tls.version() or ""
