"""In which order the waiting messages of one session leave.

Messages wait: for the counterparty's shortest interval, for a peer that reads slowly, behind a
burst of orders. A cancel that stands in that queue comes too late, so there are two lanes. What is
``urgent`` leaves before everything else; within a lane, what was asked for first leaves first.

One thing must not be overtaken: what is said of the same order before. A cancel ahead of the order
that it cancels is refused as unknown, and then the order works. So messages of one ``chain`` never
pass each other: an urgent one takes those of its chain that still wait along, in their order and
right in front of it. That is the one reason for which an urgent message finds another chain's order
ahead of it: an urgent one before it needed that order to go first.

A chain can be *withdrawn*: what still waits of it does not leave, and waits instead to be told as
not sent. What has been taken out before has left as far as anybody can know, and is left alone.
Where the new order itself (35=D) was withdrawn, the counterparty never hears of the chain, so
nothing that is said of it later leaves either: a kill asks each order out that it can think of, and
a cancel of what was never sent would keep the cancels of what was waiting.

Any thread may call any of this: each call is one step under a lock of its own, which is held for
microseconds and never while anything is waited for.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from fix_oms.model.outputs import Send

_ORDINARY, _URGENT, _GONE = range(3)
_NEW_ORDER: Final = "35=D\x01"


class Parcel:
    """A message on its way out, with its input's record in the journal and its stage times (ns)."""

    __slots__ = ("connection", "lane", "message", "received_ns", "record", "stepped_ns")

    def __init__(
        self, message: Send, record: int, connection: int, received_ns: int, stepped_ns: int
    ) -> None:
        self.message: Final = message
        self.record: Final = record
        self.connection: Final = connection
        self.received_ns: Final = received_ns
        self.stepped_ns: Final = stepped_ns
        self.lane = _ORDINARY


class Lanes:
    """The waiting messages of one session.

    A parcel that changes its lane, or is withdrawn, stays in the queue that it was in until it
    comes up there and is passed over: taking it out of the middle would cost a walk.
    """

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
        self._urgent: Final[deque[Parcel]] = deque()
        self._ordinary: Final[deque[Parcel]] = deque()
        self._chains: Final[dict[str, list[Parcel]]] = {}
        self._withdrawn: Final[deque[tuple[Parcel, str]]] = deque()
        self._unborn: Final[dict[str, str]] = {}
        """Chains whose new order was withdrawn, and why."""

    def __bool__(self) -> bool:
        """Whether anything may be waiting, to leave or to be told."""
        return bool(self._urgent or self._ordinary or self._withdrawn)

    def __len__(self) -> int:
        """How many wait to leave, at most: those withdrawn or passed over may still be counted."""
        return len(self._urgent) + len(self._ordinary)

    @property
    def hurry(self) -> bool:
        """Whether anything urgent may be waiting."""
        return bool(self._urgent)

    def put(self, parcel: Parcel) -> None:
        """Let a message wait behind those of its lane and its chain."""
        chain = parcel.message.chain
        with self._lock:
            if self._unborn and chain in self._unborn:
                parcel.lane = _GONE
                self._withdrawn.append((parcel, self._unborn[chain]))
                return
            if parcel.message.urgent:
                self._hasten(self._chains.get(chain, ()))
                parcel.lane = _URGENT
                self._urgent.append(parcel)
            else:
                self._ordinary.append(parcel)
            if chain:
                self._chains.setdefault(chain, []).append(parcel)

    def first(self) -> Parcel | None:
        """What leaves next, if nothing more urgent comes and nobody withdraws it."""
        with self._lock:
            return self._head()

    def take(self, parcel: Parcel) -> bool:
        """Take it out to send it, if it still leaves next: it belongs to the caller then."""
        with self._lock:
            if self._head() is not parcel:
                return False
            (self._urgent if parcel.lane == _URGENT else self._ordinary).popleft()
            parcel.lane = _GONE
            chain = parcel.message.chain
            if chain:
                waiting = self._chains[chain]
                del waiting[0]  # within a chain nothing overtakes
                if not waiting:
                    del self._chains[chain]
            return True

    def withdraw(self, chain: str, reason: str) -> bool:
        """Let nothing that waits of this chain leave. Whether anything of it did wait."""
        with self._lock:
            waiting = self._chains.pop(chain, None)
            if waiting is None:
                return False
            for parcel in waiting:
                parcel.lane = _GONE
                self._withdrawn.append((parcel, reason))
                if parcel.message.text.startswith(_NEW_ORDER):
                    self._unborn[chain] = reason
            return True

    def withdrawn(self) -> tuple[Parcel, str] | None:
        """The next message that was withdrawn, and why; each is given once."""
        try:
            return self._withdrawn.popleft()
        except IndexError:
            return None

    def ahead(self) -> int:
        """How many leave before the newest of its lane has left: the urgent ones, else all."""
        return len(self._urgent) or len(self._ordinary)

    def _hasten(self, parcels: list[Parcel] | tuple[()]) -> None:
        for parcel in parcels:
            if parcel.lane == _ORDINARY:
                parcel.lane = _URGENT
                self._urgent.append(parcel)

    def _head(self) -> Parcel | None:
        urgent, ordinary = self._urgent, self._ordinary
        while urgent:
            if urgent[0].lane == _URGENT:
                return urgent[0]
            urgent.popleft()
        while ordinary:
            if ordinary[0].lane == _ORDINARY:
                return ordinary[0]
            ordinary.popleft()
        return None
