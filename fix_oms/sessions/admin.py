"""Administrative messages that QuickFIX must not see, or send, as they are.

QuickFIX follows some of the peer's to where the session is lost, if the peer is broken or not the
one it says it is (each tried against the running engine, see ``acceptance/hostile``):

- a SequenceReset(4) is followed before the Logon(A): whoever gets the connection first moves the
  numbers, and all that the broker says afterwards is too low. Behind the end of a connection (what
  has been read is read on) it is worse: the reject of one to a lower number is an exception that
  nobody takes, and the process is gone;
- a ResendRequest(2) from 0, from a number not sent yet, or backwards is answered by a gap fill that
  is wrong in the same way, which the peer then has to make sense of;
- a number beyond 64 bits is refused by QuickFIX only after it has been handed to us.
"""

from __future__ import annotations

from typing import Any, Final

from fix_oms.model.fix import MsgType
from fix_oms.sessions import text as fixtext
from fix_oms.sessions.callbacks import BadValue

LARGEST: Final = (1 << 63) - 1
"""No sequence number is larger."""


def wrong(kind: str | None, text: str, session: Any) -> BadValue | None:
    """What is wrong with a message of this ``kind`` on QuickFIX's session; None: nothing that
    matters here. While nobody is logged on the reject that follows goes nowhere."""
    if kind == MsgType.SEQUENCE_RESET:
        return _too_large(text, 36) if session.isLoggedOn() else BadValue(36)
    if kind == MsgType.RESEND_REQUEST:
        return _too_large(text, 7) or _wrong_range(text, session.getExpectedSenderNum())
    if kind == MsgType.LOGON:
        return _too_large(text, 789)
    return None


def dress(logon: Any, credentials: tuple[str | None, str | None], *, resets: bool) -> None:
    """What our Logon(A) carries beside QuickFIX's own: user name and password, and the reset."""
    for tag, value in zip((553, 554), credentials, strict=True):
        if value is not None:
            logon.setField(tag, value)
    if resets:
        logon.setField(141, "Y")


def _too_large(text: str, tag: int) -> BadValue | None:
    number = fixtext.number(text, tag)
    return BadValue(tag) if number is not None and number > LARGEST else None


def _wrong_range(text: str, next_out: int) -> BadValue | None:
    begin, end = fixtext.number(text, 7), fixtext.number(text, 16)
    if begin is None or end is None:
        return None  # QuickFIX names what is missing, or is no number
    if not 0 < begin < next_out:
        return BadValue(7)
    return BadValue(16) if 0 < end < begin else None
