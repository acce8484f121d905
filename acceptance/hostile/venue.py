"""The venue's end of one session: a listening socket, and a thread that reads what comes.

Left alone it behaves: it logs on, answers TestRequests and ResendRequests (reports are sent again
with PossDupFlag(43), the rest is gap-filled), takes orders and acknowledges them. A case takes that
away piece by piece: ``muted`` message types are not answered, ``deaf`` nothing is read any more,
``slam`` each connection is closed at once, and what a case sends itself may be anything.

It is also the witness. ``reaction`` is what the engine did on the wire since the case began, in
words; ``violations`` is what no engine may do at all: send a number twice, a message that does not
add up, or an order that it has sent before.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import attrs
import simplefix

from acceptance.hostile import words
from acceptance.hostile.book import Book
from acceptance.hostile.kept import Kept
from acceptance.hostile.message import Fields, compose, utc
from acceptance.peers.process import free_port
from fix_oms.model.fix import FixVersion

WAIT_S: Final = 20.0
BEAT_S: Final = 1.0
ASK_AGAIN_S: Final = 1.0
RECEIVES: Final = 1 << 16
QUESTION: Final = "Q-"
"""TestReqIDs of the venue's own; what answers them is no reaction."""


class Missing(AssertionError):
    """What the case waits for did not come."""


@attrs.frozen
class Heard:
    """A message that came, on which connection."""

    connection: int
    kind: str
    fields: Mapping[int, str]


