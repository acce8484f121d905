"""FIX's session layer as QuickFIX plays it, on both ends of a wire.

``End`` is what both do: numbers, the queue of what came too early, ResendRequest(2) once for a gap,
what is too low refused unless it says PossDupFlag(43). ``Acceptor`` is the venue's: it stores
what it says and says it again when asked (FileStore). ``Initiator`` is ours, with MemoryStore and
PersistMessages=N: it fills gaps and never repeats; it stands where ``BrokerTraffic`` expects
QuickFIX's session, so the names of its methods are QuickFIX's.

Two manners of QuickFIX's that matter are kept: a ResendRequest is obeyed whatever its number, and
an end that does not persist messages does not count it as received.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Final

from fix_oms.model.fix import MsgType
from fix_oms.sessions.callbacks import BadValue, Refuse
from fix_oms.sessions.traffic import BrokerTraffic

SOH: Final = "\x01"
HEARTBEAT, TEST_REQUEST, RESEND_REQUEST, REJECT, SEQUENCE_RESET, LOGOUT, LOGON = "012345A"


def whole(body: str, seq: int, flags: str = "") -> str:
    """A message with as much of a header and trailer as its readers look at."""
    kind, _, rest = body.partition(SOH)
    head = f"8=FIX{SOH}9=0{SOH}{kind}{SOH}34={seq}{SOH}{flags}49=US{SOH}56=THEM{SOH}"
    return f"{head}{rest}10=000{SOH}"


class Packet:
    """A message on the wire. ``body`` begins with 35 and has no header."""

    __slots__ = ("begin", "body", "kind", "new_seq", "poss_dup", "reset", "seq", "test_id")

    def __init__(
        self,
        kind: str,
        seq: int,
        body: str,
        *,
        poss_dup: bool = False,
        reset: bool = False,
        begin: int = 0,
        new_seq: int = 0,
        test_id: str = "",
    ) -> None:
        self.kind: Final = kind
        self.seq: Final = seq
        self.body: Final = body
        self.poss_dup: Final = poss_dup
        self.reset: Final = reset
        self.begin: Final = begin
        self.new_seq: Final = new_seq
        self.test_id: Final = test_id

    def text(self) -> str:
        """The whole message."""
        return whole(self.body, self.seq, f"43=Y{SOH}" if self.poss_dup else "")


class Message:
    """What a callback is shown: as much of ``fix.Message`` as the adapter uses."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def toString(self) -> str:  # noqa: N802 - QuickFIX's name
        return self._text

    def getHeader(self) -> Message:  # noqa: N802 - QuickFIX's name
        return self

    def getField(self, tag: int) -> str:  # noqa: N802 - QuickFIX's name
        text = SOH + self._text
        start = text.index(f"{SOH}{tag}=") + len(str(tag)) + 2
        return text[start : text.index(SOH, start)]

    def setField(self, tag: int, value: str) -> None:  # noqa: N802 - QuickFIX's name
        self._text += f"{tag}={value}{SOH}"


