"""One subscriber of the stream: what it asked for, what waits for it, how far it has been told.

Nobody waits for a subscriber. What it has not read waits here, up to ``most_queued`` bytes; beyond
that it is *lagging*: what waits is dropped, nothing more is queued, and once it has read what was
already on its way it is told so and given a snapshot. What was dropped, and what happens meanwhile,
is remembered by name, so that the snapshot also holds the orders that have ended since.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Final

import msgspec

from fix_oms.model import protocol, stream
from fix_oms.model.stream import Pages, Snapshot, Subscribe

_AT_ONCE: Final = 64
"""Frames handed to the kernel in one call."""
_CHUNK: Final = 1 << 16
NOTHING: Final = Subscribe(topics=())


class Subscriber:
    """The other end of a connection, which never blocks.

    ``through`` and ``head`` are as in the last event that it was given; ``pages`` what is still to
    come of its snapshot. ``follows`` says that it is given deltas, ``lagging`` how many bytes it
    has missed. ``silent_since_s`` is when it was last given anything; ``closing`` ends it as soon
    as it has been given what waits; ``waits`` is for who waits for its socket.
    """

    def __init__(self, connection: socket.socket, now_s: float, most_queued: int) -> None:
        connection.setblocking(False)
        self.connection: Final = connection
        self.asked = NOTHING
        self.fields: frozenset[str] = frozenset()
        self.through = -1
        self.head = ""
        self.pages: Iterator[Snapshot] | None = None
        self.greeted = self.subscribed = self.follows = self.closing = self.waits = False
        self.lagging = 0
        self.missed: dict[str, None] = {}
        self.missed_parents: dict[str, None] = {}
        self.since_s: Final = now_s
        self.silent_since_s = now_s
        self.queued = 0
        self._most_queued: Final = most_queued
        self._waiting: Final[deque[bytes]] = deque()
        self._sent = 0
        """So many bytes of the first frame that waits are gone already."""
        self._received = bytearray()

    # -- what comes -----------------------------------------------------------------------------

    def read(self) -> list[bytes] | None:
        """The bodies of the frames that have come; None when the peer has gone.

        Raises FrameError for what is no frame.
        """
        try:
            data = self.connection.recv(_CHUNK)
        except BlockingIOError:
            return []
        except OSError:
            return None
        if not data:
            return None
        self._received += data
        bodies = []
        while len(self._received) >= protocol.HEAD_SIZE:
            head = bytes(self._received[: protocol.HEAD_SIZE])
            end = protocol.HEAD_SIZE + protocol.body_size(head, protocol.MAX_REQUEST)
            if len(self._received) < end:
                break
            bodies.append(bytes(self._received[protocol.HEAD_SIZE : end]))
            del self._received[:end]
        return bodies

    # -- what goes ------------------------------------------------------------------------------

    def give(self, framed: bytes, now_s: float, *, paced: bool = False) -> None:
        """Queue a frame; one too many makes it lag, but for those that are only made as it reads
        (``paced``)."""
        if self.lagging:
            return
        if self.queued + len(framed) > self._most_queued and not paced:
            self._lag()
            self.lagging += len(framed)
            return
        self._waiting.append(framed)
        self.queued += len(framed)
        self.silent_since_s = now_s

    def send(self) -> bool:
        """Hand on what the kernel takes without waiting. False when the peer has gone."""
        while self._waiting:
            frames = list(islice(self._waiting, _AT_ONCE))
            frames[0] = frames[0][self._sent :]
            try:
                taken = self.connection.sendmsg(frames)
            except BlockingIOError:
                return True
            except OSError:
                return False
            self.queued -= taken
            taken += self._sent
            while self._waiting and taken >= len(self._waiting[0]):
                taken -= len(self._waiting.popleft())
            self._sent = taken
        return not self.closing

    def note(self, pages: Pages) -> None:
        """It does not hear of these: remember by name what they tell. One that does not read for
        so long that these are too many is given up: when it comes back it says what it holds."""
        self.missed.update((order.reference, None) for order in pages.orders)
        self.missed.update((fill.order, None) for fill in pages.fills)
        self.missed_parents.update((parent.ref, None) for parent in pages.parents)
        self.closing |= len(self.missed) + len(self.missed_parents) > stream.MOST_NAMES

    def _lag(self) -> None:
        """Drop what waits, but for the frame that has half gone."""
        kept = 1 if self._sent else 0
        dropped = [self._waiting.pop() for _ in range(len(self._waiting) - kept)]
        for framed in dropped:
            event = stream.stream_event(framed[protocol.HEAD_SIZE :])
            if isinstance(event, Pages):
                self.note(event)
        size = sum(map(len, dropped))
        self.queued -= size
        self.lagging = size
        self.follows, self.pages = False, None

    def caught_up(self) -> tuple[int, Subscribe]:
        """It reads again. How many bytes it has missed, and what it is to be given: what it asked
        for, and whatever it holds that may have changed. That stays missed until it :meth:`has_all`
        of it: it may lag again before."""
        lagging, self.lagging = self.lagging, 0
        asked = msgspec.structs.replace(
            self.asked,
            orders=tuple(dict.fromkeys([*self.asked.orders, *self.missed])),
            parents=tuple(dict.fromkeys([*self.asked.parents, *self.missed_parents])),
        )
        return lagging, asked

    def has_all(self) -> None:
        """The last page of its snapshot is on its way."""
        self.pages, self.missed, self.missed_parents = None, {}, {}
