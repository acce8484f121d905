"""What joins the two ends of one session: a connection at a time, over two lines.

Who closes a socket, or dies, leaves what it has written to the kernel: that still arrives, and then
the end of it does. What was under way to it is lost. A cut of the network loses both directions,
and either side notices in its own time.
"""

from __future__ import annotations

from typing import Final

from fix_oms.world.clock import Clock, Moments
from fix_oms.world.protocol import Acceptor, Initiator, Packet
from fix_oms.world.wire import Line


class Road:
    """The network between our end and the venue's. ``theirs`` is set once the venue is there."""

    def __init__(self, clock: Clock, draw: Moments, delay_ms: tuple[float, float]) -> None:
        self.is_open = True
        """Whether a connection can be made."""
        self.joined = False
        self.theirs: Acceptor | None = None
        self._clock: Final = clock
        self._draw: Final = draw
        self._ours: Initiator | None = None
        self._out: Final = Line(clock, draw, delay_ms)
        self._in: Final = Line(clock, draw, delay_ms)
        self._number = 0
        self._number_there = 0
        """The connection that the venue's end speaks on: an old one, until a new Logon arrives."""

    # -- ours ---------------------------------------------------------------------------------

    def connect(self, ours: Initiator) -> bool:
        """Make a connection; whether one could be made."""
        if not self.is_open:
            return False
        self._number += 1
        self._ours, self.joined = ours, True
        self._in.cut()
        ours.connected()
        return True

    def carry_out(self, packet: Packet) -> None:
        """Our end says something."""
        if self.joined and self.theirs is not None:
            theirs, number = self.theirs, self._number
            self._out.put(lambda: self._reach(theirs, number, packet))

    def _reach(self, theirs: Acceptor, number: int, packet: Packet) -> None:
        self._number_there = number
        theirs.receive(packet)

    def close(self) -> None:
        """Our end closes, or its process dies."""
        if self.joined:
            self.joined = False
            self._in.cut()
            if self.theirs is not None:
                self._out.put(self.theirs.leave)
        self._ours = None

    # -- the venue's --------------------------------------------------------------------------

    def carry_in(self, packet: Packet) -> None:
        """The venue's end says something."""
        ours = self._ours
        if self.joined and ours is not None and self._number_there == self._number:
            self._in.put(lambda: self._arrive(ours, packet))

    def close_theirs(self) -> None:
        """The venue's process dies."""
        if self.theirs is not None:
            self.theirs.leave()
        if self.joined:
            self._out.cut()
            number, ours = self._number, self._ours
            self.joined = False
            if ours is not None:
                self._in.put(lambda: self._notice(number, ours))

    # -- the network --------------------------------------------------------------------------

    def cut(self, noticed_ms: float) -> int:
        """It breaks. Returns how much was under way."""
        if not self.joined:
            return 0
        self.joined = False
        lost = self._out.cut() + self._in.cut()
        number, ours, theirs = self._number, self._ours, self.theirs
        if ours is not None:
            self._clock.after_ms(noticed_ms, lambda: self._notice(number, ours))
        if theirs is not None:
            late = noticed_ms * self._draw.uniform(0.2, 2.0)
            self._clock.after_ms(late, lambda: self._notice_theirs(number, theirs))
        return lost

    def delay(self, delay_ms: tuple[float, float]) -> None:
        """From now on it takes so long."""
        self._out.delay_ms = self._in.delay_ms = delay_ms

    def _arrive(self, ours: Initiator, packet: Packet) -> None:
        if self._ours is ours:
            ours.receive(packet)

    def _notice(self, number: int, ours: Initiator) -> None:
        if self._number == number and self._ours is ours:
            ours.disconnected()

    def _notice_theirs(self, number: int, theirs: Acceptor) -> None:
        if self._number == number:
            theirs.leave()
