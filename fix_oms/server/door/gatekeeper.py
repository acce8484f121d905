"""The engine's side of the door: it starts the process, answers its knocks, starts it again.

One thread reads what the door says. Should the process die, every connection has died with it; the
clients log on again as soon as another one listens.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from typing import Final, Protocol

import msgspec
import structlog

from fix_oms.model.errors import SessionError
from fix_oms.model.outputs import Alert
from fix_oms.model.tls import ClientTls
from fix_oms.server.door import words
from fix_oms.server.door.words import (
    Answer,
    CannotListen,
    Close,
    Expiry,
    Flooded,
    FromDoor,
    Guest,
    Knock,
    Left,
    Listening,
    Refused,
    Serve,
)

START_S: Final = 20.0
AGAIN_S: Final = 1.0
STOP_S: Final = 5.0
_log = structlog.get_logger("door")


class Sessions(Protocol):
    """The clients' sessions behind the door."""

    def admit(self, name: str) -> str:
        """``open``, ``shut`` or ``later``: whether a connection of this client may come in."""

    def left(self, name: str) -> None:
        """The connection that was admitted has ended."""

    def log_out(self, name: str, reason: str = "") -> None:
        """End the client's session with a Logout(5) that gives the reason."""


class Gatekeeper:
    """Runs the door for ``guests``. ``hidden`` are the environment's secrets: it gets none."""

    def __init__(
        self,
        guests: Sequence[Guest],
        sessions: Sessions,
        *,
        inner_port: Callable[[], int],
        hidden: Collection[str],
        alert: Callable[[Alert], None],
        tls: ClientTls | None = None,
        expires: Callable[[Expiry], None] = lambda _: None,
    ) -> None:
        self._guests: Final = tuple(guests)
        self._sessions: Final = sessions
        self._inner_port: Final = inner_port
        self._hidden: Final = frozenset(hidden)
        self._alert: Final = alert
        self._tls: Final = tls
        self._expires: Final = expires
        self._stopping: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._run, name="door", daemon=True)
        self._guard: Final = threading.Lock()
        self._stream: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._admitted: Final[set[str]] = set()

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Open the door. Raises SessionError, naming the setting, for a port that is taken."""
        said = self._open()
        if isinstance(said, CannotListen):
            self._reap()
            key = next(guest.port_key for guest in self._guests if guest.port == said.port)
            raise SessionError(f"{key}: cannot listen on port {said.port}: {said.reason}")
        if not isinstance(said, Listening):
            self._reap()
            raise SessionError("the door for FIX clients does not come up: see the log")
        self._thread.start()

    def close(self) -> None:
        """Take no more connections; those that are there stay."""
        self._say(Close())

    def stop(self) -> None:
        """End the process, and with it what is still connected. A second call does nothing."""
        self._stopping.set()
        with self._guard:
            if self._stream is not None:
                with contextlib.suppress(OSError):
                    self._stream.shutdown(socket.SHUT_RDWR)
        if self._thread.ident is not None:
            self._thread.join(STOP_S)
        self._reap()

    # -- the process

    def _open(self) -> FromDoor | None:
        """Start the process and hear its first word; None when there is none."""
        ours, theirs = socket.socketpair()
        environment = {k: v for k, v in os.environ.items() if k not in self._hidden}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fix_oms.server.door"],
                stdin=theirs.fileno(),
                start_new_session=True,
                env=environment,
            )
        with self._guard:
            self._stream = ours
        self._lines = ours.makefile("rb")
        ours.settimeout(START_S)
        self._say(Serve(inner_port=self._inner_port(), guests=self._guests, tls=self._tls))
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            said = words.from_door(self._lines.readline())
            ours.settimeout(None)
            return said
        return None

    def _reap(self) -> None:
        with self._guard:
            stream, self._stream = self._stream, None
        if stream is not None:
            self._lines.close()
            stream.close()
        if self._process is not None:
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _run(self) -> None:
        while True:
            self._listen()
            for name in tuple(self._admitted):
                self._let_go(name)
            if self._stopping.is_set():
                return
            self._reap()
            code = self._process.returncode if self._process is not None else None
            text = f"the door for FIX clients ended with {code} and is started again"
            self._alert(Alert(severity="severe", code="client_door", text=text))
            while not isinstance(said := self._open(), Listening):
                self._reap()
                why = f": {said.reason}" if isinstance(said, CannotListen) else ""
                _log.error("the door for FIX clients does not come up again", reason=why)
                if self._stopping.wait(AGAIN_S):
                    return

    def _listen(self) -> None:
        """Do what the door says until it has gone."""
        while True:
            try:
                line = self._lines.readline()
                if not line:
                    return
                self._hear(words.from_door(line))
            except (OSError, ValueError):  # ValueError: closed, or no word that we know
                return

    def _say(self, value: words.ToDoor) -> None:
        with self._guard, contextlib.suppress(OSError):
            if self._stream is not None:
                self._stream.sendall(words.line(value))

    # -- what it says

    def _hear(self, said: FromDoor) -> None:
        if isinstance(said, Knock):
            self._knocked(said)
        elif isinstance(said, Left):
            self._let_go(said.client)
            _log.info("a client has gone", client=said.client, address=said.address)
        elif isinstance(said, Flooded):
            text = f"{said.client} at {said.address} was logged out: {said.reason}"
            self._alert(Alert(severity="severe", code="client_flood", text=text))
            self._sessions.log_out(said.client, said.reason)
        elif isinstance(said, Refused):
            self._tell_refused(said)
        elif isinstance(said, Expiry):
            self._expires(said)

    def _knocked(self, knock: Knock) -> None:
        word = "shut" if self._stopping.is_set() else self._sessions.admit(knock.client)
        if word == "open":
            self._admitted.add(knock.client)
            _log.info("a client is let in", client=knock.client, address=knock.address)
        self._say(Answer(visit=knock.visit, word=word))

    def _let_go(self, name: str) -> None:
        if name in self._admitted:
            self._admitted.discard(name)
            self._sessions.left(name)

    def _tell_refused(self, said: Refused) -> None:
        done = "cut off" if said.client else "not let in"
        again = f" ({said.times} times more)" if said.times > 1 else ""
        text = f"{said.address} was {done}: {said.reason}{again}"
        severity = "severe" if said.severe else "warning"
        self._alert(Alert(severity=severity, code="client_refused", text=text))
