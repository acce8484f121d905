"""Everything that can make the engine's state change: its inputs, one tagged value each.

The journal is a sequence of these (D5): what a person or program asked for, every FIX message that
came in, every session event, every message that left, the settings at each start, and the timer.
They are encoded as msgpack with a short tag, so that a record is small and an unknown one is named.
Times are integer nanoseconds UTC; the record's own time is the ``now`` its step was given.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fix_oms.model.algos import Acts
from fix_oms.model.client_inputs import (
    ClientDown,
    ClientEpoch,
    ClientIn,
    ClientServed,
    ClientUp,
)
from fix_oms.model.commands import (
    AmendAlgo,
    AnyCommand,
    AskPositions,
    AskStatus,
    CancelOrder,
    Command,
    DontKnow,
    Funds,
    Halt,
    Holding,
    Input,
    Kill,
    MassCancel,
    NewAlgo,
    NewOrder,
    NewParent,
    OpenPositions,
    Override,
    PauseAlgo,
    Rearm,
    ReplaceOrder,
    Resolve,
    Resume,
    ResumeAlgo,
    ResumeParent,
    Scoped,
    SessionCommand,
    SetBalance,
    SetBalances,
    SetLimits,
    SetRate,
    SetReference,
    SettleBreak,
    StopAlgo,
    TellAlgo,
    TellPositions,
)
from fix_oms.model.routing import Decision
from fix_oms.model.units import Fixed

__all__ = [
    "Acted",
    "AdminIn",
    "AdminOut",
    "AmendAlgo",
    "AnyCommand",
    "AnyInput",
    "AskPositions",
    "AskStatus",
    "BookUpdate",
    "CancelOrder",
    "ClientDown",
    "ClientEpoch",
    "ClientIn",
    "ClientServed",
    "ClientUp",
    "ClockJumped",
    "Command",
    "DayClosed",
    "Decided",
    "DontKnow",
    "Fault",
    "FixIn",
    "Funds",
    "Halt",
    "Holding",
    "Input",
    "Kill",
    "MassCancel",
    "NewAlgo",
    "NewOrder",
    "NewParent",
    "NotSent",
    "OpenPositions",
    "Override",
    "PauseAlgo",
    "PeerResend",
    "Rearm",
    "ReplaceOrder",
    "Resolve",
    "Resume",
    "ResumeAlgo",
    "ResumeParent",
    "Scoped",
    "Sent",
    "SeqReserved",
    "SessionCommand",
    "SessionDown",
    "SessionEpoch",
    "SessionReady",
    "SessionUp",
    "SetBalance",
    "SetBalances",
    "SetLimits",
    "SetRate",
    "SetReference",
    "SettleBreak",
    "Started",
    "StopAlgo",
    "Stopped",
    "TellAlgo",
    "TellPositions",
    "Tick",
    "TradingDay",
    "VenueHours",
    "decode",
    "encode",
]


class Started(Input, frozen=True, kw_only=True, tag="start"):
    """A process began to write this journal. ``run`` counts starts; ClOrdIDs are made from it.

    ``settings`` is the effective configuration as plain data and ``dialects`` each session's
    overlay; secrets are in neither.
    """

    run: int
    version: str
    settings: dict[str, Any]
    dialects: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)


class Stopped(Input, frozen=True, kw_only=True, tag="stop"):
    """The process ends cleanly. ``next_out`` is each session's exact next outgoing number."""

    reason: str
    next_out: dict[str, int] = msgspec.field(default_factory=dict)


class Tick(Input, frozen=True, kw_only=True, tag="tick"):
    """Time has passed. Timeouts are judged here, and nowhere else."""


class DayClosed(Input, frozen=True, kw_only=True, tag="dayclosed"):
    """A trading day closed at ``closed_ns`` at a counterparty that sends no Expired.

    By the standing policy of the person ``by``, its DAY orders from before the close have ended at
    ``ended_ns``, which is the close and a grace. Given once for each close.
    """

    session: str
    closed_ns: int
    ended_ns: int
    by: str


class TradingDay(Input, frozen=True, kw_only=True, tag="day"):
    """A trading day (ISO date) of a venue, by its own calendar, or of the firm (``venue`` empty)
    has begun, or is what the process found at its start; it ends at ``ends_ns``."""

    day: str
    ends_ns: int
    venue: str = ""


class VenueHours(Input, frozen=True, kw_only=True, tag="hours"):
    """A venue with hours of its own opened or closed, by its own clock."""

    venue: str
    is_open: bool


class ClockJumped(Input, frozen=True, kw_only=True, tag="clock"):
    """The machine's clock was set, or agrees with the engine's time again.

    ``wall_ns`` and ``engine_ns`` are what each said when it was noticed. ``followed``: from then on
    the engine's time is the wall clock's; else it goes on by a steady clock (server.clock).
    """

    wall_ns: int
    engine_ns: int
    followed: bool


# -- what FIX sessions tell ----------------------------------------------------------------------


class FixIn(Input, frozen=True, kw_only=True, tag="in"):
    """An application message came in, or a session Reject (35=3), which speaks of one of ours.

    ``text`` is the whole message as QuickFIX re-serialised it, SOH-separated. ``expected`` is the
    number that the session expected when it came.
    """

    session: str
    text: str
    expected: int


