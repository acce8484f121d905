"""The door's process: one loop over all connections, nothing that can block, nothing kept.

It is started by the engine's process, is told whom to let in as its first line of standard input
(passwords are in no argument and no environment), and ends when that does. What it knows of those
who failed is lost with it, and nothing else.
"""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import socket
import time
from typing import Final

import attrs

from fix_oms.forwarder.contexts import BadTlsFile, Contexts, expiries
from fix_oms.server.door import words
from fix_oms.server.door.entry import Entry, Verdict
from fix_oms.server.door.pauses import Pauses
from fix_oms.server.door.pipe import Pipe
from fix_oms.server.door.refusals import Refusals
from fix_oms.server.door.visit import State, Visit
from fix_oms.server.door.words import (
    Answer,
    CannotListen,
    Expiry,
    Flooded,
    FromDoor,
    Left,
    Listening,
    Serve,
)

LOOK_S: Final = 0.05
PORT_S: Final = 2.0
"""How long to wait for a port that is taken."""
MOST_KNOCKING: Final = 256
"""So many connections may be without a Logon at a time ..."""
MOST_OF_ONE: Final = 16
"""... and so many of them from one address."""
ACCEPTS: Final = 32
"""How many are taken at one turn."""
FILES_S: Final = 600.0
"""How often certificates are looked at."""
TLS_KEY: Final = "acceptor.tls"
LINE_BYTES: Final = 1 << 20
LOOPBACK: Final = "127."