class HostileVenue:
    """Listens at ``port``; ``client`` is the engine's CompID."""

    def __init__(self, name: str, version: FixVersion, client: str) -> None:
        self.name: Final = name
        self.version: Final = version
        self._client: Final = client
        self.book: Final = Book(name, old=version is FixVersion.FIX42)
        self.next_out = 1
        self.next_in = 1
        self.muted: set[str] = set()
        self.logon: dict[str, str | None] = {}
        """What is wrong with the next Logons of ours."""
        self.slam = self.deaf = self.sips = False
        self.violations: Final[list[str]] = []
        self.heard: Final[list[Heard]] = []
        self.connections = 0
        self.logged_on = False
        self.resetting = False
        """Whether a Logon(A) with ResetSeqNumFlag(141)=Y of ours has no answer yet."""
        self.beats = False
        """Whether it sends heartbeats of its own accord."""
        self._said: list[str] = []
        self._kept: Final = Kept()
        self._changed: Final = threading.Condition()
        self._sending: Final = threading.RLock()
        self._socket: socket.socket | None = None
        self._ours = False
        """Whether the connection was ended by us."""
        self._holding: Final = threading.Event()
        self._listener, self.port = _listener()
        self._closing = False
        self._thread: Final = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()
        threading.Thread(target=self._beat, name=f"{name} heart", daemon=True).start()

    # -- what a case sees -----------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        return self._socket is not None

    def begin(self) -> None:
        """A case begins: nothing was said yet, and there are no heartbeats but the case's own."""
        self.beats = False
        with self._changed:
            self._said.clear()
            self.heard.clear()

    def reaction(self) -> str:
        """What the engine did since then, each thing once where it was repeated."""
        with self._changed:
            said = list(self._said)
        return ", ".join(words.folded(said)) or words.NOTHING

    def until(self, found: Callable[[], Any], what: str, wait_s: float = WAIT_S) -> Any:
        """What ``found`` gives as soon as it is true. Raises Missing with what has come."""
        with self._changed:
            value = self._changed.wait_for(found, wait_s)
            if not value:
                raise Missing(f"{what}: there is {self._said[-12:]}")
            return value

    def behave(self) -> None:
        """Everything is taken back, and what was connected in a bad mood is connected anew."""
        self.muted.clear()
        self.logon.clear()
        self.slam = self.deaf = self.sips = False
        self.beats = True
        if self.connected and not self.logged_on:
            self.close()

    # -- what a case does -----------------------------------------------------------------------

    def send(self, kind: str, body: Fields, wrong: Mapping[str, str | None] | None = None) -> None:
        """Send a message. It takes the next number unless ``wrong`` gives it a lower one."""
        wrong = wrong or {}
        with self._sending:
            number = self._number(wrong.get("34", ""))
            self.write(self.composed(kind, number or self.next_out, body, wrong))
            if kind == "5":
                self.logged_on = False
            if number is None or number >= self.next_out:
                number = number or self.next_out
                self._kept.put(number, kind, body)
                self.next_out = number + 1

    def reset(self) -> None:
        """Our next message is a Logon(A) that starts the numbers anew, on both sides."""
        with self._sending:
            self.next_out, self.resetting = 1, True
            self._kept.clear()

    def keep(self, kind: str, body: Fields) -> None:
        """The next number was taken by this message, which never arrived whole."""
        self._kept.put(self.next_out, kind, body)
        self.next_out += 1

    def composed(
        self, kind: str, number: int, body: Fields, wrong: Mapping[str, str | None]
    ) -> bytes:
        """The bytes of a message, none of them sent."""
        header = {
            "8": self.version.begin_string,
            "35": kind,
            "34": str(number),
            "49": self.name,
            "52": utc(),
            "56": self._client,
        }
        return compose(header, body, wrong)

    def write(self, data: bytes) -> None:
        """Write bytes as they are. Raises Missing when nobody is connected."""
        with self._sending:
            if self._socket is None:
                raise Missing("nobody is connected")
            try:
                self._socket.sendall(data)
            except OSError as error:
                raise Missing(f"the engine is gone: {error}") from error

    def settle(self) -> None:
        """Return when all that was sent before has been taken in. Raises Missing."""
        if not self.logged_on:
            raise Missing("nobody is logged on")
        at, limit = self.connections, time.monotonic() + WAIT_S
        while time.monotonic() < limit:
            question = f"{QUESTION}{time.monotonic_ns()}"
            self.send("1", [("112", question)])
            with contextlib.suppress(Missing):  # one that a gap fill has swallowed is asked again
                self.until(partial(self._answered, at, question), "the answer", ASK_AGAIN_S)
                break
        else:
            raise Missing(f"no answer to a TestRequest: there is {self._said[-12:]}")
        if self.connections != at or not self.connected:
            raise Missing("the connection went down meanwhile")

    def _answered(self, at: int, question: str) -> bool:
        """Whether this has been answered, or never will be."""
        if self.connections != at or not self.connected:
            return True
        return any(h.fields.get(112) == question for h in reversed(self.heard))

    def close(self, *, reset: bool = False) -> None:
        """End the connection: with a FIN, or with a RST."""
        with self._sending:
            if self._socket is None:
                return
            self._ours = True
            if reset:
                linger = struct.pack("ii", 1, 0)
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self._socket.close()
            else:
                with contextlib.suppress(OSError):  # the engine was first
                    self._socket.shutdown(socket.SHUT_RDWR)
        self.until(lambda: self._socket is None, "the end of the connection")

    def refuse(self, seconds: float) -> None:
        """Accept nothing for so long, with the queue of the listening socket full."""
        self._holding.set()
        self._listener.listen(0)
        self.close()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
        time.sleep(seconds)
        for filler in fillers:
            filler.close()
        self._listener.listen(128)
        self._holding.clear()

    def stop(self) -> None:
        """Stop listening, drop the connection."""
        self._closing = True
        self.deaf = False
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._socket is not None:
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(WAIT_S)

    def _number(self, said: str | None) -> int | None:
        """The number that a message takes; None when it is the next one, whatever it says."""
        return int(said) if said and said.isdigit() and 0 < int(said) < 1 << 40 else None

    # -- what it does by itself -----------------------------------------------------------------

    def _beat(self) -> None:
        while not self._closing:
            time.sleep(BEAT_S)
            if self.beats and self.logged_on:
                with contextlib.suppress(Missing):
                    self.send("0", [])

    def _serve(self) -> None:
        while not self._closing:
            while self._holding.is_set():
                time.sleep(0.02)
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            if self.slam:
                accepted.close()
                with self._changed:
                    self.connections += 1
                    self._changed.notify_all()
                continue
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            patience = struct.pack("ll", int(WAIT_S), 0)
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
            self._read(accepted)

    def _read(self, accepted: socket.socket) -> None:
        with self._changed:
            self._socket, self._ours = accepted, False
            self.connections += 1
            self._changed.notify_all()
        parser, spoken = simplefix.FixParser(allow_empty_values=True), False
        while data := self._receive(accepted):
            spoken = True
            parser.append_buffer(data)
            while (message := parser.get_message()) is not None:
                self._took(message)
        with self._changed:
            self.logged_on = self.resetting = False
            if spoken and not self._ours and not self._closing:
                self._said.append(words.CLOSES)
            self._socket = None
            self._changed.notify_all()
        accepted.close()

    def _receive(self, accepted: socket.socket) -> bytes:
        while self.deaf and not self._ours:
            time.sleep(0.02)
        if self.sips:
            time.sleep(0.2)
        try:
            return accepted.recv(200 if self.sips else 65536)
        except OSError:
            return b""

    def _took(self, message: Any) -> None:
        pairs = [(int(tag), value.decode("latin-1")) for tag, value in message.pairs]
        fields = dict(pairs)
        kind = fields[35]
        self._witness(message, kind, fields)
        if kind == "5":
            self.logged_on = False
        with contextlib.suppress(Missing):  # the connection went down before the answer
            if kind not in self.muted:
                self._answer(kind, fields)
        with self._changed:
            said = words.reaction(kind, fields, QUESTION)
            if said:
                self._said.append(said)
            self.heard.append(Heard(self.connections, kind, fields))
            self._changed.notify_all()

    def _witness(self, message: Any, kind: str, fields: dict[int, str]) -> None:
        raw = message.encode(raw=True)
        if sum(raw[:-7]) % 256 != int(fields[10]):
            self.violations.append(f"a message that does not add up: {raw!r}")
        number = int(fields[34])
        if kind == "A" and fields.get(141) == "Y":
            with self._sending:
                self.next_in = 1
                if not self.resetting:
                    self.next_out = 1
                    self._kept.clear()
        if fields.get(43) == "Y":
            return
        if number < self.next_in:
            self.violations.append(f"MsgSeqNum {number} while {self.next_in} is next: {kind}")
        self.next_in = number + 1
        if kind == "D" and fields[11] in self.book.seen:
            self.violations.append(f"order {fields[11]} a second time")

    def _answer(self, kind: str, fields: dict[int, str]) -> None:
        if kind == "A" and self.resetting:
            self.resetting = False
        elif kind == "A":
            self._log_on(fields)
        elif kind == "1":
            self.send("0", [("112", fields[112])])
        elif kind == "2":
            self.send_again(int(fields[7]), int(fields[16]))
        elif kind == "5":
            self.send("5", [])
        elif kind == "D":
            report = self.book.take(fields)
            if "ack" not in self.muted:
                self.send("8", report)
        elif kind == "F":
            self.send("8", self.book.cancel(fields[41]))
        elif kind == "H":
            self.send("8", self.book.status(fields[11]))

    def _log_on(self, fields: dict[int, str]) -> None:
        body = [("98", "0"), ("108", fields[108])]
        if fields.get(141) == "Y":
            body.append(("141", "Y"))
        if self.version is FixVersion.FIX50SP2:
            body.append(("1137", "9"))
        if self.logon.get("141") == "Y" and fields.get(141) != "Y":
            self.reset()
        envelope = {t: v for t, v in self.logon.items() if t in words.ENVELOPE}
        extra = {t: v for t, v in self.logon.items() if t not in words.ENVELOPE}
        body = [(t, v) for t, v in body if t not in extra]
        numbers = {"next": self.next_out, "in": self.next_in}
        body += [(t, words.resolved(v, numbers)) for t, v in extra.items() if v is not None]
        if envelope.get("34"):
            envelope["34"] = words.resolved(envelope["34"] or "", numbers)
        self.send("A", body, envelope)
        self.logged_on = True

    def send_again(self, begin: int, end: int) -> None:
        """Answer a ResendRequest(2) as it should be: reports again, gap fills for the rest."""
        with self._sending:
            last = self.next_out - 1 if end == 0 else min(end, self.next_out - 1)
            for number, kind, body, differs in self._kept.again(begin, last):
                self.write(self.composed(kind, number, body, differs))


def _listener() -> tuple[socket.socket, int]:
    """A listening socket on a free port below those of outgoing connections.

    Its connections take little that is not read, so that a venue that stops reading is felt soon.
    """
    while True:
        port = free_port()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVES)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.close()
            continue
        listener.listen()
        return listener, port
