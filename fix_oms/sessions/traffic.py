"""What one broker session does on QuickFIX's threads and on its sender's: messages in and out.

*In.* ``from_app`` and ``from_admin`` hand the text to the Listener, which has it journaled before
they return; only then does QuickFIX move the expected number on. If that fails, the message must
not count as received: its number is kept as ``redo_from``, everything after it is dropped, and the
next logon expects it again, so that the peer sends it once more. Every administrative message is
handed on, heartbeats too: one record per heartbeat is cheap, and the restored number stays exact.

*Out.* ``to_app``, ``to_admin`` and ``logged_out`` run under the session's mutex: they take no lock
and write nothing, they only post to the session's own thread. They are also the one place where the
truth about sending can be read without a race, since QuickFIX takes the number, sends and logs out
under that mutex. So the number that a message of ours has is read in ``to_app``, and a message is
refused there, before it takes a number, if the session is not ready, or its number is not reserved.
Nothing of ours is ever queued inside QuickFIX, sent after our Logout(5), or sent again.

*Ready.* Each logon is a *term*. A TestRequest(1) of ours must come back in it before orders leave.
Readiness is "the term that became ready is the current one": ending a term is a single assignment,
so that no late answer can make a later or a finished term ready.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from fix_oms.model.fix import MsgType
from fix_oms.model.inputs import (
    AdminIn,
    AdminOut,
    Fault,
    FixIn,
    Input,
    PeerResend,
    SessionReady,
    SessionUp,
)
from fix_oms.sessions import admin
from fix_oms.sessions import text as fixtext
from fix_oms.sessions.binding import fix
from fix_oms.sessions.callbacks import BadValue, Refuse
from fix_oms.sessions.listener import Listener, Owner
from fix_oms.sessions.numbers import MARGIN, Numbers, SessionState
from fix_oms.wire import redacted

log = logging.getLogger(__name__)

LONGEST: Final = 1 << 18
"""A longer message is no report of an order, and reading it would hold up everything else: its
head is handed on, which is journaled, found unreadable, and answered as such."""
MASK: Final = "***"
"""Stands where the password would."""

HELD: Final = "after a fault: waits for an operator's logon"
TOLD_OUT: Final = frozenset({MsgType.REJECT, MsgType.LOGOUT, MsgType.RESEND_REQUEST})
"""Administrative messages of QuickFIX's own making that the Listener is told of (35=j as well)."""