class Gate:
    """``engine`` is the stream to the engine's process. :meth:`run` returns when it has ended."""

    def __init__(self, engine: socket.socket) -> None:
        self._selector: Final = selectors.DefaultSelector()
        self._engine: Final = Pipe(engine, self._selector, self._told)
        self._line = b""
        self._serve: Serve | None = None
        self._entry = Entry(())
        self._pauses: Final = Pauses()
        self._refusals: Final = Refusals()
        self._listening: Final[list[tuple[socket.socket, int]]] = []
        self._visits: Final[dict[int, Visit]] = {}
        self._numbers = 0
        self._ends = False
        self._contexts: Contexts | None = None
        self._looked_at_files_s = 0.0

    def run(self) -> None:
        """Serve until the engine has gone, or a port cannot be listened on."""
        looked_s = time.monotonic()
        while not self._ends:
            for key, events in self._selector.select(LOOK_S):
                key.data(events)
            now_s = time.monotonic()
            if now_s - looked_s >= LOOK_S:
                looked_s = now_s
                self._look(now_s)

    # -- the engine

    def _told(self, data: bytes) -> None:
        if not data:
            self._ends = True
            return
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            said = words.to_door(line)
            if isinstance(said, Serve):
                self._begin(said)
            elif isinstance(said, Answer):
                visit = self._visits.get(said.visit)
                if visit is not None:
                    visit.answered(said)
                    if visit.state is State.OPEN:
                        self._pauses.forgive(visit.address)
            else:
                self._take_no_more()

    def say(self, value: FromDoor) -> None:
        """Tell the engine."""
        self._engine.write(words.line(value))
        if isinstance(value, Flooded):
            self._pauses.failed(value.address, time.monotonic())

    def _begin(self, serve: Serve) -> None:
        self._serve = serve
        self._entry = Entry(serve.guests)
        if serve.tls is not None:
            self._contexts = Contexts(serve.tls, TLS_KEY)
        for port in sorted({guest.port for guest in serve.guests}):
            listening = self._listen(port)
            if listening is None:
                self._ends = True
                return
            listening.setblocking(False)
            self._listening.append((listening, port))
            self._selector.register(
                listening, selectors.EVENT_READ, _Accepting(self, listening, port)
            )
        self.say(Listening())

    def _listen(self, port: int) -> socket.socket | None:
        """Listen on a port; None, and told, where that cannot be. The door of an engine that was
        killed lives a moment longer than it, and may still have the port."""
        by = time.monotonic() + PORT_S
        while True:
            try:
                return socket.create_server((self._host(port), port), backlog=64)
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() > by:
                    self.say(CannotListen(port=port, reason=os.strerror(error.errno or 0)))
                    return None
            time.sleep(LOOK_S)

    def _host(self, port: int) -> str:
        """This machine alone, where nobody may come from elsewhere."""
        guests = self._serve.guests if self._serve is not None else ()
        allowed = [a for guest in guests if guest.port == port for a in guest.allowed]
        return "127.0.0.1" if all(a.startswith(LOOPBACK) for a in allowed) else "0.0.0.0"

    def _take_no_more(self) -> None:
        for listening, _ in self._listening:
            self._selector.unregister(listening)
            listening.close()
        self._listening.clear()
        for visit in list(self._visits.values()):
            if visit.state is State.READING:
                visit.close()

    # -- who comes

    def accept(self, listening: socket.socket, port: int) -> None:
        """Take what waits at a port."""
        for _ in range(ACCEPTS):
            try:
                sock, (address, _) = listening.accept()
            except OSError:  # nobody is there any more, or there are no descriptors left
                return
            now_s = time.monotonic()
            reason, severe = self._turned_away(port, address, now_s)
            if reason:
                with contextlib.suppress(OSError):
                    sock.close()
                self._count(address, "", reason, now_s, severe=severe)
                continue
            self._receive(sock, address, port, now_s)

    def _receive(self, sock: socket.socket, address: str, port: int, now_s: float) -> None:
        try:
            context = self._contexts.now() if self._contexts is not None else None
        except BadTlsFile as error:
            sock.close()
            self._count(address, "", f"we cannot speak TLS: {error}", now_s, severe=False)
            return
        self._numbers += 1
        number = self._numbers
        self._visits[number] = Visit(
            number, sock, address, port, self._selector, self, now_s, context
        )

    def _turned_away(self, port: int, address: str, now_s: float) -> tuple[str, bool]:
        """Why a connection is closed before it has said a word, or an empty text."""
        if not self._entry.may_knock(port, address):
            return "no client may come from this address", True
        if now_s < self._pauses.until(address):
            return "it has failed too often, and came again too soon", False
        knocking = [v for v in self._visits.values() if v.state in (State.READING, State.ENDING)]
        if len(knocking) >= MOST_KNOCKING:
            return f"{MOST_KNOCKING} connections wait for their Logon already", False
        if sum(visit.address == address for visit in knocking) >= MOST_OF_ONE:
            return f"{MOST_OF_ONE} connections of it wait for their Logon already", False
        return "", False

    def judge(self, visit: Visit, message: bytes) -> Verdict:
        """Whether this Logon lets a connection in."""
        verdict = self._entry.judge(message, visit.port, visit.address, visit.names)
        if verdict.severe or verdict.guest is None:
            self._pauses.failed(visit.address, time.monotonic())
        elif not verdict.reason and verdict.guest is not None:
            name = verdict.guest.name
            if any(v.guest is not None and v.guest.name == name for v in self._inside(visit)):
                return attrs.evolve(verdict, reason="it is logged on already")
        return verdict

    def _inside(self, but: Visit) -> list[Visit]:
        inside = (State.ASKED, State.OPEN)
        return [v for v in self._visits.values() if v is not but and v.state in inside]

    def refuse(self, visit: Visit, reason: str, *, severe: bool = False) -> None:
        """Tell that a connection is ended, and why."""
        client = visit.guest.name if visit.guest is not None else ""
        now_s = time.monotonic()
        if visit.state is State.READING and not visit.has_said:
            self._pauses.failed(visit.address, now_s)
        self._count(visit.address, client, reason, now_s, severe=severe)

    def _count(self, address: str, client: str, reason: str, now_s: float, *, severe: bool) -> None:
        told = self._refusals.add(address, client, reason, severe=severe, now_s=now_s)
        if told is not None:
            self.say(told)

    def connected(self) -> socket.socket:
        """A connection to QuickFIX. Raises OSError."""
        port = self._serve.inner_port if self._serve is not None else 0
        return socket.create_connection(("127.0.0.1", port), timeout=1.0)

    def ended(self, visit: Visit) -> None:
        """A connection is over."""
        del self._visits[visit.number]
        if visit.guest is not None:
            self.say(Left(client=visit.guest.name, address=visit.address, reason=visit.reason))

    # -- time

    def _look(self, now_s: float) -> None:
        for visit in list(self._visits.values()):
            visit.look(now_s)
        for told in self._refusals.due(now_s):
            self.say(told)
        if now_s - self._looked_at_files_s > FILES_S:
            self._looked_at_files_s = now_s
            self._look_at_files()

    def _look_at_files(self) -> None:
        """Tell until when the certificates hold."""
        tls = self._serve.tls if self._serve is not None else None
        if tls is None:
            return
        try:
            for key, _, end_s in expiries(tls, TLS_KEY):
                self.say(Expiry(key=key, end_s=end_s))
        except BadTlsFile as error:
            self.say(Expiry(key=error.key, trouble=error.reason))


@attrs.frozen
class _Accepting:
    """A listening socket in the loop."""

    gate: Gate
    listening: socket.socket
    port: int

    def __call__(self, _: int) -> None:
        self.gate.accept(self.listening, self.port)
