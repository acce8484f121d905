"""The engine's view of each FIX session: is it ready, at which numbers, and is the broker busy.

The journal holds the session's truth (D6), so this is where it is read back from: epoch, the next
number we expect, the outgoing numbers reserved. Numbers are rounded the safe way: an inbound number
advances only by a message that bore exactly the number expected, so a crash can repeat a message
but never skip one; an outgoing number after a crash starts at the end of the reserved block.
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.counterparty import Session
from fix_oms.model.fix import MsgType
from fix_oms.model.session_reasons import NOT_YET

_SECOND: Final = 1_000_000_000
_MOST_EARLY: Final = 1000
_LONGEST_BACK_OFF: Final = 30 * _SECOND
_RESET: Final = f"\x0135={MsgType.SEQUENCE_RESET.value}\x01"


class Link:
    """One session. ``by_seq`` maps MsgSeqNum(34) of what we sent in this epoch to its ClOrdID.

    ``closed_ns`` is the last close at which its DAY orders ended by a standing policy;
    ``reset_asked``: a reset is asked for, and the peer has not answered that it did it.
    """

    __slots__ = (
        "back_off_ns",
        "busy_until",
        "by_seq",
        "closed_ns",
        "disabled",
        "early_rejects",
        "epoch",
        "gap",
        "name",
        "next_in",
        "next_out",
        "ready",
        "reason",
        "reserved",
        "reset_asked",
        "seen_ns",
        "settings",
        "since_ns",
        "up",
    )

    def __init__(self, settings: Session) -> None:
        self.name: Final = settings.name
        self.settings = settings
        self.epoch = 1
        self.next_in = 1
        self.next_out = 1
        self.reserved = 1
        self.up = False
        self.ready = False
        self.disabled = False
        self.reason = NOT_YET
        self.since_ns = 0
        self.seen_ns = 0
        self.busy_until = 0
        self.back_off_ns = 0
        self.closed_ns = 0
        self.reset_asked = False
        self.by_seq: dict[int, str] = {}
        self.early_rejects: dict[int, str] = {}
        self.gap = (0, 0)
        """The first missing number that was asked for last, and how often."""

    @property
    def state(self) -> str:
        """disabled, down, up or ready."""
        if self.ready:
            return "ready"
        if self.up:
            return "up"
        return "disabled" if self.disabled else "down"

    @property
    def last_arrival(self) -> int:
        """The place of the last message heard, as reports are ordered by: epoch and number."""
        return (self.epoch << 40) + self.next_in - 1

    def heard(self, text: str, expected: int, now: int) -> None:
        """A message came in while ``expected`` was the number expected."""
        if expected == 1:  # the answer to our Logon(A): the peer has reset its numbers too
            self.reset_asked = False
        bore_expected = f"\x0134={expected}\x01" in text and _RESET not in text
        self.heard_number(expected if bore_expected else 0, expected, now)

    def heard_number(self, seq: int, expected: int, now: int) -> None:
        """As :meth:`heard`, of an application message whose MsgSeqNum(34) has been read."""
        self.seen_ns = now
        self.next_in = expected + 1 if seq == expected else expected

    def sent(self, seq: int, cl_ord_id: str) -> None:
        """A message of ours left under ``seq``."""
        self.next_out = max(self.next_out, seq + 1)
        if cl_ord_id:
            self.by_seq[seq] = cl_ord_id

    def rejected_early(self, seq: int, text: str) -> None:
        """A reject of a number that has not left, as far as we know; of many, the first."""
        if len(self.early_rejects) < _MOST_EARLY:
            self.early_rejects[seq] = text

    def answered(self, seq: int) -> None:
        """What left under ``seq`` has its answer: no reject of it will be looked for."""
        self.by_seq.pop(seq, None)

    def reset(
        self, epoch: int, next_in: int, next_out: int, now: int, *, asked: bool = False
    ) -> None:
        """A new epoch: numbers from before mean nothing any more. ``asked`` of the peer, by us."""
        self.epoch = epoch
        self.reset_asked = asked
        self.next_in = next_in
        self.next_out = next_out
        self.reserved = next_out
        self.seen_ns = max(self.seen_ns, now)
        self.by_seq.clear()
        self.early_rejects.clear()

    def restarted(self) -> None:
        """A process began: nothing is connected, and unused reserved numbers may have been used."""
        self.up = self.ready = False
        self.reason = NOT_YET
        self.next_out = max(self.next_out, self.reserved)
        self.busy_until = self.back_off_ns = 0

    def busy(self, now: int) -> int:
        """The broker asks for less: back off, twice as long as last time. Returns the seconds."""
        self.back_off_ns = min(max(_SECOND, 2 * self.back_off_ns), _LONGEST_BACK_OFF)
        self.busy_until = now + self.back_off_ns
        return self.back_off_ns // _SECOND

    def eased(self, now: int) -> None:
        """The broker took an order: once the back-off is over, the next one starts small again."""
        if self.back_off_ns and now >= self.busy_until:
            self.back_off_ns = 0

    def says_busy(self, text: str) -> bool:
        """Whether a reject's Text(58) is one of the broker's ways to say "send less"."""
        lowered = text.lower()
        return any(word.lower() in lowered for word in self.settings.busy_text)
