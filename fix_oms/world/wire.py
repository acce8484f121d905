"""The network of one FIX session: late, in order, and it breaks.

TCP loses, repeats and reorders nothing by itself. It is late, and it is cut: what was on its way is
then lost, and either side learns of that only later, each in its own time.
"""

from __future__ import annotations

from typing import Final

from fix_oms.world.clock import MS, Act, Clock, Draw


class Line:
    """One direction of a session. What is on the way when it is cut is lost."""

    def __init__(self, clock: Clock, draw: Draw, delay_ms: tuple[float, float]) -> None:
        self.delay_ms = delay_ms
        self.lost = 0
        self.under_way = 0
        self._clock: Final = clock
        self._draw: Final = draw
        self._last = 0
        self._cuts = 0

    def put(self, act: Act) -> None:
        """Carry one message, whose arrival is ``act``."""
        cuts = self._cuts
        at = self._clock.now + int(self._draw.uniform(*self.delay_ms) * MS)
        self._last = max(at, self._last)
        self.under_way += 1

        def arrive() -> None:
            if cuts == self._cuts:
                self.under_way -= 1
                act()

        self._clock.at(self._last, arrive)

    def cut(self) -> int:
        """Lose what is on the way. Returns how many messages that was."""
        self._cuts += 1
        lost, self.under_way = self.under_way, 0
        self.lost += lost
        return lost
