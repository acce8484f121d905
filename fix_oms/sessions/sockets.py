"""TCP_USER_TIMEOUT on FIX sockets, which QuickFIX keeps to itself.

A peer that stops reading makes QuickFIX's send block for ever with the session's mutex held, and
the session stays logged on (tried). TCP_USER_TIMEOUT ends that: the kernel gives the connection up
when sent bytes stay unacknowledged, or the peer's window stays shut, for so long. SO_SNDTIMEO would
not do: QuickFIX continues a short write with bytes from past the message's end. The sockets are
found among the process's own descriptors by the port of the peer (initiators) or their own
(acceptors: set on the listening socket, the accepted ones inherit it).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Final

INTERNET: Final = (socket.AF_INET, socket.AF_INET6)
HEARTBEAT_MS: Final = 2400
"""After 2.4 heartbeats without a word QuickFIX itself gives a silent peer up."""


def limit_connected(port: int, heartbeat_s: int) -> int:
    """Set the timeout on every socket connected to ``port``; how many there are.

    Where another session to the same port has set a shorter one, that stays.
    """
    wanted = HEARTBEAT_MS * heartbeat_s

    def limit(sock: socket.socket) -> None:
        set_ms = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        if not 0 < set_ms <= wanted:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, wanted)

    return _each(_is_connected_to(port), limit)


def limit_listening(port: int, heartbeat_s: int) -> int:
    """Set the timeout on every socket that listens on ``port``; how many there are."""
    wanted = HEARTBEAT_MS * heartbeat_s

    def limit(sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, wanted)

    return _each(_listens_on(port), limit)


def keep_local(port: int) -> int:
    """Let what listens on ``port`` take connections of this machine only; how many there are.

    QuickFIX binds every interface. A socket that is bound to the loopback device is not found by
    what comes in by another one.
    """
    return _each(
        _listens_on(port),
        lambda sock: sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo"),
    )


def cut_connected(port: int) -> int:
    """Shut down every socket connected to ``port``: a blocked send fails at once. How many."""
    return _each(_is_connected_to(port), lambda sock: sock.shutdown(socket.SHUT_RDWR))


def _is_connected_to(port: int) -> Callable[[socket.socket], bool]:
    return lambda sock: bool(sock.getpeername()[1] == port)


def _listens_on(port: int) -> Callable[[socket.socket], bool]:
    return lambda sock: bool(
        sock.getsockname()[1] == port and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    )


def _each(wanted: Callable[[socket.socket], bool], act: Callable[[socket.socket], None]) -> int:
    """``act`` on every TCP socket of this process that is wanted; on how many it succeeded."""
    done = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            if not os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                continue
            sock = socket.socket(fileno=int(name))
        except OSError:
            continue  # closed since it was listed
        try:
            if sock.family in INTERNET and sock.type == socket.SOCK_STREAM and wanted(sock):
                act(sock)
                done += 1
        except OSError:
            continue  # not connected, or closed by the other side in between
        finally:
            sock.detach()  # it is QuickFIX's
    return done
