"""A Unix socket that its owner alone may use: made, listened on, and who is at its other end.

A Unix socket and not TCP, because the kernel then tells who is there: the file is mode 0600 in a
directory that others cannot enter, and the peer's uid (SO_PEERCRED) must be ours or root's, which
also holds where somebody changed the modes. The file is made under a umask, so that there is no
moment at which it is open to others.

A socket file that nobody listens on is left over from a killed process and is replaced. One that
answers belongs to a running process and is never touched. Who connects looks as well who is there
(:func:`is_engines`): a program that has taken our place would be given orders.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
from pathlib import Path
from typing import Final

from fix_oms.model.errors import FixOmsError

LONGEST_PATH: Final = 107
"""Bytes that a Unix socket's path may have on Linux (sun_path less its NUL)."""
_PEER: Final = struct.Struct("3i")


class SocketError(FixOmsError):
    """The socket cannot be opened; names the path and why."""


class SocketInUse(SocketError):
    """Somebody listens there already."""


class Listener:
    """A socket that listens at ``path``, mode 0600, until :meth:`close`. Raises SocketError.

    ``what`` it is for, who is in the way where somebody listens there already (``owner``), and
    what is to be done where the path is too long (``shorten``) are for the error's text.
    """

    def __init__(
        self, path: Path, backlog: int, *, what: str, owner: str = "an engine", shorten: str = ""
    ) -> None:
        self.path: Final = path
        if len(os.fsencode(path)) > LONGEST_PATH:
            raise SocketError(
                f"{path}: a socket's path has at most {LONGEST_PATH} bytes: shorten {shorten}"
            )
        try:
            _make_private(path.parent)
            _refuse_common(path.parent)
            _remove_stale(path, what, owner)
            self.socket: Final = _bound(path)
            path.chmod(0o600)
            self._inode: Final = path.stat().st_ino
            self.socket.listen(backlog)
        except OSError as error:
            raise SocketError(f"{path}: cannot be opened as a socket: {error.strerror}") from error

    def unlink(self) -> None:
        """Remove the socket file, if it is still ours."""
        with contextlib.suppress(OSError):
            if self.path.stat().st_ino == self._inode:
                self.path.unlink()


def peer(connection: socket.socket) -> tuple[int, int]:
    """Pid and uid of whoever connected, as the kernel knows them."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    pid, uid, _ = _PEER.unpack(raw)
    return pid, uid


def is_engines(connection: socket.socket) -> bool:
    """Whether who listens may be what we have connected to: root, or a process of our own user. Who
    is root may speak to anybody's."""
    return os.geteuid() == 0 or is_ours(peer(connection)[1])


def is_ours(uid: int) -> bool:
    """Whether that user may speak to us: ourselves, and root."""
    return uid in (os.geteuid(), 0)


def _bound(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        made.bind(os.fspath(path))
    except OSError:
        made.close()
        raise
    finally:
        os.umask(before)
    return made


def _make_private(directory: Path) -> None:
    """Make the directories that are missing, open to nobody else."""
    missing = [d for d in (directory, *directory.parents) if not d.exists()]
    for made in reversed(missing):
        made.mkdir(mode=0o700)


def _refuse_common(directory: Path) -> None:
    """Raise SocketError for a directory in which every user may put a socket in our one's place."""
    mode = directory.stat().st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        shown = f"mode {stat.S_IMODE(mode):04o}"
        raise SocketError(f"{directory}: every user may write to it ({shown}): chmod o-w it")


def _remove_stale(path: Path, what: str, owner: str) -> None:
    """Remove the socket file of a dead process. Raises SocketError when it is anything else."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise SocketError(f"{path}: is in the way of the {what}, and is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        pid, _ = peer(probe)
    raise SocketInUse(f"{path}: {owner} already listens here (process {pid})")
