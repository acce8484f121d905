"""One writer. The file ``lock`` in the journal's directory is held by flock(2) and names its pid.

The kernel drops the lock when its holder dies, however it dies, so there is no stale lock to clear
by hand and no guess about whether an old pid lives: flock decides, the pid is only for the message.
The file is never removed: a lock on a removed file excludes nobody.

The lock belongs to the open file, so a second writer in the *same* process is refused as well.
A forked child that keeps the descriptor keeps the lock; exec closes it.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

from fix_oms.journal.segments import os_errors_name
from fix_oms.model.errors import JournalLocked

LOCK_NAME: Final = "lock"


class Lock:
    """Held from construction to ``release``. Raises JournalLocked, or JournalError.

    ``what`` says, in that error, what another process is writing there.
    """

    def __init__(self, directory: Path, what: str = "the journal is") -> None:
        path = directory / LOCK_NAME
        with os_errors_name(path):
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.ftruncate(self._fd, 0)
                os.pwrite(self._fd, b"%d\n" % os.getpid(), 0)
            except BlockingIOError:
                holder = _pid(self._fd)
                os.close(self._fd)
                raise JournalLocked(str(directory), holder, what) from None
            except BaseException:
                os.close(self._fd)
                raise

    def release(self) -> None:
        """Frees the journal for another writer. Harmless when repeated."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)


def _pid(fd: int) -> int | None:
    """The pid in the lock file, if that process lives: the holder may not have written yet."""
    text = os.pread(fd, 32, 0).strip()
    if not text.isdigit():
        return None
    try:
        os.kill(int(text), 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass  # alive, and another user's
    return int(text)
