"""One connection at the door: read its Logon, ask for entry, then hand on what both sides say.

What the client sends is handed on message by message and counted; what it is sent passes through as
it is. Each side is read only while the other takes it: a client that does not read makes QuickFIX
wait, and is given up by the kernel; QuickFIX that is busy makes the client wait.

A client that sends ``flood_per_s`` messages within a second has sent its last one. QuickFIX logs
it out, and until then what it sends is read and thrown away: a connection that is closed with bytes
unread is reset, and the Logout(5) that says why would be lost with it.
"""

from __future__ import annotations

import enum
import selectors
import socket
import ssl
from datetime import UTC, datetime
from typing import Final, Protocol

from fix_oms.server.door import entry
from fix_oms.server.door.entry import LOGON_BYTES, Verdict
from fix_oms.server.door.frames import Frames, NotFix
from fix_oms.server.door.pipe import FULL_BYTES, Pipe
from fix_oms.server.door.sealed import Sealed
from fix_oms.server.door.words import Answer, Flooded, Guest, Knock

LOGON_S: Final = 10.0
"""Within so many seconds a connection has sent its Logon, and has its answer."""
LATER_S: Final = 0.1
LINGER_S: Final = 3.0
"""How long what was said last may take to be read."""
SILENCE_MS: Final = 2400
"""For each second of HeartBtInt(108): QuickFIX gives a silent peer up after as long."""


class State(enum.Enum):
    """Where a connection is."""

    READING = "its Logon has not come"
    ASKED = "the engine is asked whether it may come in"
    OPEN = "it is in"
    FLOODED = "nothing more is taken from it"
    ENDING = "what was said last is being written"
    OVER = "closed"


class Gate(Protocol):
    """What a visit needs of the door."""

    def judge(self, visit: Visit, message: bytes) -> Verdict: ...
    def say(self, value: Knock | Flooded) -> None: ...
    def refuse(self, visit: Visit, reason: str, *, severe: bool = False) -> None: ...
    def connected(self) -> socket.socket: ...
    def ended(self, visit: Visit) -> None: ...