class End:
    """One end of a session. ``put`` carries a packet to the other end."""

    def __init__(self, put: Callable[[Packet], None]) -> None:
        self.next_in = 1
        self.next_out = 1
        self.is_on = False
        self.asked: tuple[int, int] | None = None
        self._put: Final = put
        self._queue: Final[dict[int, Packet]] = {}

    def receive(self, packet: Packet) -> None:
        """A packet has arrived."""
        if packet.kind == LOGON:
            self._logon(packet)
        elif self.is_on:
            if packet.kind == RESEND_REQUEST:
                self._resend_request(packet)
            elif packet.seq > self.next_in:
                self._too_high(packet)
            elif packet.seq < self.next_in:
                if not packet.poss_dup:
                    self._too_low(packet)
            else:
                self._take(packet)
            self._drain()

    def _take(self, packet: Packet) -> None:
        """It bears the number that was expected."""
        if self.asked is not None and packet.seq >= self.asked[1]:
            self.asked = None
        self._heed(packet)
        if packet.kind == SEQUENCE_RESET:
            self.next_in = max(self.next_in, packet.new_seq)
        else:
            self.next_in += 1
        if packet.kind == LOGOUT:
            self._bid_farewell()

    def _drain(self) -> None:
        while self.is_on and self.next_in in self._queue:
            packet = self._queue.pop(self.next_in)
            if packet.kind in (LOGON, RESEND_REQUEST):
                self.next_in += 1
            else:
                self._take(packet)

    def _too_high(self, packet: Packet) -> None:
        self._queue[packet.seq] = packet
        if self.asked is not None and packet.seq >= self.asked[0]:
            return
        self.asked = (self.next_in, packet.seq - 1)
        body = f"35=2{SOH}7={self.next_in}{SOH}16=0{SOH}"
        self._admin(RESEND_REQUEST, body, begin=self.next_in)

    def _admin(self, kind: str, body: str, **more: Any) -> None:
        """Say something of the session layer, under the next number."""
        seq, self.next_out = self.next_out, self.next_out + 1
        self._put(Packet(kind, seq, body, **more))

    def _fill(self, begin: int, new_seq: int) -> None:
        body = f"35=4{SOH}123=Y{SOH}36={new_seq}{SOH}"
        self._put(Packet(SEQUENCE_RESET, begin, body, poss_dup=True, new_seq=new_seq))

    def _forget(self) -> None:
        """The connection is over."""
        self.is_on = False
        self.asked = None
        self._queue.clear()

    def _logon(self, packet: Packet) -> None:
        raise NotImplementedError

    def _resend_request(self, packet: Packet) -> None:
        raise NotImplementedError

    def _too_low(self, packet: Packet) -> None:
        raise NotImplementedError

    def _heed(self, packet: Packet) -> None:
        raise NotImplementedError

    def _bid_farewell(self) -> None:
        """The other end has said Logout(5)."""
        raise NotImplementedError


class Acceptor(End):
    """The venue's end. ``hears`` takes application text, ``refuses`` the reason of a refusal."""

    def __init__(
        self,
        put: Callable[[Packet], None],
        hears: Callable[[str], None],
        refuses: Callable[[str], None],
    ) -> None:
        super().__init__(put)
        self.store: dict[int, str] = {}
        self.epoch = 1
        """Moves when the store begins anew, with all that was in it lost."""
        self.has_lost_numbers = False
        """It began anew, and our end does not know: numbers may come to mean two messages."""
        self._hears: Final = hears
        self._refuses: Final = refuses

    def say(self, body: str) -> int:
        """Say an application message; it is kept while nobody is there. Returns its number."""
        seq, self.next_out = self.next_out, self.next_out + 1
        self.store[seq] = body
        if self.is_on:
            self._put(Packet("app", seq, body))
        return seq

    def leave(self) -> None:
        """The connection is over."""
        self._forget()

    def forget_numbers(self) -> None:
        """The store is lost: everything begins at 1."""
        self.next_in = self.next_out = 1
        self.store.clear()
        self.epoch += 1
        self.has_lost_numbers = True

    def _logon(self, packet: Packet) -> None:
        self._forget()
        if packet.reset:
            self.forget_numbers()
            self.has_lost_numbers = False
        if packet.seq < self.next_in:
            self._too_low(packet)
            return
        self.is_on = True
        flag = f"141=Y{SOH}" if packet.reset else ""
        self._admin(LOGON, f"35=A{SOH}98=0{SOH}108=30{SOH}{flag}", reset=packet.reset)
        if packet.seq > self.next_in:
            self._too_high(packet)
        else:
            self.next_in += 1
            self._drain()

    def _resend_request(self, packet: Packet) -> None:
        begin = packet.begin
        for seq in range(packet.begin, self.next_out):
            if seq not in self.store:
                continue
            if begin < seq:
                self._fill(begin, seq)
            self._put(Packet("app", seq, self.store[seq], poss_dup=True))
            begin = seq + 1
        if begin < self.next_out:
            self._fill(begin, self.next_out)
        if packet.seq == self.next_in:
            self.next_in += 1

    def _too_low(self, packet: Packet) -> None:
        self._refuses(f"MsgSeqNum(34) {packet.seq} is too low: {self.next_in} was expected")
        body = f"35=5{SOH}58=MsgSeqNum too low{SOH}"
        self._admin(LOGOUT, body)
        self._forget()

    def _heed(self, packet: Packet) -> None:
        if packet.kind == "app":
            self._hears(packet.text())
        elif packet.kind == TEST_REQUEST:
            self._admin(HEARTBEAT, f"35=0{SOH}112={packet.test_id}{SOH}", test_id=packet.test_id)

    def _bid_farewell(self) -> None:
        self._admin(LOGOUT, f"35=5{SOH}")
        self._forget()