class BrokerTraffic:
    """One session's messages. ``session`` is QuickFIX's, valid between ``created`` and the drop."""

    def __init__(
        self,
        name: str,
        state: SessionState,
        listener: Listener,
        owner: Owner,
        *,
        build: Callable[[str], Any],
        heartbeat_s: int,
        clock_ns: Callable[[], int],
    ) -> None:
        self._name: Final = name
        self._state: Final = state
        self._listener: Final = listener
        self._owner: Final = owner
        self._build: Final = build
        self._heartbeat_s: Final = heartbeat_s
        self._silence_ns: Final = int(2.4 * heartbeat_s * 1_000_000_000)
        self._clock_ns: Final = clock_ns
        self.numbers: Final = Numbers(name, state.epoch, self.tell)
        self.session: Any = None
        self.credentials: tuple[str | None, str | None] = (None, None)
        self.send_reset = False
        """The next Logon carries ResetSeqNumFlag(141)=Y."""
        self.logon_sent = False
        self.heard = 0
        """How many messages were begun to be taken in and were taken in: see ``silence``."""
        self.faulted = False
        self.redo_from: int | None = None
        self.closed = False
        self._terms: Final = itertools.count(1)
        self._term = 0
        self._ready_term = -1
        self._probes: dict[str, int] = {}
        self._probe_ids: Final = itertools.count(1)
        self._sending: Final = threading.Lock()
        self._sender = 0
        self._left: tuple[int, int] | None = None
        self._short_of_numbers = False
        self._last_out = state.next_out
        self._last_in_ns = 0
        self._farewell = ""
        self._answered = self._resetting = False

    # -- any thread

    @property
    def is_ready(self) -> bool:
        """Whether orders may leave now."""
        return self._ready_term == self._term

    def send(self, body: str) -> tuple[int, int] | None:
        """The epoch and MsgSeqNum(34) under which ``body`` left; None if it did not leave."""
        if not self.is_ready:
            return None
        message = self._build(body)
        with self._sending:
            if self.closed:
                return None
            if self._last_out + MARGIN >= self.numbers.through:
                self.numbers.reserve(self.session.getExpectedSenderNum())
            left = self._hand_over(message)
            if left is None and self._short_of_numbers:
                self.numbers.reserve(self.session.getExpectedSenderNum())
                left = self._hand_over(message)
            return left

    def close(self, timeout_s: float) -> bool:
        """Let no message through any more; whether the sender has left QuickFIX by then."""
        self.closed = True
        self.end_term()
        free = self._sending.acquire(timeout=timeout_s)
        if free:
            self._sending.release()
        return free

    def end_term(self) -> None:
        """From now on nothing leaves until a TestRequest of the next term has come back."""
        self._term = next(self._terms)

    def tell(self, value: Input) -> None:
        """Hand an input of our own making to the Listener. Raises what it raises."""
        self._listener.input(value, self._clock_ns())

    def scrubbed(self, text: str) -> str:
        """Free text without the session's password, which a peer or an error may repeat."""
        password = self.credentials[1]
        return text.replace(password, MASK) if password else text

    def _administrative(self, message: Any) -> str:
        """The text of an administrative message, no secret in it, Text(58) included.

        Only there: a password like ``12`` must not turn sequence numbers into stars.
        """
        text = fixtext.administrative(message)
        said = fixtext.field(text, 58)
        if not said or self.scrubbed(said) == said:
            return text
        return text.replace(f"\x0158={said}\x01", f"\x0158={self.scrubbed(said)}\x01", 1)

    # -- the session's own thread

    def begin_attempt(self) -> None:
        """Forget what the last connection left behind."""
        self.end_term()
        self.faulted = False
        self.logon_sent = False
        self._answered = self._resetting = False
        self._farewell = ""
        self._probes = {}

    def probe(self) -> None:
        """Send a TestRequest(1) whose answer makes this term ready."""
        if self._resetting or self._farewell:
            return  # it would come too late, or before the Logon(A) that answers a reset
        test_id = f"{self._name}-{self.numbers.epoch}-{next(self._probe_ids)}-{self._clock_ns()}"
        self._probes[test_id] = self._term
        message = fix.Message()
        message.getHeader().setField(35, MsgType.TEST_REQUEST.value)
        message.setField(112, test_id)
        self.session.send(message)

    def set_numbers(self, next_in: int | None, next_out: int | None) -> None:
        """Set those of QuickFIX's numbers that are given. The Listener knows them already."""
        if next_in is not None:
            self.session.setNextTargetMsgSeqNum(next_in)
        if next_out is not None:
            self._last_out = next_out
            self.session.setNextSenderMsgSeqNum(next_out)

    def reserve(self) -> None:
        """See to it that QuickFIX has numbers left for its own messages."""
        self.numbers.reserve(self.session.getExpectedSenderNum())

    # -- QuickFIX's threads

    def created(self, sid: Any) -> None:
        self.session = fix.Session.lookupSession(sid)
        self.set_numbers(self._state.next_in, self._state.next_out)
        self.session.logout()  # nothing connects before our schedule says so

    def logged_on(self, _sid: Any) -> None:
        self._answered = True
        self._resetting = self.send_reset = False
        self._farewell = ""  # of the last connection, whose rest QuickFIX read after its end
        if not self.faulted:
            self.tell(SessionUp(session=self._name))
            self.probe()  # from here, because no reset can be taken in meanwhile
        self._owner.post(self._owner.came_up)

    def logged_out(self, _sid: Any) -> None:
        self.end_term()
        self.session.logout()  # no attempt of its own: the session's thread prepares the next one
        reason = self._why_down()
        self._owner.post(lambda: self._owner.went_down(reason))

    def to_admin(self, message: Any, _sid: Any) -> None:
        kind = message.getHeader().getField(35)
        if threading.get_ident() == self._sender and kind == MsgType.REJECT:
            self._take_number()  # a session Reject of ours: it cannot be refused here
        elif kind == MsgType.LOGON:
            admin.dress(message, self.credentials, resets=self.send_reset)
            self.logon_sent = True
            self._owner.post(self._owner.connected)
        elif kind in TOLD_OUT:
            text = self._administrative(message)
            if kind == MsgType.LOGOUT:
                self.end_term()
                self._farewell = self._farewell or f"we logged out: {fixtext.field(text, 58) or ''}"
            self._post_told(AdminOut(session=self._name, text=text))
        self._mind_numbers()

    def to_app(self, message: Any, _sid: Any) -> None:
        if threading.get_ident() != self._sender:  # QuickFIX's own: a BusinessMessageReject
            self._post_told(AdminOut(session=self._name, text=fixtext.application(message)))
            self._mind_numbers()
            return
        if self._ready_term != self._term:
            raise Refuse
        if self.session.getExpectedSenderNum() < self._last_out:
            raise Refuse  # the peer resets, and we have not been told yet
        if self.session.getExpectedSenderNum() >= self.numbers.through:
            self._short_of_numbers = True
            raise Refuse
        self._take_number()

    def from_app(self, message: Any, _sid: Any) -> None:
        received_ns = self._last_in_ns = self._clock_ns()
        expected = self.session.getExpectedTargetNum()
        if self.faulted:
            self._redo(expected)
            return
        self.heard += 1
        try:
            text = fixtext.application(message)[:LONGEST]
            self._listener.input(
                FixIn(session=self._name, text=text, expected=expected), received_ns
            )
        except BaseException:
            self._redo(expected)
            raise
        finally:
            self.heard += 1

    def from_admin(self, message: Any, _sid: Any) -> None:
        received_ns = self._last_in_ns = self._clock_ns()
        expected = self.session.getExpectedTargetNum()
        if self.faulted:
            self._redo(expected)
            return
        self.heard += 1
        try:
            self._take_in(message, expected, received_ns)
        except BadValue:
            raise
        except BaseException:
            self._redo(expected)
            raise
        finally:
            self.heard += 1

    def fault(self, where: str, error: BaseException, _sid: Any = None) -> None:
        """Record an error of ours and take the session down. Never raises."""
        self.faulted = True
        self.end_term()
        told = self.scrubbed(f"{type(error).__name__}: {error}")[:500]
        told = redacted(fixtext.readable(told))
        log.error("session %s: %s: %s", self._name, where, told)
        fault = Fault(where=f"session {self._name}: {where}", error=told)
        self._owner.post(self._owner.faulted)
        self._owner.post(lambda: self._tell_fault(fault))
        if self.session is not None:
            self.session.logout("internal error")

    # -- parts

    def _take_in(self, message: Any, expected: int, received_ns: int) -> None:
        """An administrative message. Raises BadValue where QuickFIX must not follow it, and what
        the Listener raises."""
        text = self._administrative(message)
        kind = fixtext.field(text, 35)
        next_out = self.session.getExpectedSenderNum()
        if next_out + MARGIN // 2 >= self.numbers.through:
            self.numbers.reserve(next_out)  # a flood takes them faster than our thread reserves
        wrong = admin.wrong(kind, text, self.session)
        if wrong is None:
            self._before_admin(kind, text, message)
        of = FixIn if kind == MsgType.REJECT else AdminIn
        self._listener.input(of(session=self._name, text=text, expected=expected), received_ns)
        if wrong is not None:
            raise wrong
        self._after_admin(kind, text, expected)

    def _take_number(self) -> None:
        """The message of ours that is about to leave has this number."""
        self._last_out = self.session.getExpectedSenderNum()
        self._left = (self.numbers.epoch, self._last_out)

    def _redo(self, expected: int) -> None:
        """The first message that failed, or came after a fault, is expected again."""
        if self.redo_from is None:
            self.redo_from = expected

    def _tell_fault(self, fault: Fault) -> None:
        try:
            self.tell(fault)
        except Exception:  # the fault may well be the Listener's own
            log.exception("session %s: a fault could not be told", self._name)

    def _hand_over(self, message: Any) -> tuple[int, int] | None:
        self._left, self._short_of_numbers = None, False
        self._sender = threading.get_ident()
        try:
            sent = self.session.send(message)
        finally:
            self._sender = 0
        return self._left if sent else None

    def _mind_numbers(self) -> None:
        next_out, through = self.session.getExpectedSenderNum(), self.numbers.through
        self._last_out = next_out
        if 0 < through <= next_out:
            self.session.disconnect()  # a number that a crash might use again never leaves
        elif next_out + MARGIN >= through:
            self._owner.post(self.reserve)

    def _post_told(self, value: Input) -> None:
        self._owner.post(lambda: self.tell(value))

    def _before_admin(self, kind: str | None, text: str, message: Any) -> None:
        if kind == MsgType.LOGON:
            if fixtext.field(text, 141) == "Y" and not self.send_reset:
                # QuickFIX has set both numbers to 1; its answer takes the first. It would also take
                # the peer's HeartBtInt(108) for good, 0 among them: then no silence would end.
                self._resetting = True
                message.setField(108, str(self._heartbeat_s))
                self.end_term()
                self.redo_from = None
                self._last_out = 1
                self.numbers.begin(1, 1, "the peer's Logon(A) has ResetSeqNumFlag(141)=Y")
            wanted = fixtext.number(text, 789)
            if wanted is not None and wanted < self.session.getExpectedSenderNum():
                self.tell(PeerResend(session=self._name, begin=wanted, end=0))
        elif kind == MsgType.RESEND_REQUEST:
            # Before the AdminIn: then a crash between them asks for this message again.
            begin, end = fixtext.number(text, 7), fixtext.number(text, 16)
            if begin is not None and end is not None:
                end = end if end <= admin.LARGEST else 0
                self.tell(PeerResend(session=self._name, begin=begin, end=end))

    def _after_admin(self, kind: str | None, text: str, expected: int) -> None:
        if kind == MsgType.HEARTBEAT:
            term = self._probes.get(fixtext.field(text, 112) or "")
            at = fixtext.number(text, 34)
            if term is not None and term == self._term and not self.is_ready and at == expected:
                self._ready_term = term
                self.tell(SessionReady(session=self._name))
        elif kind == MsgType.LOGOUT:
            self._farewell = f"the peer logged out: {fixtext.field(text, 58) or ''}"
        elif kind == MsgType.SEQUENCE_RESET and fixtext.field(text, 123) != "Y":
            next_in = fixtext.number(text, 36)
            if next_in is not None and next_in > expected:  # QuickFIX rejects a lower one
                next_out = self.session.getExpectedSenderNum()
                self.numbers.begin(next_in, next_out, "the peer's SequenceReset(4) in reset mode")

    def _why_down(self) -> str:
        if self.faulted:
            return HELD
        if self._farewell:
            return self._farewell.rstrip(": ")
        if not self._answered:
            return "the peer closed or did not answer our Logon(A)"
        if self._clock_ns() - self._last_in_ns >= self._silence_ns:
            return "nothing came from the peer for 2.4 heartbeats"
        return "the connection was lost"
