"""Sequence numbers of a broker session: what is restored, and what may be used (D6).

Numbers belong to an *epoch*: each reset starts one. Outgoing numbers are reserved in blocks: a
block is told to the Listener, which has it durable before it returns, before the first number of
the block is used. After a crash the session continues at the end of the last block, so that a
number is never used twice; the peer asks for what it thinks it missed and gets a gap fill. QuickFIX
takes numbers as well, for heartbeats and rejects, so the next block is reserved while MARGIN
numbers are left, and a message of ours is refused rather than sent under a number not reserved.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import attrs

from fix_oms.model.inputs import Input, SeqReserved, SessionEpoch

BLOCK: Final = 1000
MARGIN: Final = 500


@attrs.frozen(kw_only=True)
class SessionState:
    """What the journal knows of a session when the process starts.

    ``next_out`` is exact after a clean stop, the end of the reserved block after a crash.
    ``last_seen_ns`` is the time of the session's last input, SessionEpoch included: a scheduled
    reset after it makes the next logon a new epoch. 0 means never seen. ``reset_asked``: the peer
    has not answered the last reset that we asked it for, so the next Logon(A) asks again.
    """

    epoch: int = 0
    next_in: int = 1
    next_out: int = 1
    last_seen_ns: int = 0
    reset_asked: bool = False


class Numbers:
    """The epoch of one session, and up to which number it may send.

    Blocks are reserved by whoever needs them (sender, session thread, QuickFIX's thread at a
    reset), one at a time. ``tell`` must have what it is told durable when it returns.
    """

    def __init__(self, session: str, epoch: int, tell: Callable[[Input], None]) -> None:
        self._session: Final = session
        self._tell: Final = tell
        self._one_at_a_time: Final = threading.Lock()
        self.epoch = epoch
        self.through = 0
        """Numbers below it may be used."""

    def reserve(self, next_out: int) -> None:
        """See to it that MARGIN numbers from ``next_out`` on may be used."""
        if next_out + MARGIN < self.through:
            return
        with self._one_at_a_time:
            if next_out + MARGIN >= self.through:
                self._reserve(next_out)

    def begin(self, next_in: int, next_out: int, reason: str, *, asked: bool = False) -> None:
        """Start an epoch with these numbers and its first block. ``asked``: our next Logon(A) has
        ResetSeqNumFlag(141)=Y."""
        with self._one_at_a_time:
            self.through = 0
            self._tell(
                SessionEpoch(
                    session=self._session,
                    epoch=self.epoch + 1,
                    next_in=next_in,
                    next_out=next_out,
                    reason=reason,
                    asked=asked,
                )
            )
            self.epoch += 1
            self._reserve(next_out)

    def _reserve(self, next_out: int) -> None:
        through = next_out + BLOCK
        self._tell(SeqReserved(session=self._session, epoch=self.epoch, through=through))
        self.through = through