class Visit:
    """A connection from ``address`` to our ``port``, in TLS where there is a ``context``. ``now_s``
    is the loop's time."""

    def __init__(
        self,
        number: int,
        sock: socket.socket,
        address: str,
        port: int,
        selector: selectors.BaseSelector,
        gate: Gate,
        now_s: float,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.number: Final = number
        self.address: Final = address
        self.port: Final = port
        self.guest: Guest | None = None
        """Whose connection it is, once its Logon was right."""
        self.reason = ""
        """Why we ended it, if we did."""
        self.state = State.READING
        self.has_said = False
        """A whole first message has come: whether it is a failure is judged by what it says."""
        self._selector: Final = selector
        self._gate: Final = gate
        self._frames: Final = Frames(LOGON_BYTES)
        self._held: list[bytes] = []
        self._heartbeat_s = 0
        self._by_s = now_s + LOGON_S
        self._ask_s = 0.0
        self._now_s = self._second_s = now_s
        self._counted = 0
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client: Final = (
            Pipe(sock, selector, self._came, self._client_eased)
            if context is None
            else Sealed(sock, selector, context, self._came, self._client_eased, self._tls_failed)
        )
        self._inner: Pipe | None = None

    @property
    def names(self) -> frozenset[str]:
        """What the certificate is for that the client has shown; none in plain."""
        return self._client.names if isinstance(self._client, Sealed) else frozenset()

    # -- the loop

    def look(self, now_s: float) -> None:
        """Several times a second: what time brings."""
        self._now_s = now_s
        if self.state is State.ASKED and self._ask_s and now_s >= self._ask_s:
            self._ask()
        if now_s < self._by_s:
            return
        if self.state is State.READING:
            self._gate.refuse(self, f"no Logon(A) came within {LOGON_S:.0f} s")
            self.close()
        elif self.state is not State.OPEN:
            self.close()

    def answered(self, answer: Answer) -> None:
        """The engine has answered the knock."""
        if self.state is not State.ASKED:
            return
        if answer.word == "later":
            self._ask_s = self._now_s + LATER_S
        elif answer.word == "open":
            self._enter()
        else:
            self._gate.refuse(self, "its session takes no logon now")
            self.close()

    def close(self) -> None:
        """End it at once."""
        if self.state is not State.OVER:
            self.state = State.OVER
            self._client.close()
            if self._inner is not None:
                self._inner.close()
            self._gate.ended(self)

    # -- what the client says

    def _came(self, data: bytes) -> None:
        if not data:
            self._client_went()
        elif self.state in (State.FLOODED, State.ENDING):
            return  # read, so that what is said last can arrive
        else:
            try:
                messages = self._frames.add(data)
            except NotFix as wrong:
                self._stop(str(wrong))
            else:
                self._take(messages)

    def _tls_failed(self, reason: str) -> None:
        """There is no TLS with it, or none any more."""
        self.reason = f"TLS: {reason}"
        self._gate.refuse(self, self.reason)
        self._end()

    def _take(self, messages: list[bytes]) -> None:
        if self.state is State.READING:
            if messages:
                self._held = messages
                self._knock(messages[0])
        elif self.state is State.ASKED:
            self._held += messages
        else:
            self._hand_on(messages)

    def _knock(self, logon: bytes) -> None:
        self.has_said = True
        verdict = self._gate.judge(self, logon)
        if verdict.reason or verdict.guest is None:
            self._gate.refuse(self, self._with_name(verdict), severe=verdict.severe)
            if verdict.told and verdict.guest is not None:
                self._client.write(entry.logout(verdict.guest, verdict.told, _utc_now()))
            self._end()
            return
        self.guest, self._heartbeat_s = verdict.guest, verdict.heartbeat_s
        self._client.read(False)
        self.state = State.ASKED
        self._by_s = self._now_s + LOGON_S
        self._ask()

    def _with_name(self, verdict: Verdict) -> str:
        return f"{verdict.guest.name}: {verdict.reason}" if verdict.guest else verdict.reason

    def _ask(self) -> None:
        self._ask_s = 0.0
        if self.guest is not None:
            self._gate.say(Knock(visit=self.number, client=self.guest.name, address=self.address))

    def _enter(self) -> None:
        if self.guest is None:
            return
        try:
            inner = self._gate.connected()
        except OSError as error:
            self._stop(f"the engine's own port takes no connection: {error}")
            return
        inner.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._inner = Pipe(inner, self._selector, self._said, self._inner_eased)
        self._client.limit_silence(SILENCE_MS * self._heartbeat_s)
        self._frames.largest = self.guest.max_message_bytes
        self.state = State.OPEN
        held, self._held = self._held, []
        self._hand_on(held)
        if self.state is State.OPEN:
            self._client.read(True)

    def _hand_on(self, messages: list[bytes]) -> None:
        if not messages or self._inner is None or self.guest is None:
            return
        if self._now_s - self._second_s >= 1.0:
            self._second_s, self._counted = self._now_s, 0
        most = self.guest.flood_per_s - self._counted
        self._counted += len(messages)
        self._inner.write(b"".join(messages[:most]))
        if self._counted > self.guest.flood_per_s:
            self._flooded(self.guest)
        elif self._inner.waiting > FULL_BYTES:
            self._client.read(False)

    def _flooded(self, guest: Guest) -> None:
        self.reason = f"more than {guest.flood_per_s} messages within a second"
        self.state, self._by_s = State.FLOODED, self._now_s + LINGER_S
        self._gate.say(Flooded(client=guest.name, address=self.address, reason=self.reason))

    def _client_went(self) -> None:
        """The client has closed: QuickFIX is told when it has read what was said before."""
        if self.state is State.OPEN and self._inner is not None and self._inner.waiting:
            self._client.close()
            self.state, self._by_s = State.ENDING, self._now_s + LINGER_S
        else:
            self.close()

    def _inner_eased(self) -> None:
        if self.state is State.OPEN:
            self._client.read(True)
        elif self.state is State.ENDING and not self._client.is_open:
            self.close()

    # -- what it is sent

    def _said(self, data: bytes) -> None:
        if not data:
            self._end()
            return
        self._client.write(data)
        if self._client.waiting > FULL_BYTES and self._inner is not None:
            self._inner.read(False)

    def _client_eased(self) -> None:
        if self.state is State.ENDING:
            self._finish()
        elif self._inner is not None:
            self._inner.read(True)

    # -- the end

    def _stop(self, reason: str) -> None:
        """End it for what it has said."""
        self.reason = reason
        self._gate.refuse(self, f"{self.guest.name}: {reason}" if self.guest else reason)
        self.close()

    def _end(self) -> None:
        """Close it when it has read what was said last."""
        if self._inner is not None:
            self._inner.close()
        self.state, self._by_s = State.ENDING, self._now_s + LINGER_S
        if not self._client.waiting:
            self._finish()

    def _finish(self) -> None:
        """All is written. With bytes of its unread a close would be a reset, and what was written
        would be lost: it is read until it closes too."""
        self._client.read(True)
        self._client.shut()
        self._by_s = min(self._by_s, self._now_s + LINGER_S)


def _utc_now() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
