"""The engine's side: starts the process of the doors, keeps it alive, and listens to it.

The listening sockets are made here and handed over, so a port is the same for as long as the engine
lives, whoever knocks meanwhile waits in the kernel, and no other program can take it between two
processes. One that dies, or says nothing for ``patience_s``, is ended and another is started,
at once, then after pauses that double.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import Final

import msgspec
import structlog

from fix_oms.forwarder import talk
from fix_oms.model.errors import SessionError

PATIENCE_S: Final = 10.0
"""Ten beats."""
START_S: Final = 30.0
"""How long a process may take to its first beat."""
END_S: Final = 1.0
"""How long it may take to end once its input has."""
LONGEST_PAUSE_S: Final = 5.0
_BACKLOG: Final = 128
_log = structlog.get_logger("forwarder")


def listening(address: str, port: int) -> socket.socket:
    """A socket that listens. Raises SessionError."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        made.listen(_BACKLOG)
    except OSError as error:
        made.close()
        raise SessionError(f"cannot listen on {address}:{port}: {error.strerror}") from error
    return made


class Forwarder:
    """One process of doors. ``told`` gets every event but beats, on a thread of ours;
    ``down`` is called when the process has died, with why, before another is started.

    ``hidden`` are environment variables that it does not get.
    """

    def __init__(
        self,
        doors: Sequence[tuple[socket.socket, talk.Outward]],
        *,
        told: Callable[[talk.Event], None],
        down: Callable[[str], None],
        hidden: Collection[str] = (),
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._listeners: Final = [listener for listener, _ in doors]
        setup = talk.Setup(doors=tuple((listener.fileno(), door) for listener, door in doors))
        self._setup: Final = talk.line(setup)
        self._patience_s: Final = patience_s
        self._told: Final = told
        self._down: Final = down
        self._environment: Final = {k: v for k, v in os.environ.items() if k not in hidden}
        self._lock: Final = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._asked: set[str] = set()
        self._stopping: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._run, name="forwarder", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process that carries them now."""
        process = self._process
        return process.pid if process is not None else None

    def start(self) -> None:
        """Start it and look after it."""
        self._thread.start()

    def dial(self, door: str) -> None:
        """Have a door dial; where there is no process now, as soon as there is one."""
        with self._lock:
            if self._process is None or not _write(self._process, talk.line(talk.Dial(door=door))):
                self._asked.add(door)

    def stop(self, timeout_s: float = 2.0) -> None:
        """End it, and stop listening."""
        self._stopping.set()
        self._end(timeout_s)
        if self._thread.ident is not None:
            self._thread.join(timeout_s + PATIENCE_S)
        for listener in self._listeners:
            listener.close()

    # -- parts

    def _run(self) -> None:
        pause_s = 0.0
        while not self._stopping.wait(pause_s):
            begun = time.monotonic()
            try:
                self._begin()
                why = self._listen()
            except OSError as error:
                why = f"cannot be started: {error}"
            code = self._end(END_S)
            if self._stopping.is_set():
                return
            lived = time.monotonic() - begun > LONGEST_PAUSE_S
            pause_s = 0.0 if lived else min(max(2 * pause_s, 0.1), LONGEST_PAUSE_S)
            _log.error("the forwarder is started again", why=why, exit_code=code)
            self._down(why)

    def _begin(self) -> None:
        with self._lock:
            if self._stopping.is_set():
                return
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fix_oms.forwarder"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment,
                pass_fds=[listener.fileno() for listener in self._listeners],
                start_new_session=True,
            )
            _write(self._process, self._setup)
            for door in self._asked:
                _write(self._process, talk.line(talk.Dial(door=door)))
            self._asked.clear()

    def _listen(self) -> str:
        """Take in what the process says until it is no more; why it is not."""
        process = self._process
        if process is None or process.stdout is None:
            return "it was ended"
        fd, held, patience_s = process.stdout.fileno(), b"", START_S
        waiting = select.poll()  # select itself fails for a descriptor above 1023
        waiting.register(fd, select.POLLIN)
        while True:
            if not waiting.poll(1000 * patience_s):
                return "it did not answer"
            part = os.read(fd, 1 << 16)
            if not part:
                return "it ended"
            patience_s = self._patience_s
            *lines, held = (held + part).split(b"\n")
            for line in lines:
                self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            event = talk.event(line)
        except msgspec.DecodeError:
            _log.error("the forwarder says what is not understood", line=line[:200])
            return
        if isinstance(event, talk.Beat):
            return
        try:
            self._told(event)
        except Exception:  # noqa: BLE001 - the listener's own: it must not end our thread
            _log.error("what the forwarder told was not taken", exc_info=True)

    def _end(self, timeout_s: float) -> int | None:
        """End the process, if there is one; its exit code."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return None
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            return process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def _write(process: subprocess.Popen[bytes], line: bytes) -> bool:
    """Whether the process can still be told something, and was."""
    if process.stdin is None:
        return False
    try:
        process.stdin.write(line)
        process.stdin.flush()
    except (OSError, ValueError):
        return False
    return True
