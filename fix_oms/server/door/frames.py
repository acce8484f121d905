"""Where messages begin and end in a client's bytes, and when they are no messages.

A message is ``8=…``, ``9=`` and the length of its body, the body, and ``10=`` and three digits.
Anything else means that the two sides no longer agree where a message begins: there is nothing to
be saved on such a connection, and the next one begins with a resend of what was lost. The
checksum's value is QuickFIX's to judge: it leaves a message with a wrong one out, as the rule is.

The length is looked at before the body is waited for, so that no more than ``largest`` bytes are
ever held of one message.
"""

from __future__ import annotations

import re
from typing import Final

HEAD: Final = re.compile(rb"8=FIX[T0-9.]{3,8}\x019=([0-9]{1,9})\x01")
HEAD_BYTES: Final = 32
"""No right beginning is longer: 2 + 11 + 1 + 2 + 9 + 1 is 26."""
TAIL: Final = re.compile(rb"10=[0-9]{3}\x01")
TAIL_BYTES: Final = 7


class NotFix(Exception):
    """These bytes are no message; the text says why, and quotes nothing of them."""


class TooLong(NotFix):
    """The message is longer than it may be."""


class Frames:
    """The bytes of one connection in one direction."""

    __slots__ = ("_held", "largest")

    def __init__(self, largest: int) -> None:
        self._held = b""
        self.largest = largest
        """How many bytes a message may have."""

    def add(self, data: bytes) -> list[bytes]:
        """The messages that are complete with ``data``, in order. Raises NotFix."""
        held = self._held + data if self._held else data
        found: list[bytes] = []
        at = 0
        while (end := self._end(held, at)) is not None:
            found.append(held[at:end])
            at = end
        self._held = held[at:]
        return found

    @property
    def rest(self) -> bytes:
        """What has come of a message that is not complete."""
        return self._held

    def _end(self, held: bytes, at: int) -> int | None:
        """Where the message at ``at`` ends; None while that cannot be said, or it is not there."""
        head = HEAD.match(held, at)
        if head is None:
            if len(held) - at >= HEAD_BYTES or not b"8=FIX".startswith(held[at : at + 5]):
                raise NotFix("not a FIX message: it does not begin with 8= and 9=")
            return None
        body_ends = head.end() + int(head[1])
        if body_ends + TAIL_BYTES - at > self.largest:
            size = body_ends + TAIL_BYTES - at
            raise TooLong(f"a message of {size} bytes; at most {self.largest} are taken")
        ends = body_ends + TAIL_BYTES
        if len(held) < ends:
            return None
        if TAIL.match(held, body_ends) is None:
            raise NotFix("not a FIX message: BodyLength(9) does not lead to CheckSum(10)")
        return ends
