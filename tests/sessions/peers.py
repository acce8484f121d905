"""Both ends of a session for tests: a Listener that remembers, a handler that remembers, and a peer
made of one plain socket that can say what no well-behaved engine would."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from fix_oms.model.counterparty import Schedule, Session
from fix_oms.model.fix import FixVersion
from fix_oms.model.inputs import (
    AdminIn,
    FixIn,
    Input,
    SeqReserved,
    SessionEpoch,
    SessionReady,
)
from fix_oms.sessions import Acceptors, AcceptorSpec, Initiators, SessionState

LIMIT_S = 20.0
"""No wait here is longer; a wait that is over fails the test."""
SOH = "\x01"

T = TypeVar("T", bound=Input)


def soh(text: str) -> str:
    """``35=8|39=1|`` with SOH for the bars."""
    return text.replace("|", SOH)


def fields(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(SOH) if part)


def free_port() -> int:
    """A TCP port below the ephemeral range that nobody listens on now."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Memory:
    """A list that can be waited on."""

    def __init__(self) -> None:
        self._changed = threading.Condition()

    def _await(self, found: Callable[[], object], what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(found, LIMIT_S):
                raise AssertionError(f"never came: {what}; there is {self!r}")


class Recorder(Memory):
    """A Listener that remembers every input in order."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs: list[Input] = []
        self.raise_on: Callable[[Input], bool] = lambda _: False

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.inputs))

    def input(self, value: Input, received_ns: int) -> None:
        if self.raise_on(value):
            raise RuntimeError("the listener fails")
        with self._changed:
            self.inputs.append(value)
            self._changed.notify_all()

    def of(self, kind: type[T], session: str | None = None) -> list[T]:
        return [
            value
            for value in list(self.inputs)
            if isinstance(value, kind)
            and (session is None or getattr(value, "session", None) == session)
        ]

    def wait(
        self,
        kind: type[T],
        session: str | None = None,
        count: int = 1,
        where: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """The ``count``-th input of this kind, as soon as it is there."""

        def found() -> list[T]:
            return [value for value in self.of(kind, session) if where(value)]

        self._await(lambda: len(found()) >= count, f"{kind.__name__} {session} {count}")
        return found()[count - 1]

    def wait_text(self, part: str, kind: type[FixIn] | type[AdminIn] = FixIn) -> str:
        """The text of the first message that holds ``part``, as soon as it is there."""
        return self.wait(kind, where=lambda value: part in value.text).text


class Venue(Memory):
    """An acceptors' handler that remembers. ``gate`` holds up ``logged_on``, and so all reading."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self.events: list[tuple[str, str]] = []
        self.gate = threading.Event()
        self.gate.set()

    def __repr__(self) -> str:
        return f"{self.texts} {self.events}"

    def received(self, name: str, text: str) -> None:
        with self._changed:
            self.texts.append((name, text))
            self._changed.notify_all()

    def logged_on(self, name: str) -> None:
        self._event(name, "on")
        self.gate.wait(LIMIT_S)

    def logged_out(self, name: str) -> None:
        self._event(name, "out")

    def _event(self, name: str, event: str) -> None:
        with self._changed:
            self.events.append((name, event))
            self._changed.notify_all()

    def wait(self, name: str, part: str) -> str:
        def found() -> list[str]:
            return [text for at, text in self.texts if at == name and part in text]

        self._await(found, f"{name} {part}")
        return found()[0]

    def wait_event(self, name: str, event: str, count: int = 1) -> None:
        self._await(lambda: self.events.count((name, event)) >= count, f"{name} {event}")


def broker(
    name: str = "broker",
    version: FixVersion = FixVersion.FIX44,
    *,
    port: int,
    heartbeat_s: int = 5,
    reset_on_logon: bool = False,
    schedule: Schedule | None = None,
    dictionary: str | None = None,
) -> Session:
    return Session(
        name=name,
        version=version,
        sender_comp_id=f"DESK-{name}",
        target_comp_id="VENUE",
        port=port,
        heartbeat_s=heartbeat_s,
        reconnect_s=1,
        reset_on_logon=reset_on_logon,
        schedule=schedule or Schedule(),
        dictionary=dictionary,
    )


def venue_for(session: Session, **more: object) -> AcceptorSpec:
    return AcceptorSpec(
        name=session.name,
        version=session.version,
        sender_comp_id=session.target_comp_id,
        target_comp_id=session.sender_comp_id,
        **more,  # type: ignore[arg-type]  # the spec's own fields
    )


def no_secrets(_: Session) -> tuple[str | None, str | None]:
    return None, None


@contextmanager
def initiators(
    recorder: Recorder,
    *sessions: Session,
    work_dir: Path,
    restored: Mapping[str, SessionState] | None = None,
    secrets: Callable[[Session], tuple[str | None, str | None]] = no_secrets,
    clock_ns: Callable[[], int] = time.time_ns,
    start: bool = True,
) -> Iterator[Initiators]:
    made = Initiators(
        sessions, restored or {}, recorder, work_dir=work_dir, secrets=secrets, clock_ns=clock_ns
    )
    try:
        if start:
            made.start()
        yield made
    finally:
        made.stop()


@contextmanager
def acceptors(venue: Venue, *specs: AcceptorSpec, port: int, work_dir: Path) -> Iterator[Acceptors]:
    made = Acceptors(specs, venue, port=port, work_dir=work_dir)
    made.start()
    try:
        yield made
    finally:
        venue.gate.set()
        made.stop()


def restored_from(inputs: list[Input], session: str, last_seen_ns: int) -> SessionState:
    """What the engine would restore after a crash, from what was journaled."""
    epoch, next_in, next_out = 0, 1, 1
    for value in inputs:
        if getattr(value, "session", None) != session:
            continue
        if isinstance(value, SessionEpoch):
            epoch, next_in, next_out = value.epoch, value.next_in, value.next_out
        elif isinstance(value, SeqReserved):
            next_out = value.through
        elif isinstance(value, FixIn | AdminIn):
            told = fields(value.text)
            moves = told["34"] == str(value.expected) and told["35"] != "4"
            next_in = value.expected + moves
    return SessionState(epoch=epoch, next_in=next_in, next_out=next_out, last_seen_ns=last_seen_ns)


def ready(recorder: Recorder, session: str = "broker", count: int = 1) -> None:
    recorder.wait(SessionReady, session, count)


class RawPeer:
    """The broker's side as one plain socket: FIX 4.4, numbers and fields as the test says."""

    def __init__(self, port: int, target: str = "DESK-broker") -> None:
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", port))
        self._listening.settimeout(LIMIT_S)
        self._connection: socket.socket | None = None
        self._buffer = b""

    def __enter__(self) -> RawPeer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._listening.close()

    def accept(self) -> dict[str, str]:
        """Take the next connection; its Logon."""
        self.close()
        self._connection, _ = self._listening.accept()
        self._connection.settimeout(LIMIT_S)
        self._buffer = b""
        return self.read("A")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def send(self, kind: str, number: int, body: str = "") -> None:
        self.send_bytes(kind, number, soh(body).encode())

    def send_bytes(self, kind: str, number: int, body: bytes) -> None:
        self.send_raw(self.whole(kind, number, body))

    def whole(self, kind: str, number: int, body: bytes) -> bytes:
        """A message that is not sent yet."""
        now = time.strftime("%Y%m%d-%H:%M:%S", time.gmtime())
        head = soh(f"35={kind}|34={number}|49=VENUE|52={now}|56={self._target}|").encode()
        text = b"8=FIX.4.4\x019=%d\x01" % len(head + body) + head + body
        return text + b"10=%03d\x01" % (sum(text) % 256)

    def send_raw(self, data: bytes) -> None:
        """Bytes that need be no message."""
        assert self._connection is not None
        self._connection.sendall(data)

    def log_on(self, number: int, body: str = "") -> None:
        self.send("A", number, f"98=0|108=5|{body}")

    def read(self, kind: str) -> dict[str, str]:
        """The next message of this kind; others are passed over."""
        while True:
            message = self._next()
            if message["35"] == kind:
                return message

    def answer_test(self, number: int) -> None:
        """Answer the next TestRequest, under ``number``."""
        self.send("0", number, f"112={self.read('1')['112']}|")

    def _next(self) -> dict[str, str]:
        assert self._connection is not None
        while (end := self._buffer.find(b"\x0110=")) < 0 or len(self._buffer) < end + 8:
            received = self._connection.recv(65536)
            if not received:
                raise AssertionError("the connection was closed")
            self._buffer += received
        text, self._buffer = self._buffer[: end + 8], self._buffer[end + 8 :]
        return fields(text.decode())
