"""What was told lately, for a subscriber that comes back: the missing deltas, or why not.

A subscriber says after which record it goes on, and the chain's head there. Heads are kept for
longer than deltas: by them a journal that was cut (a power failure took its tail, and other records
have taken those numbers) is told from one that only went on.
"""

from __future__ import annotations

from array import array
from collections import deque
from typing import Final

import msgspec

from fix_oms.model.stream import Delta

MOST_BYTES: Final = 64 << 20
MOST_HEADS: Final = 1_000_000
OLD: Final = "old"
JOURNAL: Final = "journal"
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Delta)


class Recent:
    """The newest deltas, as many as ``most_bytes`` hold, encoded; they begin behind the record
    ``floor``, whose head is given."""

    def __init__(self, floor: int, head: str, most_bytes: int = MOST_BYTES) -> None:
        self.floor = floor
        self._most_bytes: Final = most_bytes
        self._bytes = 0
        self._deltas: Final[deque[tuple[int, bytes]]] = deque()
        self._heads: Final = array("Q", [_number(head)])
        self._first = floor  # the record of the first head

    def took(self, index: int, head: str) -> None:
        """A record has been taken; they come one after the other."""
        assert index == self._first + len(self._heads), "a record was left out"
        self._heads.append(_number(head))
        if len(self._heads) > 2 * MOST_HEADS:
            del self._heads[:MOST_HEADS]
            self._first += MOST_HEADS

    def add(self, delta: Delta) -> None:
        """This has been told."""
        encoded = _encoder.encode(delta)
        self._deltas.append((delta.through, encoded))
        self._bytes += len(encoded)
        while self._bytes > self._most_bytes:
            self.floor, dropped = self._deltas.popleft()
            self._bytes -= len(dropped)

    def since(self, after: int, head: str) -> list[Delta] | str:
        """All that was told of the records behind ``after``; else why that cannot be said: OLD, or
        JOURNAL where that record is not in this journal.

        What was swept at ``after`` itself comes too: nobody knows whether it was heard.
        """
        place = after - self._first
        if place >= len(self._heads):
            return JOURNAL
        if place < 0:
            return OLD
        if self._heads[place] != _number(head):
            return JOURNAL
        if after < self.floor:
            return OLD
        found: list[Delta] = []
        for through, encoded in reversed(self._deltas):
            if through < after:
                break
            delta = _decoder.decode(encoded)
            if through > after or delta.after == after:
                found.append(delta)
        return found[::-1]


def _number(head: str) -> int:
    """A head as a number; of a text that is none, one that no head has by chance."""
    try:
        return int(head[:16], 16)
    except ValueError:
        return 0