class BookUpdate(Input, frozen=True, kw_only=True, tag="book"):
    """A feed (``[feeds.NAME]``) tells of its venue's book of one symbol.

    ``whole``: these levels are the book; else each replaces the level at its price, and quantity 0
    removes it. ``seq`` numbers the messages of a symbol one by one, -1 where the feed does not.
    ``trades`` are prices and quantities. ``time_ns`` is when it was so, by the feed; 0: it does
    not say.
    """

    feed: str
    venue: str
    symbol: str
    whole: bool
    bids: tuple[tuple[Fixed, Fixed], ...] = ()
    offers: tuple[tuple[Fixed, Fixed], ...] = ()
    trades: tuple[tuple[Fixed, Fixed], ...] = ()
    seq: int = -1
    time_ns: int = 0


class AdminIn(Input, frozen=True, kw_only=True, tag="admin"):
    """An administrative message came in (logon, heartbeat, gap fill …). Moves ``expected`` only."""

    session: str
    text: str
    expected: int


class AdminOut(Input, frozen=True, kw_only=True, tag="adminout"):
    """QuickFIX itself sent a reject or a logout (35=3, 35=j, 35=5): the only trace of a message
    that it refused before we saw it."""

    session: str
    text: str


class Sent(Input, frozen=True, kw_only=True, tag="sent"):
    """A message of ours left: what, under which number, and when (stage times in ns).

    ``cl_ord_id`` is the id of the request it carries, or the empty text. ``durable_ns`` is 0 where
    durability is ``process``.
    """

    session: str
    epoch: int
    seq: int
    cl_ord_id: str
    text: str
    received_ns: int
    stepped_ns: int
    durable_ns: int
    sent_ns: int


class NotSent(Input, frozen=True, kw_only=True, tag="notsent"):
    """A message of ours did not leave: the session was down before it was handed over."""

    session: str
    cl_ord_id: str
    text: str
    reason: str


class SessionUp(Input, frozen=True, kw_only=True, tag="up"):
    """Logged on; not yet ready for orders."""

    session: str


class SessionReady(Input, frozen=True, kw_only=True, tag="ready"):
    """A TestRequest of ours came back since the logon and no gap is open: orders may leave."""

    session: str


class SessionDown(Input, frozen=True, kw_only=True, tag="down"):
    """Logged out or disconnected, or never connected."""

    session: str
    reason: str


class SessionEpoch(Input, frozen=True, kw_only=True, tag="epoch"):
    """Both numbers start again at 1 (or as an operator set them): ours, 141=Y, or 123=N.

    ``epoch`` is this session's count of resets. Numbers from before belong to another epoch.
    ``asked``: we ask the peer for it, by ResetSeqNumFlag(141)=Y; until it has answered, it may not
    have heard, and would refuse our low numbers.
    """

    session: str
    epoch: int
    next_in: int
    next_out: int
    reason: str
    asked: bool = False


class SeqReserved(Input, frozen=True, kw_only=True, tag="reserve"):
    """Outgoing numbers below ``through`` may be used; synced before the first of them is."""

    session: str
    epoch: int
    through: int


class PeerResend(Input, frozen=True, kw_only=True, tag="resend"):
    """The peer asked us to resend BeginSeqNo(7) to EndSeqNo(16) (0: all). Orders in the range are
    gap-filled, never resent, and become in doubt."""

    session: str
    begin: int
    end: int


class Decided(Input, frozen=True, kw_only=True, tag="decided"):
    """A routing decision, with the view that it was made of. By this record it is carried out.

    The engine has made it of the record before. A replay does what stands here and not what it
    would decide itself: a later version may route otherwise, and what was sent was sent.
    """

    decision: Decision


class Acted(Input, frozen=True, kw_only=True, tag="acted"):
    """What an algo does. By this record it is carried out, as a :class:`Decided` is."""

    acts: Acts


class Fault(Input, frozen=True, kw_only=True, tag="fault"):
    """An error inside one of our own callbacks or threads, recorded where it was caught."""

    where: str
    error: str


AnyInput = (
    Started
    | Stopped
    | Tick
    | DayClosed
    | TradingDay
    | VenueHours
    | ClockJumped
    | AnyCommand
    | FixIn
    | BookUpdate
    | AdminIn
    | AdminOut
    | Sent
    | NotSent
    | SessionUp
    | SessionReady
    | SessionDown
    | SessionEpoch
    | SeqReserved
    | PeerResend
    | ClientIn
    | ClientServed
    | ClientUp
    | ClientDown
    | ClientEpoch
    | Decided
    | Acted
    | Fault
)

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(AnyInput)


def encode(value: Input) -> bytes:
    """The journal's and the control socket's form of an input: msgpack, tagged."""
    return _encoder.encode(value)


def decode(payload: bytes | memoryview) -> AnyInput:
    """The input that :func:`encode` made. Raises msgspec.DecodeError or ValidationError."""
    decoded: AnyInput = _decoder.decode(payload)
    return decoded
