"""Servers that a door is dialled to: Python's own ``ssl`` over sockets, one thread a connection."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable

Talk = Callable[[socket.socket], None]


def serving(cert_file: str, *, client_ca: str | None = None) -> ssl.SSLContext:
    """A context of a server; with ``client_ca`` it asks for a certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(cert_file)
    if client_ca is not None:
        made.load_verify_locations(client_ca)
        made.verify_mode = ssl.CERT_REQUIRED
    return made


def only(version: ssl.TLSVersion, made: ssl.SSLContext) -> ssl.SSLContext:
    """The context, speaking this version alone."""
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.minimum_version = made.maximum_version = version
    return made


def echo(sock: socket.socket) -> None:
    """Say all of it back."""
    while data := sock.recv(1 << 16):
        sock.sendall(data)


def silent(sock: socket.socket) -> None:
    """Take it all, say nothing."""
    while sock.recv(1 << 16):
        pass


def plain_text(sock: socket.socket) -> None:
    """Speak, but no TLS."""
    sock.sendall(b"220 this is no TLS at all, by any means\r\n")
    silent(sock)


def through_to(port: int) -> Talk:
    """Hand everything on to a plain port, as a terminator of TLS does."""

    def talk(sock: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as inner:
            inner.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                pending = isinstance(sock, ssl.SSLSocket) and sock.pending()
                ready = [sock] if pending else select.select([sock, inner], [], [])[0]
                for one in ready:
                    data = one.recv(1 << 16)
                    if not data:
                        return
                    (inner if one is sock else sock).sendall(data)

    return talk


class Server:
    """Listens on ``port`` until ``close``. Without a ``context`` in plain."""

    def __init__(self, talk: Talk, context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.talk = talk
        self.context = context
        self.wrong: list[str] = []
        """What ended a connection in an error."""
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop, and end what is open."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """End what is open."""
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        self._open.add(sock)
        try:
            if self.context is not None:
                wrapped = self.context.wrap_socket(sock, server_side=True)
                self._open.add(wrapped)
                self._open.discard(sock)
                sock = wrapped
            self.talk(sock)
        except (OSError, ValueError) as error:
            self.wrong.append(str(error))
        finally:
            self._open.discard(sock)
            sock.close()
