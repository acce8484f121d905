"""Snapshots while the engine runs: a process beside it that follows the journal and writes them.

Never the engine's own process: a million orders are seconds of its interpreter's lock. The engine
starts it and looks after it at its timer; should it die, that is a warning, and another is started
after a minute. Nothing of the engine waits for it.

It ends when its standard input does, so when the engine stops or dies, however it dies: then it
takes what the journal still has, writes a last snapshot, and goes. Until then it holds the
snapshots' lock, and the one of the next engine waits for it.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from fix_oms.journal.recovery import Snapshotter
from fix_oms.model.errors import JournalError, JournalLocked
from fix_oms.model.settings import Snapshots
from fix_oms.server import memory

POLL_S: Final = 1.0
AGAIN_S: Final = 60.0
"""How long after the death of one the next is started."""
SOUND_S: Final = 10.0
"""One that has lived for so long is well."""
_NICE: Final = 10
_log = structlog.get_logger("snapshots")


class Scribe:
    """The engine's side. ``path`` is the configuration."""

    def __init__(self, path: Path) -> None:
        self._command: Final = [
            *(sys.executable, "-m", "fix_oms", "-c", str(path)),
            *("snapshot", "--follow", "--while-stdin"),
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._start_at_s = 0.0
        self.trouble = ""
        """Why none runs, in words; empty while one does, and before the first has been tried."""

    @property
    def pid(self) -> int | None:
        """The process that writes them now."""
        return self._process.pid if self._process is not None else None

    def tick(self) -> None:
        """Start it, or look whether it lives."""
        now_s = time.monotonic()
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                if now_s >= self._start_at_s - AGAIN_S + SOUND_S:
                    self.trouble = ""
                return
            self._let_go()
            self._start_at_s = now_s + AGAIN_S
            self.trouble = f"the process that writes snapshots ended with {code}"
            _log.warning("the process that writes snapshots ended", exit_code=code)
        if now_s >= self._start_at_s:
            self._start_at_s = now_s + AGAIN_S
            try:
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, start_new_session=True
                )
            except OSError as error:
                self.trouble = f"the process that writes snapshots cannot start: {error}"
                _log.warning("the process that writes snapshots cannot start", error=str(error))

    def stop(self, wait_s: float) -> None:
        """The engine has stopped: let it write the last one. Longer than that it does so alone."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(wait_s)
        except subprocess.TimeoutExpired:
            _log.info("the last snapshot is still being written", pid=self._process.pid)

    def _let_go(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None


def follow(directory: Path, policy: Snapshots, *, while_stdin: bool) -> None:
    """The other side: write snapshots until a signal says stop, or standard input ends.

    Raises JournalError where it cannot go on, JournalLocked where another writes them.
    """
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    os.nice(_NICE)
    wait: Callable[[], bool] = _stdin_ended if while_stdin else lambda: stopping.wait(POLL_S)
    snapshotter = _begun(directory, policy, wait, patient=while_stdin)
    if snapshotter is None:
        return
    memory.quieten()
    try:
        while not stopping.is_set():
            ended = wait()
            if stopping.is_set():
                return
            now_s = time.monotonic()
            _attempt(snapshotter.save if ended else snapshotter.poll, now_s)
            if ended:
                return
            memory.settle()
    finally:
        snapshotter.close()


def _begun(
    directory: Path, policy: Snapshots, wait: Callable[[], bool], *, patient: bool
) -> Snapshotter | None:
    """The one of the engine before may still be at its last snapshot: wait for that."""

    def warn(text: str) -> None:
        _log.warning("a snapshot cannot be used", what=text)

    while True:
        try:
            return Snapshotter(directory, policy, warn, time.monotonic())
        except JournalLocked:
            if not patient:
                raise
        if wait():
            return None


def _attempt(work: Callable[[float], Path | None], now_s: float) -> None:
    """A disk that is full, or read-only, may be otherwise by the next one."""
    try:
        path = work(now_s)
    except JournalLocked:
        raise
    except JournalError as error:
        _log.warning("no snapshot could be written", error=str(error))
    else:
        if path is not None:
            seconds = round(time.monotonic() - now_s, 1)
            _log.info("snapshot", path=str(path), bytes=path.stat().st_size, seconds=seconds)


def _stdin_ended() -> bool:
    """After a while, whether standard input has ended."""
    ready, _, _ = select.select([0], [], [], POLL_S)
    return bool(ready) and not os.read(0, 4096)
