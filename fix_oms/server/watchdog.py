"""The watchdog: a process outside the engine's that restarts it when it is wedged or dies.

A thread inside cannot do it: an exception that leaves a callback of QuickFIX hangs the whole
process with its sockets open, and a peer that stops reading can hold a session's mutex for ever.
So the watchdog is the parent process. It asks the control socket a question each second; an engine
that was up and has not answered for ``patience_s`` is killed (SIGKILL: a wedged process runs no
handler) and started again. The journal makes that safe: a kill at any instant loses nothing.

Another process may have taken the journal meanwhile: somebody's ``kill --hung``, which is getting
the orders out, or a second engine. The one that is started here then ends at once, and it must not
be started again and again beside it: the watchdog waits until the journal is free.

Ended with 0, the engine was told to stop; with 2, its configuration is wrong: neither is started
again. Anything else is, after a pause that doubles, so that a crash at start does not spin.
"""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Final

import structlog

BAD_CONFIG: Final = 2
LONGEST_PAUSE_S: Final = 30.0
STEADY_S: Final = 60.0
"""An engine that ran for so long is healthy: the next pause is short again."""

_log = structlog.get_logger("watchdog")


class Watchdog:
    """Runs ``command`` as a child. ``answers`` asks it a question: True when it replied in time.

    ``writer`` tells which process writes the journal now, without touching its lock.
    """

    def __init__(
        self,
        command: Sequence[str],
        answers: Callable[[], bool],
        *,
        writer: Callable[[], int | None] = lambda: None,
        patience_s: float = 15.0,
        start_s: float = 600.0,
        every_s: float = 1.0,
        first_pause_s: float = 1.0,
    ) -> None:
        self._command: Final = list(command)
        self._answers: Final = answers
        self._writer: Final = writer
        self._patience_s: Final = patience_s
        self._start_s: Final = start_s
        self._every_s: Final = every_s
        self._first_pause_s: Final = first_pause_s
        self._stopping: Final = threading.Event()
        self.restarts = 0

    def stop(self) -> None:
        """End the child cleanly and let :meth:`run` return. Safe in a signal handler."""
        self._stopping.set()

    def run(self) -> int:
        """Keep the engine running until told to stop. Returns its exit code."""
        pause_s = self._first_pause_s
        code = 0
        while True:
            if self._awaited_journal():
                pause_s = self._first_pause_s
            if self._stopping.is_set():
                return code
            begun = time.monotonic()
            code = self._watch_one()
            if self._stopping.is_set() or code in (0, BAD_CONFIG):
                return code
            if time.monotonic() - begun > STEADY_S:
                pause_s = self._first_pause_s
            self.restarts += 1
            _log.error("the engine ended and is started again", code=code, pause_s=pause_s)
            if self._stopping.wait(pause_s):
                return code
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _awaited_journal(self) -> bool:
        """Wait while another process writes the journal. Whether one did."""
        told = None
        while (pid := self._writer()) is not None:
            if pid != told:
                _log.warning("another process writes the journal: waiting until it ends", pid=pid)
                told = pid
            if self._stopping.wait(self._every_s):
                break
        return told is not None

    def _watch_one(self) -> int:
        with subprocess.Popen(self._command) as child:
            was_up = False
            heard = time.monotonic()
            while child.poll() is None and not self._stopping.wait(self._every_s):
                if self._answers():
                    was_up, heard = True, time.monotonic()
                elif time.monotonic() - heard > (self._patience_s if was_up else self._start_s):
                    _log.critical("the engine does not answer and is killed", pid=child.pid)
                    child.kill()
                    break
            if self._stopping.is_set() and child.poll() is None:
                child.terminate()
            return child.wait()


def run_watched(watchdog: Watchdog) -> int:
    """Run until SIGINT or SIGTERM. The child gets a SIGTERM; a terminal's SIGINT reaches it too."""

    def on_signal(_: int, __: FrameType | None) -> None:
        watchdog.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    return watchdog.run()
