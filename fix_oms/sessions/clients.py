"""Sessions of clients: upstream systems that log on to us, send orders and are sent reports.

*In.* ``from_app`` hands the text to the Listener, which has it journaled before it returns; only
then does QuickFIX move the expected number on. After a kill before that, the client sends it again
with PossDupFlag(43)=Y. If the Listener fails, the message must not count as received: its number is
kept as ``redo_from``, everything after it is dropped, and the next logon expects it again.

*Out.* What is sent is kept in a file store, whether the client is there or not, and QuickFIX sends
it again when asked. ``to_app`` runs under the session's mutex and takes no lock; it is where the
number that a message has can be read without a race.

*Epochs.* Numbers begin again at 1 when the client asks for it (ResetSeqNumFlag(141)=Y), at each
logon where it is configured so, and where the file store is gone; what was kept is gone with them.
The Listener is told, and from then on numbers belong to the next epoch. QuickFIX resets before it
says so: a message of ours that finds the number lower than it was waits until we have been told.

*Entry.* A session takes no logon, not even the right one, until ``admit`` opens it for one
connection, which somebody else has judged (``server.door``). QuickFIX looks at that before anything
else, so whoever finds its port can move nothing. The port is one of this machine only.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fix_oms.model.clients import FixClient
from fix_oms.model.fix import MsgType
from fix_oms.model.inputs import (
    ClientDown,
    ClientEpoch,
    ClientIn,
    ClientServed,
    ClientUp,
    Fault,
    Input,
)
from fix_oms.model.session_reasons import WE_LOG_OUT
from fix_oms.sessions import admin, sockets
from fix_oms.sessions import text as fixtext
from fix_oms.sessions.acceptors import LOOPBACK, knows
from fix_oms.sessions.binding import fix
from fix_oms.sessions.callbacks import Refuse
from fix_oms.sessions.client import Client, ClientState, spec_of, unused_port
from fix_oms.sessions.listener import Listener
from fix_oms.sessions.listening import Listening
from fix_oms.wire import redacted

log = logging.getLogger(__name__)

HELD_S: Final = 10.0
"""How long a session takes no logon after an error of ours: the message that caused it comes
again, and may do so again."""
TOLD_S: Final = 10.0
"""How long a message waits for what a reset brings, before it is given back as not sent."""
BEHIND_S: Final = 0.05
LONGEST: Final = 1 << 18
LOST: Final = "the connection was lost"

Secrets = Callable[[FixClient], tuple[str | None, str | None]]


class ClientSessions:
    """The sessions of ``clients``. ``restored`` is what the journal knows of each by name,
    ``secrets`` gives user name and password, ``work_dir`` takes dictionaries and file stores.

    Raises SessionError for a dictionary that cannot be used.
    """

    def __init__(
        self,
        clients: Sequence[FixClient],
        restored: Mapping[str, ClientState],
        listener: Listener,
        *,
        work_dir: Path,
        secrets: Secrets,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._listener: Final = listener
        self._clock_ns: Final = clock_ns
        self._listening: Final = Listening(
            [spec_of(client, secrets(client)) for client in clients],
            self,
            self,
            work_dir=work_dir,
            store=work_dir / "clients",
            allowed=LOOPBACK,
        )
        self._clients: Final = {
            name: Client(served, restored.get(name, ClientState()))
            for name, served in self._listening.served.items()
        }
        self._posted: Final[queue.SimpleQueue[Callable[[], None] | None]] = queue.SimpleQueue()
        self._open = False
        self._closing = False
        self._closed = False
        self.port = 0
        """Where QuickFIX listens, on this machine only."""

    # -- life

    def start(self) -> None:
        """Listen, and tell that messages are taken. Raises SessionError."""
        self.port = unused_port()
        self._listening.start(self.port)
        sockets.keep_local(self.port)
        threading.Thread(target=self._hand_on, name="clients", daemon=True).start()
        for client in self._clients.values():
            client.next_out = client.session.getExpectedSenderNum()
            if client.next_out == 1 and client.has_sent:
                self._begin_epoch(client, "its file store has lost what it had")
            self._tell(ClientServed(session=client.name))

    def open(self) -> None:
        """From now on clients may be admitted."""
        self._open = True

    def log_out_all(self, reason: str, timeout_s: float) -> None:
        """Let nobody in any more, and log everybody out. What they send until then is taken, and
        what is sent to them afterwards is kept for them."""
        self._closing = True
        for client in self._clients.values():
            if client.is_logged_on():
                self.log_out(client.name, reason)
        by = time.monotonic() + timeout_s
        while any(c.is_logged_on() for c in self._clients.values()) and time.monotonic() < by:
            time.sleep(0.02)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Log out, stop and drop. A second call does nothing."""
        self._closing = self._closed = True
        for client in self._clients.values():
            client.settle()
            with client.sending:  # whoever is inside QuickFIX comes out first
                pass
        if self._listening.is_started:
            for client in self._clients.values():
                if client.redo_from is not None:
                    client.session.setNextTargetMsgSeqNum(client.redo_from)
            self._listening.stop(timeout_s)
            self._posted.put(None)

    # -- what leaves

    def send(self, name: str, text: str) -> tuple[int, int] | None:
        """The epoch and MsgSeqNum(34) under which ``text`` was sent, or kept for the next logon;
        None when it was not taken, because the sessions have stopped or a reset does not end."""
        client = self._clients[name]
        message = client.served.build(text)
        by = time.monotonic() + TOLD_S
        while not self._closed and time.monotonic() < by:
            with client.changed:
                client.changed.wait_for(lambda: not client.resetting, BEHIND_S)
            with client.sending:
                if client.resetting:
                    continue
                left = self._hand_over(client, message)
                if left is not None or not client.is_behind:
                    return left
            with client.changed:
                client.changed.wait(BEHIND_S)
        return None

    def is_logged_on(self, name: str) -> bool:
        """Whether the client is there."""
        return self._clients[name].is_logged_on()

    # -- the door

    def admit(self, name: str) -> str:
        """Open the session for one connection: ``open``; ``later`` while the last one ends, or an
        error of ours is fresh; ``shut`` when nobody is let in any more."""
        client = self._clients[name]
        with client.changed:
            if self._closing or client.session is None:
                return "shut"
            is_ending = client.admitted or client.is_logged_on() or not client.is_down_told
            if not self._open or is_ending or time.monotonic() < client.held_until:
                return "later"
            client.admitted, client.faulted, client.farewell = True, False, ""
            if client.redo_from is not None:
                client.session.setNextTargetMsgSeqNum(client.redo_from)
                client.redo_from = None
            client.session.logon()
            return "open"

    def left(self, name: str) -> None:
        """The connection that was admitted has ended: the session takes no logon."""
        client = self._clients[name]
        with client.changed:
            client.admitted = client.resetting = False
            client.changed.notify_all()
            if client.session is not None:
                client.session.logout()

    def log_out(self, name: str, reason: str = "") -> None:
        """End a session with a Logout(5) that gives the reason."""
        client = self._clients[name]
        client.farewell = f"{WE_LOG_OUT}{reason}"
        if client.session is not None:
            client.session.logout(reason)

    # -- QuickFIX's callbacks

    def created(self, sid: Any) -> None:
        served = self._listening.of(sid)
        served.session = fix.Session.lookupSession(sid)
        served.session.logout()  # nobody logs on before somebody is admitted

    def logged_on(self, sid: Any) -> None:
        client = self._of(sid)
        if not client.faulted:
            self._tell(ClientUp(session=client.name))
        client.settle()

    def logged_out(self, sid: Any) -> None:
        client = self._of(sid)
        client.is_down_told = False
        client.session.logout()
        reason = client.farewell or LOST
        self._posted.put(lambda: self._went_down(client, reason))

    def to_admin(self, message: Any, sid: Any) -> None:
        client = self._of(sid)
        client.next_out = client.session.getExpectedSenderNum()

    def to_app(self, message: Any, sid: Any) -> None:
        client = self._of(sid)
        if threading.get_ident() != client.sender:  # a resend, or QuickFIX's own reject
            return
        number = client.session.getExpectedSenderNum()
        if number < client.next_out:
            client.is_behind = True
            raise Refuse
        client.next_out = number
        client.left = (client.epoch, number)

    def from_admin(self, message: Any, sid: Any) -> None:
        client = self._of(sid)
        text = message.toString()
        kind = fixtext.field(text, 35)
        wrong = admin.wrong(kind, text, client.session)
        if wrong is not None:
            raise wrong
        if kind == MsgType.LOGON:
            if not knows(client.served.spec, text):
                raise Refuse("logon refused")
            if client.served.spec.reset_on_logon or fixtext.field(text, 141) == "Y":
                self._reset(client, text)
        elif kind == MsgType.LOGOUT:
            said = fixtext.field(fixtext.administrative(message), 58) or ""
            client.farewell = client.farewell or f"it logged out: {said}".rstrip(": ")
        elif kind == MsgType.REJECT:
            self._take(client, fixtext.administrative(message))

    def from_app(self, message: Any, sid: Any) -> None:
        self._take(self._of(sid), fixtext.application(message)[:LONGEST])

    def fault(self, where: str, error: BaseException, sid: Any) -> None:
        client = self._of(sid)
        client.faulted, client.held_until = True, time.monotonic() + HELD_S
        client.farewell = "an error of ours"
        told = redacted(fixtext.readable(f"{type(error).__name__}: {error}"[:500]))
        log.error("client %s: %s: %s", client.name, where, told)
        fault = Fault(where=f"client {client.name}: {where}", error=told)
        self._posted.put(lambda: self._tell(fault))
        if client.session is not None:
            client.session.logout("internal error")

    # -- parts

    def _take(self, client: Client, text: str) -> None:
        """A message of the client's is journaled and done before this returns."""
        received_ns = self._clock_ns()
        expected = client.session.getExpectedTargetNum()
        if client.faulted:
            self._redo(client, expected)
            return
        try:
            value = ClientIn(session=client.name, text=text, expected=expected)
            self._listener.input(value, received_ns)
        except BaseException:
            self._redo(client, expected)
            raise

    def _redo(self, client: Client, expected: int) -> None:
        """The first message that failed, or came after a fault, is expected again."""
        if client.redo_from is None:
            client.redo_from = expected

    def _reset(self, client: Client, logon: str) -> None:
        with client.sending:  # nothing is numbered between QuickFIX's reset and the Listener's
            client.resetting = True
        client.redo_from = None
        asked = fixtext.field(logon, 141) == "Y"
        self._begin_epoch(
            client, "its Logon(A) has ResetSeqNumFlag(141)=Y" if asked else "reset at each logon"
        )

    def _begin_epoch(self, client: Client, reason: str) -> None:
        client.epoch += 1
        client.next_out = 0
        client.is_behind = False
        self._tell(ClientEpoch(session=client.name, epoch=client.epoch, reason=reason))

    def _hand_over(self, client: Client, message: Any) -> tuple[int, int] | None:
        if client.session is None:
            return None
        client.left, client.is_behind = None, False
        client.sender = threading.get_ident()
        try:
            taken = client.session.send(message)
        finally:
            client.sender = 0
        return client.left if taken else None

    def _went_down(self, client: Client, reason: str) -> None:
        client.settle()
        self._tell(ClientDown(session=client.name, reason=reason))
        client.is_down_told = True

    def _tell(self, value: Input) -> None:
        self._listener.input(value, self._clock_ns())

    def _hand_on(self) -> None:
        while (act := self._posted.get()) is not None:
            try:
                act()
            except Exception:  # the Listener's: the journal failed, and the process stops
                log.exception("clients: what happened could not be told")

    def _of(self, sid: Any) -> Client:
        return self._clients[self._listening.of(sid).spec.name]
