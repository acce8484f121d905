"""Which process writes a journal, and how it is ended when it answers nobody.

The lock on the journal (``journal.lock``) is flock(2)'s and names the pid of who took it. Neither
alone is enough to kill by: the lock says *that* somebody writes, and the pid in the file may be one
of long ago that belongs to another program by now. So a process is taken for the writer only where
all of this is true: the lock is held; the file names the process; the process has that very file
open; and it was started as ``fix_oms``. It is held by a pidfd from before the last look, so that
the signal cannot reach another process that was given the pid in between.

SIGKILL ends a process that is stopped (SIGSTOP) or wedged too. It does not end one that the kernel
waits in, for a disk that is gone: that is told, and nothing else is done.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fix_oms.journal.lock import LOCK_NAME
from fix_oms.model.errors import FixOmsError

DIES_S: Final = 10.0
"""How long a killed process may take to die and the kernel to drop its lock."""
_NAMES: Final = ("fix_oms", "fix-oms")
_PAUSE_S: Final = 0.01


class HolderError(FixOmsError):
    """The writer of a journal cannot be told for sure, or cannot be ended."""


def is_held(directory: Path) -> bool:
    """Whether somebody holds the journal's lock. Takes it for an instant where nobody does."""
    try:
        fd = os.open(directory / LOCK_NAME, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def writer(directory: Path) -> int | None:
    """The process that the lock file names, if it has the file open. Touches nothing.

    None also where it cannot be looked at, as another user's.
    """
    path = directory / LOCK_NAME
    try:
        text = path.read_bytes().strip()
        lock = path.stat()
    except OSError:
        return None
    if not text.isdigit():
        return None
    pid = int(text)
    try:
        opened = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return None
    for fd in opened:
        try:
            if os.path.samestat(fd.stat(), lock):
                return pid
        except OSError:
            continue  # closed meanwhile, or a pipe of another user's
    return None


def end(directory: Path, tell: Callable[[str], None]) -> int | None:
    """Kill the process that writes the journal and wait until the lock is free.

    Returns its pid, or None where nobody wrote. Raises HolderError where it is not certain who it
    is, or where it does not die; then nothing else has been killed.
    """
    if not is_held(directory):
        return None
    pid = writer(directory)
    if pid is None:
        raise HolderError(_unknown(directory))
    if pid in (0, 1, os.getpid()):
        raise HolderError(f"{directory}: process {pid} writes it, which is not one to be killed")
    try:
        held = os.pidfd_open(pid)
    except ProcessLookupError:
        held = -1  # it has died by itself meanwhile
    try:
        if held >= 0 and writer(directory) == pid:
            _require_ours(pid)
            tell(f"process {pid} writes {directory} and is killed (SIGKILL)")
            _kill(pid, held)
    finally:
        if held >= 0:
            os.close(held)
    _await_free(directory, pid)
    return pid


def _require_ours(pid: int) -> None:
    raw = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    words = [os.fsdecode(word) for word in raw if word]
    if not any(os.path.basename(word) in _NAMES for word in words):
        told = " ".join(words)[:200]
        raise HolderError(f"process {pid} was not started as fix_oms and is not killed: {told}")


def _kill(pid: int, held: int) -> None:
    try:
        signal.pidfd_send_signal(held, signal.SIGKILL)
    except ProcessLookupError:
        return
    except PermissionError:
        reason = "belongs to another user: do this as that user, or as root"
        raise HolderError(f"process {pid} {reason}") from None
    waiting = select.poll()
    waiting.register(held, select.POLLIN)
    if not waiting.poll(DIES_S * 1000):
        raise HolderError(f"process {pid} was killed and does not die: the kernel waits in it")


def _await_free(directory: Path, pid: int) -> None:
    deadline = time.monotonic() + DIES_S
    while is_held(directory):
        if time.monotonic() > deadline:
            reason = f"process {pid} is dead and its lock is still held, by a child of it: end that"
            raise HolderError(f"{directory / LOCK_NAME}: {reason}")
        time.sleep(_PAUSE_S)


def _unknown(directory: Path) -> str:
    path = directory / LOCK_NAME
    try:
        named = path.read_text(errors="replace").strip() or "nobody"
    except OSError as error:
        named = error.strerror or "what cannot be read"
    return (
        f"{path}: somebody holds the lock, and it is not certain who (it names {named}): nothing "
        f"is killed. Find the process with `fuser {path}`, as its user or as root"
    )
