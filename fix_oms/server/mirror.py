"""The engine's side of the live stream: the mirror, a process beside it, and where it is.

Nobody pays for what nobody asks for: the first client that asks where the stream is has the mirror
started (``followers.mirror``), and whoever asks after it has died has another one started: after
:data:`AGAIN_S`, and twice as long each time while none of them lives for :data:`SOUND_S`. Nothing
of the engine waits for it. It ends when its standard input does, so when the engine stops or dies,
however it dies.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

import structlog

from fix_oms.model.protocol import Failed, StreamAt

AGAIN_S: Final = 0.5
LONGEST_S: Final = 60.0
SOUND_S: Final = 20.0
SUFFIX: Final = ".live"
"""No longer than ``.sock``: a socket's path may have 107 bytes."""
_log = structlog.get_logger("mirror")


def stream_path(socket: Path) -> Path:
    """Where the mirror of the engine at this control socket listens."""
    return socket.with_suffix(SUFFIX)


class MirrorProcess:
    """Of the engine whose configuration is at ``path`` and which listens at ``socket``."""

    def __init__(self, path: Path, socket: Path) -> None:
        self._command: Final = [
            *(sys.executable, "-m", "fix_oms", "mirror", str(path)),
            *("--while-stdin", "--socket", str(stream_path(socket))),
        ]
        self._path: Final = str(stream_path(socket))
        self._lock: Final = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._started_s = self._start_at_s = 0.0
        self._again_s = 0.0
        self._stopped = False

    def where(self) -> StreamAt | Failed:
        """Where it is; started if it does not run."""
        with self._lock:
            code = self._process.poll() if self._process is not None else None
            if self._process is not None and code is None:
                return StreamAt(path=self._path, pid=self._process.pid)
            if self._stopped:
                return Failed(code="stream", text="the engine stops")
            now_s = time.monotonic()
            if code is not None:
                self._ended(code, now_s)
            if now_s < self._start_at_s:
                wait_s = self._start_at_s - now_s
                text = f"the mirror has ended; another can be started in {wait_s:.1f} s"
                return Failed(code="stream", text=text)
            self._started_s = now_s
            return self._started()

    def stop(self, wait_s: float) -> None:
        """The engine has stopped: let it tell the last record and go; end it if it does not."""
        with self._lock:
            self._stopped = True
            process = self._process
            self._let_go()
        if process is None:
            return
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            _log.warning("the mirror does not end and is killed", pid=process.pid)
            process.kill()
            process.wait()

    def _ended(self, code: int, now_s: float) -> None:
        was_sound = now_s - self._started_s >= SOUND_S
        self._again_s = AGAIN_S if was_sound else min(max(AGAIN_S, 2 * self._again_s), LONGEST_S)
        self._start_at_s = now_s + self._again_s
        _log.warning("the mirror ended", exit_code=code)
        self._let_go()

    def _started(self) -> StreamAt | Failed:
        try:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            _log.warning("the mirror cannot start", error=str(error))
            return Failed(code="stream", text=f"the mirror cannot start: {error}")
        _log.info("the mirror is started", pid=self._process.pid, path=self._path)
        return StreamAt(path=self._path, pid=self._process.pid)

    def _let_go(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None