class Initiator(End):
    """Our end: what ``BrokerTraffic`` takes for QuickFIX's session."""

    def __init__(self, put: Callable[[Packet], None], connect: Callable[[], None]) -> None:
        super().__init__(put)
        self.traffic: BrokerTraffic | None = None
        self.said_logout = False
        self._connect: Final = connect

    # -- what BrokerTraffic and the link call ---------------------------------------------------

    def getExpectedSenderNum(self) -> int:  # noqa: N802 - QuickFIX's name
        return self.next_out

    def getExpectedTargetNum(self) -> int:  # noqa: N802 - QuickFIX's name
        return self.next_in

    def setNextSenderMsgSeqNum(self, number: int) -> None:  # noqa: N802 - QuickFIX's name
        self.next_out = number

    def setNextTargetMsgSeqNum(self, number: int) -> None:  # noqa: N802 - QuickFIX's name
        self.next_in = number

    def isLoggedOn(self) -> bool:  # noqa: N802 - QuickFIX's name
        return self.is_on

    def logon(self) -> None:
        """May connect."""
        self._connect()

    def logout(self, _reason: str = "") -> None:
        """Say Logout(5), where that makes sense."""
        if self.is_on and not self.said_logout:
            self.said_logout = True
            self._admin(LOGOUT, f"35=5{SOH}")

    def send(self, message: Any) -> bool:
        """A message of ours: a body for the venue, or a TestRequest(1) of the adapter's."""
        kind = str(message.getHeader().getField(35))
        if kind == MsgType.TEST_REQUEST:
            test_id = str(message.getField(112))
            self._admin(TEST_REQUEST, f"35=1{SOH}112={test_id}{SOH}", test_id=test_id)
            return True
        assert self.traffic is not None
        try:
            self.traffic.to_app(message, None)
        except Refuse:
            return False
        if not self.is_on:
            return False
        seq, self.next_out = self.next_out, self.next_out + 1
        self._put(Packet("app", seq, message.toString()))
        return True

    # -- the connection -----------------------------------------------------------------------

    def connected(self) -> None:
        """There is a connection: say Logon(A)."""
        self._forget()
        self.said_logout = False
        assert self.traffic is not None
        resets = self.traffic.send_reset
        self._admin(LOGON, f"35=A{SOH}98=0{SOH}108=30{SOH}", reset=resets)

    def disconnect(self) -> None:
        """End the connection, as seen from here."""
        self.disconnected()

    def disconnected(self) -> None:
        """The connection is over, and noticed."""
        was_on = self.is_on
        self._forget()
        if was_on and self.traffic is not None:
            self.traffic.logged_out(None)

    def _admin(self, kind: str, body: str, **more: Any) -> None:
        assert self.traffic is not None
        self.traffic.to_admin(Message(body), None)
        super()._admin(kind, body, **more)

    def _logon(self, packet: Packet) -> None:
        assert self.traffic is not None
        if packet.reset and not self.traffic.send_reset:
            self.next_in = self.next_out = 1
        if packet.seq < self.next_in:
            self._too_low(packet)
            return
        self._heed(packet)
        self.is_on = True
        if packet.seq > self.next_in:
            self._too_high(packet)
        else:
            self.next_in += 1
            self._drain()
        self.traffic.logged_on(None)

    def _resend_request(self, packet: Packet) -> None:
        self._heed(packet)
        self._fill(packet.begin, self.next_out)

    def _too_low(self, packet: Packet) -> None:
        self.is_on = True
        self.disconnected()

    def _heed(self, packet: Packet) -> None:
        assert self.traffic is not None
        message = Message(packet.text())
        if packet.kind == "app":
            self.traffic.from_app(message, None)
            return
        with contextlib.suppress(BadValue, Refuse):  # QuickFIX answers by a reject
            self.traffic.from_admin(message, None)

    def _bid_farewell(self) -> None:
        self.logout()
        self.disconnected()
