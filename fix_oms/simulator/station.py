"""A venue with FIX text on both sides: what its journal holds, and what leaves for each of that.

Still pure: :meth:`Station.step` takes the time and one input and returns the texts that leave, so
the same code runs a venue on real sessions, replays it after a restart, and stands in a simulated
world in virtual time. What cannot be read is answered as FIX asks: a session Reject (35=3) that
names the field, a BusinessMessageReject (35=j) for a conditionally required field that is missing
or a message type that a venue does not take. What is no FIX text at all is ignored, as FIX says.
"""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

import msgspec

from fix_oms.model.counterparty import Supports
from fix_oms.model.errors import FieldError, FixOmsError, Garbled, UnsupportedMessage
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import (
    ExecutionReport,
    OrderMassStatusRequest,
)
from fix_oms.simulator import acts, rejects
from fix_oms.simulator.acts import AnyAct
from fix_oms.simulator.play import Misfit
from fix_oms.simulator.settings import VenueSettings
from fix_oms.simulator.stage import Stage
from fix_oms.simulator.venue import Action, Venue
from fix_oms.wire import SOH, Codec
from fix_oms.wire.refusals import refusal

_REPORT: Final = f"35=8{SOH}"


class Input(msgspec.Struct, frozen=True, kw_only=True, tag_field="k"):
    """The base of what a venue's journal holds."""


class Opened(Input, frozen=True, kw_only=True, tag="open"):
    """A process runs the venue from here on. ``run`` names it in every ExecID that it makes."""

    run: str
    settings: VenueSettings


class Received(Input, frozen=True, kw_only=True, tag="in"):
    """A message came in on a session, which is named by its client's CompID."""

    session: str
    text: str


class Gone(Input, frozen=True, kw_only=True, tag="gone"):
    """A session logged out."""

    session: str


class Tick(Input, frozen=True, kw_only=True, tag="tick"):
    """Something was due."""


class Did(Input, frozen=True, kw_only=True, tag="did"):
    """The desk acted; or was refused, which a replay refuses again."""

    act: AnyAct


AnyInput = Opened | Received | Gone | Tick | Did

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(AnyInput)


def encode(value: Input) -> bytes:
    """The journal's form of an input."""
    return _encoder.encode(value)


def decode(payload: bytes | memoryview) -> AnyInput:
    """The input that :func:`encode` made. Raises msgspec.DecodeError or ValidationError."""
    decoded: AnyInput = _decoder.decode(payload)
    return decoded


class Outgoing(NamedTuple):
    """``text`` (35 first, SOH-separated, no header) leaves to ``session``."""

    session: str
    text: str


class Station:
    """One venue and the codec that its sessions share."""

    def __init__(self, name: str, version: FixVersion) -> None:
        self.venue: Final = Venue(name, version)
        self.stage: Final = Stage(version, partial(self.venue.floor.new_id, "O"))
        self.unsaid: list[str] = []
        """Reports that could not be put into words, and why: a fault of ours, for a log."""
        self._version: Final = version
        self._codec: Final = Codec(version, Supports(market_data=True))
        self._latest: dict[str, tuple[str, str]] = {}
        self._copies: dict[str, str] = {}

    def step(self, now_ns: int, value: Input) -> list[Outgoing]:
        """Take one input. Raises ActRefused or SettingsError for an act that makes no sense."""
        if isinstance(value, Opened):
            self._copies = value.settings.drop_copies
        said = self._step(now_ns, value)
        copies = [
            Outgoing(copy, text)
            for copy, of in self._copies.items()
            for session, text in said
            if session == of and text.startswith(_REPORT)
        ]
        return said + copies

    def _step(self, now_ns: int, value: Input) -> list[Outgoing]:
        self.stage.pass_time(now_ns)
        match value:
            case Received():
                return self._received(now_ns, value.session, value.text)
            case Did(act=acts.Play() as act):
                return self._played(act.session, self.stage.begin(now_ns, act))
            case Did():
                return self._say(self.venue.perform(now_ns, value.act))
            case Opened():
                return self._say(self.venue.open(now_ns, value.run, value.settings))
            case Gone():
                return self._say(self.venue.gone(now_ns, value.session))
            case _:
                return self._say(self.venue.due(now_ns))

    def next_due(self) -> int | None:
        """When :class:`Tick` has something to do; None for never."""
        due = (self.venue.next_due(), self.stage.next_due())
        return min((at_ns for at_ns in due if at_ns is not None), default=None)

    def _received(self, now_ns: int, session: str, text: str) -> list[Outgoing]:
        number = _field(text, 34)
        if self._is_delivered_again(session, number, text):
            return self._say(self.venue.due(now_ns))
        seq = int(number) if number.isascii() and number.isdigit() else None
        try:
            message = self._codec.decode(text)
        except (FieldError, UnsupportedMessage) as error:
            reject = refusal(self._version, _field(text, 35), seq, error)
            return self._say(self.venue.tell(now_ns, session, reject))
        except Garbled:
            return self._say(self.venue.due(now_ns))
        try:
            played = self.stage.take(now_ns, session, message)
        except Misfit as error:
            busy = rejects.not_available(message, seq, str(error))
            return self._say(self.venue.tell(now_ns, session, busy))
        if played is not None:
            return self._say(self.venue.due(now_ns)) + self._played(session, played)
        actions = self.venue.handle(now_ns, session, message, seq)
        if isinstance(message, OrderMassStatusRequest):
            return self._with_played(session, message, actions)
        return self._say(actions)

    def _with_played(
        self, session: str, message: OrderMassStatusRequest, actions: list[Action]
    ) -> list[Outgoing]:
        """A mass status answer tells of the orders of plays as well."""
        asked = message.mass_status_req_id
        answers = [
            a.message
            for a in actions
            if isinstance(a.message, ExecutionReport) and a.message.mass_status_req_id == asked
        ]
        known = [a for a in answers if a.tot_num_reports]
        played = self.stage.standing(session, message, len(known))
        if not played:
            return self._say(actions)
        for answer in known:
            answer.tot_num_reports = len(known) + len(played)
            answer.last_rpt_requested = False
        kept = [a for a in actions if a.message in known or a.message not in answers]
        return self._say(kept) + self._played(session, played)

    def _played(self, session: str, texts: list[str]) -> list[Outgoing]:
        return [Outgoing(session, text) for text in texts]

    def _is_delivered_again(self, session: str, number: str, text: str) -> bool:
        """A message is journaled before QuickFIX counts it. If the venue was killed in between,
        the peer is asked for it again: the same number, flagged PossDupFlag(43)=Y."""
        before, latest = self._latest.get(session), (number, _field(text, 11))
        self._latest[session] = latest
        return before == latest and _field(text, 43) == "Y"

    def _say(self, actions: list[Action]) -> list[Outgoing]:
        said = []
        for action in actions:
            try:
                said.append(Outgoing(action.session, self._codec.encode(action.message)))
            except FixOmsError as error:
                self.unsaid.append(f"{type(action.message).__name__} to {action.session}: {error}")
        return said


def _field(text: str, tag: int) -> str:
    """The first field of this tag, or the empty text: far cheaper than reading the message, and
    it works where the message cannot be read."""
    start = f"{tag}="
    at = 0 if text.startswith(start) else text.find(SOH + start) + 1
    if at == 0 and not text.startswith(start):
        return ""
    end = text.find(SOH, at)
    return text[at + len(start) : end if end >= 0 else len(text)]
